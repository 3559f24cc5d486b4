/** Lines, and the bytes that follow the empty line behind them. */
export interface TextHead {
  readonly lines: readonly string[]
  readonly rest: Uint8Array
}

const NEWLINE = 0x0a

/**
 * Splits a text at its first empty line: C2SP puts lines of its own before a checkpoint (tlog-proof,
 * tlog-witness). `undefined`: there is none within `maxBytes`, or the lines are not ASCII.
 */
export function splitTextHead(bytes: Uint8Array, maxBytes: number): TextHead | undefined {
  const searched = bytes.subarray(0, maxBytes)
  const end = searched.findIndex((octet, i) => octet === NEWLINE && searched[i + 1] === NEWLINE)
  if (end < 0) return undefined
  const head = bytes.subarray(0, end)
  if (head.some((octet) => octet > 0x7e)) return undefined
  return { lines: new TextDecoder().decode(head).split('\n'), rest: bytes.subarray(end + 2) }
}
