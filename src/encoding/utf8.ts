const encoder = new TextEncoder()

/** Room for all but the longest documents; longer text is encoded into memory of its own. */
const room = new Uint8Array(64 * 1024)

/**
 * UTF-8 of a text; lone surrogates become U+FFFD. The octets are good until the next call only: whoever
 * keeps them, or waits before using them, copies them. Memory of its own costs ten times the encoding.
 */
export function utf8ForNow(text: string): Uint8Array<ArrayBuffer> {
  if (text.length > room.length) return encoder.encode(text)
  const { read, written } = encoder.encodeInto(text, room)
  return read === text.length ? room.subarray(0, written) : encoder.encode(text)
}

/** Whether every character is ASCII, so that the text is its own UTF-8. */
export function isAscii(text: string): boolean {
  return utf8ForNow(text).length === text.length
}
