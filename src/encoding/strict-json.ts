/** Nesting that no document of this exchange reaches; deeper input is refused before it is built. */
const MAX_DEPTH = 32

export class JsonError extends Error {
  override name = 'JsonError'
  readonly code: 'not-utf8' | 'syntax' | 'duplicate-member' | 'too-deep'
  constructor(code: JsonError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Parses JSON as RFC 8259 §4 recommends and RFC 7515 §4 demands: UTF-8 without BOM, every member name
 * once, bounded depth. `JSON.parse` alone keeps the last of two equal names silently.
 *
 * @throws {JsonError}
 */
export function parseStrictJson(input: Uint8Array | string): unknown {
  let text: string
  if (typeof input === 'string') text = input
  else {
    try {
      text = utf8.decode(input)
    } catch (cause) {
      throw new JsonError('not-utf8', 'The text is not UTF-8', { cause })
    }
  }
  const members = countMembers(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new JsonError('syntax', 'The text is not JSON', { cause })
  }
  // Of two members with one name only the last is left: nothing is lost where the numbers agree.
  if (countNames(value) !== members) assertUniqueNames(text)
  return value
}

/** Members that the text writes, in objects at every depth; refuses text that is nested too deeply. */
function countMembers(text: string): number {
  let members = 0
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 0x22) i = endOfString(text, i)
    else if (c === 0x3a) members++
    else if (c === 0x7b || c === 0x5b) {
      if (++depth > MAX_DEPTH)
        throw new JsonError('too-deep', `More than ${MAX_DEPTH} levels of nesting`)
    } else if (c === 0x7d || c === 0x5d) depth--
  }
  return members
}

/** Members that objects hold at every depth; as deep as the text was, so never too deep. */
function countNames(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let names = 0
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) if (typeof item === 'object') names += countNames(item)
    return names
  }
  // What JSON.parse made inherits nothing that could be counted.
  for (const name in value) {
    const member = (value as Record<string, unknown>)[name]
    names += typeof member === 'object' ? 1 + countNames(member) : 1
  }
  return names
}

/** Index of the closing quote of the string that opens at `start`, or the end of the text. */
function endOfString(text: string, start: number): number {
  let end = start
  do {
    end = text.indexOf('"', end + 1)
    if (end < 0) return text.length
  } while (isEscaped(text, end))
  return end
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes++
  return backslashes % 2 === 1
}

/** Walks text that is known to be JSON and refuses a name that stands twice in one object. */
function assertUniqueNames(text: string): void {
  const open: (Set<string> | undefined)[] = []
  let expectName = false
  for (let i = 0; i < text.length; i++) {
    const c = text[i]
    if (c === '"') {
      const end = endOfString(text, i)
      const names = open.at(-1)
      if (expectName && names) {
        const name = JSON.parse(text.slice(i, end + 1)) as string
        if (names.has(name))
          throw new JsonError('duplicate-member', `The member "${name.slice(0, 64)}" stands twice`)
        names.add(name)
        expectName = false
      }
      i = end
    } else if (c === '{') {
      open.push(new Set())
      expectName = true
    } else if (c === '[') {
      open.push(undefined)
      expectName = false
    } else if (c === '}' || c === ']') {
      open.pop()
      expectName = false
    } else if (c === ',') expectName = open.at(-1) !== undefined
  }
}
