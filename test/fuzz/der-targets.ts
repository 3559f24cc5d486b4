import { decodeDer, type DerReader } from '../../src/encoding/der.ts'
import { derElement } from '../../src/encoding/der-writer.ts'
import { crlSource } from '../../src/x509/crl-source.ts'
import { parseCrl } from '../../src/x509/crl.ts'
import { parseOcspRequest } from '../../src/x509/ocsp-request.ts'
import { parseOcspResponse } from '../../src/x509/ocsp-response.ts'
import { validateSealPath } from '../../src/x509/profile.ts'
import { parseX509Certificate } from '../../src/x509/x509-certificate.ts'
import type { Material } from './material.ts'
import { expectSame, type Target, utf8 } from './target.ts'

const MAX_DEPTH = 100

/** Walks a value to its leaves: every length must be written in the one shortest way. */
function expectShortest(reader: DerReader, depth = 0): Uint8Array {
  const { tag, content, raw } = reader.any()
  const octets = content.length < 0x80 ? 0 : content.length.toString(16).length / 2
  if (raw.length - content.length !== 2 + Math.ceil(octets))
    throw new Error('a length is not written in the shortest way')
  if ((tag & 0x20) === 0 || depth === MAX_DEPTH) return raw
  const inner = reader.over(content)
  while (inner.tag !== undefined) expectShortest(inner, depth + 1)
  return raw
}

const bitString = (octets: Uint8Array) => derElement(0x03, new Uint8Array(1), octets)

/** With a nonce, as other programs ask: OCSPRequest, tbsRequest, requestList, Request, CertID. */
function ocspQuestion(): Uint8Array {
  const sha256 = new Uint8Array([0x06, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1])
  const hash = derElement(0x04, new Uint8Array(32).fill(7))
  const certId = derElement(
    0x30,
    derElement(0x30, sha256),
    hash,
    hash,
    derElement(2, utf8.encode('Z1')),
  )
  const nonce = new Uint8Array([0x06, 9, 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 2])
  const extension = derElement(0x30, nonce, derElement(0x04, derElement(0x04, hash)))
  const requests = derElement(0x30, derElement(0x30, certId))
  const tbs = derElement(0x30, requests, derElement(0xa2, derElement(0x30, extension)))
  return derElement(0x30, tbs)
}

export function derTargets({ ders }: Material): Target[] {
  const anchor = ders[0]!
  const path = ders.slice(1, 4)
  const targets: Target[] = [
    {
      name: 'DER',
      share: 5,
      seeds: ders,
      feed(input) {
        const value = decodeDer(input, (reader) => expectShortest(reader))
        return !('malformed' in value) && expectSame(value, input)
      },
    },
    {
      name: 'X.509 certificates',
      share: 5,
      seeds: ders,
      feed(input) {
        const read = parseX509Certificate(input)
        if ('malformed' in read) return false
        const { tbs, signatureAlgorithm, signature } = read
        return expectSame(derElement(0x30, tbs, signatureAlgorithm, bitString(signature)), input)
      },
    },
    {
      name: 'CRLs',
      seeds: ders.filter((der) => !('malformed' in parseCrl(der))),
      feed(input) {
        const read = parseCrl(input)
        if ('malformed' in read) return false
        const { tbs, signatureAlgorithm, signature } = read
        return expectSame(derElement(0x30, tbs, signatureAlgorithm, bitString(signature)), input)
      },
    },
    {
      name: 'OCSP responses',
      seeds: ders.filter((der) => !('malformed' in parseOcspResponse(der))),
      feed: (input) => !('malformed' in parseOcspResponse(input)),
    },
    {
      name: 'OCSP requests',
      seeds: [ocspQuestion()],
      feed: (input) => !('malformed' in parseOcspRequest(input)),
    },
    {
      name: 'certification paths',
      seeds: path,
      async feed(input) {
        for (const at of path.keys()) {
          const crls = crlSource([])
          const result = await validateSealPath({
            x5c: path.with(at, input),
            anchor,
            at: new Date('2026-03-03T00:00:00Z'),
            purpose: 'document-seal',
            crls,
            revocationRequired: false,
          })
          if (result.result === 'valid') expectSame(path[at]!, input)
        }
        return !('malformed' in parseX509Certificate(input))
      },
    },
  ]
  return targets.filter(({ seeds }) => seeds.length > 0)
}
