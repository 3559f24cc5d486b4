import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EvidencePack } from '../../src/exchange/evidence/pack.ts'
import { claimedList } from '../../src/exchange/evidence/trust.ts'
import { decisionAt, issue } from '../support/changes.ts'
import { certex } from '../support/cli.ts'
import { lacks } from '../support/counterparts.ts'
import { completePack, judgePack, rootOf } from '../support/evidence.ts'
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

/* The commands of docs/evidence.md, as they stand there, on a pack of a real node. */
let folder: string
let nodes: TwoNodes
let pack: EvidencePack
let commands: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certex-by-hand-'))
  const page = await readFile(new URL('../../docs/evidence.md', import.meta.url), 'utf8')
  commands = /^## By hand$[^]*?^```sh\n([^]*?)^```$/m.exec(page)![1]!
  nodes = await startTwoNodes()
  const sinov = await nodes.UZ.client('issuer', 'UZ.SINOV')
  const certificate = await issue(sinov, 'conformity-uz-certificate', ['BY'])
  await decisionAt(nodes.UZ, 'BY', certificate.sha256)
  pack = await completePack(await nodes.UZ.client('auditor', 'UZ.AUDIT'), nodes.UZ, certificate)
})
afterAll(async () => {
  await nodes.close()
  await rm(folder, { recursive: true, force: true })
})

interface Said {
  readonly code: number
  readonly text: string
}

const hexadecimal = (sha256: string) => Buffer.from(sha256, 'base64url').toString('hex')

/** Runs the page in a shell of its own, with nothing else at hand. */
async function byHand(what: EvidencePack, root = nodes.UZ.rootSha256): Promise<Said> {
  await writeFile(join(folder, 'pack.json'), JSON.stringify(what))
  const known = { log: 'UZ', witness: 'BY', root: hexadecimal(root).toUpperCase() }
  const env = { PATH: process.env['PATH'], ...known }
  const ran = promisify(execFile)('sh', ['-c', commands], { cwd: folder, env })
  return ran.then(
    ({ stdout }) => ({ code: 0, text: stdout }),
    (error: { code: number; stderr: string }) => ({ code: error.code, text: error.stderr }),
  )
}

it('is not troubled with a list in the pack beside which a good one is believed', async () => {
  const newest = pack.trustLists.find((part) => claimedList(part.jws)?.state === 'UZ')
  const jws = `${newest!.jws.slice(0, -8)}AAAAAAAA`
  const anchors = [nodes.BY, nodes.UZ].map(({ state, rootSha256 }) => [
    '--anchor',
    `${state}=${rootSha256}`,
  ])
  const refused = [{ state: 'UZ', refused: 'signature-invalid' }]
  const withFormer = { ...pack, trustLists: [{ jws }, ...pack.trustLists] }
  const file = join(folder, 'with-former.json')
  await writeFile(file, JSON.stringify(withFormer))
  const within = await certex(['validate', file, ...anchors.flat(), '--json'])
  expect(JSON.parse(within.stdout)).toMatchObject({ refusedTrustLists: refused })
  expect(within.stderr).not.toContain('not believed')
})

describe.skipIf(lacks('openssl', 'jq', 'basenc'))('a court with a shell, jq and openssl', () => {
  it('comes to the time that certex validate takes for proven', async () => {
    const { code, text } = await byHand(pack)
    expect(code, text).toBe(0)
    const { report } = await judgePack(pack, [rootOf(nodes.BY), rootOf(nodes.UZ)])
    expect(text).toContain(`the certificate existed at ${report.instants.proven!}\n`)
    expect(text).toContain('seal.pem: OK')
  })

  it('sees that a document, its proof or its root is another', async () => {
    const { jws, proof } = pack.document
    const of = (document: EvidencePack['document']) => ({ ...pack, document })
    const turned = (text: string, at: number) =>
      `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
    const others = {
      'another certificate': of({ jws: turned(jws, jws.length >> 1), proof }),
      'another leaf': of({ jws, proof: turned(proof!, proof!.indexOf('extra ') + 30) }),
      'another checkpoint': of({ jws, proof: proof!.replace(/\n(\d+)\n/, '\n1$1\n') }),
      'another signature': of({ jws, proof: turned(proof!, proof!.length - 20) }),
    }
    for (const [name, other] of Object.entries(others))
      expect((await byHand(other)).code, name).not.toBe(0)
    expect((await byHand(pack, nodes.BY.rootSha256)).code).not.toBe(0)
  })
})
