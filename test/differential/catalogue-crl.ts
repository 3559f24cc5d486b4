import { derElement, derInteger } from '../../src/encoding/der-writer.ts'
import { EXTENSION } from '../../src/x509/oids.ts'
import { directoryName, extension, hexToOctets } from '../unit/x509/forgery.ts'
import {
  AT,
  type Bytes,
  type ChainSpec,
  type CrlSpec,
  daysFrom,
  empty,
  named,
  timeOf,
  timeText,
} from './chain.ts'
import { keyOf, SIGNATURES } from './keys.ts'
import { extend, inEach, inEachCrl, merged, type Mutation } from './mutation.ts'

const hex = hexToOctets
const AUTHORITIES = ['root', 'state', 'body'] as const
const seconds = (n: number) => new Date(AT.getTime() + n * 1000)
const reason = (code: number) =>
  extension(EXTENSION.reasonCode, false, derElement(0x0a, Uint8Array.of(code)))
const since = (at: Date) => extension(EXTENSION.invalidityDate, false, timeOf(at, 'generalized'))

const BELOW = { root: 'state', state: 'body', body: 'seal' } as const
interface Entry {
  readonly serial?: readonly number[]
  readonly at?: Date
  readonly extensions?: readonly Bytes[]
}

/** Entries of a list; of what its authority issued in the chain unless they name another. */
const revoking =
  (...entries: readonly Entry[]) =>
  ({ role }: CrlSpec, { certificates }: ChainSpec): Partial<CrlSpec> => {
    const issued = certificates.find((certificate) => certificate.role === BELOW[role as 'root'])!
    const encoded = entries.map(({ serial, at = daysFrom(AT, -20), extensions = [] }) =>
      derElement(
        0x30,
        derElement(0x02, serial ? Uint8Array.from(serial) : issued.serialNumber),
        timeOf(at),
        extensions.length > 0 ? derElement(0x30, ...extensions) : empty,
      ),
    )
    return { revoked: derElement(0x30, ...encoded) }
  }

const REASONS = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  'that does not exist': 7,
  removeFromCRL: 8,
  privilegeWithdrawn: 9,
  aACompromise: 10,
  'beyond the last': 11,
}

/** R1 and R3: what the entries of a list say. */
const ENTRIES: readonly Mutation[] = inEachCrl(AUTHORITIES, 'R3', {
  revoked: revoking({}),
  'revoked at the instant': revoking({ at: AT }),
  'revoked among a thousand': revoking(
    ...Array.from({ length: 1000 }, (_, i) => ({ serial: [0x11, i >> 8, i & 255] })),
    {},
  ),
  'another revoked': revoking({ serial: [0x5a, 9, 2, 3] }),
  'entry twice': revoking({}, {}),
  'another twice': revoking({ serial: [1] }, { serial: [1] }),
  ...Object.fromEntries(
    Object.entries(REASONS).map(([name, code]) => [
      `revoked, ${name}`,
      revoking({ extensions: [reason(code)] }),
    ]),
  ),
  'key compromised before': revoking({ extensions: [reason(1), since(daysFrom(AT, -300))] }),
  'key compromised only later than revoked': revoking({
    extensions: [reason(1), since(daysFrom(AT, 5))],
  }),
  'superseded, and invalid only later': revoking({
    extensions: [reason(4), since(daysFrom(AT, 5))],
  }),
  'revoked, unknown extension of the entry': revoking({
    extensions: [extension('1.2.3.4', false, hex('0500'))],
  }),
  'revoked, unknown critical extension of the entry': revoking({
    extensions: [extension('1.2.3.4', true, hex('0500'))],
  }),
  'another revoked, unknown critical extension of the entry': revoking({
    serial: [7],
    extensions: [extension('1.2.3.4', true, hex('0500'))],
  }),
  'another revoked in the name of another issuer': revoking({
    serial: [7],
    extensions: [
      extension(EXTENSION.certificateIssuer, true, derElement(0x30, directoryName(named('x')))),
    ],
  }),
  'no entries in a list of them': () => ({ revoked: hex('3000') }),
})

const scope = (content: string) =>
  extension(EXTENSION.issuingDistributionPoint, true, derElement(0x30, hex(content)))
const place = (uri: string) => {
  const name = derElement(0x86, new TextEncoder().encode(uri))
  return Buffer.from(derElement(0xa0, derElement(0xa0, name))).toString('hex')
}
const withScope =
  (content: string) =>
  ({ extensions }: { extensions: Readonly<Record<string, Bytes>> }) => ({
    extensions: merged(extensions, { idp: scope(content) }),
  })
const withExtension =
  (x: Bytes | undefined, name = 'x') =>
  ({ extensions }: { extensions: Readonly<Record<string, Bytes>> }) => ({
    extensions: merged(extensions, { [name]: x }),
  })

/** R1, R5, R6: lists that may not decide. */
const LISTS: readonly Mutation[] = inEachCrl(AUTHORITIES, 'R1', {
  'list missing': () => 'none',
  'list issued at the instant': () => ({ thisUpdate: timeOf(AT) }),
  'list issued a second later': () => ({ thisUpdate: timeOf(seconds(1)) }),
  'list current until the instant': () => ({ nextUpdate: timeOf(AT) }),
  'list stale by a second': () => ({ nextUpdate: timeOf(seconds(-1)) }),
  'list stale by a month': () => ({
    thisUpdate: timeOf(daysFrom(AT, -60)),
    nextUpdate: timeOf(daysFrom(AT, -30)),
  }),
  'list of last year, current by itself': () => ({ thisUpdate: timeOf(daysFrom(AT, -200)) }),
  'list without nextUpdate': () => ({ nextUpdate: empty }),
  'list with a malformed time': () => ({ thisUpdate: timeText('2705010000Z', 0x17) }),
  'list of another issuer': () => ({ issuer: named('another') }),
  'list in the name of an issuer in capitals': (crl, { certificates }) => {
    const at = certificates.findIndex(({ role }) => role === crl.role)
    return { issuer: certificates[at]!.subject.map(capital) }
  },
  'list signed by a stranger': (_, { certificates }) => ({
    signer: keyOf(certificates[0]!.key.kind, 9),
  }),
  'list signed by the seal': (_, { certificates }) => ({ signer: certificates.at(-1)!.key }),
  'list with another algorithm outside': () => ({
    outerAlgorithm: SIGNATURES['ECDSA SHA-384'].identifier,
  }),
  'bit of the list flipped': (_, { certificates }) => ({
    afterSigning: (der) => der.with(60 + certificates.length, der[60 + certificates.length]! ^ 1),
  }),
  'list with an octet after': () => ({ afterSigning: (der) => Uint8Array.of(...der, 0) }),
  'list of version 1 with extensions': () => ({ version: empty }),
  'list of version 1': () => ({ version: empty, extensions: {} }),
  'list of version 3': () => ({ version: derInteger(2n) }),
  'list without number': withExtension(undefined, 'number'),
  'list whose number is critical': withExtension(
    extension(EXTENSION.crlNumber, true, hex('020101')),
    'number',
  ),
  'list without key identifier': withExtension(undefined, 'aki'),
  'unknown extension of the list': withExtension(extension('1.2.3.4', false, hex('0500'))),
  'unknown critical extension of the list': withExtension(extension('1.2.3.4', true, hex('0500'))),
  'extension of the list twice': ({ extensions }) => ({
    extensions: { ...extensions, again: extensions['number']! },
  }),
  'delta list': withExtension(extension(EXTENSION.deltaCrlIndicator, true, hex('020101'))),
  'delta list that is not critical': withExtension(
    extension(EXTENSION.deltaCrlIndicator, false, hex('020101')),
  ),
  'list for users': withScope('8101ff'),
  'list for authorities': withScope('8201ff'),
  'list for attribute certificates': withScope('8501ff'),
  'list for users and authorities': withScope('8101ff8201ff'),
  'list for some reasons': withScope('83020640'),
  'indirect list': withScope('8401ff'),
  'list for one place': withScope(place('http://crl.example/1.crl')),
  'list for nothing': withScope(''),
})

/** A PrintableString or UTF8String name in capitals: octets of letters only change. */
function capital(octet: number, at: number, all: Uint8Array): number {
  const isText = at > 20 && all.length - at < 10
  return isText && octet >= 0x61 && octet <= 0x7a ? octet - 32 : octet
}

const point = (content: string) =>
  extension(
    EXTENSION.crlDistributionPoints,
    false,
    derElement(0x30, derElement(0x30, hex(content))),
  )

/** What certificates say of where their revocation stands. */
const POINTS: readonly Mutation[] = inEach(['state', 'body', 'seal'], 'R6', {
  'distribution point': extend({ cdp: point(place('http://crl.example/1.crl')) }),
  'distribution point for some reasons': extend({
    cdp: point(`${place('http://crl.example/1.crl')}81020640`),
  }),
  'distribution point with another issuer': extend({
    cdp: point(
      `${place('http://crl.example/1.crl')}${Buffer.from(
        derElement(0xa2, directoryName(named('another'))),
      ).toString('hex')}`,
    ),
  }),
  'distribution point empty': extend({ cdp: point('') }),
  'freshest CRL': extend({
    x: extension(
      EXTENSION.freshestCrl,
      false,
      derElement(0x30, derElement(0x30, hex(place('http://crl.example/d.crl')))),
    ),
  }),
})

/** The authority may not sign lists, or its key is none. */
const SIGNERS: readonly Mutation[] = inEach(AUTHORITIES, 'R1', {
  'key usage without cRLSign': (c) => ({
    extensions: merged(c.extensions, {
      ku: extension(EXTENSION.keyUsage, true, hex('03020204')),
    }),
  }),
})

/** Every one of these is judged with lists at hand. */
export const CRL_MUTATIONS: readonly Mutation[] = [...ENTRIES, ...LISTS, ...POINTS, ...SIGNERS]
