import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiClient } from '../../src/node/api-client.ts'
import { lacks } from '../support/counterparts.ts'
import { freshCertificate } from '../support/hostile.ts'
import { cutProof, cutVerifierKey, opensslAccepts, rootBy } from '../support/openssl-log.ts'
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
const proofText = () =>
  eventually('the proof is there', async () => {
    const { status, body } = await auditor.get(`/log/proof/${sha256}`)
    return status === 200 ? (body as string) : undefined
  })

describe('the log over HTTP', () => {
  it('has a checkpoint of what is new within about a second', async () => {
    const startedAt = Date.now()
    expect(await proofText()).toContain('c2sp.org/tlog-proof@v1\n')
    // The test machine may be busy: the promise is one second.
    expect(Date.now() - startedAt).toBeLessThan(5_000)
  })

  it('shows nothing to who may not see it', async () => {
    await proofText()
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
      const text = await proofText()
      expect(text).toMatch(/^c2sp\.org\/tlog-proof@v1\n/)
      const proof = cutProof(text)
      expect(JSON.parse(proof.leaf.toString())).toMatchObject({ v: 1, kind: 'certificate', sha256 })

      // Who signed the checkpoint: the key of the trust list, by openssl.
      const list = (await (await fetch(`${nodes.BY.url}/trust/list`)).text()).split('.')
      const { logs } = JSON.parse(Buffer.from(list[1]!, 'base64url').toString()) as {
        logs: { origin: string; key: string }[]
      }
      expect(proof.origin).toBe(logs[0]!.origin)
      const key = cutVerifierKey(logs[0]!.key)
      const line = proof.signatures.find(({ keyId }) => keyId === key.keyId)!
      expect(line.name).toBe(proof.origin)
      const note = Buffer.from(proof.noteText)
      expect(opensslAccepts(key.publicKey, line.bytes, note)).toBe(true)
      expect(opensslAccepts(key.publicKey, line.bytes, Buffer.from(`${proof.noteText}x`))).toBe(
        false,
      )

      // That the leaf stands under its root: RFC 9162 §2.1.3.2 over SHA-256.
      expect(rootBy(proof)).toBe(proof.root)
    },
  )
})
