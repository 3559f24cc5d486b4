import type { z } from 'zod'
import { JsonError, parseStrictJson } from '../encoding/strict-json.ts'
import { decodeForm } from './form-encoding.ts'
import { invalidBody } from './invalid-input.ts'
import {
  ANY_MEDIA_TYPE,
  FORM_MEDIA_TYPE,
  JSON_MEDIA_TYPE,
  mediaTypeOf,
  UNKNOWN_MEDIA_TYPE,
} from './media-type.ts'
import { ProblemError } from './problem.ts'
import { RawBody } from './raw-body.ts'
import type { BodyDeclaration } from './route.ts'

/** Up to here a body of declared length is read in one piece, which is faster, and counted before. */
const MAX_PIECE_BYTES = 64 * 1024

/**
 * Reads a body up to a limit; 0 admits none. The bytes that arrive are counted, whatever
 * Content-Length says, and told to `took`, which may throw to take no more. Of a small body that is the
 * length it declares, before it comes: memory is held for it from then on, however slowly it does.
 *
 * @throws {ProblemError} body-too-large, unexpected-body, incomplete-body
 */
export async function readBytes(
  request: Request,
  maxBytes: number,
  took: (bytes: number) => void = () => undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const { headers } = request
  const declared = headers.get('content-length')
  if (Number(declared) > maxBytes) throw tooLarge(maxBytes)
  if (declared !== null && Number(declared) <= MAX_PIECE_BYTES) {
    took(Number(declared))
    return readPiece(request, maxBytes)
  }
  // Looking at `body` alone costs the Node adapter a stream.
  const bodiless = request.method === 'GET' || request.method === 'HEAD'
  if (bodiless && !headers.has('transfer-encoding')) return new Uint8Array()
  if (!request.body) {
    // The adapter drops the body of a GET: only its header tells that one of unknown length was sent.
    if (maxBytes === 0 && headers.has('transfer-encoding')) throw tooLarge(0)
    return new Uint8Array()
  }
  const reader = request.body.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw new ProblemError('incomplete-body', { cause })
    })
    if (done) break
    length += value.length
    try {
      if (length > maxBytes) throw tooLarge(maxBytes)
      took(value.length)
    } catch (refusal) {
      // Not awaited: the sender may never acknowledge, and the answer must not wait for it.
      reader.cancel().catch(() => undefined)
      throw refusal
    }
    chunks.push(value)
  }
  return concatenate(chunks, length)
}

/** Reads a body that HTTP delimits by its Content-Length (RFC 9112 §6.3), in one piece. */
async function readPiece(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await request.arrayBuffer().catch((cause: unknown) => {
    throw new ProblemError('incomplete-body', { cause })
  })
  if (bytes.byteLength > maxBytes) throw tooLarge(maxBytes)
  return new Uint8Array(bytes)
}

/**
 * Turns the bytes of a request into what its route declares: media type, strict syntax, then schema.
 *
 * @throws {ProblemError} empty-body, unsupported-media-type, malformed-json, duplicate-member,
 *   invalid-body
 */
export function parseBody(
  declared: BodyDeclaration | undefined,
  headers: Headers,
  bytes: Uint8Array<ArrayBuffer>,
): unknown {
  if (!declared) return undefined
  if (bytes.length === 0) throw new ProblemError('empty-body')
  const takesAny = declared.raw?.includes(ANY_MEDIA_TYPE) ?? false
  const named = mediaTypeOf(headers.get('content-type'))
  const mediaType = named ?? (takesAny ? UNKNOWN_MEDIA_TYPE : undefined)
  const encoding = headers.get('content-encoding')?.toLowerCase() ?? 'identity'
  if (mediaType !== undefined && encoding === 'identity') {
    if (declared.json && mediaType === JSON_MEDIA_TYPE)
      return checkBody(declared.json, parseJson(bytes))
    if (declared.form && mediaType === FORM_MEDIA_TYPE)
      return checkBody(declared.form, decodeForm(decodeUtf8(bytes), 'invalid-body'))
    if (takesAny || declared.raw?.includes(mediaType)) return new RawBody(mediaType, bytes)
  }
  throw unsupported(acceptedBy(declared))
}

/** The media types a body may have. */
export function acceptedBy({ json, form, raw = [] }: BodyDeclaration): string[] {
  return [...(json ? [JSON_MEDIA_TYPE] : []), ...(form ? [FORM_MEDIA_TYPE] : []), ...raw]
}

/**
 * Reads strict JSON.
 *
 * @throws {ProblemError} malformed-json, duplicate-member
 */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(bytes)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    const slug = error.code === 'duplicate-member' ? error.code : 'malformed-json'
    throw new ProblemError(slug, { detail: error.message, cause: error })
  }
}

/** @throws {ProblemError} invalid-body */
export function checkBody<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value)
  if (!result.success) throw invalidBody(result.error)
  return result.data
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    const errors = [{ pointer: '', message: 'The form is not UTF-8' }]
    throw new ProblemError('invalid-body', { extensions: { errors }, cause })
  }
}

function concatenate(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

function tooLarge(maxBytes: number): ProblemError {
  if (maxBytes === 0) return new ProblemError('unexpected-body')
  return new ProblemError('body-too-large', { extensions: { maxBytes } })
}

function unsupported(accepted: string[]): ProblemError {
  // RFC 9110 §12.5.1: Accept in a 415 says which types would have been understood.
  return new ProblemError('unsupported-media-type', {
    extensions: { accepted },
    headers: { Accept: accepted.join(', ') },
  })
}
