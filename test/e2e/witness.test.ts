import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256Sync } from '../../src/crypto/suite.ts'
import { readConfig } from '../../src/node/config.ts'
import { backUp, restoreBackup } from '../../src/node/backup.ts'
import { formatCheckpoint, parseSignedCheckpoint } from '../../src/tlog/checkpoint.ts'
import { verifyCosignature } from '../../src/tlog/cosignature.ts'
import { signNote } from '../../src/tlog/note-signature.ts'
import { formatSignedNote } from '../../src/tlog/signed-note.ts'
import { formatAddCheckpoint } from '../../src/tlog/witness-request.ts'
import { freshCertificate } from '../support/hostile.ts'
import { answered, content } from '../support/typed.ts'
import {
  eventually,
  startTestNode,
  startTwoNodes,
  type TestNode,
  type TwoNodes,
} from '../support/two-nodes.ts'

let nodes: TwoNodes
beforeEach(async () => {
  nodes = await startTwoNodes()
})
afterEach(() => nodes.close())

/** A certificate that is decided: its receipt lets the log grow no more. */
async function issue(): Promise<string> {
  const chamber = await nodes.BY.client('issuer', 'BY.CCI')
  const certificate = content(await freshCertificate())
  const issued = await chamber.api.issueCertificate({ body: { certificate } })
  const { sha256 } = answered(issued, 201).body
  const { outbox } = nodes.BY.running.deps
  await eventually('it is decided', async () => (await outbox.delivery('UZ', sha256))?.decision)
  return sha256
}

/** The newest checkpoint that the other node has cosigned. */
const cosigned = ({ running }: TestNode, atLeast = 1n) =>
  eventually('a checkpoint is cosigned', async () => {
    const checkpoint = await running.deps.log.cosignedCheckpoint()
    return checkpoint && checkpoint.size >= atLeast ? checkpoint : undefined
  })

const utf8 = new TextEncoder()
function parsed(note: string) {
  const signed = parseSignedCheckpoint(utf8.encode(note))
  if ('malformed' in signed) throw new Error(signed.malformed)
  return signed
}

async function postTo(node: TestNode, body: string, type = 'text/plain') {
  const headers = { 'Content-Type': type }
  return fetch(`${node.url}/witness/add-checkpoint`, { method: 'POST', headers, body })
}

describe('two nodes', () => {
  it('cosign each other’s checkpoints, and a proof carries the cosignature', async () => {
    const sha256 = await issue()
    const auditor = await nodes.BY.client('auditor', 'BY.AUDIT')
    const { key: witnessKey } = await nodes.UZ.running.deps.witnessSigner()
    const proof = await eventually('the proof is cosigned', async () => {
      const { status, body } = await auditor.get(`/log/proof/${sha256}`)
      return status === 200 && String(body).includes(witnessKey.name) ? String(body) : undefined
    })
    const signed = parsed(proof.slice(proof.indexOf('\n\n') + 2))
    expect(await verifyCosignature(signed, witnessKey)).toEqual({ at: expect.any(Date) })
    await cosigned(nodes.UZ)
  })

  it('answer a log with the status codes of tlog-witness', async () => {
    await issue()
    await cosigned(nodes.BY)
    // It signs nothing newer meanwhile.
    await nodes.BY.running.schedule.stop()
    const { size, note } = await cosigned(nodes.BY)
    const signed = parsed(note)
    const { logSigner } = nodes.BY.running.deps
    const signer = await logSigner()
    const forged = async (at: bigint, by = signer) => {
      const { origin } = signed.checkpoint
      const rootHash = sha256Sync(utf8.encode('another tree'))
      const text = formatCheckpoint({ origin, size: at, rootHash, extensions: [] })
      return parsed(formatSignedNote({ text, signatures: [await signNote(text, by)] }))
    }
    const ask = async (oldSize: bigint, what: typeof signed, proof: Uint8Array[] = []) =>
      postTo(nodes.UZ, formatAddCheckpoint({ oldSize, proof, signed: what }))

    const again = await ask(size, signed)
    expect(again.status).toBe(200)
    expect(again.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(await again.text()).toMatch(/^\u2014 exchange\.uz\/witness\/1 \S+\n$/)

    const behind = await ask(0n, signed)
    expect(behind.status).toBe(409)
    expect(behind.headers.get('content-type')).toBe('text/x.tlog.size')
    expect(await behind.text()).toBe(`${size}\n`)

    expect((await ask(size + 5n, signed)).status).toBe(400)
    expect((await ask(size, await forged(size + 9n), [sha256Sync(utf8.encode('x'))])).status).toBe(
      422,
    )
    const unknown = await nodes.UZ.running.deps.logSigner()
    expect((await ask(size, await forged(size, { ...unknown, key: signer.key }))).status).toBe(403)
    expect(
      (await postTo(nodes.BY, formatAddCheckpoint({ oldSize: 0n, proof: [], signed }))).status,
    ).toBe(404)
    expect((await postTo(nodes.UZ, 'old x\n\n')).status).toBe(400)
  })

  it('take a request of any media type, because the specification names none, up to its bound', async () => {
    await issue()
    await cosigned(nodes.BY)
    await nodes.BY.running.schedule.stop()
    const { size, note } = await cosigned(nodes.BY)
    const body = formatAddCheckpoint({ oldSize: size, proof: [], signed: parsed(note) })
    for (const type of [
      // What curl and urllib send by themselves.
      'application/x-www-form-urlencoded',
      'text/plain; charset=utf-16',
      'application/json',
      'application/octet-stream',
      'no media type',
      '',
    ]) {
      const { status } = await postTo(nodes.UZ, body, type)
      expect({ type, status }).toEqual({ type, status: 200 })
      const long = await postTo(nodes.UZ, body + 'x'.repeat(140_000), type)
      expect({ type, status: long.status }).toEqual({ type, status: 413 })
    }
    // Of bytes alone `fetch` names no media type.
    const untyped = await fetch(`${nodes.UZ.url}/witness/add-checkpoint`, {
      method: 'POST',
      body: utf8.encode(body),
    })
    expect(untyped.status).toBe(200)
    // Nothing that is packed is unpacked.
    const packed = await fetch(`${nodes.UZ.url}/witness/add-checkpoint`, {
      method: 'POST',
      headers: { 'Content-Encoding': 'gzip' },
      body: utf8.encode(body),
    })
    expect(packed.status).toBe(415)
  })

  it('keep the proof when the other state signs a second history, and tell the operators', async () => {
    await issue()
    const { size, note } = await cosigned(nodes.BY)
    const { origin } = parsed(note).checkpoint
    const rootHash = sha256Sync(utf8.encode('without the certificate'))
    const text = formatCheckpoint({ origin, size, rootHash, extensions: [] })
    const signatures = [await signNote(text, await nodes.BY.running.deps.logSigner())]
    const signed = parsed(formatSignedNote({ text, signatures }))
    const answer = await postTo(nodes.UZ, formatAddCheckpoint({ oldSize: size, proof: [], signed }))
    expect(answer.status).toBe(409)

    const [fork] = await nodes.UZ.running.deps.witnessed.forks(10)
    expect(parsed(fork!.first).checkpoint.rootHash).toEqual(parsed(note).checkpoint.rootHash)
    expect(parsed(fork!.second).checkpoint.rootHash).toEqual(rootHash)
    const authority = await nodes.UZ.client('authority', 'UZ.STATE')
    const alarms = (await authority.get('/v1/alarms')).body as { alarms: { kind: string }[] }
    expect(alarms.alarms).toContainEqual(
      expect.objectContaining({ kind: 'log-forked', peer: 'BY' }),
    )

    // Goods do not wait for it: certificates keep flowing. Which history is the true one people decide;
    // until then neither is cosigned, and the log that signed both is told.
    const later = await issue()
    await eventually('it is there', () => nodes.UZ.running.deps.certificates.findByDigest(later))
    const { log } = nodes.BY.running.deps
    await eventually('it is told', async () => (await log.doubt())?.reason === 'contradicted')
    const index = (await log.indexOf(later))!
    expect((await log.cosignedCheckpoint())!.size).toBeLessThanOrEqual(index)
  })

  it('confirm the log of a restored node that has lost nothing, and it signs on', async () => {
    await issue()
    const folder = await mkdtemp(join(tmpdir(), 'certex-restored-'))
    const { database } = readConfig(nodes.BY.configFile, {})
    const { size } = await cosigned(nodes.BY, (await nodes.BY.running.deps.log.frontier()).size)
    await nodes.BY.running.stop()
    const backup = join(folder, 'backup.sqlite')
    await backUp(database, backup)
    await restoreBackup({ state: 'BY', database, from: backup, replace: true, now: new Date() })
    const back = await startTestNode(nodes.BY)
    try {
      await cosigned({ ...nodes.BY, running: back.running }, size + 1n)
      // What was cosigned while it stopped may be as long: the doubt ends with the answer to that.
      const { log } = back.running.deps
      await eventually('it is confirmed', async () => (await log.doubt()) === undefined)
    } finally {
      await back.running.stop()
      await rm(folder, { recursive: true })
    }
  })

  it('tell a node that its database is an old one, and it signs nothing more', async () => {
    await issue()
    const folder = await mkdtemp(join(tmpdir(), 'certex-rollback-'))
    const { database } = readConfig(nodes.BY.configFile, {})
    const backup = join(folder, 'backup.sqlite')
    await backUp(database, backup)
    await issue()
    const { size } = await cosigned(nodes.BY, (await nodes.BY.running.deps.log.frontier()).size)
    await nodes.BY.running.stop()
    await restoreBackup({ state: 'BY', database, from: backup, replace: true, now: new Date() })
    let back = await startTestNode(nodes.BY)
    try {
      const alarm = await eventually('it is told', async () =>
        (await back.running.deps.alarms.list(0, 100)).find(
          ({ kind }) => kind === 'own-log-rolled-back',
        ),
      )
      expect(alarm.detail).toContain(`cosigned ${size} entries`)
      // Also when it has overtaken what was cosigned: nothing of its own is signed, and all is told.
      await back.running.stop()
      back = await startTestNode(nodes.BY)
      const { deps } = back.running
      const before = (await deps.log.checkpoint())!
      const chamber = await back.client('issuer', 'BY.CCI')
      const issued = async () => {
        const certificate = content(await freshCertificate())
        const answer = await chamber.api.issueCertificate({ body: { certificate } })
        return answered(answer, 201).body.sha256
      }
      let last = await issued()
      while ((await deps.log.frontier()).size <= size) last = await issued()
      // Certificates keep flowing.
      await eventually('it is there', () => nodes.UZ.running.deps.certificates.findByDigest(last))
      await new Promise((resolve) => setTimeout(resolve, 2_500))
      expect(await deps.log.checkpoint()).toEqual(before)
      const authority = await back.client('authority', 'BY.STATE')
      const { warnings } = (await authority.get('/v1/warnings')).body as {
        warnings: { kind: string; message: string }[]
      }
      expect(warnings.map(({ kind }) => kind)).toContain('log-unconfirmed')
      const told = await deps.alarms.list(0, 100)
      expect(told.filter(({ kind }) => kind === 'own-log-rolled-back')).toHaveLength(1)
    } finally {
      await back.running.stop()
      await rm(folder, { recursive: true })
    }
  })
})
