const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/**
 * Every text that is one small step from this one: each character replaced, left out, doubled, exchanged
 * with the next, or with a stranger before it. Never the text itself.
 */
export function* textMutations(text: string): Generator<string> {
  for (let at = 0; at < text.length; at++) {
    const [before, after] = [text.slice(0, at), text.slice(at + 1)]
    const own = text[at]!
    for (const other of replacements(own, at)) yield before + other + after
    if (own !== text[at + 1]) yield before + after
    if (own !== text[at - 1]) yield before + own + own + after
    if (text[at + 1] !== undefined && own !== text[at + 1])
      yield before + text[at + 1] + own + text.slice(at + 2)
    yield before + STRANGERS[at % STRANGERS.length] + own + after
  }
  for (const stranger of STRANGERS) yield text + stranger
}

/** Every `step`th: what is long is tried in fewer ways at each place. */
export function* everyNth<T>(all: Iterable<T>, step: number): Generator<T> {
  let n = 0
  for (const one of all) if (n++ % step === 0) yield one
}

const STRANGERS = [' ', '\n', '=', '.', '\0', 'A', '%', '\ufeff']

/** Characters whose six bits differ in one bit or in all; one that is never allowed; a dot. */
function replacements(own: string, at: number): string[] {
  const value = ALPHABET.indexOf(own)
  if (value < 0) return ['A', '_', ' ']
  const bits = [value ^ 1, value ^ (2 << (at % 5)), value ^ 63].map((other) => ALPHABET[other]!)
  return [...new Set([...bits, at % 2 === 0 ? '.' : '='])]
}

/** Every octet string that differs from this one in one bit. */
export function* bitFlips(octets: Uint8Array): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < octets.length; at++)
    for (let bit = 1; bit < 256; bit <<= 1) {
      const flipped = Uint8Array.from(octets)
      flipped[at]! ^= bit
      yield flipped
    }
}

/** Every octet left out, and every octet twice. */
export function* lengthChanges(octets: Uint8Array): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < octets.length; at++) {
    yield Uint8Array.from([...octets.subarray(0, at), ...octets.subarray(at + 1)])
    yield Uint8Array.from([...octets.subarray(0, at + 1), ...octets.subarray(at)])
  }
  yield Uint8Array.from([...octets, 0])
}

const IN_FLIGHT = 256

/** The inputs of which `isAccepted` says so, and how many were tried; many are in flight. */
export async function acceptedOf<T>(
  inputs: Iterable<T>,
  isAccepted: (input: T) => Promise<boolean>,
): Promise<{ readonly tried: number; readonly accepted: readonly T[] }> {
  const accepted: T[] = []
  let tried = 0
  let batch: T[] = []
  const settle = async () => {
    const verdicts = await Promise.all(batch.map(isAccepted))
    accepted.push(...batch.filter((_, i) => verdicts[i]))
    tried += batch.length
    batch = []
  }
  for (const input of inputs) {
    batch.push(input)
    if (batch.length === IN_FLIGHT) await settle()
  }
  await settle()
  return { tried, accepted }
}
