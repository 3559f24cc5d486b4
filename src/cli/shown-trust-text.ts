import { foreignText, onOneLine } from '../exchange/texts/foreign-text.ts'
import { copyable } from './copyable.ts'
import { fingerprintText } from './fingerprint-text.ts'
import { table } from './print.ts'
import { scopeText } from './scope-text.ts'
import type { ShownTrust } from './shown-trust.ts'

/** Who may sign what for one state, for reading; commands are to be copied with this configuration. */
export function shownTrustText(
  { state, roots, list, ...decisions }: ShownTrust,
  given: { readonly config?: string | undefined },
): string {
  const pinned = roots.map(
    ({ rootSha256, pinnedAt, withdrawnFrom }) =>
      `pinned ${pinnedAt}, ${withdrawnFrom ? `NOT BELIEVED from ${withdrawnFrom} on, ` : ''}SHA-256 ${fingerprintText(rootSha256)}`,
  )
  const rootLines = (pinned.length > 0 ? pinned : ['no root is pinned']).map(
    (text) => `  root  ${text}`,
  )
  const waits = waitingLines(decisions, given)
  if (!list) return [`${state}  no trust list yet`, ...rootLines, ...waits].join('\n')
  const { version, issuedAt, nextUpdate, stale, url } = list
  const lines = [
    `${state}  trust list version ${version} of ${issuedAt}, next update by ${nextUpdate}${stale ? ' OVERDUE' : ''}`,
    ...rootLines,
    `  node  ${onOneLine(url ?? '')}`,
    ...waits,
  ]
  for (const { id, name, scopes, custody } of list.bodies) {
    lines.push(
      '',
      `  ${id}  ${onOneLine(name)}${custody === 'body' ? '  (keeps its own key)' : ''}`,
    )
    for (const scope of scopes) lines.push(`    may issue ${onOneLine(scopeText(scope))}`)
  }
  const keys = list.keys.map(({ body, usage, x5tS256, from, until = '', standing, reason }) => [
    body,
    usage,
    x5tS256,
    from.slice(0, 10),
    until.slice(0, 10),
    reason ? `${standing} (${reason})` : standing,
  ])
  const crls = list.authorities.map(({ name, crl, crlNextUpdate = '', revoked }) => [
    name,
    crl,
    crlNextUpdate,
    revoked === undefined ? '' : String(revoked),
  ])
  const logs = list.logs.map(({ key, from, until = '', standing }) => [
    key,
    from.slice(0, 10),
    until.slice(0, 10),
    standing,
  ])
  const tables = [
    table(['party', 'key', 'x5t#S256', 'from', 'until', 'standing'], keys),
    table(['log or witness key', 'from', 'until', 'standing'], logs),
    table(['authority', 'CRL', 'next update', 'revoked'], crls),
  ]
  for (const text of tables) lines.push('', text.replaceAll(/^/gm, '  '))
  return lines.join('\n')
}

/** What waits: for its instant, for a second person, for a decision. */
function waitingLines(
  { pending, proposals, forks }: Omit<ShownTrust, 'state' | 'roots' | 'list'>,
  given: { readonly config?: string | undefined },
) {
  return [
    ...pending.flatMap(({ version, countsFrom, additions }) => [
      countsFrom === undefined
        ? `  FROZEN  version ${version} adds, and does not count until the fork is settled:`
        : `  WAITS   version ${version} adds, and counts here from ${countsFrom}:`,
      ...additions.map(({ added, subject }) => `          + ${added} ${foreignText(subject)}`),
    ]),
    ...forks.map((fork) => {
      const what =
        fork.of === 'list'
          ? `another version ${fork.version} was seen`
          : `the log ${foreignText(fork.origin)} was ${fork.proof === 'forked' ? 'forked' : 'rolled back'}, seen`
      const settle = `certex trust settle-fork --state ${fork.state} --fork ${fork.sha256}`
      return `  FORK    ${what} ${fork.seenAt}: ${copyable(settle, given)}`
    }),
    ...proposals.map(
      ({ kind, subject, proposedBy, lapsesAt }) =>
        `  PROPOSED ${kind} ${foreignText(subject)} by ${proposedBy}; another person approves it by ${lapsesAt}`,
    ),
  ]
}
