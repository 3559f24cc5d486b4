import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiClient } from '../../src/node/api-client.ts'
import { lacks } from '../support/counterparts.ts'
import { freshCertificate } from '../support/hostile.ts'
import { answered, content } from '../support/typed.ts'
import { eventually, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

let nodes: TwoNodes
let auditor: ApiClient
let sha256: string
beforeAll(async () => {
  nodes = await startTwoNodes()
  auditor = await nodes.BY.client('auditor', 'BY.AUDIT')
  const chamber = await nodes.BY.client('issuer', 'BY.CCI')
  const issued = await chamber.api.issueCertificate({
    body: { certificate: content(await freshCertificate()) },
  })
  ;({ sha256 } = answered(issued, 201).body)
})
afterAll(() => nodes.close())

/** As soon as a checkpoint covers the certificate. */
const proof = () =>
  eventually('the proof is there', async () => {
    const { status, body } = await auditor.get(`/log/proof/${sha256}`)
    return status === 200 ? (body as string) : undefined
  })

describe('the log over HTTP', () => {
  it('has a checkpoint of what is new within about a second', async () => {
    const startedAt = Date.now()
    expect(await proof()).toContain('c2sp.org/tlog-proof@v1\n')
    // The test machine may be busy: the promise is one second.
    expect(Date.now() - startedAt).toBeLessThan(5_000)
  })

  it('shows nothing to who may not see it', async () => {
    await proof()
    const { url } = nodes.BY
    const customs = await nodes.UZ.client('customs', 'UZ.CUSTOMS')
    const issuer = await nodes.BY.client('issuer', 'BY.CCI')
    for (const path of ['/log/checkpoint', '/log/tile/0/000.p/1', '/log/tile/entries/000.p/1']) {
      expect((await fetch(url + path)).status).toBe(401)
      expect((await issuer.get(path)).status).toBe(403)
      expect((await customs.get(path)).status).toBe(403)
      expect((await auditor.get(path)).status).toBe(200)
    }
    expect((await fetch(`${url}/log/proof/${sha256}`)).status).toBe(401)
    expect((await issuer.get(`/log/proof/${sha256}`)).status).toBe(403)
    expect((await customs.get(`/log/proof/${sha256}`)).status).toBe(403)
  })

  it.each([
    '/log/tile/0/999',
    '/log/tile/0/000.p/256',
    '/log/tile/0/0',
    '/log/tile/64/000.p/1',
    '/log/tile/data/000.p/1',
    '/log/tile/entries/000',
    `/log/proof/${'A'.repeat(43)}`,
  ])('has no %s', async (path) => {
    expect((await auditor.get(path)).status).toBe(404)
  })

  it.skipIf(lacks('openssl'))(
    'is proven by openssl and SHA-256 alone, from the public key in the trust list',
    async () => {
      const text = await proof()
      const [head, ...rest] = text.split('\n\n')
      const [version, extra, index, ...path] = head!.split('\n')
      expect(version).toBe('c2sp.org/tlog-proof@v1')
      const leaf = Buffer.from(extra!.replace('extra ', ''), 'base64')
      expect(JSON.parse(leaf.toString())).toMatchObject({ v: 1, kind: 'certificate', sha256 })

      // Who signed the checkpoint: the key of the trust list, by openssl.
      const noteText = `${rest[0]!}\n`
      const [origin, size, root] = noteText.split('\n')
      const list = (await (await fetch(`${nodes.BY.url}/trust/list`)).text()).split('.')
      const { logs } = JSON.parse(Buffer.from(list[1]!, 'base64url').toString()) as {
        logs: { origin: string; key: string }[]
      }
      expect(origin).toBe(logs[0]!.origin)
      const [, keyId, material] = /^.*\+([0-9a-f]{8})\+(.*)$/.exec(logs[0]!.key)!
      const line = /^\u2014 (\S+) (\S+)$/m.exec(rest[1]!)!
      expect(line[1]).toBe(origin)
      const signed = Buffer.from(line[2]!, 'base64')
      expect(signed.subarray(0, 4).toString('hex')).toBe(keyId)
      const publicKey = Buffer.from(material!, 'base64').subarray(1)
      expect(opensslAccepts(publicKey, signed.subarray(4), Buffer.from(noteText))).toBe(true)
      expect(opensslAccepts(publicKey, signed.subarray(4), Buffer.from(`${noteText}x`))).toBe(false)

      // That the leaf stands under its root: RFC 9162 §2.1.3.2 over SHA-256.
      let fn = Number(index!.replace('index ', ''))
      let sn = Number(size) - 1
      let hash = sha(Buffer.of(0), leaf)
      for (const sibling of path.map((node) => Buffer.from(node, 'base64'))) {
        if (fn % 2 === 1 || fn === sn) {
          hash = sha(Buffer.of(1), sibling, hash)
          while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1]
        } else hash = sha(Buffer.of(1), hash, sibling)
        ;[fn, sn] = [fn >> 1, sn >> 1]
      }
      expect(sn).toBe(0)
      expect(hash.toString('base64')).toBe(root)
    },
  )
})

function sha(...parts: Buffer[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest()
}

function opensslAccepts(publicKey: Buffer, signature: Buffer, data: Buffer): boolean {
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
