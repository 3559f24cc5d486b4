import { JsonError, parseStrictJson } from '../encoding/strict-json.ts'
import {
  EVIDENCE_SCHEMA,
  type EvidencePack,
  MAX_EVIDENCE_BYTES,
  readEvidencePack,
} from '../exchange/evidence/pack.ts'
import type { Check } from '../exchange/validation/check.ts'
import { parseJws } from '../jose/parse.ts'

/** An evidence pack, something to be judged as a document, or neither: then what the check of form found. */
export type PresentedFile = { readonly jws: string } | PresentedPack
type PresentedPack = { readonly pack: EvidencePack } | { readonly unreadable: Check }

/** A broken file is an answer, not a mistake of whoever presents it: it is never refused as wrong usage. */
export function readPresented(bytes: Uint8Array): PresentedFile {
  const jws = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).trim()
  // A compact JWS begins with a letter, JSON of a pack with its brace.
  if (!jws.startsWith('{')) return { jws }
  const pack = readEvidencePack(bytes)
  if (!('malformed' in pack)) return { pack }
  const schema = schemaOf(bytes)
  return schema === undefined ? { jws } : notAPack(pack.malformed, schema)
}

/** The same where the question can only be asked of a pack; undefined: it is a document. */
export function readAsPack(bytes: Uint8Array): PresentedPack | undefined {
  const presented = readPresented(bytes)
  if (!('jws' in presented)) return presented
  if (!('malformed' in parseJws(presented.jws))) return undefined
  const pack = readEvidencePack(bytes)
  return 'malformed' in pack ? notAPack(pack.malformed) : { pack }
}

function notAPack(why: string, schema = ''): PresentedPack {
  const isOfAnotherVersion = schema !== EVIDENCE_SCHEMA && /^evidence\/[1-9]\d{0,3}$/.test(schema)
  const found = isOfAnotherVersion
    ? ({ outcome: 'unknown', code: 'pack-version-unknown', detail: schema } as const)
    : ({ outcome: 'failed', code: 'malformed', detail: `it is no evidence pack: ${why}` } as const)
  return { unreadable: { check: 'form', ...found } }
}

/**
 * The schema of what calls itself a pack, or nothing at all, as what was cut short does; undefined: it is
 * JSON of another kind.
 */
function schemaOf(bytes: Uint8Array): string | undefined {
  if (bytes.length > MAX_EVIDENCE_BYTES) return ''
  try {
    const { schema } = parseStrictJson(bytes) as { readonly schema?: unknown }
    return typeof schema === 'string' && schema.startsWith('evidence/') ? schema : undefined
  } catch (error) {
    if (error instanceof JsonError) return ''
    throw error
  }
}
