import { decodeBase64 } from '../../encoding/base64url.ts'
import { formatInstant } from '../../encoding/time.ts'
import type { Report } from '../../exchange/audit/finding.ts'
import { listOf, type TrustHistory } from '../../exchange/audit/log-history.ts'
import { digestOf } from '../../exchange/validation/authenticate.ts'
import { verifyCrl } from '../../trust/accept-crl.ts'
import { enclosesAnother, verifyOcspResponse } from '../../trust/accept-ocsp.ts'
import { verifyTrustList } from '../../trust/accept-trust-list.ts'
import { ocspTargets } from '../../trust/ocsp-targets.ts'
import type { TrustList } from '../../trust/trust-list.ts'
import type { Trust } from '../../trust/trust.ts'
import type { SqlDatabase } from '../sql-database.ts'
import { instantIn } from './instant.ts'
import { type AuditRow, rowsOf } from './read-table.ts'

export interface EvidenceContext {
  /** By all lists of the log. */
  readonly trust: Trust
  readonly history: Pick<TrustHistory, 'versions'>
  readonly asOf: Date
}

/** Every CRL under the CA of the trust list that it stands for, with what stands beside it. */
export async function auditCrls(
  database: SqlDatabase,
  { history }: EvidenceContext,
  report: Report,
): Promise<void> {
  for await (const row of rowsOf(database, 'crls', ['state', 'ski'])) {
    const flaw = await flawOfCrl(row, history.versions(row.state).at(-1)?.list)
    if (flaw !== undefined) report('record-differs', `crls ${row.state} ${row.ski}`, flaw)
  }
}

async function flawOfCrl(
  { der, ski, number, this_update, next_update, stored_at }: AuditRow<'crls'>,
  list: TrustList | undefined,
): Promise<string | undefined> {
  if (!list) return 'no list of that state stands in the log'
  const verified = await verifyCrl(decodeBase64(der) ?? new Uint8Array(), list)
  if ('refused' in verified) return verified.refused
  const { crl } = verified
  const isAsItSays =
    verified.ski === ski &&
    crl.crlNumber?.toString(16).padStart(40, '0') === number &&
    formatInstant(crl.thisUpdate) === this_update &&
    crl.nextUpdate !== undefined &&
    formatInstant(crl.nextUpdate) === next_update
  if (!isAsItSays) return 'what stands beside it is not what it says'
  return instantIn(stored_at) ? undefined : `it was stored at ${stored_at}`
}

/** Every OCSP response, judged again as of the time at which it was stored. */
export async function auditOcsp(
  database: SqlDatabase,
  { history, trust }: EvidenceContext,
  report: Report,
): Promise<void> {
  for await (const row of rowsOf(database, 'ocsp_responses', ['state', 'ski', 'serial'])) {
    const where = `ocsp_responses ${row.state} ${row.serial}`
    const list = history.versions(row.state).at(-1)?.list
    if (!list || !instantIn(row.stored_at) || !instantIn(row.this_update)) {
      report('record-differs', where, 'neither its state nor its times are known')
      continue
    }
    const roots = trust.anchors.filter(({ state }) => state === row.state)
    const targets = ocspTargets(
      list,
      roots.map(({ certificate }) => certificate),
      new Date(row.this_update),
      'listed',
    )
    const target = targets.find(
      ({ ski, certificate }) => ski === row.ski && certificate.serialNumber === row.serial,
    )
    if (!target) {
      report('record-differs', where, 'it is about no key that the trust list names')
      continue
    }
    const der = decodeBase64(row.der) ?? new Uint8Array()
    const verified = await verifyOcspResponse(der, target, new Date(row.stored_at))
    if ('refused' in verified) report('record-differs', where, verified.refused)
    else if (
      verified.status !== row.status ||
      verified.thisUpdate !== row.this_update ||
      verified.nextUpdate !== row.next_update
    )
      report('record-differs', where, 'what stands beside it is not what it says')
    else if (await enclosesAnother(der, target))
      report('signature-undecided', where, 'it encloses what its authority has not signed')
  }
}

/** Evidence of forks of trust lists: whole, signed, and another list than the accepted one. */
export async function auditTrustForks(
  database: SqlDatabase,
  context: EvidenceContext,
  report: Report,
): Promise<void> {
  let parts: AuditRow<'trust_forks'>[] = []
  for await (const row of rowsOf(database, 'trust_forks', ['sha256', 'part'])) {
    if (parts.length > 0 && parts[0]!.sha256 !== row.sha256) {
      await auditTrustFork(parts, context, report)
      parts = []
    }
    parts.push(row)
  }
  if (parts.length > 0) await auditTrustFork(parts, context, report)
}

async function auditTrustFork(
  parts: readonly AuditRow<'trust_forks'>[],
  { trust, history, asOf }: EvidenceContext,
  report: Report,
): Promise<void> {
  const { sha256, state, version, seen_at: seenAt } = parts[0]!
  const where = `trust_forks ${sha256}`
  const isOne = parts.every(
    (part, i) => part.part === i + 1 && part.state === state && part.version === version,
  )
  const jws = parts.map((part) => part.jws).join('')
  if (!isOne || !parts.every((part) => part.seen_at === seenAt) || (await digestOf(jws)) !== sha256)
    return report('record-differs', where, 'its pieces do not make up the document')
  const list = listOf(jws)
  if (list?.state !== state || list.version !== version)
    return report('record-differs', where, 'it is another list than it is said to be')
  if (history.versions(state).some((accepted) => accepted.sha256 === sha256))
    return report('record-differs', where, 'it was accepted')
  if (!instantIn(seenAt)) return report('record-differs', where, `it was seen at ${seenAt}`)
  const { pins, crls, ocsp, environment } = trust
  const at = new Date(seenAt)
  const verified = await verifyTrustList(jws, { pins, crls, ocsp, now: asOf, at, environment })
  if ('refused' in verified)
    report(
      verified.refused === 'cannot-tell' ? 'signature-undecided' : 'record-differs',
      where,
      `${verified.refused}: ${verified.detail}`,
    )
}
