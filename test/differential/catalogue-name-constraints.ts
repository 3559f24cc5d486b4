import { derElement } from '../../src/encoding/der-writer.ts'
import { EXTENSION } from '../../src/x509/oids.ts'
import {
  derName,
  derOid,
  directoryName,
  dnsName,
  extension,
  hexToOctets,
} from '../unit/x509/forgery.ts'
import { type Bytes, type CertificateSpec, empty, named } from './chain.ts'
import { changed, extend, extended, inChain, inEach, type Mutation } from './mutation.ts'

const hex = hexToOctets
const AUTHORITIES = ['root', 'state', 'body'] as const
const text = (tag: number) => (value: string) => derElement(tag, new TextEncoder().encode(value))
const mail = text(0x81)
const uri = text(0x86)
const ip = (octets: string) => derElement(0x87, hex(octets))
const other = derElement(0xa0, derOid('1.2.3.4'), derElement(0xa0, hex('0c0178')))
const state = (country: string) => directoryName(derName(['C', country]))

interface Subtrees {
  readonly permitted?: readonly Bytes[]
  readonly excluded?: readonly Bytes[]
  readonly critical?: boolean
  /** Fields behind each base. */
  readonly behind?: string
}

function constrain({
  permitted = [],
  excluded = [],
  critical = true,
  behind = '',
}: Subtrees): Bytes {
  const trees = (tag: number, bases: readonly Bytes[]) =>
    bases.length > 0
      ? derElement(tag, ...bases.map((base) => derElement(0x30, base, hex(behind))))
      : empty
  const value = derElement(0x30, trees(0xa0, permitted), trees(0xa1, excluded))
  return extension(EXTENSION.nameConstraints, critical, value)
}
const nc = (subtrees: Subtrees) => extend({ nc: constrain(subtrees) })
const alternative = (...names: readonly Bytes[]) =>
  extension(EXTENSION.subjectAltName, false, derElement(0x30, ...names))

/** P9: constraints on names of states, in each authority. */
const OF_STATES: readonly Mutation[] = inEach(AUTHORITIES, 'P9', {
  'own state permitted': nc({ permitted: [state('BY')] }),
  'own state in small letters permitted': nc({ permitted: [state('by')] }),
  'another state permitted': nc({ permitted: [state('UZ')] }),
  'another state permitted as well': nc({ permitted: [state('UZ'), state('BY')] }),
  'own organization permitted': nc({
    permitted: [directoryName(derName(['C', 'BY'], ['O', 'differential']))],
  }),
  'organization without its state permitted': nc({
    permitted: [directoryName(derName(['O', 'Differential']))],
  }),
  'the name of the seal permitted': nc({ permitted: [directoryName(named('seal'))] }),
  'every name permitted': nc({ permitted: [directoryName(hex('3000'))] }),
  'own state excluded': nc({ excluded: [state('BY')] }),
  'own state in small letters excluded': nc({ excluded: [state('by')] }),
  'another state excluded': nc({ excluded: [state('UZ')] }),
  'every name excluded': nc({ excluded: [directoryName(hex('3000'))] }),
  'the name of the seal excluded': nc({ excluded: [directoryName(named('seal'))] }),
  'a name below the seal excluded': nc({
    excluded: [
      directoryName(derName(['C', 'BY'], ['O', 'Differential'], ['CN', 'seal'], ['CN', 'x'])),
    ],
  }),
  'permitted and excluded': nc({ permitted: [state('BY')], excluded: [state('BY')] }),
  'names constrained, not critical': nc({ permitted: [state('BY')], critical: false }),
  'names constrained by nothing': extend({
    nc: extension(EXTENSION.nameConstraints, true, hex('3000')),
  }),
  'minimum 0 encoded': nc({ permitted: [state('BY')], behind: '800100' }),
  'minimum 1': nc({ permitted: [state('BY')], behind: '800101' }),
  'maximum 1': nc({ permitted: [state('BY')], behind: '810101' }),
  'host names permitted': nc({ permitted: [dnsName('b.example')] }),
  'mail of a host permitted': nc({ permitted: [mail('b.example')] }),
  'other names permitted': nc({ permitted: [other] }),
})

/** The constraint of the body's authority, and names of the seal that it permits or does not. */
const FORMS: Readonly<
  Record<string, readonly [Subtrees, Readonly<Record<string, readonly Bytes[]>>]>
> = {
  'host b.example permitted': [
    { permitted: [dnsName('b.example')] },
    {
      itself: [dnsName('b.example')],
      'in capitals': [dnsName('B.EXAMPLE')],
      below: [dnsName('a.b.example')],
      another: [dnsName('c.example')],
      'one ending alike': [dnsName('xb.example')],
      'one above': [dnsName('example')],
      'one of two': [dnsName('b.example'), dnsName('c.example')],
      wildcard: [dnsName('*.b.example')],
      'with a dot at its end': [dnsName('b.example.')],
      'with an empty label': [dnsName('a..b.example')],
      'that is empty': [dnsName('')],
      'with a NUL': [dnsName('c.example\0.b.example')],
      'of another form': [mail('a@c.example')],
    },
  ],
  'host .b.example permitted': [
    { permitted: [dnsName('.b.example')] },
    { itself: [dnsName('b.example')], below: [dnsName('a.b.example')] },
  ],
  'host b.example excluded': [
    { excluded: [dnsName('b.example')] },
    {
      itself: [dnsName('b.example')],
      below: [dnsName('a.b.example')],
      wildcard: [dnsName('*.example')],
      another: [dnsName('c.example')],
      'with a dot at its end': [dnsName('b.example.')],
    },
  ],
  'mail of host b.example permitted': [
    { permitted: [mail('b.example')] },
    {
      there: [mail('a@b.example')],
      'there, in capitals': [mail('A@B.EXAMPLE')],
      below: [mail('a@c.b.example')],
      elsewhere: [mail('a@c.example')],
      'without a host': [mail('a')],
      'with two signs': [mail('a@c.example@b.example')],
      quoted: [mail('"a@c.example"@b.example')],
    },
  ],
  'mail of domain .b.example permitted': [
    { permitted: [mail('.b.example')] },
    { below: [mail('a@c.b.example')], there: [mail('a@b.example')] },
  ],
  'one mailbox permitted': [
    { permitted: [mail('a@b.example')] },
    {
      itself: [mail('a@b.example')],
      'with a capital before the sign': [mail('A@b.example')],
      'with a capital host': [mail('a@B.example')],
      another: [mail('b@b.example')],
    },
  ],
  'mail of host b.example excluded': [
    { excluded: [mail('b.example')] },
    { there: [mail('a@b.example')], elsewhere: [mail('a@c.example')] },
  ],
  'URI of host b.example permitted': [
    { permitted: [uri('b.example')] },
    {
      there: [uri('https://b.example/x')],
      'there, with a port': [uri('https://b.example:1/x')],
      below: [uri('https://a.b.example/')],
      elsewhere: [uri('https://c.example/')],
      'elsewhere with it as user': [uri('https://b.example@c.example/')],
      'elsewhere with it as query': [uri('https://c.example?b.example')],
      'without a host': [uri('urn:x')],
      'with an address': [uri('https://10.0.0.1/')],
    },
  ],
  'address 10/8 permitted': [
    { permitted: [ip('0a000000ff000000')] },
    {
      within: [ip('0a010203')],
      outside: [ip('0b010203')],
      'of the other family': [ip('fd000000000000000000000000000001')],
      'of five octets': [ip('0a01020304')],
    },
  ],
  'address with holes in its mask': [
    { permitted: [ip('0a000000ff00ff00')] },
    { within: [ip('0a010003')] },
  ],
  'other name permitted': [
    { permitted: [other] },
    { itself: [other], none: [mail('a@b.example')] },
  ],
}

const OF_FORMS: readonly Mutation[] = Object.entries(FORMS).flatMap(
  ([constraint, [trees, names]]) =>
    inChain(
      'P9',
      Object.fromEntries(
        Object.entries(names).map(([name, alternatives]) => [
          `${constraint}: ${name}`,
          (chain, random) =>
            changed(
              changed(chain, 'body', nc(trees), random),
              'seal',
              extend({ san: alternative(...alternatives) }),
              random,
            ),
        ]),
      ),
    ),
)

type Rdns = readonly (readonly ['C' | 'O' | 'CN' | 'E', string])[]
const inState = (...rdns: Rdns) => ({
  subject: derName(...rdns.map(([type, value]): ['C', string] => [type as 'C', value])),
})

const OF_SEALS: readonly Mutation[] = [
  ...inEach(['seal'], 'P9', {
    'subject in another state': () => inState(['C', 'UZ'], ['O', 'Differential'], ['CN', 'seal']),
    'subject in small letters': () => inState(['C', 'by'], ['O', 'differential'], ['CN', 'seal']),
    'subject without a state': () => inState(['O', 'Differential'], ['CN', 'seal']),
    'subject with its state last': () => inState(['O', 'Differential'], ['C', 'BY']),
    'alternative name in another state': extend({
      san: alternative(directoryName(derName(['C', 'UZ']))),
    }),
    'alternative name in the state': extend({ san: alternative(directoryName(named('x'))) }),
    'alternative names of every form': extend({
      san: alternative(dnsName('b.example'), mail('a@b.example'), uri('https://b.example/'), other),
    }),
    'alternative names empty': extend({ san: alternative() }),
    'alternative name of no form': extend({ san: alternative(hex('890178')) }),
    'alternative name malformed': extend({
      san: extension(EXTENSION.subjectAltName, false, hex('3003820561')),
    }),
    'host name that is none': extend({ san: alternative(dnsName('a b')) }),
    'names constrained by the seal': (c: CertificateSpec) =>
      extended(c, { nc: constrain({ permitted: [state('BY')] }) }),
  }),
  ...inEach(['state', 'body'], 'P9', {
    'subject in another state': () => inState(['C', 'UZ'], ['O', 'Differential'], ['CN', 'moved']),
  }),
  ...inChain('P9', {
    'address in the subject, outside what is permitted': (chain, random) =>
      changed(
        changed(chain, 'body', nc({ permitted: [mail('b.example')] }), random),
        'seal',
        () => inState(['C', 'BY'], ['E', 'a@c.example']),
        random,
      ),
    'address in the subject, inside what is permitted': (chain, random) =>
      changed(
        changed(chain, 'body', nc({ permitted: [mail('b.example')] }), random),
        'seal',
        () => inState(['C', 'BY'], ['E', 'a@b.example']),
        random,
      ),
    '600,000 comparisons of names': (chain, random) =>
      changed(
        changed(
          chain,
          'body',
          nc({ excluded: Array.from({ length: 1000 }, (_, i) => dnsName(`x${i}.example`)) }),
          random,
        ),
        'seal',
        extend({
          san: alternative(...Array.from({ length: 600 }, (_, i) => dnsName(`y${i}.example`))),
        }),
        random,
      ),
  }),
]

export const NAME_MUTATIONS: readonly Mutation[] = [...OF_STATES, ...OF_FORMS, ...OF_SEALS]
