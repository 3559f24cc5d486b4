import { InvalidArgumentError } from 'commander'
import { DaySchema } from '../certificate/fields.ts'

/** Parsers of options; what they throw ends with the exit code for wrong usage. */

export function parseState(text: string): string {
  if (!/^[A-Z]{2}$/.test(text))
    throw new InvalidArgumentError('A state is two capital letters, such as BY.')
  return text
}

/** SHA-256 as openssl shows it (hexadecimal, with or without colons) or in base64url; gives base64url. */
export function parseFingerprint(text: string): string {
  if (/^[A-Za-z0-9_-]{43}$/.test(text)) return text
  const digits = text.replaceAll(/[:\s]/g, '')
  if (!/^[0-9a-fA-F]{64}$/.test(digits))
    throw new InvalidArgumentError('A fingerprint is a SHA-256: 64 hexadecimal digits.')
  return Buffer.from(digits, 'hex').toString('base64url')
}

export interface Anchor {
  /** The only state it vouches for; every state without one. */
  readonly state: string | undefined
  readonly rootSha256: string
}

/** `BY=FINGERPRINT` or `FINGERPRINT`, collected over several uses of the option. */
export function collectAnchor(text: string, before: readonly Anchor[] = []): Anchor[] {
  const [, state, fingerprint = text] = /^([A-Z]{2})=(.*)$/.exec(text) ?? []
  return [...before, { state, rootSha256: parseFingerprint(fingerprint) }]
}

export function parseInstant(text: string): Date {
  const at = new Date(text)
  if (!/^\d{4}-\d{2}-\d{2}(T[0-9:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text) || Number.isNaN(+at))
    throw new InvalidArgumentError('A time is written 2026-03-02T10:00:00Z.')
  return at
}

/** A calendar day of the issuing state. */
export function parseDay(text: string): string {
  if (!DaySchema.safeParse(text).success)
    throw new InvalidArgumentError('A day is written 2027-03-01.')
  return text
}

export function parseDays(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('Days are a whole number.')
  return Number(text)
}

export function parseUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:/.test(text))
    throw new InvalidArgumentError('A URL begins with https:// or http://.')
  return text.replace(/\/+$/, '')
}

export function parseClientId(text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text))
    throw new InvalidArgumentError('An id is up to 64 letters, digits, dots, hyphens, underscores.')
  return text
}

export function parseActor(text: string): string {
  if (!/^[^\p{C}]{1,64}$/u.test(text) || text.trim() !== text)
    throw new InvalidArgumentError('A name is up to 64 characters, without line breaks.')
  return text
}

/** As `parseActor`; the semicolon parts what the record of administrative acts says. */
export function parsePerson(text: string): string {
  if (text.includes(';')) throw new InvalidArgumentError('A name has no semicolon.')
  return parseActor(text)
}

export function parseVersion(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new InvalidArgumentError('A version is a whole number from 1.')
  return Number(text)
}
