/** No input is longer than the readers of single objects take. */
export const MAX_OCTETS = 65_536

/*
 * Memory that two threads share: the number of the input in hand and its length, then the input. Whoever
 * is stopped in an endless loop can tell nothing any more.
 */

const HEAD_OCTETS = 8

export function newTrace(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEAD_OCTETS + MAX_OCTETS)
}

/** Called before a reader gets its input. */
export function trace(to: SharedArrayBuffer, number: number, input: Uint8Array): void {
  new Uint32Array(to, 0, 2).set([number, input.length])
  new Uint8Array(to, HEAD_OCTETS).set(input)
}

export function inputInHand(from: SharedArrayBuffer): { number: number; input: Uint8Array } {
  const [number, length] = new Uint32Array(from, 0, 2)
  return { number: number!, input: new Uint8Array(from, HEAD_OCTETS, length).slice() }
}
