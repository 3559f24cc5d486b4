import { digest, type HashName } from '../crypto/suite.ts'
import { decodeBase64, decodeBase64url } from '../encoding/base64url.ts'
import { DerError } from '../encoding/der-error.ts'
import { decodeDer, type DerReader, TAG } from '../encoding/der.ts'
import { isSameOctets } from '../encoding/octets.ts'
import { JsonError, parseStrictJson } from '../encoding/strict-json.ts'
import type { JadesSignature } from './container.ts'

export interface TimestampImprint {
  /** Place in `etsiU`. */
  readonly element: number
  readonly kind: 'sigTst' | 'arcTst'
  /** Whether every token of the element holds the hash of what it is to stamp. */
  readonly match: boolean
}

const ascii = new TextEncoder()

/**
 * Compares the imprints of signature and archive time-stamps with what they must be made over
 * (ETSI TS 119 182-1 §5.3.4, §5.3.6.2). The tokens themselves are not validated.
 */
export async function timestampImprints(signature: JadesSignature): Promise<TimestampImprint[]> {
  const { etsiU } = signature.unprotected
  if (!Array.isArray(etsiU)) return []
  const elements = etsiU as unknown[]
  const found = elements.map(async (element, i): Promise<TimestampImprint | undefined> => {
    const content = contentOf(element)
    for (const kind of ['sigTst', 'arcTst'] as const) {
      const tokens = content && tokensOf(content[kind])
      if (!tokens) continue
      const input =
        kind === 'sigTst' ? signature.signatureText : archiveInput(signature, elements, i)
      const matches = await Promise.all(tokens.map((token) => isImprintOf(token, input)))
      return { element: i, kind, match: matches.length > 0 && matches.every(Boolean) }
    }
    return undefined
  })
  return (await Promise.all(found)).flatMap((imprint) => imprint ?? [])
}

/** An element is an object or, as this profile has it, the base64url of one. */
function contentOf(element: unknown): Record<string, unknown> | undefined {
  if (typeof element !== 'string') return objectOf(element)
  const octets = decodeBase64url(element)
  try {
    return octets && objectOf(parseStrictJson(octets))
  } catch (error) {
    if (error instanceof JsonError) return undefined
    throw error
  }
}

/** payload "." protected "." signature "." and all etsiU strings before, without separator. */
function archiveInput(
  { payloadText = '', protectedText, signatureText }: JadesSignature,
  elements: readonly unknown[],
  i: number,
): string | undefined {
  const earlier = elements.slice(0, i)
  if (!earlier.every((element) => typeof element === 'string')) return undefined
  return `${payloadText}.${protectedText}.${signatureText}.${earlier.join('')}`
}

function tokensOf(container: unknown): string[] | undefined {
  const tokens = objectOf(container)?.['tstTokens']
  if (!Array.isArray(tokens)) return undefined
  return (tokens as unknown[]).map((token) => {
    const val = objectOf(token)?.['val']
    return typeof val === 'string' ? val : ''
  })
}

async function isImprintOf(token: string, input: string | undefined): Promise<boolean> {
  const der = decodeBase64(token)
  if (!der || input === undefined) return false
  const imprint = readMessageImprint(der)
  const hash = imprint && HASHES.get(imprint.algorithm)
  if (!imprint || !hash) return false
  return isSameOctets(await digest(hash, ascii.encode(input)), imprint.hash)
}

const HASHES = new Map<string, HashName>([
  ['2.16.840.1.101.3.4.2.1', 'SHA-256'],
  ['2.16.840.1.101.3.4.2.2', 'SHA-384'],
  ['2.16.840.1.101.3.4.2.3', 'SHA-512'],
])

const SIGNED_DATA = '1.2.840.113549.1.7.2'
const TST_INFO = '1.2.840.113549.1.9.16.1.4'
const EXPLICIT_0 = 0xa0

/** The imprint in a TimeStampToken (RFC 3161 §2.4.2, RFC 5652 §3, §5.1). */
function readMessageImprint(
  token: Uint8Array,
): { algorithm: string; hash: Uint8Array } | undefined {
  const imprint = decodeDer(token, (reader) => {
    const contentInfo = reader.sequence()
    expectOid(contentInfo, SIGNED_DATA)
    const signedData = contentInfo.sequence(EXPLICIT_0).sequence()
    signedData.integer()
    signedData.next(TAG.SET)
    const encapsulated = signedData.sequence()
    expectOid(encapsulated, TST_INFO)
    const octets = encapsulated.sequence(EXPLICIT_0).octetString()
    const tstInfo = reader.over(octets).sequence()
    tstInfo.integer()
    tstInfo.oid()
    const messageImprint = tstInfo.sequence()
    const algorithm = messageImprint.sequence().oid()
    return { algorithm, hash: messageImprint.octetString() }
  })
  return 'malformed' in imprint ? undefined : imprint
}

function expectOid(reader: DerReader, oid: string): void {
  if (reader.oid() !== oid) throw new DerError(`not ${oid}`)
}

function objectOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}
