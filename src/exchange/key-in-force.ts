import type { Seal } from '../jose/sign.ts'
import { keyObstacle } from '../trust/trust-view.ts'
import type { Trust } from '../trust/trust.ts'
import type { PathCache } from '../x509/path-cache.ts'
import { timeSpan } from '../x509/instants.ts'
import type { KeyPurpose } from '../x509/profile.ts'
import { octetsId } from '../x509/x5c-memory.ts'
import { validatePath } from './validation/path-to-root.ts'

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

/**
 * Keys are judged with everything that is signed: what the path cache does not remember is remembered here,
 * by key, path and purpose, while trust is the same object and the second is the same.
 */
export function keyFaults(paths: PathCache): KeyFault {
  let judged: { trust: Trust; span: number; faults: Map<string, string | undefined> } | undefined
  return async (key, listed, { purpose, trust, now }) => {
    const obstacle = keyObstacle(listed, now)
    if (obstacle) return obstacle
    const span = timeSpan(now)
    if (judged?.trust !== trust || judged.span !== span) judged = { trust, span, faults: new Map() }
    const { faults } = judged
    const question = () => `${purpose} ${key.x5tS256} ${octetsId(key.path)}`
    const asked = faults.size > 0 ? question() : undefined
    if (asked !== undefined && faults.has(asked)) return faults.get(asked)
    const { path } = await validatePath(key.path, { trust, paths, purpose, at: now, now })
    if (path.result === 'valid') return undefined
    // Genuine evidence that is past its time revokes all the same.
    const fault =
      path.result === 'invalid' ? path.code : path.revokes === true ? 'revoked' : undefined
    faults.set(asked ?? question(), fault)
    return fault
  }
}
