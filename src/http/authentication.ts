import type { Caller } from './caller.ts'
import type { RouteDeclaration } from './route.ts'

/** A request whose body has not been read. */
export type ReceivedHead = Omit<ReceivedRequest, 'body'>

/** A request as authentication sees it: whole, its body read and bounded, not yet parsed. */
export interface ReceivedRequest {
  method: string
  /** The configured public URL with path and query as received. */
  targetUri: string
  headers: Headers
  body: Uint8Array<ArrayBuffer>
}

export interface SentAnswer {
  status: number
  headers: Headers
  body: Uint8Array<ArrayBuffer>
}

export interface Authentication<C extends Caller> {
  caller: C
  /**
   * Signs (and archives) whatever is answered from here on, problems included. Returns headers to add.
   */
  signAnswer?(answer: SentAnswer): Promise<Readonly<Record<string, string>>>
}

/**
 * Establishes who calls, looking only for credentials that the callers of the route have: a signature
 * for `peer`, an access token for the others. Without them the caller is `public`; bad ones throw. Only
 * for a signature is the `whole` request read: nobody else makes the node hold a body before he is known.
 *
 * @throws {ProblemError}
 */
export type Authenticate<C extends Caller> = (
  head: ReceivedHead,
  route: RouteDeclaration,
  whole: () => Promise<ReceivedRequest>,
) => Promise<Authentication<C>>
