import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256Sync } from '../../src/crypto/suite.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { proveConsistency } from '../../src/tlog/consistency.ts'
import { logHashReader } from '../../src/tlog/log-tiles.ts'
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
const proofText = () =>
  eventually('the proof is there', async () => {
    const { status, body } = await auditor.get(`/log/proof/${sha256}`)
    return status === 200 ? (body as string) : undefined
  })

describe('the log over HTTP', () => {
  it('has a checkpoint of what is new, without being asked for one', async () => {
    expect(await proofText()).toContain('c2sp.org/tlog-proof@v1\n')
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

  describe.skipIf(lacks('openssl'))(
    'to a script over openssl, from the key in the trust list',
    () => {
      it('proves that a document stands in it', async () => {
        const [key, proof] = [await listedKey(), await proofText()]
        const document = (await nodes.BY.running.deps.certificates.document(sha256))!
        const verify = (by: string, text: string, of = document) =>
          verified('inclusion', by, text, of)
        expect(await verify(key, proof)).toBe('')

        // An altered octet of anything: leaf, path, root and size, signature, document; another key.
        const [head, note] = cutAt(proof, '\n\n')
        const lines = head.split('\n')
        const withLine = (n: number, line: string) => `${lines.with(n, line).join('\n')}\n\n${note}`
        expect(await verify(key, withLine(1, spoilt(lines[1]!, 30)))).toContain('does not stand')
        expect(await verify(key, withLine(3, spoilt(lines[3]!, 5)))).toContain('does not stand')
        expect(await verify(key, `${lines.slice(0, -1).join('\n')}\n\n${note}`)).toContain('short')
        expect(await verify(key, `${head}\n${lines[3]!}\n\n${note}`)).toContain('too long')
        const [, size, root] = note.split('\n') as [string, string, string]
        expect(await verify(key, proof.replace(root, spoilt(root, 5)))).toContain('not signed')
        expect(await verify(key, proof.replace(`\n${size}\n`, `\n${size}0\n`))).toContain(
          'not signed',
        )
        const signature = note.split(`${key.split('+')[0]!} `)[1]!.split('\n')[0]!
        expect(await verify(key, proof.replace(signature, spoilt(signature, 40)))).toContain(
          'not signed',
        )
        expect(await verify(key, proof, `${document} `)).toContain('another document')
        const foreign = (await listedKey(nodes.UZ)).split('+')
        const another = [key.split('+')[0], ...foreign.slice(1)].join('+')
        expect(await verify(another, proof)).toContain('another id')
      })

      it('proves that it has only grown', async () => {
        const key = await listedKey()
        const { log } = nodes.BY.running.deps
        const older = await eventually('a checkpoint', () => log.checkpoint())
        const chamber = await nodes.BY.client('issuer', 'BY.CCI')
        for (let i = 0; i < 3; i++) {
          const certificate = content(await freshCertificate())
          answered(await chamber.api.issueCertificate({ body: { certificate } }), 201)
        }
        const newer = await eventually('a larger checkpoint', async () => {
          const checkpoint = await log.checkpoint()
          return checkpoint && checkpoint.size > older.size ? checkpoint : undefined
        })
        const hashes = await proveConsistency(
          sha256Sync,
          logHashReader(sha256Sync, log, newer.size),
          older.size,
          newer.size,
        )
        const proof = hashes.map((hash) => `${Buffer.from(hash).toString('base64')}\n`)
        const verify = (from: string, to: string, path: readonly string[]) =>
          verified('consistency', key, from, to, path.join(''))
        expect(await verify(older.note, newer.note, proof)).toBe('')
        expect(await verify(newer.note, older.note, proof)).toContain('not in order')
        expect(await verify(older.note, newer.note, proof.slice(1))).not.toBe('')
        for (const [i, line] of [...proof.entries()].slice(0, 2))
          expect(await verify(older.note, newer.note, proof.with(i, spoilt(line, 7)))).toContain(
            'tree',
          )
      })
    },
  )
})

/** The log key of a state as its trust list tells it. */
async function listedKey({ url } = nodes.BY): Promise<string> {
  const [, payload] = (await (await fetch(`${url}/trust/list`)).text()).split('.')
  const { logs } = JSON.parse(Buffer.from(payload!, 'base64url').toString()) as {
    logs: { origin: string; key: string }[]
  }
  return logs.find(({ origin }) => origin.includes('/log/'))!.key
}

const SCRIPT = fileURLToPath(new URL('../support/verify-log.sh', import.meta.url))

/** What a script that shares nothing with the product says against it; empty: nothing. */
async function verified(what: string, key: string, ...files: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'certex-log-'))
  try {
    const paths = files.map((_, i) => join(folder, String(i)))
    await Promise.all(files.map((text, i) => writeFile(paths[i]!, text)))
    await promisify(execFile)('sh', [SCRIPT, what, key, ...paths])
    return ''
  } catch (error) {
    return (error as { stderr: string }).stderr
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** With another character at a place of its base64. */
function spoilt(text: string, at: number): string {
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
}

function cutAt(text: string, border: string): [string, string] {
  const at = text.indexOf(border)
  return [text.slice(0, at), text.slice(at + border.length)]
}
