import type { Seal } from '../jose/sign.ts'
import { keyObstacle } from '../trust/trust-view.ts'
import type { Trust } from '../trust/trust.ts'
import type { PathCache } from '../x509/path-cache.ts'
import type { KeyPurpose } from '../x509/profile.ts'
import { validatePath } from './validation/authenticate.ts'

/** What a trust list says of a key, as it counts here. */
export type Listed = Parameters<typeof keyObstacle>[0]

/** The key that would sign if nothing spoke against it. */
export interface ObstructedKey {
  /** Its thumbprint; of a log or witness, the key as trust lists name it. */
  readonly key: string
  readonly fault: string
}

/** Work that this node has no key for now: nothing of its kind is signed until one is in force. */
export class NoKeyInForce extends Error {
  override name = 'NoKeyInForce'
  readonly obstructed: ObstructedKey | undefined

  /** Without an obstructed key: the published trust list names none that this node holds. */
  constructor(message: string, obstructed?: ObstructedKey) {
    super(message)
    this.obstructed = obstructed
  }
}

/** What a key of `SigningKeys` gives, or why none is in force: whoever runs the node is warned of it. */
export async function keyOrNone<T>(found: Promise<T>): Promise<T | NoKeyInForce> {
  try {
    return await found
  } catch (error) {
    if (error instanceof NoKeyInForce) return error
    throw error
  }
}

/** An X.509 path with its thumbprint, whether or not its key is held here. */
export type CertifiedKey = Pick<Seal, 'x5tS256' | 'path'>

/**
 * Why nobody would believe what a listed key signs now: removed, ended, revoked, or its path is none.
 * What cannot be told is no reason: a CRL that is late must not stop a node.
 */
export type KeyFault = (
  key: CertifiedKey,
  listed: Listed,
  as: { readonly purpose: KeyPurpose; readonly trust: Trust; readonly now: Date },
) => Promise<string | undefined>

/** So long an answer that the path cache does not keep serves again, while no evidence has come. */
const REMEMBERED_MS = 10_000

/** Keys are judged with everything that is signed: what the path cache does not remember is remembered here. */
export function keyFaults(paths: PathCache): KeyFault {
  const judged = new WeakMap<Trust, Map<string, { fault: string | undefined; at: number }>>()
  return async (key, listed, { purpose, trust, now }) => {
    const obstacle = keyObstacle(listed, now)
    if (obstacle) return obstacle
    const known = judged.get(trust) ?? new Map<string, { fault: string | undefined; at: number }>()
    judged.set(trust, known)
    const held = known.get(`${purpose} ${key.x5tS256}`)
    const age = held && now.getTime() - held.at
    if (age !== undefined && age >= 0 && age < REMEMBERED_MS) return held!.fault
    const { path } = await validatePath(key.path, { trust, paths, purpose, at: now, now })
    if (path.result === 'valid') return undefined
    // Genuine evidence that is past its time revokes all the same.
    const fault =
      path.result === 'invalid' ? path.code : path.revokes === true ? 'revoked' : undefined
    known.set(`${purpose} ${key.x5tS256}`, { fault, at: now.getTime() })
    return fault
  }
}
