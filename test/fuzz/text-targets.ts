import assert from 'node:assert/strict'
import {
  decodeBase64,
  decodeBase64url,
  encodeBase64,
  encodeBase64url,
} from '../../src/encoding/base64url.ts'
import { JsonError, parseStrictJson } from '../../src/encoding/strict-json.ts'
import { readSignatureFields } from '../../src/http-signature/signature-fields.ts'
import { readParameters } from '../../src/http-signature/signature-parameters.ts'
import { decodeStatusList, statusAt } from '../../src/status-list/status-list.ts'
import { formatCheckpoint, parseCheckpoint } from '../../src/tlog/checkpoint.ts'
import { encodeEntryBundle, parseEntryBundle } from '../../src/tlog/entry-bundle.ts'
import { formatPolicy, parsePolicy } from '../../src/tlog/policy.ts'
import { formatLogProof, parseLogProof } from '../../src/tlog/proof.ts'
import { formatSignedNote, parseSignedNote } from '../../src/tlog/signed-note.ts'
import { formatTilePath, parseTilePath } from '../../src/tlog/tile.ts'
import { formatVerifierKey, parseVerifierKey } from '../../src/tlog/verifier-key.ts'
import type { Material } from './material.ts'
import { expectSame, latin1, type Target, textOf, utf8 } from './target.ts'

export function textTargets(material: Material): Target[] {
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
          assert.deepEqual(value, JSON.parse(textOf(input)))
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
        if (plain) assert.equal(encodeBase64(plain), text)
        if (url) assert.equal(encodeBase64url(url), text)
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
        if (!('malformed' in checkpoint)) assert.equal(formatCheckpoint(checkpoint), note.text)
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
        assert.deepEqual(parsePolicy(utf8.encode(formatPolicy(policy))), policy)
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
        assert.ok(list.bytes.length <= 256 * 1024)
        assert.equal(statusAt(list, list.bytes.length * 4), undefined)
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
  if (parameters) assert.ok(Buffer.from(parameters.nonce, 'base64url').length > 15)
  return true
}
