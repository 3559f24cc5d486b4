export const JSON_MEDIA_TYPE = 'application/json'
export const FORM_MEDIA_TYPE = 'application/x-www-form-urlencoded'
/** Where a specification names none, so that clients send whatever theirs does by itself (RFC 9110 §12.5.1). */
export const ANY_MEDIA_TYPE = '*/*'
/** What a body of no or of no readable media type may be taken for (RFC 9110 §8.3). */
export const UNKNOWN_MEDIA_TYPE = 'application/octet-stream'

/**
 * The media type of a Content-Type header in lower case, without parameters (RFC 9110 §8.3);
 * `undefined` if it is malformed or names a charset other than UTF-8.
 */
export function mediaTypeOf(contentType: string | null): string | undefined {
  const [essence = '', ...parameters] = (contentType ?? '').toLowerCase().split(';')
  const mediaType = essence.trim()
  if (!/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(mediaType)) return undefined
  const charsets = parameters
    .map((text) => text.trim())
    .filter((text) => text.startsWith('charset'))
  return charsets.every((text) => /^charset="?utf-8"?$/.test(text)) ? mediaType : undefined
}

/** The offered media type that Accept prefers, the first offered among equals (RFC 9110 §12.5.1). */
export function preferredMediaType(
  accept: string | null,
  offered: readonly string[],
): string | undefined {
  if (accept === null || accept.trim() === '') return offered[0]
  const ranges = accept.toLowerCase().split(',').slice(0, 50).map(readRange)
  let preferred: string | undefined
  let best = 0
  for (const mediaType of offered) {
    const weight = weightOf(mediaType, ranges)
    if (weight > best) {
      best = weight
      preferred = mediaType
    }
  }
  return preferred
}

interface MediaRange {
  range: string
  weight: number
}

function readRange(text: string): MediaRange {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim())
  const quality = parameters.find((part) => part.startsWith('q='))
  const weight = quality === undefined ? 1 : Number(quality.slice(2))
  return { range, weight: weight >= 0 && weight <= 1 ? weight : 0 }
}

/** The weight of the most specific range that matches. */
function weightOf(mediaType: string, ranges: readonly MediaRange[]): number {
  const [essence = ''] = mediaType.toLowerCase().split(';')
  for (const wanted of [essence, `${essence.split('/')[0]}/*`, '*/*']) {
    const found = ranges.find(({ range }) => range === wanted)
    if (found) return found.weight
  }
  return 0
}
