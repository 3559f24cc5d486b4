import { authoritiesOf } from '../trust/accept-crl.ts'
import type { TrustList } from '../trust/trust-list.ts'
import { formatName } from '../x509/distinguished-name.ts'

export type TrustListChange =
  | { readonly change: 'body-added' | 'body-changed'; readonly body: string }
  | { readonly change: 'key-added'; readonly key: string; readonly body: string }
  | {
      readonly change: 'key-removed'
      readonly key: string
      readonly body: string
      readonly reason: string
    }
  | {
      readonly change: 'key-ends'
      readonly key: string
      readonly body: string
      readonly until: string
    }
  | { readonly change: 'log-key-added' | 'log-key-ends'; readonly key: string }
  | { readonly change: 'authority-added'; readonly authority: string }
  | { readonly change: 'root-exchanged'; readonly authority: string }
  | { readonly change: 'address-changed'; readonly url: string }

/** What a version of a trust list changes against the one before it. */
export function trustListChanges(before: TrustList | undefined, after: TrustList) {
  const changes: TrustListChange[] = []
  const bodies = new Map(before?.bodies.map((body) => [body.id, JSON.stringify(body)]))
  for (const body of after.bodies)
    if (!bodies.has(body.id)) changes.push({ change: 'body-added', body: body.id })
    else if (bodies.get(body.id) !== JSON.stringify(body))
      changes.push({ change: 'body-changed', body: body.id })
  const keys = new Map(before?.keys.map((key) => [key.x5tS256, key]))
  for (const { x5tS256: key, body, until, removedAt, reason = '' } of after.keys) {
    const known = keys.get(key)
    if (!known) changes.push({ change: 'key-added', key, body })
    if (removedAt !== undefined && known?.removedAt === undefined)
      changes.push({ change: 'key-removed', key, body, reason })
    if (known && until !== undefined && until !== known.until)
      changes.push({ change: 'key-ends', key, body, until })
  }
  if (before) changes.push(...authorityChanges(before, after), ...logChanges(before, after))
  const [url, old] = [after.nodes[0]?.url, before?.nodes[0]?.url]
  if (url !== undefined && url !== old) changes.push({ change: 'address-changed', url })
  return changes
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

function logChanges(before: TrustList, after: TrustList): TrustListChange[] {
  return after.logs.flatMap(({ key, until }): TrustListChange[] => {
    const known = before.logs.find((log) => log.key === key)
    if (!known) return [{ change: 'log-key-added', key }]
    return until === known.until ? [] : [{ change: 'log-key-ends', key }]
  })
}

export function changeText(change: TrustListChange): string {
  switch (change.change) {
    case 'body-added':
      return `+ body ${change.body}`
    case 'body-changed':
      return `~ body ${change.body}`
    case 'key-added':
      return `+ key ${change.key} of ${change.body}`
    case 'key-removed':
      return `- key ${change.key} of ${change.body}: ${change.reason}`
    case 'key-ends':
      return `~ key ${change.key} of ${change.body} ends at ${change.until}`
    case 'log-key-added':
      return `+ log key ${change.key}`
    case 'log-key-ends':
      return `~ log key ${change.key} ends`
    case 'authority-added':
      return `+ authority ${change.authority}`
    case 'root-exchanged':
      return `~ root: ${change.authority}. Compare its fingerprint with the others, and pin it`
    case 'address-changed':
      return `~ node at ${change.url}`
  }
}
