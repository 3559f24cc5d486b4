import { expect } from 'vitest'
import {
  decodeBase64,
  decodeBase64url,
  encodeBase64,
  encodeBase64url,
} from '../../src/encoding/base64url.ts'
import { decodeDer, type DerReader } from '../../src/encoding/der.ts'
import { JsonError, parseStrictJson } from '../../src/encoding/strict-json.ts'
import { readSignatureFields } from '../../src/http-signature/signature-fields.ts'
import { readParameters } from '../../src/http-signature/signature-parameters.ts'
import { readJades } from '../../src/jades/container.ts'
import { headerFaults } from '../../src/jades/header-rules.ts'
import { parseJws } from '../../src/jose/parse.ts'
import { derElement } from '../../src/encoding/der-writer.ts'
import { decodeStatusList, statusAt } from '../../src/status-list/status-list.ts'
import { formatCheckpoint, parseCheckpoint } from '../../src/tlog/checkpoint.ts'
import { encodeEntryBundle, parseEntryBundle } from '../../src/tlog/entry-bundle.ts'
import { formatPolicy, parsePolicy } from '../../src/tlog/policy.ts'
import { formatLogProof, parseLogProof } from '../../src/tlog/proof.ts'
import { formatSignedNote, parseSignedNote } from '../../src/tlog/signed-note.ts'
import { formatTilePath, parseTilePath } from '../../src/tlog/tile.ts'
import { formatVerifierKey, parseVerifierKey } from '../../src/tlog/verifier-key.ts'
import { crlSource } from '../../src/x509/crl-source.ts'
import { parseCrl } from '../../src/x509/crl.ts'
import { parseOcspRequest } from '../../src/x509/ocsp-request.ts'
import { parseOcspResponse } from '../../src/x509/ocsp-response.ts'
import { validateSealPath } from '../../src/x509/profile.ts'
import { parseX509Certificate } from '../../src/x509/x509-certificate.ts'
import type { Material } from './material.ts'

/** One reader of hostile bytes. `feed` throws when the reader breaks a promise, or throws itself. */
export interface Target {
  readonly name: string
  readonly seeds: readonly Uint8Array[]
  /** Whether the reader took the input: a fuzzer whose inputs are all refused proves little. */
  feed(input: Uint8Array): boolean | Promise<boolean>
}

const utf8 = new TextEncoder()
const textOf = (input: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(input)
const latin1 = (input: Uint8Array) => Buffer.from(input).toString('latin1')

/** What was read must be written as it came: then one meaning has one encoding. */
function expectSame(written: string | Uint8Array, input: Uint8Array): true {
  const octets = typeof written === 'string' ? utf8.encode(written) : written
  if (!Buffer.from(octets).equals(input))
    expect(Buffer.from(octets).toString('hex')).toBe(Buffer.from(input).toString('hex'))
  return true
}

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

export function targetsOver(material: Material): Target[] {
  return [...derTargets(material), ...jwsTargets(material), ...textTargets(material)]
}

function derTargets({ ders }: Material): Target[] {
  const anchor = ders[0]!
  const path = ders.slice(1, 4)
  const targets: Target[] = [
    {
      name: 'DER',
      seeds: ders,
      feed(input) {
        const value = decodeDer(input, (reader) => expectShortest(reader))
        return !('malformed' in value) && expectSame(value, input)
      },
    },
    {
      name: 'X.509 certificates',
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

function jwsTargets({ jws }: Material): Target[] {
  const parts: Uint8Array[] = jws.split('.').map((part) => Buffer.from(part, 'base64url'))
  const whole = utf8.encode(jws)
  const join = (all: readonly Uint8Array[]) => all.map(encodeBase64url).join('.')
  const check = (compact: string) => {
    const parsed = parseJws(compact)
    if ('malformed' in parsed) return false
    const read = compact.split('.').map((part) => new Uint8Array(Buffer.from(part, 'base64url')))
    expect(join(read)).toBe(compact)
    expect(Object.keys(parsed.header).sort().join()).toBe('alg,cty,iat,typ,x5c,x5t#S256')
    return true
  }
  return [
    { name: 'compact JWS', seeds: [whole], feed: (input) => check(latin1(input)) },
    {
      name: 'parts of a JWS',
      seeds: parts,
      feed: (input) => parts.filter((_, i) => check(join(parts.with(i, input)))).length > 0,
    },
    {
      name: 'JAdES containers',
      seeds: [whole, utf8.encode(flattened(jws)), utf8.encode(general(jws))],
      feed(input) {
        const read = readJades(textOf(input))
        if ('malformed' in read) return false
        for (const { header } of read.signatures) headerFaults(header)
        return true
      },
    },
  ]
}

function flattened(jws: string): string {
  const [header, payload, signature] = jws.split('.')
  return JSON.stringify({ payload, protected: header, signature, header: { etsiU: ['e30'] } })
}

function general(jws: string): string {
  const [header, payload, signature] = jws.split('.')
  return JSON.stringify({ payload, signatures: [{ protected: header, signature }] })
}

function textTargets(material: Material): Target[] {
  const base64 = [
    utf8.encode(encodeBase64(material.ders[1]!)),
    utf8.encode('AA=='),
    utf8.encode(''),
  ]
  return [
    {
      name: 'strict JSON',
      seeds: material.json,
      feed(input) {
        try {
          const value = parseStrictJson(input)
          expect(value).toEqual(JSON.parse(textOf(input)))
          return true
        } catch (error) {
          if (error instanceof JsonError) return false
          throw error
        }
      },
    },
    {
      name: 'base64 and base64url',
      seeds: [...base64, utf8.encode(material.jws.split('.')[0])],
      feed(input) {
        const text = latin1(input)
        const [plain, url] = [decodeBase64(text), decodeBase64url(text)]
        if (plain) expect(encodeBase64(plain)).toBe(text)
        if (url) expect(encodeBase64url(url)).toBe(text)
        return (plain ?? url) !== undefined
      },
    },
    {
      name: 'signed notes',
      seeds: material.notes,
      feed(input) {
        const note = parseSignedNote(input)
        if ('malformed' in note) return false
        const checkpoint = parseCheckpoint(note.text)
        if (!('malformed' in checkpoint)) expect(formatCheckpoint(checkpoint)).toBe(note.text)
        return expectSame(formatSignedNote(note), input)
      },
    },
    {
      name: 'log proofs',
      seeds: material.proofs,
      feed(input) {
        const proof = parseLogProof(input)
        return !('malformed' in proof) && expectSame(formatLogProof(proof), input)
      },
    },
    {
      name: 'log policies',
      seeds: material.policies,
      feed(input) {
        const policy = parsePolicy(input)
        if ('malformed' in policy) return false
        // White space, comments and the order of kinds are free.
        expect(parsePolicy(utf8.encode(formatPolicy(policy)))).toEqual(policy)
        return true
      },
    },
    {
      name: 'entry bundles',
      seeds: material.bundles,
      feed(input) {
        const entries = parseEntryBundle(input, 3)
        return !('malformed' in entries) && expectSame(encodeEntryBundle(entries), input)
      },
    },
    {
      name: 'tile paths',
      seeds: material.tilePaths,
      feed(input) {
        const tile = parseTilePath(latin1(input))
        return tile !== undefined && expectSame(formatTilePath(tile), input)
      },
    },
    {
      name: 'verifier keys',
      seeds: material.verifierKeys,
      feed(input) {
        const key = parseVerifierKey(textOf(input), 'ed25519')
        return !('malformed' in key) && expectSame(formatVerifierKey(key), input)
      },
    },
    {
      name: 'status lists',
      seeds: material.statusLists,
      async feed(input) {
        const list = await decodeStatusList({ bits: 2, lst: encodeBase64url(input) })
        if ('malformed' in list) return false
        expect(list.bytes.length).toBeLessThanOrEqual(256 * 1024)
        expect(statusAt(list, list.bytes.length * 4)).toBeUndefined()
        return true
      },
    },
    {
      name: 'HTTP signature fields',
      seeds: material.signatureFields,
      feed: readFields,
    },
  ]
}

function readFields(input: Uint8Array): boolean {
  const [signatureInput = '', signature = ''] = latin1(input).split('\n')
  let headers: Headers
  try {
    headers = new Headers({ 'signature-input': signatureInput, signature })
  } catch {
    // No HTTP server hands on what is no field value.
    return false
  }
  const fields = readSignatureFields(headers)
  if (typeof fields === 'string') return false
  const parameters = readParameters(fields.input[1])
  if (parameters) expect(Buffer.from(parameters.nonce, 'base64url').length).toBeGreaterThan(15)
  return true
}
