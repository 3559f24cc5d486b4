#!/usr/bin/env bash
# Issues a certificate for a body that keeps its own seal, with openssl, curl and jq alone.
#
#   self-signing.sh certificate.json [state …] > certificate.jws
#
# NODE_URL    address of the node, exactly as in its configuration
# CLIENT_ID   under which the node knows this system
# CLIENT_KEY  file: private key of this system, PEM (P-256)
# SEAL_KEY    file: private key of the seal, PEM (P-256)
# SEAL_PATH   file: certification path of the seal, PEM, the seal first, without the root
set -euo pipefail
certificate=$1
shift

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# ES256 over standard input. OpenSSL writes two INTEGERs in DER, JWS wants r and s of 32 bytes each.
es256() {
  local number hex=''
  while read -r number; do
    hex+=$(printf '%64s' "$number" | tr ' ' 0)
  done < <(openssl dgst -sha256 -sign "$1" | openssl asn1parse -inform DER | sed -n 's/.*INTEGER *://p')
  [ "${#hex}" -eq 128 ] || { echo "$1 gives no P-256 signature" >&2; return 1; }
  printf '%b' "$(sed 's/../\\x&/g' <<<"$hex")" | base64url
}

# Header, payload and file of the key: a compact JWS.
sign() {
  local input signature
  input="$(printf %s "$1" | base64url).$(printf %s "$2" | base64url)"
  signature=$(printf %s "$input" | es256 "$3")
  printf '%s.%s' "$input" "$signature"
}

# A refusal is a problem (RFC 9457): its "type" is stable and leads to an explanation.
call() {
  local answer
  answer=$(curl -sS --fail-with-body "$@") || { printf '%s\n' "$answer" >&2; return 1; }
  printf %s "$answer"
}

# 1. A token that lasts ten minutes, for an assertion signed with the key of this system (RFC 7523).
assertion=$(sign '{"alg":"ES256"}' "$(jq -nc --arg id "$CLIENT_ID" --arg aud "$NODE_URL" \
  --arg jti "$(openssl rand -hex 16)" \
  '{iss: $id, sub: $id, aud: $aud, jti: $jti, exp: (now | floor + 120)}')" "$CLIENT_KEY")
answer=$(call "$NODE_URL/oauth/token" --data-urlencode grant_type=client_credentials \
  --data-urlencode client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \
  --data-urlencode client_assertion="$assertion")
authorization="Authorization: Bearer $(jq -r .access_token <<<"$answer")"

# 2. The node checks the certificate, reserves its number and says what to sign.
prepared=$(jq -c '{certificate: .} + if $ARGS.positional == [] then {} else {to: $ARGS.positional} end' \
  "$certificate" --args "$@" |
  call "$NODE_URL/v1/certificates/prepare" -H "$authorization" \
    -H 'Content-Type: application/json' --data-binary @-)

# 3. Look at what you sign: the certificate must be yours, unchanged. Then sign exactly these claims.
x5t=$(openssl x509 -in "$SEAL_PATH" -outform DER | openssl dgst -sha256 -binary | base64url)
x5c=$(jq -Rsc '[scan("-----BEGIN CERTIFICATE-----([^-]+)")[0] | gsub("\\s"; "")]' "$SEAL_PATH")
header=$(jq -c --arg x5t "$x5t" --argjson x5c "$x5c" '{alg: "ES256", typ, cty: "application/json",
  iat: (now | floor), "x5t#S256": $x5t, x5c: $x5c}' <<<"$prepared")
document=$(sign "$header" "$(jq -c .claims <<<"$prepared")" "$SEAL_KEY")

# 4. Send it. After a lost answer run all of this again: the first document is what counts and comes back.
issued=$(printf %s "$document" | call "$NODE_URL/v1/certificates" -H "$authorization" \
  -H 'Content-Type: application/jose' --data-binary @-)
jq -r .document <<<"$issued"
