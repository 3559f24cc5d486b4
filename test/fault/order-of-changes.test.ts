import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { MAX_CHANGES } from '../../src/exchange/issuing/change-status.ts'
import { receiveMessages } from '../../src/exchange/incoming/receive.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { today } from '../support/day.ts'
import { claimsFor, digest, forge, freshCertificate, rowsOf, sealOf } from '../support/hostile.ts'
import { peerOf, postAs } from '../support/sign-as.ts'
import { eventually, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

let nodes: TwoNodes
beforeAll(async () => {
  nodes = await startTwoNodes()
})
afterAll(() => nodes.close())

it('a party that changes a certificate without end is refused, and may still annul it', async () => {
  const { BY, UZ } = nodes
  const seal = await sealOf(BY, 'BY.TESTCERT')
  const payload = claimsFor(BY, await freshCertificate('conformity-eaeu-certificate'), {
    iss: 'BY.TESTCERT',
    aud: ['UZ'],
  })
  const certificate = await forge(seal, { payload })
  const common = { schema: 'status-change/1', iss: 'BY.TESTCERT', aud: ['UZ'] }
  const changeOf = (change: string, reason: string) => {
    const said = { ...common, target: digest(certificate), change, effectiveFrom: today, reason }
    return forge(seal, { typ: 'status-change+jwt', payload: said })
  }
  const changes = await Promise.all(
    Array.from({ length: MAX_CHANGES + 1 }, (_, n) =>
      changeOf(n % 2 === 0 ? 'suspend' : 'resume', `Проверка ${n}`),
    ),
  )
  const documents = [certificate, ...changes, await changeOf('annul', 'Проверка')]
  const messages = documents.map((document, i) => ({ seq: 5_000 + i, document }))
  for (let i = 0; i < messages.length; i += 50)
    await receiveMessages(UZ.running.deps)('BY', messages.slice(i, i + 50))
  const decisions = rowsOf(UZ, 'decisions')
  const fates = documents.slice(1).map((document) => {
    const found = decisions.find(({ sha256 }) => sha256 === digest(document))
    return `${String(found?.['outcome'])} ${String(found?.['findings'])}`
  })
  expect(new Set(fates.slice(0, MAX_CHANGES))).toEqual(new Set(['accepted []']))
  expect(fates.slice(MAX_CHANGES)).toEqual(['refused ["TOO-MANY-CHANGES"]', 'accepted []'])
})

it('a change that follows from one that still waits is not refused before that one is decided', async () => {
  const { BY, UZ } = nodes
  const seal = await sealOf(BY, 'BY.TESTCERT')
  const peer = await peerOf(BY)
  const payload = claimsFor(BY, await freshCertificate('conformity-eaeu-certificate'), {
    iss: 'BY.TESTCERT',
    aud: ['UZ'],
  })
  const certificate = await forge(seal, { payload })
  const target = digest(certificate)
  const changeOf = (change: string) =>
    forge(seal, {
      typ: 'status-change+jwt',
      payload: {
        schema: 'status-change/1',
        iss: 'BY.TESTCERT',
        aud: ['UZ'],
        target,
        change,
        effectiveFrom: today,
        reason: 'Проверка',
      },
    })
  let seq = 0
  const push = async (document: string) => {
    const messages = [{ seq: ++seq, document }]
    const { body, text } = await postAs(peer, UZ, '/exchange/v1/messages', { messages })
    const { received } = body as { received: { state: string }[] }
    expect(received, text).toHaveLength(1)
    return received[0]!.state
  }
  expect(await push(certificate)).toBe('decided')
  // Belarus can be asked for nothing: its CRLs are gone until they are put back.
  await BY.running.stop()
  const database = new SqliteDatabase(join(UZ.data, 'node.sqlite'))
  const trustChanged = 'UPDATE node SET trust_revision = trust_revision + 1'
  database.raw.exec(
    `CREATE TEMP TABLE kept AS SELECT * FROM crls; DELETE FROM crls; ${trustChanged}`,
  )
  const suspended = await changeOf('suspend')
  expect(await push(suspended)).toBe('received')
  database.raw.exec(`INSERT INTO crls SELECT * FROM kept; ${trustChanged}`)
  const resumed = await changeOf('resume')
  await push(resumed)
  await eventually('both are decided', () =>
    Promise.resolve(rowsOf(UZ, 'inbox').every(({ waits_for: waits }) => waits === null)),
  )
  const decisions = rowsOf(UZ, 'decisions')
  for (const change of [suspended, resumed])
    expect(decisions.find(({ sha256 }) => sha256 === digest(change))).toMatchObject({
      outcome: 'accepted',
    })
  expect(rowsOf(UZ, 'certificates')).toContainEqual(
    expect.objectContaining({ sha256: target, status: 'resumed' }),
  )

  // What is wrong for good is refused, also while nothing waits.
  const again = await changeOf('resume')
  await push(again)
  expect(rowsOf(UZ, 'decisions').find(({ sha256 }) => sha256 === digest(again))).toMatchObject({
    outcome: 'refused',
    findings: '["CHANGE-NOT-FROM-THIS-STATE"]',
  })
  database.close()
})
