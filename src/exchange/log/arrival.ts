import { digestOf } from '../validation/authenticate.ts'

/** A request and the answer to it as they were archived: what each node signed, and its signature. */
export interface SignedExchange {
  readonly at: string
  /** `received`: the peer pushed it; `sent`: this node pulled, and the peer's answer carries it. */
  readonly direction: 'sent' | 'received'
  readonly messageId: string
  readonly request: string
  readonly response: string
}

/** A document of a peer as it came, and the signed exchange that carried it: evidence against the peer. */
export interface Arrival {
  readonly seq: number
  readonly arrivedAt: string
  readonly exchange: SignedExchange
}

export interface ArrivalStore {
  /** Undefined: it did not come from this peer, or nothing was archived when it did. */
  find(peer: string, sha256: string): Promise<Arrival | undefined>
}

/** Digests of all documents that a peer sent in an exchange, as its body names them. */
export async function documentsCarried(exchange: SignedExchange): Promise<string[]> {
  const carrier = exchange.direction === 'received' ? exchange.request : exchange.response
  const { body } = JSON.parse(carrier) as { body: string }
  const { messages = [] } = JSON.parse(body) as { messages?: readonly { document?: unknown }[] }
  const documents = messages.map(({ document }) => document)
  return Promise.all(documents.filter((document) => typeof document === 'string').map(digestOf))
}
