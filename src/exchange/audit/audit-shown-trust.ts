import { decodeBase64 } from '../../encoding/base64url.ts'
import { verifyCrl } from '../../trust/accept-crl.ts'
import type { TrustList } from '../../trust/trust-list.ts'
import { statementDigests } from '../../jose/statement.ts'
import type { Report } from './finding.ts'
import { listOf, type StoredTrust, type TrustHistory } from './log-history.ts'
import type { ShownLog } from './shown-log.ts'
import type { WalkedEntries } from './walk-shown-log.ts'

/** Every CRL that is shown, under the CAs that the newest list of its state names. */
export async function auditShownCrls({ crls }: StoredTrust, history: TrustHistory, report: Report) {
  for (const [n, { state, der }] of crls.entries()) {
    const list = history.versions(state).at(-1)?.list
    const verified = list && (await verifyCrl(decodeBase64(der) ?? new Uint8Array(), list))
    const flaw = verified
      ? 'refused' in verified && verified.refused
      : 'no list of it is in the log'
    if (flaw) report('record-differs', `CRL ${n + 1} of ${state}`, flaw)
  }
}

/** Every version of the node's own trust list stands in its log and follows the one before it. */
export async function auditShownLists(
  log: ShownLog,
  newest: TrustList,
  { leaves }: WalkedEntries,
  report: Report,
): Promise<void> {
  const logged = new Set(
    leaves.flatMap((leaf) => (leaf?.kind === 'trust-list' ? [leaf.sha256] : [])),
  )
  let previous: readonly (string | null)[] = [null]
  // All but the newest stand in the log.
  const most = Math.min(newest.version, logged.size + 1)
  if (most < newest.version)
    report(
      'record-missing',
      `trust list ${newest.version}`,
      `the log has only ${logged.size} lists`,
    )
  for (let version = 1; version <= most; version++) {
    const jws = await log.trustList(version)
    const where = `trust list ${version}`
    if (jws === undefined) {
      report('record-missing', where, 'the node does not show it')
      continue
    }
    // Whoever sees one of the two forms of an ECDSA signature makes the other: they are one list.
    const digests = statementDigests(jws)
    const list = listOf(jws)
    const follows = list?.version === version && previous.includes(list.previous)
    if (!follows) report('record-differs', where, 'it does not follow the version before it')
    // The newest may have been published after the checkpoint was read.
    if (!digests.some((sha256) => logged.has(sha256)) && version < newest.version)
      report('document-differs', where, 'it does not stand in the log')
    previous = digests
  }
}
