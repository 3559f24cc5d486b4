/** What a signature's validation came to, in the words of ETSI EN 319 102-1 §5.1. */
export type Indication = 'TOTAL-PASSED' | 'TOTAL-FAILED' | 'INDETERMINATE'

/** The sub-indications of the trust profile (§7), by their indication, in the order of its table. */
const SUB_INDICATIONS_BY_INDICATION = {
  'TOTAL-FAILED': [
    'FORMAT_FAILURE',
    'HASH_FAILURE',
    'SIG_CRYPTO_FAILURE',
    'REVOKED',
    'EXPIRED',
    'NOT_YET_VALID',
  ],
  INDETERMINATE: [
    'NO_SIGNING_CERTIFICATE_FOUND',
    'NO_CERTIFICATE_CHAIN_FOUND',
    'CHAIN_CONSTRAINTS_FAILURE',
    'SIG_CONSTRAINTS_FAILURE',
    'CRYPTO_CONSTRAINTS_FAILURE',
    'REVOKED_NO_POE',
    'REVOKED_CA_NO_POE',
    'OUT_OF_BOUNDS_NOT_REVOKED',
    'OUT_OF_BOUNDS_NO_POE',
    'TRY_LATER',
    'TIMESTAMP_ORDER_FAILURE',
    'CUSTOM',
  ],
} as const

export type SubIndication = (typeof SUB_INDICATIONS_BY_INDICATION)[
  'TOTAL-FAILED' | 'INDETERMINATE'][number]

export const SUB_INDICATIONS: readonly SubIndication[] = [
  ...SUB_INDICATIONS_BY_INDICATION['TOTAL-FAILED'],
  ...SUB_INDICATIONS_BY_INDICATION.INDETERMINATE,
]

const TOTALLY_FAILED: ReadonlySet<SubIndication> = new Set(
  SUB_INDICATIONS_BY_INDICATION['TOTAL-FAILED'],
)

export interface Judgement {
  readonly indication: Indication
  readonly subIndication: SubIndication | undefined
}

export const TOTAL_PASSED: Judgement = { indication: 'TOTAL-PASSED', subIndication: undefined }

/** The one indication that a sub-indication stands under. */
export function judgementOf(subIndication: SubIndication): Judgement {
  return {
    indication: TOTALLY_FAILED.has(subIndication) ? 'TOTAL-FAILED' : 'INDETERMINATE',
    subIndication,
  }
}
