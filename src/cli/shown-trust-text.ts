import type { Scope } from '../trust/trust-list.ts'
import { fingerprintText } from './fingerprint-text.ts'
import { table } from './print.ts'
import type { ShownTrust } from './shown-trust.ts'

/** Who may sign what for one state, for reading. */
export function shownTrustText({ state, rootSha256, pinnedAt, list }: ShownTrust): string {
  const pinned =
    rootSha256 === undefined
      ? 'no root is pinned'
      : `pinned ${pinnedAt}, SHA-256 ${fingerprintText(rootSha256)}`
  if (!list) return `${state}  no trust list yet\n  root  ${pinned}`
  const { version, issuedAt, nextUpdate, stale, url } = list
  const lines = [
    `${state}  trust list version ${version} of ${issuedAt}, next update by ${nextUpdate}${stale ? ' OVERDUE' : ''}`,
    `  root  ${pinned}`,
    `  node  ${url}`,
  ]
  for (const { id, name, scopes, custody } of list.bodies) {
    lines.push('', `  ${id}  ${name}${custody === 'body' ? '  (keeps its own key)' : ''}`)
    for (const scope of scopes) lines.push(`    may issue ${scopeText(scope)}`)
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
  const tables = [
    table(['party', 'key', 'x5t#S256', 'from', 'until', 'standing'], keys),
    table(['authority', 'CRL', 'next update', 'revoked'], crls),
  ]
  for (const text of tables) lines.push('', text.replaceAll(/^/gm, '  '))
  return lines.join('\n')
}

function scopeText({ types, hsPrefixes, to, from, until }: Scope): string {
  const period = `from ${from.slice(0, 10)}${until ? ` until ${until.slice(0, 10)}` : ''}`
  const goods = hsPrefixes ? ` for HS ${hsPrefixes.join(', ')}` : ''
  return `${types.join(', ')} to ${to?.join(', ') ?? 'any state'}${goods}, ${period}`
}
