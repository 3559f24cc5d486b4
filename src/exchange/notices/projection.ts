import { stateOf } from '../../certificate/party-id.ts'
import type { Effect } from '../effect.ts'
import type { SecurityNotice } from './security-notice.ts'

/** Where an amendment joins a chain. */
export interface ChainEnd {
  /** The notice at its beginning, by digest. */
  readonly notice: string
  /** How many documents it has. */
  readonly length: number
}

/** What a security notice changes, for the live path and for `replayLog` alike. */
export function noticeEffect(
  sha256: string,
  payload: SecurityNotice,
  end: ChainEnd | undefined,
): Effect {
  const effect = 'security-notice'
  if (payload.change === 'declare') {
    const { change, iss, subject, measure, interval } = payload
    const issuer = stateOf(iss)
    const record = { sha256, notice: sha256, n: 0, change, issuer, subject, measure, interval }
    return { effect, record }
  }
  if (!end) throw new Error(`it amends ${payload.amends}, which is no notice before it in the log`)
  const place = { sha256, notice: end.notice, n: end.length }
  const { change } = payload
  return change === 'release'
    ? { effect, record: { ...place, change } }
    : { effect, record: { ...place, change, interval: payload.interval } }
}
