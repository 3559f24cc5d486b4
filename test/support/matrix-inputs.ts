import type { RouteDeclaration } from '../../src/http/route.ts'

/** Refusals by which a call does not reach its handler. */
export const FRAMEWORK_REFUSALS = new Set([
  'malformed-json',
  'duplicate-member',
  'empty-body',
  'unexpected-body',
  'incomplete-body',
  'invalid-body',
  'invalid-parameter',
  'unsupported-media-type',
  'not-acceptable',
  'body-too-large',
  'not-found',
  'method-not-allowed',
  'unauthenticated',
  'invalid-token',
  'forbidden',
  'signature-required',
  'signature-invalid',
  'digest-mismatch',
  'clock-skew',
  'unknown-peer',
  'wrong-recipient',
  'message-replayed',
  'too-many-requests',
])

export const REFUSED_CALLERS = [
  '401 unauthenticated',
  '401 invalid-token',
  '401 signature-required',
  '401 signature-invalid',
  '401 unknown-peer',
  '401 clock-skew',
  '421 wrong-recipient',
  '403 forbidden',
]

export const ABSENT: Readonly<Record<string, (sample: string) => string>> = {
  number: (sample) => `${sample.slice(0, -6)}999999`,
  sha256: (sample) => [...sample].toReversed().join(''),
  digest: (sample) => [...sample].toReversed().join(''),
  id: () => '00000000-0000-4000-8000-000000000000',
}

export const MEDIA_TYPES = [
  'application/json',
  'application/x-www-form-urlencoded',
  'text/plain',
  'application/jose',
  'application/xml',
  'application/octet-stream',
  'multipart/form-data; boundary=x',
  '*/*',
  'application/problem+json',
]

/** Not JSON, not a form, no signed document, no DER. */
export const BROKEN: readonly [string, string | Uint8Array<ArrayBuffer>][] = [
  ['broken off', '{"a":'],
  ['followed by more', '{} {}'],
  ['a number that JSON has not', '{"a":NaN}'],
  ['with a byte order mark', '\ufeff{}'],
  ['not UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
  ['a raw control character', '{"a":"\u0000"}'],
  ['nested 33 levels', `${'['.repeat(33)}${']'.repeat(33)}`],
  ['nested 10000 levels', '['.repeat(10_000)],
  ['objects nested', `${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`],
  ['white space', '   '],
  ['null', 'null'],
  ['a list', '[]'],
  ['a string', '"certificate"'],
  ['a number', '1e400'],
  ['without members', '{}'],
  ['of unknown members', '{"__proto__":{"a":1},"constructor":{"prototype":{"a":1}}}'],
  ['NUL bytes', new Uint8Array(1000)],
  ['percent garbage', '%zz=%ff&&==&a=1&a=2'],
  ['a signed document of nothing', 'e30.e30.'],
  ['dots', '.'.repeat(15_000)],
]

/** Words of every refusal that a body can meet before and in the handler; never an acceptance. */
export function refusedBody({ body, problems }: RouteDeclaration): string[] {
  const words = ['422 invalid-body', '400 malformed-json', '400 duplicate-member']
  // Lines that are empty have no outcome.
  if (body?.lines) words.push('200', '413 too-many-items')
  // OCSP has words of its own for a request that is none (RFC 6960 §4.2.1, malformedRequest).
  if (body?.raw?.includes('application/ocsp-request')) words.push('200')
  // What is sent here has up to 16 KB.
  if (body && body.maxBytes < 16_384) words.push('413 body-too-large')
  if (!body?.json && !body?.form)
    for (const slug of problems) words.push(`422 ${slug}`, `400 ${slug}`, `409 ${slug}`)
  return words
}

export const HOSTILE_VALUES = [
  '%00',
  '%0d%0aSet-Cookie:a=b',
  '%zz',
  '%ff',
  '%ED%A0%80',
  '%E2%80%AE',
  '-1',
  '0',
  '1e999',
  'NaN',
  '99999999999999999999',
  '__proto__',
  "'--",
  '*',
  '%25',
  '%F0%9F%92%A3',
  'x'.repeat(101),
  'x'.repeat(5000),
  '%D0%AF'.repeat(100),
  'BY',
  '2026-02-30',
  '(((((((((((',
  '%22%20OR%20%22%22%3D%22',
]

export const HOSTILE_CREDENTIALS = [
  'Bearer',
  'Bearer ',
  `Bearer ${'A'.repeat(43)}`,
  `Bearer ${'A'.repeat(6000)}`,
  'Basic Og==',
  'Digest username="a"',
  'bearer null',
  `Bearer ${'A'.repeat(42)}=`,
]

export const HOSTILE_SEGMENTS = ['', '..', '.', '%2e%2e', '%2F', 'a%2Fb', '%5C..']

export const HOSTILE_SUFFIXES = ['/', '//', '/..', '/%2e%2e/x', '%00', ';a=b', '/%C3%A9']

export const HOSTILE_QUERIES = [
  'unknown=1',
  '__proto__=1',
  'a=1&a=2',
  '%zz=1',
  'a=%ff',
  '=',
  '&&',
  'a=1&'.repeat(200),
  `x=${'y'.repeat(7000)}`,
]

export const HEADERS = [
  'accept',
  'accept-language',
  'range',
  'if-none-match',
  'prefer',
  'x-forwarded-for',
  'x-http-method-override',
  'forwarded',
  'x-forwarded-host',
  'exc-message-id',
  'origin',
]

export const HOSTILE_HEADERS = ['', '%00', '%zz', '*', 'a,b;q=x', '"', 'x'.repeat(6000), '\u00ff']

export const HOSTILE_SIGNATURES = ['exc=:AA==:', 'x', '', 'exc=1', `exc=:${'A'.repeat(4000)}:`]

export const METHODS = [
  'PUT',
  'PATCH',
  'DELETE',
  'POST',
  'GET',
  'HEAD',
  'PROPFIND',
  'TRACE',
  'QUERY',
]

/** Not the media type in question, though near it. */
export const nearly = (mediaType: string) => [
  `${mediaType}; charset=utf-16`,
  `${mediaType}, text/plain`,
  `${mediaType}p`,
  `x${mediaType}`,
  ';',
  'x'.repeat(4000),
]

/** The media type in question, written otherwise. */
export const likewise = (mediaType: string) => [
  mediaType.toUpperCase(),
  `${mediaType}; charset=UTF-8`,
  `${mediaType} ;a=b`,
]
