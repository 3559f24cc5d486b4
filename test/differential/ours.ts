import { crlSource } from '../../src/x509/crl-source.ts'
import { type Crl, parseCrl } from '../../src/x509/crl.ts'
import type { PathResult } from '../../src/x509/path-result.ts'
import { parsePath, validatePath } from '../../src/x509/path-validation.ts'
import { validateSealPath } from '../../src/x509/profile.ts'
import { parseX509Certificate } from '../../src/x509/x509-certificate.ts'
import type { Chain, ChainSpec } from './chain.ts'

/** `openssl verify` looks only at thisUpdate and nextUpdate. */
const NO_AGE_LIMIT = { anchor: 100_000, intermediate: 100_000 }

const pathOf = ({ seal, authorities }: Chain) => [seal, ...authorities.toReversed()]

function listsOf({ crls }: Chain): Crl[] {
  return crls.flatMap((der) => {
    const crl = parseCrl(der)
    return 'malformed' in crl ? [] : [crl]
  })
}

/** The engine as OpenSSL is asked: RFC 5280 with the rules for authorities, no profile. */
export async function engineVerdict(
  chain: Chain,
  { at, policy, crls }: ChainSpec,
): Promise<PathResult> {
  const parsed = parsePath(pathOf(chain))
  if ('result' in parsed) return parsed
  const anchor = parseX509Certificate(chain.root)
  if ('malformed' in anchor)
    return {
      result: 'invalid',
      code: 'certificate-malformed',
      rule: 'L2',
      index: parsed.path.length,
      detail: anchor.malformed,
    }
  return validatePath({
    path: parsed.path,
    anchor,
    at,
    eku: [],
    policy,
    issuanceRules: true,
    rsaMinBits: 2048,
    revocation:
      crls.length === 0
        ? undefined
        : {
            crls: crlSource(listsOf(chain)),
            crlSigners: [],
            now: at,
            maxAgeDays: NO_AGE_LIMIT,
            required: true,
          },
  })
}

/** The exchange profile as production asks it. */
export function profileVerdict(chain: Chain, { at, crls }: ChainSpec): Promise<PathResult> {
  return validateSealPath({
    x5c: pathOf(chain),
    anchor: chain.root,
    at,
    purpose: 'document-seal',
    crls: crlSource(listsOf(chain)),
    revocationRequired: crls.length > 0,
  })
}
