/** A request as it is signed: `body` is the raw bytes, empty when there are none. */
export interface RequestMessage {
  method: string
  /** RFC 9421 §2.2.2, from the configured public URL of the receiver; see `target-uri.ts`. */
  targetUri: string
  headers: Headers
  body: Uint8Array
}

export interface ResponseMessage {
  status: number
  headers: Headers
  body: Uint8Array
}

/** What a response signature binds of the request it answers. */
export interface RequestContext {
  method: string
  targetUri: string
  /** The bytes of the request's `exc` signature. */
  signature: Uint8Array
  sender: string
  recipient: string
}
