import { parsePublicKey, verifyX509Signature, type PublicKey } from '../../crypto/suite.ts'
import { DerError } from '../../encoding/der-error.ts'
import { decodeDer, type DerReader, TAG } from '../../encoding/der.ts'
import { readName } from '../../x509/distinguished-name.ts'

/** Longest request that is read, in octets. */
const MAX_OCTETS = 16 * 1024
/** What nodes refuse to see below (trust profile §2). */
const MIN_RSA_BITS = 3072

/**
 * The key that a certification request asks to certify (PKCS #10, RFC 2986 §4), if it is signed with that
 * key. Name and attributes in it count for nothing: the authority knows whom it certifies.
 */
export async function readKeyRequest(
  der: Uint8Array,
): Promise<{ key: PublicKey } | { refused: string }> {
  if (der.length > MAX_OCTETS) return { refused: `it is longer than ${MAX_OCTETS} octets` }
  const request = decodeDer(der, readRequest)
  if ('malformed' in request)
    return { refused: `it is no certification request (${request.malformed})` }
  const key = parsePublicKey(request.spki)
  if (!key) return { refused: 'its key is of a kind that seals here cannot have' }
  if (key.type === 'RSA' && key.bits < MIN_RSA_BITS)
    return { refused: `its RSA key is shorter than ${MIN_RSA_BITS} bits` }
  const { algorithm, signature, signed } = request
  if ((await verifyX509Signature(algorithm, key, signature, signed)) !== 'valid')
    return { refused: 'it is not signed with the key that it names' }
  return { key }
}

function readRequest(reader: DerReader) {
  const outer = reader.sequence()
  const info = outer.next(TAG.SEQUENCE)
  const algorithm = outer.next(TAG.SEQUENCE).raw
  const signature = outer.bitString()
  outer.end()

  const fields = reader.inside(info)
  if (fields.smallInteger() !== 0) throw new DerError('another version than 1')
  readName(fields)
  const spki = fields.next(TAG.SEQUENCE).raw
  fields.optional(0xa0)
  fields.end()
  return { spki, algorithm, signature, signed: info.raw }
}
