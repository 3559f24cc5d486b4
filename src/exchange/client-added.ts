import { jwkThumbprint } from '../crypto/jwk-thumbprint.ts'

/** The detail of the act that added a client: what it may do, for and by whom, with which key (RFC 7638). */
export async function clientAddedDetail(client: {
  readonly role: string
  readonly party: string
  readonly jwk: Readonly<Record<string, unknown>>
  readonly person?: string | undefined
}): Promise<string> {
  const { role, party, jwk, person } = client
  const by = person === undefined ? '' : `; person ${person}`
  return `${role} for ${party}${by}; key ${(await jwkThumbprint(jwk)) ?? 'unknown'}`
}

/** Members of a client's key: what else it held would say nothing that counts. */
const MEMBERS = new Set(['kty', 'crv', 'x', 'y'])

/**
 * Whether a stored key is the one that the act named; undefined: the act is of a time when acts named none.
 * The text has to be that of the bare key, so that no octet of it may be another.
 */
export async function isKeyOfAct(jwk: string, detail: string): Promise<boolean | undefined> {
  const named = /; key ([A-Za-z0-9_-]{43})$/.exec(detail)?.[1]
  if (named === undefined) return undefined
  try {
    const read = JSON.parse(jwk) as Record<string, unknown>
    const isBare = Object.keys(read).every((name) => MEMBERS.has(name))
    return isBare && JSON.stringify(read) === jwk && (await jwkThumbprint(read)) === named
  } catch {
    return false
  }
}
