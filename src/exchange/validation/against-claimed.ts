import { earliest } from '../../x509/instants.ts'
import type { VerifiedStatusList } from '../status-lists/token.ts'
import type { Authentication } from './authenticate.ts'
import { type CertificateContent, checkContent } from './certificate-content.ts'
import type { Check } from './check.ts'
import type { LineMatch } from './declaration.ts'
import { isOfEnd } from './reason-catalogue.ts'

interface JudgedContent {
  readonly checks: readonly Check[]
  readonly lines: readonly LineMatch[]
  readonly statusList: VerifiedStatusList | undefined
}

const NOTHING: JudgedContent = { checks: [], lines: [], statusList: undefined }

/**
 * What speaks against a document that only the end of its key, or of an authority above it, keeps from being
 * believed, and that nothing proves to be older: what fails if it is taken at its word that it is. Annulled,
 * in conflict with the register or addressed elsewhere it is under whatever key. What passes is left out: a
 * claim proves nothing for the document.
 *
 * @param judge what customs asks of a genuine certificate
 */
export async function againstClaimed(
  { document, checks, claimedAt, at }: Authentication,
  { isProven, now }: { readonly isProven: boolean; readonly now: Date },
  judge: (content: CertificateContent) => Promise<JudgedContent>,
): Promise<JudgedContent> {
  const isSigned = checks.some(
    ({ check, outcome }) => check === 'signature' && outcome === 'passed',
  )
  const stop = checks.at(-1)
  if (document || isProven || !isSigned || !stop || !isOfEnd(stop.code)) return NOTHING
  if (!claimedAt || !at) return NOTHING
  const instant = earliest([claimedAt, now])
  const claimed = await at(instant)
  if (!claimed.document) return NOTHING
  // A proof may be later than the claim, and a name or scope may count by then that did not before.
  const readings = [instant, now].map((when) => checkContent(claimed.document!, when, now))
  const { checks: read, content } = readings.find((reading) => reading.content) ?? readings[0]!
  const judged = content ? await judge(content) : NOTHING
  const against = [...read, ...judged.checks].filter(({ outcome }) => outcome === 'failed')
  const restsOn = (name: Check['check']) => against.some(({ check }) => check === name)
  return {
    checks: against,
    lines: restsOn('declaration') ? judged.lines : [],
    statusList: restsOn('status') ? judged.statusList : undefined,
  }
}
