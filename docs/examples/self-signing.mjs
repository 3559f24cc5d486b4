// Issues a certificate for a body that keeps its own seal.
//
//   node self-signing.mjs certificate.json [state …] > certificate.jws
//
// NODE_URL    address of the node, exactly as in its configuration
// CLIENT_ID   under which the node knows this system
// CLIENT_KEY  file: private key of this system, PEM (PKCS #8, P-256)
// SEAL_KEY    file: private key of the seal, PEM (PKCS #8, P-256)
// SEAL_PATH   file: certification path of the seal, PEM, the seal first, without the root
import { readFile } from 'node:fs/promises'
import { base64url, CompactSign, importPKCS8, SignJWT } from 'jose'

const { NODE_URL, CLIENT_ID, CLIENT_KEY, SEAL_KEY, SEAL_PATH } = process.env
const [certificateFile, ...to] = process.argv.slice(2)
const keyOf = async (file) => importPKCS8(await readFile(file, 'utf8'), 'ES256')

async function call(path, init) {
  const response = await fetch(NODE_URL + path, { method: 'POST', ...init })
  const text = await response.text()
  // A refusal is a problem (RFC 9457): its "type" is stable and leads to an explanation.
  if (!response.ok) throw new Error(`${path}: HTTP ${response.status} ${text}`)
  return JSON.parse(text)
}

// 1. A token that lasts ten minutes, for an assertion signed with the key of this system (RFC 7523).
const assertion = await new SignJWT()
  .setProtectedHeader({ alg: 'ES256' })
  .setIssuer(CLIENT_ID)
  .setSubject(CLIENT_ID)
  .setAudience(NODE_URL)
  .setJti(crypto.randomUUID())
  .setExpirationTime('2m')
  .sign(await keyOf(CLIENT_KEY))
const { access_token } = await call('/oauth/token', {
  body: new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  }),
})
const Authorization = `Bearer ${access_token}`

// 2. The node checks the certificate, reserves its number and says what to sign.
const certificate = JSON.parse(await readFile(certificateFile, 'utf8'))
const { claims, typ } = await call('/v1/certificates/prepare', {
  headers: { Authorization, 'Content-Type': 'application/json' },
  body: JSON.stringify(to.length > 0 ? { certificate, to } : { certificate }),
})

// 3. Look at what you sign: the certificate must be yours, unchanged. Then sign exactly these claims.
const pem = await readFile(SEAL_PATH, 'utf8')
const x5c = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)/g)].map(([, base64]) =>
  base64.replace(/\s/g, ''),
)
const leaf = Uint8Array.from(atob(x5c[0]), (character) => character.charCodeAt(0))
const thumbprint = base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', leaf)))
const document = await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
  .setProtectedHeader({
    alg: 'ES256',
    typ,
    cty: 'application/json',
    iat: Math.floor(Date.now() / 1000),
    'x5t#S256': thumbprint,
    x5c,
  })
  .sign(await keyOf(SEAL_KEY))

// 4. Send it. After a lost answer run all of this again: the first document is what counts and comes back.
const issued = await call('/v1/certificates', {
  headers: { Authorization, 'Content-Type': 'application/jose' },
  body: document,
})
console.log(issued.document)
