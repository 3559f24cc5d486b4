import type { EvidencePack } from '../../src/exchange/evidence/pack.ts'

type Node = Record<string, unknown>
type Path = readonly string[]

/**
 * A pack altered in one place at a time, under its name: every member and every item taken out, every
 * list emptied and turned round, every text altered by one character at its beginning, middle and end.
 * What is left may be no pack any more.
 */
export function* alterationsOf(whole: EvidencePack): Generator<[string, unknown]> {
  for (const path of placesIn(whole)) {
    const name = path.join('.')
    yield [`${name} gone`, changed(whole, path, remove)]
    const value = path.reduce<unknown>((at, step) => (at as Node)[step], whole)
    if (Array.isArray(value) && value.length > 0) {
      yield [`${name} empty`, changed(whole, path, set([]))]
      if (value.length > 1)
        yield [`${name} turned round`, changed(whole, path, set(value.toReversed()))]
    }
    if (typeof value === 'boolean') yield [`${name} not`, changed(whole, path, set(!value))]
    if (typeof value !== 'string') continue
    for (const at of new Set([0, value.length >> 1, value.length - 2]))
      yield [`${name} at ${at}`, changed(whole, path, set(turned(value, Math.max(0, at))))]
  }
}

/** Every member that the node makes a proof of; settings are bound as one whole. */
function placesIn(value: unknown, path: Path = []): Path[] {
  const here = path.length > 0 ? [path] : []
  if (typeof value !== 'object' || value === null || path[0] === 'policy') return here
  return [
    ...here,
    ...Object.entries(value).flatMap(([name, member]) => placesIn(member, [...path, name])),
  ]
}

function changed(whole: EvidencePack, path: Path, change: (holder: Node, last: string) => void) {
  const copy = structuredClone(whole)
  const holder = path.slice(0, -1).reduce((at, step) => at[step] as Node, copy as unknown as Node)
  change(holder, path.at(-1)!)
  return copy
}

function remove(holder: Node, last: string): void {
  if (Array.isArray(holder)) holder.splice(Number(last), 1)
  else delete holder[last]
}

const set = (value: unknown) => (holder: Node, last: string) => {
  holder[last] = value
}

function turned(text: string, at: number): string {
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
}
