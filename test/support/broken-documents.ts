import { readFile } from 'node:fs/promises'
import { encodeBase64, encodeBase64url } from '../../src/encoding/base64url.ts'
import { formatInstant } from '../../src/encoding/time.ts'
import { signStatusList } from '../../src/exchange/status-lists/token.ts'
import type { Seal } from '../../src/jose/sign.ts'
import { renewCrl } from '../../src/node/pki/renew-crl.ts'
import {
  createSeal,
  createStatePki,
  DEFAULT_VALIDITY_DAYS,
  type StatePki,
} from '../../src/node/pki/state-pki.ts'
import { packStatusList, STATUS_TYPE } from '../../src/status-list/status-list.ts'
import type { TrustKey, TrustList } from '../../src/trust/trust-list.ts'
import { parseX509Certificate } from '../../src/x509/x509-certificate.ts'
import { forge, type Forgery } from './hostile.ts'
import { type ListedState, listedState, NOW, sealOfKey, signedList } from './hostile-lists.ts'
import { ocspAbout } from './ocsp-about.ts'

/** What an officer has at hand when a document is presented. */
export interface Evidence {
  readonly lists: readonly string[]
  readonly crls: readonly Uint8Array[]
  readonly ocsp: readonly Uint8Array[]
  readonly statusLists: readonly string[]
  readonly anchors: readonly string[]
}

export interface Presented extends Partial<Evidence> {
  /** What is wrong with it; the case's name. */
  readonly broken: string
  readonly jws: string
  /** The state that it is presented in. */
  readonly in?: string
  readonly declaration?: object
}

const DAY_MS = 86_400_000
const STATUS_URI = 'https://by.example/status/7'
const BODY = { partyId: 'BY.CCI.001', name: 'BY.CCI.001', code: '001' }
const POSITIONS = { good: 1, withdrawn: 2, suspended: 3 } as const

const days = (n: number) => new Date(NOW.getTime() + n * DAY_MS)
const seconds = (date: Date) => Math.floor(date.getTime() / 1000)

/**
 * Documents broken in one place each, with what an officer in Uzbekistan has at hand; the first one is in
 * order. All is made for the instant `NOW`; keys and signatures differ from run to run.
 */
export async function brokenDocuments(): Promise<{
  documents: readonly Presented[]
  evidence: Evidence
}> {
  const { BY, UZ } = { BY: await listedState('BY'), UZ: await listedState('UZ') }
  const { pki } = BY
  const [body, other] = pki.bodies as [StatePki['bodies'][0], StatePki['bodies'][0]]
  const seal = await sealOfKey(body.seal)
  const example = await certificate()
  const expired = await sealFor(pki, days(-20), 10)
  const tomorrow = await sealFor(pki, days(1), 100)
  const ended = await sealFor(pki, days(-20), 100)
  const list = withKeys(BY, [
    { seal: await sealOfKey(pki.statusSigner), body: 'BY.REGISTRY', usage: 'status-signer' },
    { seal: expired, body: BODY.partyId, usage: 'seal' },
    { seal: tomorrow, body: BODY.partyId, usage: 'seal' },
    { seal: ended, body: BODY.partyId, usage: 'seal', until: formatInstant(days(-1)) },
  ])
  const evidence: Evidence = {
    lists: [await signedList(list, pki.trustListSigner)],
    crls: crlsOf(pki),
    ocsp: [],
    statusLists: [await statusList(pki)],
    anchors: [BY.pin.rootSha256],
  }
  const sign = (forgery: Forgery = {}, by = seal, claims: object = {}) =>
    forge(by, {
      payload: payloadOf(example, claims),
      ...forgery,
      header: { iat: seconds(days(0)), ...forgery.header },
    })
  const listed = (changes: Partial<TrustList>) =>
    signedList({ ...list, ...changes }, pki.trustListSigner)
  const genuine = await sign()
  const [header, payload, signature] = genuine.split('.') as [string, string, string]
  const { leaf, bodyCa, stateCa, root } = {
    leaf: seal.x5c[0]!,
    bodyCa: seal.x5c[1]!,
    stateCa: seal.x5c[2]!,
    root: encodeBase64(pki.root.certificate),
  }
  const text = (part: string) => Buffer.from(part, 'base64url').toString()
  const again = (part: string) => encodeBase64url(new TextEncoder().encode(part))
  const altered = again(text(payload).replace('"count":6', '"count":9'))
  const stranger = await stateNamed('BY', 'Somebody')
  const namesake = await stateNamed('BY', 'Registry of BY')
  const unlisted = await sealFor(pki, days(-1), 100)

  const documents: Presented[] = [
    { broken: 'nothing: in order, for comparison', jws: genuine },
    { broken: 'the text is cut short', jws: genuine.slice(0, 1200) },
    {
      broken: 'it is written as JSON',
      jws: JSON.stringify({ protected: header, payload, signature }),
    },
    {
      broken: 'an evidence pack that is cut short',
      jws: '{"schema":"evidence/1","state":"BY","do',
    },
    { broken: 'an evidence pack of tomorrow', jws: '{"schema":"evidence/2","state":"BY"}' },
    { broken: 'an evidence pack without its members', jws: '{"schema":"evidence/1","state":"BY"}' },
    { broken: 'the content was altered', jws: `${header}.${altered}.${signature}` },
    { broken: 'the signature was altered', jws: `${header}.${payload}.${flipped(signature)}` },
    {
      broken: 'it says that it is not signed at all',
      jws: await sign({ header: { alg: 'none' } }),
    },
    { broken: 'an algorithm outside the list', jws: await sign({ header: { alg: 'RS256' } }) },
    {
      broken: 'an algorithm that the key is not for',
      jws: await sign({ header: { alg: 'ES384' } }),
    },
    { broken: 'of a kind that nobody knows', jws: await sign({ typ: 'invoice+jwt' }) },
    {
      broken: 'a member stands twice',
      jws: await sign({
        payloadText: text(payload).replace('{', '{"iss":"BY.CCI.002",'),
      }),
    },
    {
      broken: 'it refers to another signing certificate',
      jws: await sign({ header: { 'x5t#S256': (await sealOfKey(other.seal)).x5tS256 } }),
    },
    { broken: 'no signing certificate came with it', jws: await sign({ header: { x5c: [] } }) },
    {
      broken: 'a link of the path is missing',
      jws: await sign({ header: { x5c: [leaf, stateCa] } }),
    },
    {
      broken: 'the root came with it',
      jws: await sign({ header: { x5c: [leaf, bodyCa, stateCa, root] } }),
    },
    {
      broken: 'signed under a root that somebody made himself',
      jws: await sign({}, await sealOfKey(stranger.bodies[0]!.seal)),
    },
    {
      broken: 'signed under a root that somebody made himself and gave the name of the true one',
      jws: await sign({}, await sealOfKey(namesake.bodies[0]!.seal)),
    },
    {
      broken: 'of a state whose trust list is not at hand',
      jws: await sign({}, await sealOfKey(UZ.pki.bodies[0]!.seal), { iss: 'UZ.CCI.001' }),
    },
    {
      broken: 'signed with the seal of another state',
      jws: await sign({}, await sealOfKey(UZ.pki.bodies[0]!.seal)),
      lists: [...evidence.lists, await signedList(UZ.list, UZ.pki.trustListSigner)],
      crls: [...evidence.crls, ...crlsOf(UZ.pki)],
      anchors: [...evidence.anchors, UZ.pin.rootSha256],
    },
    {
      broken: 'the seal has expired, and nothing shows when it signed',
      jws: await sign({ header: { iat: seconds(days(-15)) } }, expired),
    },
    {
      broken: 'the seal has expired, and no revocation list is at hand',
      jws: await sign({ header: { iat: seconds(days(-15)) } }, expired),
      crls: [pki.root.crl],
    },
    { broken: 'the seal begins tomorrow', jws: await sign({}, tomorrow) },
    {
      broken: 'the seal was revoked after the time that the document states',
      jws: await sign({ header: { iat: seconds(days(-6)) } }),
      crls: await revoking(pki, 'seal', body.seal.certificate),
    },
    {
      broken: 'the authority above the seal was revoked before the time that the document states',
      jws: genuine,
      crls: await revoking(pki, 'authority', body.ca.certificate),
    },
    {
      broken: 'the seal was revoked, which an OCSP response knows and the older list does not',
      jws: genuine,
      ocsp: [await revokedBy(body.ca, body.seal.certificate)],
    },
    {
      broken: 'the signer of the trust list was revoked, says an OCSP response',
      jws: genuine,
      ocsp: [await revokedBy(pki.root, pki.trustListSigner.certificate)],
    },
    { broken: 'no revocation list is at hand', jws: genuine, crls: [pki.root.crl] },
    { broken: 'no revocation list is at hand, nor that of the root', jws: genuine, crls: [] },
    {
      broken: 'the revocation list is out of date',
      jws: genuine,
      crls: await outdated(pki, pki.bodies[0]!.ca),
    },
    {
      broken: 'the revocation list of the root is out of date',
      jws: genuine,
      crls: await outdated(pki, pki.root),
    },
    {
      broken: 'no revocation list of the root is at hand, and its word on the authority alone',
      jws: genuine,
      crls: crlsOf(pki).filter((crl) => crl !== pki.root.crl),
      ocsp: [(await ocspAbout(pki.stateCa.certificate, pki.root, { at: days(-3) })).der],
    },
    { broken: 'nobody was told the fingerprint of the root', jws: genuine, anchors: [] },
    { broken: 'no trust list is at hand', jws: genuine, lists: [] },
    { broken: 'neither a trust list nor a root', jws: genuine, lists: [], anchors: [] },
    { broken: 'the trust list does not name the seal', jws: await sign({}, unlisted) },
    {
      broken: 'the planned use of the seal has ended, and nothing shows when it signed',
      jws: await sign({ header: { iat: seconds(days(-2)) } }, ended),
    },
    {
      broken: 'the trust list no longer names the seal',
      jws: await sign({ header: { iat: seconds(days(-2)) } }),
      lists: [
        await listed({
          keys: list.keys.map((key) =>
            key.x5tS256 === seal.x5tS256
              ? { ...key, removedAt: formatInstant(days(-1)), reason: 'lost' }
              : key,
          ),
        }),
      ],
    },
    {
      broken: 'the trust list is out of date',
      jws: genuine,
      lists: [await listed({ nextUpdate: formatInstant(days(-1)) })],
    },
    {
      broken: 'it names another issuer than the owner of the seal',
      jws: await sign({}, await sealOfKey(other.seal)),
    },
    {
      broken: 'the body may not issue such certificates',
      jws: genuine,
      lists: [
        await listed({
          bodies: list.bodies.map((entry) => ({
            ...entry,
            scopes: [{ types: ['conformity.eaeu'], from: entry.scopes[0]!.from }],
          })),
        }),
      ],
    },
    { broken: 'it breaks the form', jws: await sign({}, seal, { remark: 'x' }) },
    { broken: 'a form of tomorrow', jws: await sign({}, seal, { schema: 'origin.ct1/2' }) },
    {
      broken: 'it says that it will be signed in two days',
      jws: await sign({ header: { iat: seconds(days(2)) } }),
    },
    { broken: 'it was withdrawn', jws: await sign({}, seal, positionAt(POSITIONS.withdrawn)) },
    { broken: 'it was suspended', jws: await sign({}, seal, positionAt(POSITIONS.suspended)) },
    { broken: 'no status list is at hand', jws: genuine, statusLists: [] },
    {
      broken: 'its period has passed',
      jws: genuine,
      declaration: declarationOn(example, '2027-04-01'),
    },
    {
      broken: 'the declaration has other goods and more of them',
      jws: genuine,
      declaration: otherGoods(example),
    },
    { broken: 'it is for another state', jws: genuine, in: 'KZ' },
    {
      broken: 'it is of a training environment',
      jws: await sign({ payload: { ...payloadOf(example, {}), env: 'training' } }),
    },
  ]
  return { documents, evidence }
}

interface Example {
  readonly number: string
  readonly items: readonly { hsCode: string; netKg: number; grossKg: number }[]
}

async function certificate(): Promise<Example> {
  const file = new URL('../../openapi/examples/origin-ct1-tractors.json', import.meta.url)
  return JSON.parse(await readFile(file, 'utf8')) as Example
}

function payloadOf(example: Example, claims: object) {
  return {
    schema: 'origin.ct1/1',
    iss: 'BY.CCI.001',
    aud: ['UZ'],
    ...positionAt(POSITIONS.good),
    certificate: example,
    ...claims,
  }
}

const positionAt = (idx: number) => ({ status: { status_list: { uri: STATUS_URI, idx } } })

function declarationOn({ items }: Example, date: string) {
  const lines = items.map(({ hsCode, netKg }, i) => ({ n: i + 1, hsCode, netKg }))
  return { number: '26000/020326/0000001', date, lines }
}

function otherGoods(example: Example) {
  const declaration = declarationOn(example, '2026-03-02')
  const [first] = declaration.lines
  const lines = [
    { ...first!, netKg: first!.netKg * 2 },
    { n: 2, hsCode: '0101210000', netKg: 10 },
  ]
  return { ...declaration, lines }
}

/** The list of a state with further keys in it. */
function withKeys(
  { list }: ListedState,
  keys: readonly ({ seal: Seal } & Pick<TrustKey, 'body' | 'usage' | 'until'>)[],
): TrustList {
  const { from } = list.keys[0]!
  const entries = keys.map(({ seal: { x5tS256, x5c }, ...entry }) => ({
    x5tS256,
    der: x5c[0]!,
    from,
    ...entry,
  }))
  return { ...list, keys: [...list.keys, ...entries] }
}

async function statusList({ statusSigner }: StatePki): Promise<string> {
  const list = packStatusList(16, [
    { idx: POSITIONS.withdrawn, status: STATUS_TYPE.invalid },
    { idx: POSITIONS.suspended, status: STATUS_TYPE.suspended },
  ])
  const signer = await sealOfKey(statusSigner)
  return signStatusList({ uri: STATUS_URI, list, signer, signedAt: days(-1) })
}

const crlsOf = ({ root, stateCa, bodies }: StatePki) =>
  [root, stateCa, ...bodies.map(({ ca }) => ca)].map(({ crl }) => crl)

/** The lists of a state in which the authority above has revoked a certificate. */
async function revoking(pki: StatePki, what: 'seal' | 'authority', der: Uint8Array) {
  const parsed = parseX509Certificate(der)
  if ('malformed' in parsed) throw new Error(parsed.malformed)
  const ca = what === 'seal' ? pki.bodies[0]!.ca : pki.stateCa
  const crl = await renewCrl({
    ca,
    previous: ca.crl,
    revoke: [{ serialNumber: parsed.serialNumber, revokedAt: days(-5), reason: 'keyCompromise' }],
    thisUpdate: days(-4),
    nextUpdate: days(20),
  })
  return crlsOf(pki).map((each) => (each === ca.crl ? crl : each))
}

async function revokedBy(ca: Parameters<typeof ocspAbout>[1], der: Uint8Array) {
  const entry = { revokedAt: days(-5), reason: 'keyCompromise', invalidityDate: undefined } as const
  return (await ocspAbout(der, ca, { entry, at: days(-3) })).der
}

async function outdated(pki: StatePki, ca: StatePki['root']) {
  const dates = { thisUpdate: days(-19), nextUpdate: days(-2) }
  const crl = await renewCrl({ ca, previous: ca.crl, revoke: [], ...dates })
  return crlsOf(pki).map((each) => (each === ca.crl ? crl : each))
}

async function sealFor(pki: StatePki, from: Date, validDays: number): Promise<Seal> {
  const made = await createSeal(BODY, pki.bodies[0]!.ca, {
    state: 'BY',
    now: from,
    sealAlgorithm: 'ES256',
    validity: { ...DEFAULT_VALIDITY_DAYS, leaf: validDays },
  })
  return sealOfKey(made)
}

function stateNamed(state: string, organization: string): Promise<StatePki> {
  const bodies = [BODY]
  return createStatePki({ state, organization, bodies, now: days(-20), sealAlgorithm: 'ES256' })
}

function flipped(signature: string): string {
  return (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1)
}
