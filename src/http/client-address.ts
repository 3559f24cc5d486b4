/**
 * Under which address a caller is counted. Behind proxies it is the entry of X-Forwarded-For that the
 * outermost of them wrote; what stands before it anybody can write. What is no address there counts as the
 * proxy's own. Of IPv6 the /64 counts, which one subscriber has whole.
 */
export function clientAddress(
  connected: string | undefined,
  headers: Headers,
  trustedProxies: number,
): string {
  const hops = (headers.get('x-forwarded-for') ?? '').split(',').map((hop) => hop.trim())
  const forwarded = trustedProxies > 0 ? hops.at(-trustedProxies) : undefined
  return readAddress(forwarded) ?? readAddress(connected) ?? connected ?? 'unknown'
}

/** An address with or without port, as proxies write it; undefined: it is none. */
function readAddress(text: string | undefined): string | undefined {
  if (text === undefined || text.length > 60) return undefined
  const v4 = /^([\d.]+)(?::\d{1,5})?$/.exec(text)?.[1]
  if (v4 !== undefined) return readV4(v4)?.join('.')
  const v6 = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text)?.[1] ?? text
  const groups = readV6(v6.replace(/%[\w.-]+$/, ''))
  if (!groups) return undefined
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (!isMapped)
    return groups
      .slice(0, 4)
      .map((group) => group.toString(16))
      .join(':')
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 0xff])
    .join('.')
}

function readV4(text: string): number[] | undefined {
  const octets = text.split('.')
  if (octets.length !== 4) return undefined
  if (!octets.every((octet) => /^(0|[1-9]\d{0,2})$/.test(octet) && Number(octet) < 256))
    return undefined
  return octets.map(Number)
}

/** The eight groups (RFC 4291 §2.2). */
function readV6(text: string): number[] | undefined {
  const [head = '', tail, ...more] = text.split('::')
  if (more.length > 0) return undefined
  const left = readGroups(head, tail === undefined)
  const right = tail === undefined ? [] : readGroups(tail, true)
  if (!left || !right) return undefined
  const missing = 8 - left.length - right.length
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  return [...left, ...Array.from({ length: missing }, () => 0), ...right]
}

function readGroups(text: string, isLast: boolean): number[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  const last = parts.at(-1) ?? ''
  const v4 = isLast && last.includes('.') ? readV4(last) : []
  if (!v4) return undefined
  const hexadecimal = v4.length > 0 ? parts.slice(0, -1) : parts
  if (!hexadecimal.every((part) => /^[0-9a-f]{1,4}$/i.test(part))) return undefined
  const [a = 0, b = 0, c = 0, d = 0] = v4
  const dotted = v4.length > 0 ? [a * 256 + b, c * 256 + d] : []
  return [...hexadecimal.map((part) => Number.parseInt(part, 16)), ...dotted]
}
