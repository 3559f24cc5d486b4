import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDays } from '../../src/certificate/day.ts'
import { demoCertificate } from '../../src/cli/demo/documents.ts'
import { certex, words } from '../support/cli.ts'
import { today } from '../support/day.ts'
import { rowsOf } from '../support/hostile.ts'
import { eventually, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

const context = { officer: 'Test', purpose: 'test' }
const NAME = 'Кузнецова Анна'

let nodes: TwoNodes
let certification: { officialId: string; officialName: string }
beforeAll(async () => {
  nodes = await startTwoNodes()
  const draft = await demoCertificate('origin-ct1-tractors', today, 500)
  certification = (draft as unknown as { certification: typeof certification }).certification
})
afterAll(() => nodes.close())

const official = (id: string, change: object = {}) => ({
  id,
  body: 'BY.CCI.001',
  name: { cyrillic: NAME, latin: 'Kuznetsova Anna' },
  position: 'Эксперт',
  from: '2020-01-01',
  ...change,
})

/** Signs and publishes a register by the command line; Uzbekistan has it afterwards. */
async function published(n: number, content: object): Promise<void> {
  const { BY, UZ } = nodes
  const file = (name: string) => join(nodes.folder, name)
  await writeFile(file(`officials-${n}.json`), JSON.stringify(content))
  const previous = n > 1 ? ['--previous', file(`officials-${n - 1}.jws`)] : []
  const made = await certex([
    ...words`trust issue-officials --pki ${BY.keys} --officials ${file(`officials-${n}.json`)}
      --out ${file(`officials-${n}.jws`)} --passphrase-file ${join(BY.keys, 'passphrase')}`,
    ...previous,
  ])
  expect(made).toMatchObject({ code: 0, stderr: '' })
  const taken = await certex(
    words`trust publish-officials --config ${BY.configFile} ${file(`officials-${n}.jws`)}`,
  )
  expect(taken).toMatchObject({ code: 0, stderr: '' })
  BY.running.deps.outgoing()
  await eventually('Uzbekistan has it', async () =>
    (await UZ.running.deps.officials.versions('BY')).some(({ version }) => version === n),
  )
}

/** What the rule on officials says at customs of Uzbekistan about a new certificate. */
async function verdict(serial: number): Promise<{ found: boolean; open: boolean; answer: string }> {
  const { BY, UZ } = nodes
  const chamber = await BY.client('issuer', 'BY.CCI')
  const customs = await UZ.client('customs', 'UZ.CUSTOMS')
  const certificate = await demoCertificate('origin-ct1-tractors', today, serial)
  const issued = await chamber.post('/v1/certificates', { certificate })
  const { document, sha256 } = issued.body as { document: string; sha256: string }
  await eventually('it came', async () => UZ.running.deps.certificates.document(sha256))
  const { body } = await customs.post('/v1/validations', { context, items: [{ document }] })
  const [report] = (
    body as {
      reports: { answer: string; findings: { rule: string }[]; notEvaluated: string[] }[]
    }
  ).reports
  return {
    answer: report!.answer,
    found: report!.findings.some(({ rule }) => rule === 'ORI-OFFICIAL'),
    open: report!.notEvaluated.includes('ORI-OFFICIAL'),
  }
}

describe('the register of officials', () => {
  it('is missing at first: nobody can tell who was entitled', async () => {
    expect(await verdict(501)).toEqual({ answer: 'usable', found: false, open: true })
  })

  it('goes to the peer, warns of whoever is not in it, and is read by customs alone', async () => {
    const { UZ, BY } = nodes
    await published(1, { officials: [official('another')], deputies: [] })
    expect(await verdict(502)).toMatchObject({ answer: 'usable', found: true, open: false })
    const customs = await UZ.client('customs', 'UZ.CUSTOMS')
    const { status, body } = await customs.get('/v1/officials?state=BY&body=BY.CCI.001')
    expect([status, body]).toMatchObject([200, { version: 1, officials: [{ id: 'another' }] }])
    const ended = await customs.get('/v1/officials?state=BY&on=2019-12-31')
    expect(ended.body).toMatchObject({ officials: [] })
    const none = await customs.get('/v1/officials?state=UZ')
    expect(none).toMatchObject({ status: 200, body: { officials: [], deputies: [] } })
    const chamber = await BY.client('issuer', 'BY.CCI')
    expect((await chamber.get('/v1/officials?state=BY')).status).toBe(403)
    const shown = await certex(words`trust officials --config ${UZ.configFile} --state BY`)
    expect(shown.stdout).toContain(NAME)
    for (const node of [BY, UZ]) {
      expect(node.log.join('\n')).not.toContain(NAME)
      for (const path of ['/trust/list', '/openapi.json'])
        expect(await (await fetch(node.url + path)).text()).not.toContain(NAME)
    }
    expect(rowsOf(UZ, 'decisions').at(-1)).toBeDefined()
  })

  it('knows deputies by their days, and an official who was removed', async () => {
    const { officialId } = certification
    const deputy = (from: string, until: string) => ({
      for: 'another',
      deputy: officialId,
      from,
      until,
      basis: 'Приказ № 5',
    })
    const officials = [official('another')]
    await published(2, { officials, deputies: [deputy('2020-01-01', addDays(today, -400))] })
    expect(await verdict(503)).toMatchObject({ found: true })
    await published(3, { officials, deputies: [deputy('2020-01-01', addDays(today, 10))] })
    expect(await verdict(504)).toMatchObject({ found: false, open: false })
    const own = official(officialId)
    await published(4, { officials: [...officials, own], deputies: [] })
    expect(await verdict(505)).toMatchObject({ found: false, open: false })
    const removed = { ...own, removedAt: '2021-01-01T00:00:00Z' }
    await published(5, { officials: [...officials, removed], deputies: [] })
    expect(await verdict(506)).toMatchObject({ answer: 'usable', found: true })
  })

  it('drops nobody, does not fork, and nobody but the list signer signs it', async () => {
    const { BY } = nodes
    const files = { officials: join(nodes.folder, 'few.json'), out: join(nodes.folder, 'few.jws') }
    await writeFile(files.officials, JSON.stringify({ officials: [], deputies: [] }))
    const issue = words`trust issue-officials --pki ${BY.keys} --officials ${files.officials}
      --out ${files.out} --passphrase-file ${join(BY.keys, 'passphrase')}`
    const dropped = await certex([...issue, '--previous', join(nodes.folder, 'officials-5.jws')])
    expect(dropped).toMatchObject({ code: 1, stderr: expect.stringMatching(/is missing/) })
    expect(await certex(issue)).toMatchObject({ code: 0 })
    const fork = await certex(words`trust publish-officials --config ${BY.configFile} ${files.out}`)
    expect(fork).toMatchObject({ code: 1, stderr: expect.stringMatching(/fork: /) })
    const signed = (await readFile(join(nodes.folder, 'officials-5.jws'), 'utf8')).trim()
    expect(JSON.parse(atob(signed.split('.')[0]!))).toMatchObject({ typ: 'officials-register+jwt' })
  })
})
