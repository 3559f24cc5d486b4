import { authoritiesOf } from '../trust/accept-crl.ts'
import type { Scope, TrustList } from '../trust/trust-list.ts'
import { formatName } from '../x509/distinguished-name.ts'
import { scopeText } from './scope-text.ts'

export type TrustListChange =
  | {
      readonly change: 'body-added' | 'body-changed'
      readonly body: string
      /** What it may issue from then on, and what it could before. */
      readonly scopesAdded: readonly Scope[]
      readonly scopesDropped: readonly Scope[]
    }
  | {
      readonly change: 'key-added'
      readonly key: string
      readonly usage: string
      readonly body: string
    }
  | {
      readonly change: 'key-removed'
      readonly key: string
      readonly usage: string
      readonly body: string
      readonly reason: string
    }
  | {
      readonly change: 'key-ends'
      readonly key: string
      readonly usage: string
      readonly body: string
      readonly until: string
    }
  | { readonly change: 'log-key-added'; readonly key: string }
  | { readonly change: 'log-key-ends'; readonly key: string; readonly until: string }
  | { readonly change: 'authority-added'; readonly authority: string }
  | { readonly change: 'root-exchanged'; readonly authority: string }
  | { readonly change: 'address-changed'; readonly url: string }

/** What a version of a trust list changes against the one before it. */
export function trustListChanges(before: TrustList | undefined, after: TrustList) {
  const changes: TrustListChange[] = []
  const bodies = new Map(before?.bodies.map((body) => [body.id, body]))
  for (const body of after.bodies) {
    const known = bodies.get(body.id)
    if (known && JSON.stringify(known) === JSON.stringify(body)) continue
    changes.push({
      change: known ? 'body-changed' : 'body-added',
      body: body.id,
      scopesAdded: scopesBeyond(body.scopes, known?.scopes),
      scopesDropped: scopesBeyond(known?.scopes, body.scopes),
    })
  }
  const keys = new Map(before?.keys.map((key) => [key.x5tS256, key]))
  for (const { x5tS256: key, usage, body, until, removedAt, reason = '' } of after.keys) {
    const known = keys.get(key)
    if (!known) changes.push({ change: 'key-added', key, usage, body })
    if (removedAt !== undefined && known?.removedAt === undefined)
      changes.push({ change: 'key-removed', key, usage, body, reason })
    if (known && until !== undefined && until !== known.until)
      changes.push({ change: 'key-ends', key, usage, body, until })
  }
  if (before) changes.push(...authorityChanges(before, after))
  changes.push(...logChanges(before, after))
  const [url, old] = [after.nodes[0]?.url, before?.nodes[0]?.url]
  if (url !== undefined && url !== old) changes.push({ change: 'address-changed', url })
  return changes
}

function scopesBeyond(scopes: readonly Scope[] = [], others: readonly Scope[] = []): Scope[] {
  const known = new Set(others.map((scope) => JSON.stringify(scope)))
  return scopes.filter((scope) => !known.has(JSON.stringify(scope)))
}

function authorityChanges(before: TrustList, after: TrustList): TrustListChange[] {
  const [root] = authoritiesOf({ ...after, cas: [] })
  const added = after.cas.filter((ca) => !before.cas.includes(ca) && ca !== before.root)
  return [
    ...(root && before.root !== after.root
      ? [{ change: 'root-exchanged', authority: formatName(root.subject) } as const]
      : []),
    ...authoritiesOf({ ...after, cas: added })
      .slice(1)
      .map(({ subject, issuer }) => ({
        change: 'authority-added' as const,
        authority: `${formatName(subject)}, certified by ${formatName(issuer)}`,
      })),
  ]
}

function logChanges(before: TrustList | undefined, after: TrustList): TrustListChange[] {
  return after.logs.flatMap(({ key, until }): TrustListChange[] => {
    const known = before?.logs.find((log) => log.key === key)
    if (!known) return [{ change: 'log-key-added', key }]
    if (until === undefined || until === known.until) return []
    return [{ change: 'log-key-ends', key, until }]
  })
}

export function changeText(change: TrustListChange): string {
  switch (change.change) {
    case 'body-added':
    case 'body-changed':
      return [
        `${change.change === 'body-added' ? '+' : '~'} body ${change.body}`,
        ...change.scopesDropped.map((scope) => `    - may issue ${scopeText(scope)}`),
        ...change.scopesAdded.map((scope) => `    + may issue ${scopeText(scope)}`),
      ].join('\n')
    case 'key-added':
      return `+ ${change.usage} ${change.key} of ${change.body}`
    case 'key-removed':
      return `- ${change.usage} ${change.key} of ${change.body}: ${change.reason}`
    case 'key-ends':
      return `~ ${change.usage} ${change.key} of ${change.body} ends at ${change.until}`
    case 'log-key-added':
      return `+ log key ${change.key}`
    case 'log-key-ends':
      return `~ log key ${change.key} ends at ${change.until}`
    case 'authority-added':
      return `+ authority ${change.authority}`
    case 'root-exchanged':
      return `~ root: ${change.authority}. Compare its fingerprint with the others, and pin it`
    case 'address-changed':
      return `~ node at ${change.url}`
  }
}
