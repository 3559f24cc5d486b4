#!/bin/sh
# Verifies what a log has signed with openssl and the tools of POSIX alone; exit status 0: it holds.
#
#   verify-log.sh inclusion KEY PROOF [DOCUMENT]      a C2SP tlog-proof, its leaf as extra data
#   verify-log.sh consistency KEY OLDER NEWER HASHES  two signed checkpoints, a base64 hash a line
#
# KEY is a verifier key as text; the others are files.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

refuse() {
  echo "$1" >&2
  exit 1
}
sha256() { openssl dgst -sha256 -binary; }
decode() { printf '%s' "$1" | openssl base64 -d -A; }
encode() { openssl base64 -A -in "$1"; }
hex() { od -An -v -tx1 | tr -d ' \n'; }

# The hash of a node over two files (RFC 6962, section 2.1), into a third.
node() {
  { printf '\001' && cat "$1" "$2"; } | sha256 >"$work/node"
  mv "$work/node" "$3"
}

# Whether the log of the key has signed the note in a file (C2SP signed-note); sets size and root.
signed() {
  name=${key%%+*}
  id=$(printf '%s' "$key" | cut -d+ -f2)
  decode "$(printf '%s' "$key" | cut -d+ -f3-)" >"$work/material"
  [ "$(head -c 1 "$work/material" | hex)" = 01 ] || refuse 'the key signs no checkpoints'
  computed=$({ printf '%s\n' "$name" && cat "$work/material"; } | sha256 | head -c 4 | hex)
  [ "$computed" = "$id" ] || refuse 'the key has another id'
  {
    printf '\060\052\060\005\006\003\053\145\160\003\041\000' && tail -c +2 "$work/material"
  } >"$work/spki"
  sed '/^$/,$d' "$1" >"$work/text"
  [ "$(sed -n 1p "$work/text")" = "$name" ] || refuse 'the checkpoint is of another log'
  sed '1,/^$/d' "$1" | awk -v name="$name" '$1 == "\342\200\224" && $2 == name { print $3 }' >"$work/lines"
  while read -r line; do
    decode "$line" >"$work/line"
    [ "$(head -c 4 "$work/line" | hex)" = "$id" ] || continue
    tail -c +5 "$work/line" >"$work/signature"
    openssl pkeyutl -verify -pubin -keyform DER -inkey "$work/spki" -rawin \
      -in "$work/text" -sigfile "$work/signature" >"$work/openssl" 2>&1 || refuse 'it is not signed'
    size=$(sed -n 2p "$work/text")
    root=$(sed -n 3p "$work/text")
    return
  done <"$work/lines"
  refuse 'the key has not signed it'
}

# RFC 9162, section 2.1.3.2.
inclusion() {
  sed '/^$/,$d' "$1" >"$work/head"
  sed '1,/^$/d' "$1" >"$work/note"
  signed "$work/note"
  [ "$(sed -n 1p "$work/head")" = 'c2sp.org/tlog-proof@v1' ] || refuse 'it is no proof'
  decode "$(sed -n 's/^extra //p' "$work/head")" >"$work/leaf"
  fn=$(sed -n 's/^index //p' "$work/head")
  sn=$((size - 1))
  [ "$fn" -le "$sn" ] || refuse 'the checkpoint covers no such entry'
  { printf '\000' && cat "$work/leaf"; } | sha256 >"$work/r"
  sed '1,3d' "$work/head" >"$work/path"
  while read -r hash; do
    [ "$sn" -ne 0 ] || refuse 'the path is too long'
    decode "$hash" >"$work/p"
    if [ $((fn % 2)) -eq 1 ] || [ "$fn" -eq "$sn" ]; then
      node "$work/p" "$work/r" "$work/r"
      while [ $((fn % 2)) -eq 0 ] && [ "$fn" -ne 0 ]; do fn=$((fn / 2)) sn=$((sn / 2)); done
    else
      node "$work/r" "$work/p" "$work/r"
    fi
    fn=$((fn / 2)) sn=$((sn / 2))
  done <"$work/path"
  [ "$sn" -eq 0 ] || refuse 'the path is too short'
  [ "$(encode "$work/r")" = "$root" ] || refuse 'the entry does not stand under the root'
  [ $# -eq 1 ] && return
  # That the leaf is the one of this document, to the byte.
  digest=$(sha256 <"$2" | openssl base64 -A | tr '+/' '-_' | tr -d '=')
  grep -qF "\"sha256\":\"$digest\"" "$work/leaf" || refuse 'the leaf is of another document'
}

# RFC 9162, section 2.1.4.2.
consistency() {
  signed "$1"
  older=$size olderroot=$root
  signed "$2"
  [ "$older" -gt 0 ] && [ "$older" -lt "$size" ] || refuse 'the sizes are not in order'
  fn=$((older - 1)) sn=$((size - 1))
  while [ $((fn % 2)) -eq 1 ]; do fn=$((fn / 2)) sn=$((sn / 2)); done
  # A power of two is a node of the newer tree itself, and is left out.
  if [ $((older & (older - 1))) -eq 0 ]; then
    decode "$olderroot" >"$work/fr"
    cp "$3" "$work/path"
  else
    decode "$(sed -n 1p "$3")" >"$work/fr"
    sed 1d "$3" >"$work/path"
  fi
  cp "$work/fr" "$work/sr"
  while read -r hash; do
    [ "$sn" -ne 0 ] || refuse 'the proof is too long'
    decode "$hash" >"$work/c"
    if [ $((fn % 2)) -eq 1 ] || [ "$fn" -eq "$sn" ]; then
      node "$work/c" "$work/fr" "$work/fr"
      node "$work/c" "$work/sr" "$work/sr"
      while [ $((fn % 2)) -eq 0 ] && [ "$fn" -ne 0 ]; do fn=$((fn / 2)) sn=$((sn / 2)); done
    else
      node "$work/sr" "$work/c" "$work/sr"
    fi
    fn=$((fn / 2)) sn=$((sn / 2))
  done <"$work/path"
  [ "$sn" -eq 0 ] || refuse 'the proof is too short'
  [ "$(encode "$work/fr")" = "$olderroot" ] || refuse 'the older tree is another one'
  [ "$(encode "$work/sr")" = "$root" ] || refuse 'the newer tree is another one'
}

what=$1 key=$2
shift 2
"$what" "$@"
