import type { Scope } from '../trust/trust-list.ts'

/** What a body may issue, in a line. */
export function scopeText({ types, hsPrefixes, to, from, until }: Scope): string {
  const period = `from ${from.slice(0, 10)}${until ? ` until ${until.slice(0, 10)}` : ''}`
  const goods = hsPrefixes ? ` for HS ${hsPrefixes.join(', ')}` : ''
  return `${types.join(', ')} to ${to?.join(', ') ?? 'any state'}${goods}, ${period}`
}
