/** Thrown by a `DerReader`, caught by `decodeDer`; it never leaves the parsers. */
export class DerError extends Error {
  override name = 'DerError'
}
