import { encodePem } from '../../../src/node/pki/pem.ts'
import { issueCrl } from '../../../src/node/pki/issue.ts'
import { createStatePki } from '../../../src/node/pki/state-pki.ts'
import { parseX509Certificate, type X509Certificate } from '../../../src/x509/x509-certificate.ts'
import type { Files } from './folder.ts'

const NOW = new Date('2026-03-02T09:00:00Z')
const days = (n: number) => new Date(NOW.getTime() + n * 86_400_000)
const AT = days(10).toISOString()

/** A root, two authorities below it, an end entity; and lists of theirs. */
async function material() {
  const { root, stateCa, bodies } = await createStatePki({
    state: 'BY',
    organization: 'Own',
    bodies: [{ partyId: 'BY.CCI.001', name: 'Own', code: '001' }],
    now: NOW,
    sealAlgorithm: 'ES256',
  })
  const { ca, seal } = bodies[0]!
  const { serialNumber } = parseX509Certificate(seal.certificate) as X509Certificate
  const revoking = await issueCrl({
    ca,
    revoked: [{ serialNumber, revokedAt: days(1), reason: 'keyCompromise' }],
    number: 2n,
    thisUpdate: days(1),
    nextUpdate: days(31),
  })
  return { root, stateCa, ca, seal, revoking }
}

/** As NIST's PKITS: one path that counts, and the same with a revoked end entity. */
export async function ownPkits(): Promise<Files> {
  const { root, stateCa, ca, seal, revoking } = await material()
  const subtest = (name: string, should_validate: boolean, bodyCrl: string) => ({
    suite: 'Own',
    name,
    number: '4.1.1',
    should_validate,
    certs: ['Root', 'State', 'Body', 'Seal'],
    crls: ['Root', 'State', bodyCrl],
    initial_explicit_policy: false,
    initial_policy_mapping_inhibit: false,
    initial_inhibit_any_policy: false,
  })
  return {
    'suite.json': {
      suite: 'pkits',
      cases: 2,
      at: AT,
      revocation: true,
      issuanceRules: true,
      rsaMinBits: 3072,
      eku: [],
    },
    'tests.json': [subtest('OwnGood', true, 'Body'), subtest('OwnRevoked', false, 'Revoking')],
    'certs/Root.crt': root.certificate,
    'certs/State.crt': stateCa.certificate,
    'certs/Body.crt': ca.certificate,
    'certs/Seal.crt': seal.certificate,
    'crls/Root.crl': root.crl,
    'crls/State.crl': stateCa.crl,
    'crls/Body.crl': ca.crl,
    'crls/Revoking.crl': revoking,
  }
}

/** As x509-limbo: a bag in any order, at the suite's instant and after its end; one case of no PKI. */
export async function ownLimbo(): Promise<Files> {
  const { root, stateCa, ca, seal } = await material()
  const pem = ({ certificate }: { certificate: Uint8Array }) =>
    encodePem('CERTIFICATE', certificate)
  const testcase = (id: string, expected_result: string, validation_time: string | null) => ({
    id,
    features: null,
    description: id,
    validation_kind: 'SERVER',
    trusted_certs: [pem(root)],
    untrusted_intermediates: [pem(ca), pem(stateCa)],
    peer_certificate: pem(seal),
    validation_time,
    signature_algorithms: null,
    key_usage: null,
    extended_key_usage: null,
    expected_result,
    expected_peer_name: null,
    max_chain_depth: null,
  })
  return {
    'suite.json': {
      suite: 'x509-limbo',
      cases: 3,
      tiers: { T1: 1, T1pos: 0, T2: 0, TD: 1, NA: 1 },
      files: ['limbo-2026-03.json'],
      at: AT,
      issuanceRules: true,
      rsaMinBits: 3072,
    },
    'tiers.json': { 'own::good': 'T1', 'own::ended': 'TD', 'own::name': 'NA' },
    'limbo-2026-03.json': {
      version: 1,
      testcases: [
        testcase('own::good', 'SUCCESS', null),
        testcase('own::ended', 'FAILURE', '2046-03-02T09:00:00+00:00'),
        testcase('own::name', 'FAILURE', null),
      ],
    },
  }
}

/** As BoringSSL's lists: one that says good, one that revokes, one that has ended. */
export async function ownCrls(): Promise<Files> {
  const { ca, seal, revoking } = await material()
  const ended = { revoked: [], number: 3n, thisUpdate: days(-40), nextUpdate: days(-10) }
  const pem = (crl: Uint8Array) =>
    [
      'A dump of what follows\n',
      encodePem('CERTIFICATE', seal.certificate),
      encodePem('CA CERTIFICATE', ca.certificate),
      encodePem('CRL', crl),
    ].join('\n')
  return {
    'suite.json': { suite: 'crl', cases: 3, at: AT, maxAgeDays: 30, rsaMinBits: 2048 },
    'expected.json': {
      at: AT,
      maxAgeDays: 30,
      cases: [
        { file: 'own/good.pem', status: 'good' },
        { file: 'own/revoked.pem', status: 'revoked' },
        { file: 'own/ended.pem', status: 'unknown' },
      ],
    },
    'pem/own/good.pem': pem(ca.crl),
    'pem/own/revoked.pem': pem(revoking),
    'pem/own/ended.pem': pem(await issueCrl({ ca, ...ended })),
  }
}
