import { derElement } from '../../src/encoding/der-writer.ts'
import { EXTENSION } from '../../src/x509/oids.ts'
import { derName, derOid, directoryName, extension, hexToOctets } from '../unit/x509/forgery.ts'
import { type Bytes, type CertificateSpec, named, type Role, ROLES } from './chain.ts'
import { changed, type Mutation, inEach, inChain, extended } from './mutation.ts'

const hex = hexToOctets
const utf8 = new TextEncoder()
const BELOW = ['state', 'body', 'seal'] as const

/** One RDN per attribute, with the string type wanted. */
function nameOfType(tag: number, encode: (text: string) => Uint8Array, cn: string): Bytes {
  const rdn = (type: string, value: string) =>
    derElement(0x31, derElement(0x30, derOid(type), derElement(tag, encode(value))))
  return derElement(0x30, rdn('2.5.4.6', 'BY'), rdn('2.5.4.10', 'Differential'), rdn('2.5.4.3', cn))
}
const wide = (octets: 2 | 4) => (text: string) =>
  Uint8Array.from([...text].flatMap((c) => [...new Uint8Array(octets - 1), c.charCodeAt(0)]))
const issuedUnder =
  (name: (cn: string) => Bytes) =>
  ({ role }: CertificateSpec) => ({ issuer: name(ROLES[ROLES.indexOf(role as Role) - 1]!) })

/** P5: names that are the same, look the same, or are not the same. */
export const ISSUER_NAMES: readonly Mutation[] = [
  ...inEach(BELOW, 'P5', {
    'issuer in capitals': issuedUnder((cn) =>
      derName(['C', 'BY'], ['O', 'DIFFERENTIAL'], ['CN', cn.toUpperCase()]),
    ),
    'issuer with spaces around and within': issuedUnder((cn) =>
      derName(['C', 'BY'], ['O', '  Differential '], ['CN', ` ${cn}  `]),
    ),
    'issuer as PrintableString': issuedUnder((cn) =>
      nameOfType(0x13, (text) => utf8.encode(text), cn),
    ),
    'issuer as TeletexString': issuedUnder((cn) =>
      nameOfType(0x14, (text) => utf8.encode(text), cn),
    ),
    'issuer as IA5String': issuedUnder((cn) => nameOfType(0x16, (text) => utf8.encode(text), cn)),
    'issuer as BMPString': issuedUnder((cn) => nameOfType(0x1e, wide(2), cn)),
    'issuer as UniversalString': issuedUnder((cn) => nameOfType(0x1c, wide(4), cn)),
    'issuer as VisibleString': issuedUnder((cn) =>
      nameOfType(0x1a, (text) => utf8.encode(text), cn),
    ),
    'issuer with full-width letters': issuedUnder((cn) =>
      derName(['C', 'BY'], ['O', 'Ｄifferential'], ['CN', cn]),
    ),
    'issuer with a soft hyphen': issuedUnder((cn) =>
      derName(['C', 'BY'], ['O', 'Differ\u00adential'], ['CN', cn]),
    ),
    'issuer with a no-break space': issuedUnder((cn) =>
      derName(['C', 'BY'], ['O', 'Differential\u00a0'], ['CN', cn]),
    ),
    'issuer with its RDNs in another order': issuedUnder((cn) =>
      derName(['O', 'Differential'], ['C', 'BY'], ['CN', cn]),
    ),
    'issuer with an RDN more': issuedUnder((cn) =>
      derName(['C', 'BY'], ['O', 'Differential'], ['CN', cn], ['CN', 'x']),
    ),
    'issuer with an RDN less': issuedUnder(() => derName(['C', 'BY'], ['O', 'Differential'])),
    'issuer empty': () => ({ issuer: hex('3000') }),
    'issuer with an empty RDN': () => ({ issuer: hex('30023100') }),
    'issuer not UTF-8': () => ({ issuer: hex('300d310b300906035504030c02c328') }),
  }),
  ...inEach(['body'], 'P5', {
    'subject in Cyrillic': () => ({ subject: derName(['C', 'BY'], ['CN', 'Палата']) }),
  }),
  ...inChain('P5', {
    'issuer in Cyrillic capitals': (chain, random) =>
      changed(
        changed(chain, 'body', () => ({ subject: derName(['C', 'BY'], ['CN', 'Палата']) }), random),
        'seal',
        () => ({ issuer: derName(['C', 'BY'], ['CN', 'ПАЛАТА']) }),
        random,
      ),
  }),
  ...inEach(ROLES, 'P5', {
    'subject empty': () => ({ subject: hex('3000') }),
    'subject empty with alternative name': (c) => ({
      subject: hex('3000'),
      ...extended(c, { san: alternative(false, directoryName(named('x'))) }),
    }),
    'subject empty with critical alternative name': (c) => ({
      subject: hex('3000'),
      ...extended(c, { san: alternative(true, directoryName(named('x'))) }),
    }),
  }),
]

function alternative(critical: boolean, ...names: Bytes[]): Bytes {
  return extension(EXTENSION.subjectAltName, critical, derElement(0x30, ...names))
}
