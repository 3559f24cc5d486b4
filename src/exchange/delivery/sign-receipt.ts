import { type Seal, signJws } from '../../jose/sign.ts'
import { digestOf } from '../validation/authenticate.ts'
import type { ReceiptPayload } from './receipt.ts'

export interface SignedReceipt {
  readonly sha256: string
  readonly jws: string
  readonly payload: ReceiptPayload
}

/** Signs decisions with a registry seal of today. */
export async function signReceipt(
  payload: ReceiptPayload,
  seal: Seal,
  now: Date,
): Promise<SignedReceipt> {
  const jws = await signJws({ typ: 'receipt+jwt', payload, seal, signedAt: now })
  return { sha256: await digestOf(jws), jws, payload }
}
