type Bytes = Uint8Array<ArrayBuffer>

/** One DER element (X.690 §8.1) around content that is already encoded. */
export function derElement(tag: number, ...contents: Uint8Array[]): Bytes {
  const length = contents.reduce((sum, part) => sum + part.length, 0)
  const head = [tag, ...derLength(length)]
  const element = new Uint8Array(head.length + length)
  element.set(head)
  let at = head.length
  for (const part of contents) {
    element.set(part, at)
    at += part.length
  }
  return element
}

/** An INTEGER that is not negative. */
export function derInteger(value: bigint): Bytes {
  let digits = value.toString(16)
  if (digits.length % 2 === 1) digits = `0${digits}`
  if (parseInt(digits.slice(0, 2), 16) >= 0x80) digits = `00${digits}`
  return derElement(0x02, new Uint8Array(digits.match(/../g)!.map((pair) => parseInt(pair, 16))))
}

function derLength(length: number): number[] {
  if (length < 0x80) return [length]
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  return [0x80 | octets.length, ...octets]
}
