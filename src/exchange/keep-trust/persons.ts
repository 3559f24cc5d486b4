import { jwkThumbprint } from '../../crypto/jwk-thumbprint.ts'

/** Client systems, by whose calls people decide. */
export interface DecidingClients {
  find(id: string): Promise<
    | {
        /** Whose calls these are, as whoever registered it says. */
        readonly person: string | undefined
        readonly jwk: Readonly<Record<string, unknown>>
      }
    | undefined
  >
}

/**
 * The names under which an actor counts as a person; undefined: of a client system nobody said whose it is.
 * A login and a client system that name one person are that person, and so are two client systems with one
 * key. That a name is true is the word of whoever registered it, or of who logged in.
 */
export async function namesOf(
  actor: string,
  clients: DecidingClients,
): Promise<readonly string[] | undefined> {
  const id = /^client:(.*)$/s.exec(actor)?.[1]
  if (id === undefined) return [folded(actor.replace(/^user:/, ''))]
  const client = await clients.find(id)
  if (client?.person === undefined) return undefined
  const thumbprint = await jwkThumbprint(client.jwk)
  const key = thumbprint === undefined ? [] : [`key ${thumbprint}`]
  return [folded(client.person), ...key]
}

/** Names that only look different are those of one person. */
function folded(name: string): string {
  return name.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim()
}
