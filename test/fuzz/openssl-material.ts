import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const CONFIG = `
[req]
distinguished_name = none
prompt = no
[none]
C = BY
O = Fuzz "and" sons
CN = Corpus, Прописные
[ca]
default_ca = own
[own]
database = index
crlnumber = crlnumber
default_md = sha256
default_crl_days = 30
crl_extensions = list
[list]
authorityKeyIdentifier = keyid
issuingDistributionPoint = critical,@scope
[scope]
fullname = URI:http://crl.example/1.crl
onlyuser = TRUE
onlysomereasons = keyCompromise,CACompromise
[all]
basicConstraints = critical,CA:TRUE,pathlen:3
keyUsage = critical,keyCertSign,cRLSign,digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid,issuer
extendedKeyUsage = 1.3.6.1.5.5.7.3.36,OCSPSigning
subjectAltName = email:a@b.example,DNS:*.b.example,URI:https://b.example/x,IP:10.0.0.1,IP:fd00::1,RID:1.2.3,dirName:none,otherName:1.2.3.4;UTF8:other
issuerAltName = DNS:issuer.example
nameConstraints = critical,permitted;DNS:b.example,permitted;email:b.example,permitted;IP:10.0.0.0/255.0.0.0,excluded;dirName:none
certificatePolicies = 1.2.3.4,2.5.29.32.0,@explained
policyMappings = 1.2.3.4:1.2.3.5
policyConstraints = critical,requireExplicitPolicy:2,inhibitPolicyMapping:0
inhibitAnyPolicy = critical,1
crlDistributionPoints = point
authorityInfoAccess = OCSP;URI:http://ocsp.example/,caIssuers;URI:http://ca.example/
[explained]
policyIdentifier = 1.2.3.6
CPS.1 = http://policy.example/
userNotice.1 = @notice
[notice]
explicitText = UTF8:Explained
[point]
fullname = URI:http://crl.example/1.crl
reasons = keyCompromise,CACompromise
`

/** Certificates with every extension, lists with every kind of entry, answers of a responder. */
export function opensslMaterial(): Uint8Array[] {
  const dir = mkdtempSync(join(tmpdir(), 'certex-fuzz-'))
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    writeFileSync(join(dir, 'config'), CONFIG)
    writeFileSync(join(dir, 'crlnumber'), '0F\n')
    const revoked = ['keyCompromise', 'CACompromise', 'superseded', 'certificateHold'].map(
      (reason, i) =>
        ['R', '360101000000Z', `260101000000Z,${reason}`, `0${i + 1}`, 'unknown', '/CN=x'].join(
          '\t',
        ),
    )
    const later = 'R\t360101000000Z\t260101000000Z,keyTime,20251224000000Z\t0A\tunknown\t/CN=x'
    writeFileSync(join(dir, 'index'), [...revoked, later, ''].join('\n'))
    const keys: [string, ...string[]][] = [
      ['EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
      ['EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
      ['RSA', '-pkeyopt', 'rsa_keygen_bits:3072'],
      ['ED25519'],
    ]
    const certificates = keys.map(([algorithm, ...options], i) => {
      const key = `key${i}`
      openssl('genpkey', '-algorithm', algorithm, ...options, '-out', key)
      const request = ['-new', '-x509', '-utf8', '-config', 'config', '-extensions', 'all']
      openssl('req', ...request, '-key', key, '-days', '3650', '-out', `pem${i}`)
      return openssl('x509', '-in', `pem${i}`, '-outform', 'DER')
    })
    const list = ['-config', 'config', '-keyfile', 'key0', '-cert', 'pem0', '-out', 'list']
    openssl('ca', '-gencrl', ...list)
    const crl = openssl('crl', '-in', 'list', '-outform', 'DER')
    const asked = ['-issuer', 'pem0', '-serial', '0x01', '-serial', '0x0A', '-serial', '0x7f']
    openssl('ocsp', ...asked, '-reqout', 'question')
    const answers = [[], ['-resp_key_id'], ['-resp_no_certs', '-ndays', '3']].map((options) => {
      const signer = ['-index', 'index', '-CA', 'pem0', '-rsigner', 'pem0', '-rkey', 'key0']
      openssl('ocsp', ...signer, '-reqin', 'question', '-respout', 'answer', ...options)
      return readFileSync(join(dir, 'answer'))
    })
    return [...certificates, crl, ...answers].map((der) => new Uint8Array(der))
  } finally {
    rmSync(dir, { recursive: true })
  }
}
