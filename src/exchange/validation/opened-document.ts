import { parseJws } from '../../jose/parse.ts'
import { digestOf } from './authenticate.ts'

/** A stored document, hashed and parsed once for everybody who looks into it. */
export interface OpenedDocument {
  readonly jws: string
  /** Of the bytes that are here, whatever names them. */
  readonly sha256: string
  readonly parsed: ReturnType<typeof parseJws>
}

export async function openDocument(jws: string): Promise<OpenedDocument> {
  return { jws, sha256: await digestOf(jws), parsed: parseJws(jws) }
}
