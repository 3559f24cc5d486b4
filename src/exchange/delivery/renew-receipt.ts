import { parseJws } from '../../jose/parse.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import type { Append } from '../journal.ts'
import { keyOrNone, NoKeyInForce } from '../key-in-force.ts'
import { furtherReceiptEffect } from '../projection.ts'
import { payloadOf } from '../registered.ts'
import type { Seals } from '../seals.ts'
import { ReceiptPayload } from './receipt.ts'
import { signReceipt } from './sign-receipt.ts'

export interface RenewReceiptDependencies {
  readonly now: () => Date
  readonly seals: Pick<Seals, 'registry' | 'registryFault'>
  readonly paths: Pick<PathCache, 'decode'>
  readonly append: Append
}

/**
 * Signs the decisions of a receipt once more, if its recipient has not taken it and cannot believe it any
 * more, because its seal was revoked, removed or has ended since: word for word the same decisions, under
 * the seal of today. `stands`: the recipient can believe the one it was given. `superseded`: another one
 * has taken its place before. `no-seal`: it cannot be believed, and nothing is in force to sign another
 * one with.
 */
export function renewReceipt(deps: RenewReceiptDependencies) {
  return async (
    receipt: { readonly sha256: string; readonly jws: string },
    delivery: 'with-answer' | 'late',
  ): Promise<'stands' | 'renewed' | 'superseded' | 'no-seal'> => {
    const { sha256: before, jws } = receipt
    const parsed = parseJws(jws)
    if ('malformed' in parsed) throw new Error(`Receipt ${before} is damaged: ${parsed.malformed}`)
    const { x5c, 'x5t#S256': x5tS256 } = parsed.header
    const { ders: path } = await deps.paths.decode(x5c, x5tS256)
    if ((await deps.seals.registryFault({ x5tS256, path })) === undefined) return 'stands'
    const seal = await keyOrNone(deps.seals.registry())
    if (seal instanceof NoKeyInForce) return 'no-seal'
    const payload = ReceiptPayload.parse(payloadOf(jws))
    const { sha256, jws: further } = await signReceipt(payload, seal, deps.now())
    const late = { effect: 'late-receipt', sha256, recipient: payload.aud[0]! } as const
    const effects = [
      furtherReceiptEffect(sha256, before, payload),
      ...(delivery === 'late' ? [late] : []),
    ]
    const entry = { kind: 'receipt', sha256, jws: further, to: [], effects } as const
    return (await deps.append({ entries: [entry] })) === 'duplicate' ? 'superseded' : 'renewed'
  }
}
