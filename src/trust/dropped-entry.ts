import { logName } from './additions.ts'
import type { TrustKey, TrustList } from './trust-list.ts'

/** Entries may end, they may not vanish, change their key, last longer or come back from removal. */
export function entryDropped(before: TrustList, after: TrustList): string | undefined {
  if (before.root !== after.root) {
    if (!after.cas.includes(before.root)) return 'the former root is missing among the CAs'
    if (before.cas.includes(after.root)) return 'a former root came back'
  }
  for (const ca of before.cas) if (!after.cas.includes(ca)) return 'a CA is missing'
  for (const body of before.bodies)
    if (!after.bodies.some(({ id }) => id === body.id)) return `body ${body.id} is missing`
  for (const { origin, key, from, until } of before.logs) {
    const now = after.logs.find(
      (log) => log.origin === origin && log.key === key && log.from === from,
    )
    if (!now) return `log ${origin} is missing or altered`
    if (isProlonged(until, now.until)) return `log ${origin} was prolonged`
  }
  const keys = new Map(after.keys.map((key) => [key.x5tS256, key]))
  for (const key of before.keys) {
    const now = keys.get(key.x5tS256)
    if (!now) return `key ${key.x5tS256} is missing`
    if (
      now.der !== key.der ||
      now.body !== key.body ||
      now.usage !== key.usage ||
      now.from !== key.from
    )
      return `key ${key.x5tS256} was altered`
    if (isProlonged(key.removedAt, now.removedAt) || isRewritten(key, now, after.issuedAt))
      return `the removal of key ${key.x5tS256} was altered`
    if (isProlonged(key.until, now.until)) return `key ${key.x5tS256} was prolonged`
  }
  return undefined
}

/** An entry that stands there twice: what has ended in one place would go on in the other. */
export function entryRepeated({ bodies, keys, logs }: TrustList): string | undefined {
  const seen = new Set<string>()
  const entries = [
    ...bodies.map(({ id }) => `body ${id}`),
    ...keys.map(({ x5tS256 }) => `key ${x5tS256}`),
    ...logs.map((log) => `log ${logName(log)}`),
  ]
  return entries.find((entry) => seen.size === seen.add(entry).size)
}

function isProlonged(before: string | undefined, after: string | undefined): boolean {
  return before !== undefined && (after === undefined || after > before)
}

/** A removal that is still to come may come earlier, so that it cannot stand in the way of a real one. */
function isRewritten(before: TrustKey, after: TrustKey, issuedAt: string): boolean {
  const { removedAt } = before
  return removedAt !== undefined && removedAt !== after.removedAt && removedAt <= issuedAt
}
