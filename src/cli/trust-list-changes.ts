import type { TrustList } from '../trust/trust-list.ts'

export type TrustListChange =
  | { readonly change: 'body-added' | 'body-changed'; readonly body: string }
  | { readonly change: 'key-added'; readonly key: string; readonly body: string }
  | {
      readonly change: 'key-removed'
      readonly key: string
      readonly body: string
      readonly reason: string
    }
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
  for (const { x5tS256: key, body, removedAt, reason = '' } of after.keys) {
    const known = keys.get(key)
    if (!known) changes.push({ change: 'key-added', key, body })
    if (removedAt !== undefined && known?.removedAt === undefined)
      changes.push({ change: 'key-removed', key, body, reason })
  }
  const [url, old] = [after.nodes[0]?.url, before?.nodes[0]?.url]
  if (url !== undefined && url !== old) changes.push({ change: 'address-changed', url })
  return changes
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
    case 'address-changed':
      return `~ node at ${change.url}`
  }
}
