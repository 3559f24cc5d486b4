import { type Bytes, empty, ROLES } from './chain.ts'
import { type KeyKind, keyOf, SIGNATURES } from './keys.ts'
import { inChain, inEach, type Mutation } from './mutation.ts'

const BELOW = ['state', 'body', 'seal'] as const
const octets = (length: number, value = 0x41) => new Uint8Array(length).fill(value)
const spoiled = (at: (length: number) => number) => (der: Bytes) => {
  const copy = der.slice()
  copy[at(der.length)]! ^= 1
  return copy
}

/** P3: algorithms and signatures. */
export const SIGNATURE_CHANGES: readonly Mutation[] = [
  ...inEach(ROLES, 'P3', {
    'algorithm outside another': () => ({
      outerAlgorithm: SIGNATURES['ECDSA SHA-384'].identifier,
    }),
    'algorithm inside another': () => ({ innerAlgorithm: SIGNATURES['ECDSA SHA-384'].identifier }),
    'algorithm inside and outside of another key': ({ key }) => {
      const other = SIGNATURES[key.kind === 'Ed25519' ? 'ECDSA SHA-256' : 'Ed25519'].identifier
      return { innerAlgorithm: other, outerAlgorithm: other }
    },
    'signature of nothing': () => ({ signatureBits: () => empty }),
    'signature of zeros': () => ({ signatureBits: (bits) => octets(bits.length, 0) }),
    'signature cut': () => ({ signatureBits: (bits) => bits.slice(0, -1) }),
    'signature longer': () => ({ signatureBits: (bits) => Uint8Array.of(...bits, 0) }),
    'bit of the signature flipped': (_, random) => {
      const at = random(1000)
      return { signatureBits: spoiled((length) => at % length) }
    },
  }),
  ...inEach(BELOW, 'P3', {
    'signed by a stranger': ({ key }) => ({ signer: keyOf(key.kind, 9) }),
    'signed by itself': ({ key }) => ({ signer: key }),
    'bit flipped after signing': (_, random) => {
      const at = random(1_000_000)
      const bit = 1 << random(8)
      return {
        afterSigning: (der) => der.with(at % der.length, der[at % der.length]! ^ bit),
      }
    },
  }),
  ...(['ECDSA SHA-1', 'ECDSA SHA-256 NULL', 'ECDSA SHA-384', 'ECDSA SHA-512'] as const).flatMap(
    (signature) => issuedBy('P-256', signature),
  ),
  ...issuedBy('Ed25519', 'Ed25519 NULL'),
  ...(
    [
      'RSA SHA-1',
      'RSA SHA-384',
      'RSA SHA-512',
      'PSS SHA-256',
      'PSS salt of 20',
      'PSS MGF of SHA-1',
    ] as const
  ).flatMap((signature) => issuedBy('RSA 3072', signature)),
]

function issuedBy(kind: KeyKind, signature: keyof typeof SIGNATURES): Mutation[] {
  return inChain('P3', {
    [`seal signed with ${signature}`]: (chain) => {
      const key = keyOf(kind, 2)
      return {
        ...chain,
        crls: [],
        certificates: chain.certificates.map((c) =>
          c.role === 'body' ? { ...c, key } : c.role === 'seal' ? { ...c, signature } : c,
        ),
      }
    },
  })
}

/** P12: keys outside the suite. */
export const KEY_CHANGES: readonly Mutation[] = (
  [
    'P-384',
    'P-521',
    'secp256k1',
    'P-256 by its parameters',
    'P-256 compressed',
    'Ed25519',
    'Ed448',
    'RSA 1024',
    'RSA 2048',
    'RSA 3072',
    'RSA-PSS 3072',
  ] as const
).flatMap((kind) =>
  inEach(ROLES, 'P12', {
    [`key ${kind}`]: () => ({ key: keyOf(kind, 7) }),
  }),
)
