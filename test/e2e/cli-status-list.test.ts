import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoCertificate } from '../../src/cli/demo/documents.ts'
import { signStatusList } from '../../src/exchange/status-lists/token.ts'
import { packStatusList } from '../../src/status-list/status-list.ts'
import { certex } from '../support/cli.ts'
import { today } from '../support/day.ts'
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

describe('certex validate with a status list', () => {
  let nodes: TwoNodes
  beforeAll(async () => {
    nodes = await startTwoNodes()
  })
  afterAll(() => nodes.close())

  it('knows offline whether a certificate was annulled, as of the list', async () => {
    const { BY, folder } = nodes
    const chamber = await BY.client('issuer', 'BY.CCI')
    const certificate = await demoCertificate('origin-ct1-tractors', today, 41)
    const { body } = await chamber.post('/v1/certificates', { certificate })
    const keep = async (name: string, text: string) => {
      await writeFile(join(folder, name), text)
      return join(folder, name)
    }
    const fetched = async (path: string) => (await fetch(`${BY.url}${path}`)).text()
    const document = await keep('ct1.jws', (body as { document: string }).document)
    const list = await keep('by-list.jws', await fetched('/trust/list'))
    const ask = (...more: string[]) =>
      certex(
        ['validate', document, '--trust-list', list, '--crl', join(BY.keys, 'crls')].concat(
          ['--anchor', `BY=${BY.rootSha256}`, '--in', 'UZ', '--json'],
          more,
        ),
      )

    const without = await ask()
    expect(without.code).toBe(3)
    // A list that is genuine, and not the one of this certificate.
    const strange = await signStatusList({
      uri: `${BY.url}/status/2`,
      list: packStatusList(100, []),
      signer: await BY.running.deps.seals.statusSigner(),
      signedAt: new Date(),
    })
    const other = await ask('--status-list', await keep('other.jws', strange))
    expect(other.stderr).toBe('')
    const status = (
      JSON.parse(other.stdout) as {
        checks: { code: string }[]
      }
    ).checks.find(({ code }) => code === 'status-source-absent')
    expect(status).toMatchObject({ detail: `${BY.url}/status/1` })
    expect(JSON.stringify(status)).toContain(
      'without the status list to which the certificate refers',
    )
    const before = await ask('--status-list', await keep('before.jws', await fetched('/status/1')))
    expect(before.stderr).toBe('')
    expect(JSON.parse(before.stdout)).toMatchObject({
      answer: 'usable',
      indication: 'TOTAL-PASSED',
    })
    expect(before.code).toBe(0)

    const change = { change: 'annul', effectiveFrom: today, reason: 'ошибка' }
    const path = `/v1/certificates/BY/origin.ct1/${certificate.number}/status-changes`
    expect((await chamber.post(path, change)).status).toBe(201)
    const after = await ask('--status-list', await keep('after.jws', await fetched('/status/1')))
    expect(JSON.parse(after.stdout)).toMatchObject({
      answer: 'not-usable',
      reasons: ['withdrawn-by-list'],
    })
    expect(after.code).toBe(1)

    const forged = (await fetched('/status/1')).replace(/\.[^.]*$/, `.${'A'.repeat(86)}`)
    const refused = await ask('--status-list', await keep('forged.jws', forged))
    expect(refused.stderr).toContain('forged.jws is not believed')
    expect(refused.code).toBe(3)
  })
})
