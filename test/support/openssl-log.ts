import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Proofs of a log by SHA-256 and openssl alone: nothing here is shared with the product. */

export function sha(...parts: Buffer[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest()
}

/** The parts of a C2SP tlog-proof, cut at its lines. */
export function cutProof(text: string) {
  const [head, note, signatures] = text.split('\n\n')
  const [, extra, index, ...path] = head!.split('\n')
  const noteText = `${note!}\n`
  const [origin, size, root] = noteText.split('\n')
  return {
    leaf: Buffer.from(extra!.replace('extra ', ''), 'base64'),
    index: Number(index!.replace('index ', '')),
    path: path.map((node) => Buffer.from(node, 'base64')),
    noteText,
    origin: origin!,
    size: Number(size),
    root: root!,
    signatures: [...signatures!.matchAll(/^\u2014 (\S+) (\S+)$/gm)].map(([, name, base64]) => {
      const bytes = Buffer.from(base64!, 'base64')
      return { name: name!, keyId: bytes.subarray(0, 4).toString('hex'), bytes: bytes.subarray(4) }
    }),
  }
}

/** The root that the path leads to (RFC 9162 §2.1.3.2), base64; undefined: it has another length. */
export function rootBy({ leaf, index, size, path }: ReturnType<typeof cutProof>) {
  let [fn, sn] = [index, size - 1]
  let hash = sha(Buffer.of(0), leaf)
  for (const sibling of path) {
    if (fn % 2 === 1 || fn === sn) {
      hash = sha(Buffer.of(1), sibling, hash)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1]
    } else hash = sha(Buffer.of(1), hash, sibling)
    ;[fn, sn] = [fn >> 1, sn >> 1]
  }
  return sn === 0 ? hash.toString('base64') : undefined
}

/** The public key and key id of a verifier key of one type (C2SP signed-note). */
export function cutVerifierKey(text: string) {
  const [, keyId, material] = /^.*\+([0-9a-f]{8})\+(.*)$/.exec(text)!
  const bytes = Buffer.from(material!, 'base64')
  return { keyId: keyId!, type: bytes[0]!, publicKey: bytes.subarray(1) }
}

export function opensslAccepts(publicKey: Buffer, signature: Buffer, data: Buffer): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'certex-log-'))
  const file = (name: string, bytes: Buffer) => {
    writeFileSync(join(folder, name), bytes)
    return join(folder, name)
  }
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey])
  const key = ['-pubin', '-keyform', 'DER', '-inkey', file('key', spki)]
  const input = ['-rawin', '-in', file('data', data), '-sigfile', file('signature', signature)]
  try {
    execFileSync('openssl', ['pkeyutl', '-verify', ...key, ...input], { stdio: 'pipe' })
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true })
  }
}
