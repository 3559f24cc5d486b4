import assert from 'node:assert/strict'

/** One reader of hostile bytes. `feed` throws when the reader breaks a promise, or throws itself. */
export interface Target {
  readonly name: string
  readonly seeds: readonly Uint8Array[]
  /** Of the time, where that of the others is 1. */
  readonly share?: number
  /** Whether the reader took the input: a fuzzer whose inputs are all refused proves little. */
  feed(input: Uint8Array): boolean | Promise<boolean>
}

export const utf8 = new TextEncoder()
export const textOf = (input: Uint8Array) =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(input)
export const latin1 = (input: Uint8Array) => Buffer.from(input).toString('latin1')

/** What was read must be written as it came: then one meaning has one encoding. */
export function expectSame(written: string | Uint8Array, input: Uint8Array): true {
  const octets = typeof written === 'string' ? utf8.encode(written) : written
  if (!Buffer.from(octets).equals(input))
    assert.equal(Buffer.from(octets).toString('hex'), Buffer.from(input).toString('hex'))
  return true
}
