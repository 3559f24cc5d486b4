import { formatInstant } from '../../encoding/time.ts'
import { STATUS_TYPE, statusAt } from '../../status-list/status-list.ts'
import type { Check } from '../validation/check.ts'
import type { VerifiedStatusList } from './token.ts'

/**
 * What a status list says of the certificate at an index (trust profile §9, §11): `warning` when it is
 * VALID, because the list shows how things stood at its `iat`; `unknown` when the list cannot tell.
 */
export function checkStatusList(
  { list, issuedAt, expiresAt, uri }: VerifiedStatusList,
  idx: number,
  now: Date,
): Check {
  const check = 'status'
  if (now > expiresAt)
    return {
      check,
      outcome: 'unknown',
      code: 'status-list-stale',
      detail: formatInstant(expiresAt),
    }
  const status = statusAt(list, idx)
  const detail = formatInstant(issuedAt)
  switch (status) {
    case undefined:
      return { check, outcome: 'unknown', code: 'status-list-too-short', detail: `${uri} ${idx}` }
    case STATUS_TYPE.valid:
      return { check, outcome: 'warning', code: 'valid-by-list', detail }
    case STATUS_TYPE.invalid:
      return { check, outcome: 'failed', code: 'withdrawn-by-list', detail }
    case STATUS_TYPE.suspended:
      return { check, outcome: 'failed', code: 'suspended-by-list', detail }
    default:
      return { check, outcome: 'failed', code: 'status-not-assigned', detail: String(status) }
  }
}
