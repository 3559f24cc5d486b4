import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LogProof, parseLogProof, provesInclusion } from '../../src/tlog/proof.ts'
import { sha256Sync } from '../../src/crypto/suite.ts'
import { freshCertificate } from '../support/hostile.ts'
import { peerOf, postAs } from '../support/sign-as.ts'
import { eventually, prepareTwoStates, startTestNode, type TestNode } from '../support/two-nodes.ts'
import { answered, content } from '../support/typed.ts'

/** Before what failed in the first second would come round again by itself: looks are a minute apart. */
const SOON_MS = 30_000

let folder: string
const nodes: TestNode[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certex-first-contact-'))
})
afterAll(async () => {
  await Promise.all(nodes.map(({ running }) => running.stop()))
  await rm(folder, { recursive: true, force: true })
})

const failures = ({ log }: TestNode, of: string) => log.filter((line) => line.includes(of)).length

async function issue(node: TestNode, party: string): Promise<string> {
  const issuer = await node.client('issuer', party)
  const certificate = content(await freshCertificate())
  return answered(await issuer.api.issueCertificate({ body: { certificate } }), 201).body.sha256
}

async function knows({ running }: TestNode, state: string): Promise<boolean> {
  return (await running.deps.trust()).view.states().includes(state)
}

function proofIn(body: unknown): LogProof {
  const proof = parseLogProof(new TextEncoder().encode(String(body)))
  if ('malformed' in proof) throw new Error(proof.malformed)
  return proof
}

/** What a node proves of its peer's log, as soon as it holds so much of it and lacks nothing. */
async function mirroredProof(node: TestNode, peer: string, index: bigint): Promise<LogProof> {
  const auditor = await node.client('auditor', `${node.state}.AUDIT`)
  const origin = await eventually(
    `${node.state} has all of ${peer}`,
    async () => {
      const answer = await auditor.api.getCompleteness({ params: { peer } })
      const [log] = answered(answer, 200).body.logs
      return log && log.mirrored > index && log.missing.length === 0 ? log.origin : undefined
    },
    SOON_MS,
  )
  const query = `origin=${encodeURIComponent(origin)}&index=${index}`
  const { status, body } = await auditor.get(`/v1/peers/${peer}/log-proof?${query}`)
  expect(status).toBe(200)
  const proof = proofIn(body)
  expect(provesInclusion(sha256Sync, proof, proof.extra!)).toBe(true)
  return proof
}

describe('two fresh nodes, one started after the other', () => {
  it('have mirror, completeness and proofs of each other as soon as both are there', async () => {
    const { BY: by, UZ: uz } = await prepareTwoStates(folder)
    const BY = await startTestNode(by)
    nodes.push(BY)
    await eventually(
      'the first tries fail',
      async () =>
        failures(BY, 'trust data of a peer cannot be fetched') > 1 &&
        failures(BY, 'the log of a peer cannot be mirrored') > 0,
    )
    const UZ = await startTestNode(uz)
    nodes.push(UZ)
    await eventually('the list of UZ is there', () => knows(BY, 'UZ'), SOON_MS)

    const issued = await issue(BY, 'BY.CCI')
    const auditor = await BY.client('auditor', 'BY.AUDIT')
    const own = await eventually(
      'the certificate is under a cosigned checkpoint',
      async () => {
        const { status, body } = await auditor.get(`/log/proof/${issued}`)
        const isCosigned = status === 200 && String(body).includes('exchange.uz/witness/1')
        return isCosigned ? proofIn(body) : undefined
      },
      SOON_MS,
    )
    expect(await mirroredProof(UZ, 'BY', own.index)).toMatchObject({ index: own.index })
    expect(await mirroredProof(BY, 'UZ', 0n)).toMatchObject({ index: 0n })
  })
})

describe('a node that somebody calls', () => {
  it('is told who calls, or that no list names the key, and of nobody else', async () => {
    const [BY, UZ] = nodes
    const called: (string | undefined)[] = []
    const told = BY!.running.deps as { called: (peer: string | undefined) => void }
    const former = told.called
    told.called = (peer) => called.push(peer)
    await UZ!.running.schedule.stop()
    const peer = await peerOf(UZ!)
    called.length = 0
    const push = { messages: [] }
    expect((await postAs(peer, BY!, '/exchange/v1/messages', push)).status).toBe(200)
    const unknown = { keyid: 'A'.repeat(43) }
    expect((await postAs(peer, BY!, '/exchange/v1/messages', push, unknown)).status).toBe(401)
    const other = { key: (await peerOf(BY!)).key }
    expect((await postAs(peer, BY!, '/exchange/v1/messages', push, other)).status).toBe(401)
    told.called = former
    expect(called).toEqual(['UZ', undefined])
  })
})
