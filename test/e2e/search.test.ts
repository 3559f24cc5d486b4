import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDays } from '../../src/certificate/day.ts'
import type { DemoCertificate } from '../../src/cli/demo/documents.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { differencesFromLog } from '../../src/storage/rebuild-differences.ts'
import { freshCertificate, rowsOf } from '../support/hostile.ts'
import { eventually, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

type Name = 'tractors' | 'dairy' | 'fruit' | 'declaration' | 'eaeu'

let nodes: TwoNodes
const issued = {} as Record<Name, DemoCertificate & { sha256: string; appendedAt: string }>
const clients: Record<string, ApiClient> = {}

beforeAll(async () => {
  nodes = await startTwoNodes()
  const { BY, UZ } = nodes
  clients['chamber'] = await BY.client('issuer', 'BY.CCI')
  clients['branch'] = await BY.client('issuer', 'BY.CCI.001')
  clients['sibling'] = await BY.client('issuer', 'BY.CCI.002')
  clients['certifier'] = await BY.client('issuer', 'BY.TESTCERT')
  clients['authority'] = await BY.client('authority', 'BY.STATE')
  clients['auditor'] = await UZ.client('auditor', 'UZ.AUDIT')
  clients['customs of BY'] = await BY.client('customs', 'BY.CUSTOMS')
  clients['customs of UZ'] = await UZ.client('customs', 'UZ.CUSTOMS')
  clients['expert'] = await UZ.client('issuer', 'UZ.EXPERTIZA')

  await issue(
    'tractors',
    'chamber',
    await renamed('origin-ct1-tractors', {
      exporter: 'ОАО «Гомсельмаш»',
      consignee: 'ООО «O‘zbekiston Agro Misol»',
    }),
  )
  await issue(
    'dairy',
    'chamber',
    await renamed('origin-ct1-2009-dairy', { exporter: 'ООО «Ёлочка»' }),
  )
  await issue('fruit', 'expert', await freshCertificate('origin-ct1-uz-dried-fruit'))
  await issue('eaeu', 'certifier', await freshCertificate('conformity-eaeu-certificate'), ['UZ'])
  await issue('declaration', 'certifier', await freshCertificate('conformity-eaeu-declaration'), [
    'UZ',
  ])
  for (const name of Object.keys(issued) as Name[])
    for (const node of [BY, UZ])
      await eventually(`${name} is at both nodes`, () =>
        node.running.deps.certificates.findByDigest(issued[name].sha256),
      )
})
afterAll(() => nodes.close())

async function renamed(example: string, names: Record<string, string>): Promise<DemoCertificate> {
  const certificate = await freshCertificate(example)
  const parties = Object.entries(names).map(([role, name]) => [
    role,
    { ...(certificate[role] as object), name },
  ])
  return { ...certificate, ...(Object.fromEntries(parties) as object) }
}

async function issue(name: Name, by: string, certificate: DemoCertificate, to?: string[]) {
  const { status, body } = await clients[by]!.post('/v1/certificates', { certificate, to })
  expect(status, JSON.stringify(body)).toBe(201)
  const { sha256 } = body as { sha256: string }
  const node = by === 'expert' ? nodes.UZ : nodes.BY
  const stored = await node.running.deps.certificates.findByDigest(sha256)
  issued[name] = { ...certificate, sha256, appendedAt: stored!.appendedAt }
}

interface Page {
  certificates: { sha256: string; number: string }[]
  next?: string
}

async function ask(
  who: string,
  query: Record<string, string>,
): Promise<{ status: number; body: Page }> {
  const answer = await clients[who]!.get(
    `/v1/certificates?${new URLSearchParams(query).toString()}`,
  )
  return answer as { status: number; body: Page }
}

/** Which of the certificates are answered, sorted by name. */
async function found(who: string, query: Record<string, string>): Promise<Name[]> {
  const { status, body } = await ask(who, query)
  expect(status, JSON.stringify(body)).toBe(200)
  const names = Object.keys(issued) as Name[]
  return body.certificates
    .map(({ sha256 }) => names.find((name) => issued[name].sha256 === sha256)!)
    .toSorted()
}

describe('a certificate is found', () => {
  const party: [question: string, expected: Name[]][] = [
    ['Гомсельмаш', ['tractors']],
    ['gomselmash', ['tractors']],
    ['ГОМСЕЛЬ', ['tractors']],
    ['«Gomsel’mash»', ['tractors']],
    ["o'zbekiston", ['tractors']],
    ['Oʻzbekiston', ['tractors']],
    ['ўзбек', ['tractors']],
    ['агро misol', ['tractors']],
    ['OAO gomsel', ['tractors']],
    ['елочка', ['dairy']],
    ['Yolochka', ['dairy']],
    ['олтин боғ', ['fruit']],
    ['Oltin Bogʼ', ['fruit']],
    ['немански', ['eaeu']],
    ['Гомсельмаш Ёлочка', []],
    ['омсельмаш', []],
    ['Минск', []],
  ]
  it.each(party)('by words of a party: %s', async (question, expected) => {
    expect(await found('authority', { party: question })).toEqual(expected)
  })

  it('by its number as written, folded or begun, whatever the case', async () => {
    const { number } = issued.tractors
    for (const question of [number, number.toLowerCase(), ` №${number}`, number.slice(0, -2)])
      expect(await found('authority', { number: question })).toContain('tractors')
    expect(await found('authority', { number })).toEqual(['tractors'])
    expect(await found('authority', { number: number.slice(0, 3) })).toEqual([])
    const eaeu = issued.eaeu.number
    for (const question of [eaeu, eaeu.replaceAll(' ', ''), eaeu.replace('ТР', 'TP').toLowerCase()])
      expect(await found('authority', { number: question })).toEqual(['eaeu'])
  })

  it('by the tax number of a party, whole and however grouped', async () => {
    const { value } = (issued.tractors['exporter'] as { taxId: { value: string } }).taxId
    for (const taxId of [value, `${value.slice(0, 3)} ${value.slice(3)}`])
      expect(await found('authority', { taxId })).toEqual(['eaeu', 'tractors'])
    expect(await found('authority', { taxId: value.slice(0, -1) })).toEqual([])
  })

  it('by an invoice in it, whole', async () => {
    for (const question of ['OB-17', 'ob-17', 'ОВ‑17'])
      expect(await found('authority', { invoice: question })).toEqual(['fruit'])
    expect(await found('authority', { invoice: 'OB-1' })).toEqual([])
  })

  it('by a commodity code or its first digits', async () => {
    for (const hs of ['08', '0813', '0813.20', '0813 20 000 0'])
      expect(await found('authority', { hs })).toEqual(['fruit'])
    expect(await found('authority', { hs: '87' })).toContain('tractors')
    expect(await found('authority', { hs: '98' })).toEqual([])
  })

  it('by issuer, issuing state, type, status and dates', async () => {
    const { usableUntil, appendedAt } = issued.tractors as unknown as Record<string, string>
    const today = (issued.tractors['certification'] as { date: string }).date
    expect(await found('authority', { issuer: 'BY.CCI' })).toEqual(['dairy', 'tractors'])
    expect(await found('authority', { issuer: 'BY.CCI.001', state: 'BY' })).toEqual([
      'dairy',
      'tractors',
    ])
    expect(await found('authority', { issuer: 'BY.CC' })).toEqual([])
    expect(await found('authority', { state: 'UZ' })).toEqual(['fruit'])
    expect(await found('authority', { type: 'conformity.eaeu' })).toEqual(['declaration', 'eaeu'])
    expect(await found('authority', { status: 'active' })).toEqual(['declaration', 'eaeu'])
    expect(await found('authority', { status: 'annulled' })).toEqual([])
    expect(await found('authority', { issuedFrom: today, issuedTo: today })).toHaveLength(5)
    expect(await found('authority', { issuedTo: addDays(today, -1) })).toEqual([])
    expect(await found('authority', { validOn: usableUntil!, type: 'origin.ct1' })).toEqual([
      'dairy',
      'fruit',
      'tractors',
    ])
    expect(
      await found('authority', { validOn: addDays(usableUntil!, 1), type: 'origin.ct1' }),
    ).toEqual([])
    expect(await found('authority', { appendedFrom: appendedAt! })).toHaveLength(5)
    expect(await found('authority', { appendedTo: '2020-01-01T00:00:00Z' })).toEqual([])
  })

  it('by all conditions together, of which each must hold', async () => {
    const all = {
      number: issued.tractors.number,
      party: 'gomselmash',
      hs: '87',
      invoice: 'нм-26/31',
      issuer: 'BY.CCI',
      state: 'BY',
      type: 'origin.ct1',
      status: 'issued',
      appendedFrom: '2020-01-01T00:00:00Z',
      validOn: (issued.tractors['certification'] as { date: string }).date,
    }
    expect(await found('authority', all)).toEqual(['tractors'])
    const wrong = {
      number: issued.fruit.number,
      party: 'yolochka',
      hs: '08',
      invoice: 'OB-17',
      issuer: 'BY.TESTCERT',
      state: 'UZ',
      type: 'conformity.uz',
      status: 'replaced',
      appendedFrom: '2120-01-01T00:00:00Z',
      validOn: '2020-01-01',
    }
    for (const [name, value] of Object.entries(wrong))
      expect(await found('authority', { ...all, [name]: value }), name).toEqual([])
  })
})

describe('a certificate that was changed', () => {
  it('is found by its new state and its new end', async () => {
    const { number, type, validUntil } = issued.eaeu as unknown as Record<string, string>
    const until = addDays(validUntil!, 30)
    const question = { party: 'nyomanskiy' }
    expect(await found('authority', { ...question, validOn: until })).toEqual([])
    const path = `/v1/certificates/by-number/status-changes?${new URLSearchParams({ state: 'BY', type: type!, number: number! }).toString()}`
    const { status, body } = await clients['certifier']!.post(path, {
      change: 'extend',
      effectiveFrom: issued.eaeu['validFrom'],
      reason: 'Контракт продлён',
      validUntil: until,
    })
    expect(status, JSON.stringify(body)).toBe(201)
    for (const who of ['authority', 'auditor'])
      await eventually('the extension is known', async () => {
        const names = await found(who, { ...question, validOn: until })
        return names.join() === 'eaeu'
      })
    for (const who of ['authority', 'auditor']) {
      expect(await found(who, { ...question, validOn: addDays(until, 1) })).toEqual([])
      expect(await found(who, { status: 'extended' })).toEqual(['eaeu'])
      expect(await found(who, { status: 'active' })).toEqual(['declaration'])
    }
  })
})

describe('a list', () => {
  const seen: Record<string, Name[]> = {
    chamber: ['dairy', 'tractors'],
    branch: ['dairy', 'tractors'],
    sibling: [],
    certifier: ['declaration', 'eaeu'],
    expert: ['fruit'],
    'customs of BY': ['fruit'],
    'customs of UZ': ['dairy', 'declaration', 'eaeu', 'tractors'],
    authority: ['dairy', 'declaration', 'eaeu', 'fruit', 'tractors'],
    auditor: ['dairy', 'declaration', 'eaeu', 'fruit', 'tractors'],
  }
  it.each(Object.entries(seen))('shows %s only its own, in full pages', async (who, expected) => {
    expect(await found(who, {})).toEqual(expected)
    for (const name of Object.keys(issued) as Name[])
      expect(await found(who, { number: issued[name].number })).toEqual(
        expected.includes(name) ? [name] : [],
      )
    const { body } = await ask(who, { limit: '2' })
    expect(body.certificates).toHaveLength(Math.min(2, expected.length))
    expect('next' in body).toBe(expected.length > 2)
  })

  it('is recorded for every certificate it shows', async () => {
    const before = rowsOf(nodes.UZ, 'accesses').length
    const { body } = await ask('customs of UZ', { limit: '3' })
    const recorded = rowsOf(nodes.UZ, 'accesses').slice(before)
    expect(recorded).toMatchObject(
      body.certificates.map(({ sha256 }) => ({
        certificate: sha256,
        operation: 'searchCertificates',
        role: 'customs',
      })),
    )
  })

  it('goes on from a cursor of its own, and from no other', async () => {
    const { body } = await ask('chamber', { limit: '1' })
    expect((await ask('chamber', { after: body.next! })).body.certificates).toHaveLength(1)
    const refused = async (who: string, after: string) => {
      const answer = await ask(who, { after })
      expect(answer).toMatchObject({
        status: 400,
        body: { type: expect.stringContaining('invalid-parameter') as string },
      })
      return JSON.stringify({ ...answer.body, instance: '' })
    }
    // What is hidden from a reader is refused word for word as what does not exist.
    expect(await refused('chamber', issued.eaeu.sha256)).toBe(
      await refused('chamber', 'A'.repeat(43)),
    )
    await refused('sibling', body.next!)
    for (const after of ['', '1', '0.1', '-1', "' OR 1=1 --", 'A'.repeat(44), `${'A'.repeat(42)}=`])
      await refused('chamber', after)
  })

  it('neither repeats nor skips while certificates come in', async () => {
    const before = (await ask('authority', {})).body.certificates.map(({ sha256 }) => sha256)
    const read: string[] = []
    let after: string | undefined
    let more = 3
    do {
      const { body } = await ask('authority', { limit: '1', ...(after !== undefined && { after }) })
      read.push(...body.certificates.map(({ sha256 }) => sha256))
      after = body.next
      if (more-- > 0) {
        const { status } = await clients['chamber']!.post('/v1/certificates', {
          certificate: await freshCertificate(),
        })
        expect(status).toBe(201)
      }
    } while (after !== undefined)
    expect(read).toEqual(before)
    const now = (await ask('authority', {})).body.certificates.map(({ sha256 }) => sha256)
    expect(now.slice(3)).toEqual(before)
  })
})

describe('hostile parameters', () => {
  const refused: Record<string, Record<string, string>> = {
    'a name of wildcards': { party: '%_*' },
    'a name of quotes': { party: '«»' },
    'an empty name': { party: '' },
    'NUL for a name': { party: '\u0000' },
    'a hundred words': { party: Array.from({ length: 100 }, (_, i) => `w${i}`).join(' ') },
    'nine words': { party: 'a b c d e f g h i' },
    'a name without end': { party: 'a'.repeat(301) },
    'a number of nothing': { number: ' № ' },
    'a number without end': { number: '1'.repeat(101) },
    'a tax number of nothing': { taxId: '--' },
    'a commodity code with a wildcard': { hs: '87%' },
    'a commodity code of one digit': { hs: '8' },
    'a commodity code of eleven digits': { hs: '87019310001' },
    'an issuer that is none': { issuer: "BY.CCI' OR '1'='1" },
    'a state that is none': { state: 'by' },
    'a status that is none': { status: 'ISSUED' },
    'a type that is none': { type: 'origin.ct1/1' },
    'a day that is none': { validOn: '2026-02-30' },
    'an instant without a zone': { appendedFrom: '2026-02-03T00:00:00' },
    'no page': { limit: '0' },
    'a page too long': { limit: '101' },
    'a page of infinity': { limit: '1e9' },
    'an offset': { offset: '10' },
  }
  it.each(Object.entries(refused))('are refused: %s', async (_, query) => {
    const { status, body } = await ask('authority', query)
    expect({ status, body }).toMatchObject({
      status: 400,
      body: { type: expect.stringContaining('invalid-parameter') as string },
    })
  })

  it.each(['party=%ED%A0%80', 'party=%FF', 'party=a&party=b', 'number[]=1', 'party=%'])(
    'are refused: %s',
    async (query) => {
      expect((await clients['authority']!.get(`/v1/certificates?${query}`)).status).toBe(400)
    },
  )

  it.each([
    { party: "Robert'); DROP TABLE search_terms; --" },
    { party: 'gomsel%' },
    { party: '\ud83d\ude9c gomsel\u0000mash' },
    { party: '\u202egomselmash x' },
    { number: '%\u0000_' + 'x'.repeat(90) },
    { invoice: '\ufdfa'.repeat(200) },
    { taxId: '*1' },
  ])('are compared, not obeyed: %j', async (query) => {
    const names = await found('authority', query)
    expect(names.every((name) => name === 'tractors')).toBe(true)
    expect(await found('authority', { party: 'gomselmash' })).toEqual(['tractors'])
  })
})

describe('terms that an older version made', () => {
  it('are made again when the node starts, and are then those of the log', async () => {
    const { data, running } = nodes.BY
    const database = new SqliteDatabase(join(data, 'node.sqlite'))
    const before = rowsOf(nodes.BY, 'search_terms')
    database.raw.exec('DELETE FROM search_terms; UPDATE certificates SET search_version = 0')
    expect(await found('authority', { party: 'gomselmash' })).toEqual([])
    // Nothing is missing that is not going to be made again.
    expect(await differencesFromLog(database, 'BY')).toEqual([])
    await running.schedule.stop()
    running.schedule.start()
    await eventually('they are made again', () =>
      Promise.resolve(rowsOf(nodes.BY, 'certificates').every(({ search_version: v }) => v !== 0)),
    )
    expect(await found('authority', { party: 'gomselmash' })).toEqual(['tractors'])
    expect(rowsOf(nodes.BY, 'search_terms')).toEqual(before)
    expect(await differencesFromLog(database, 'BY')).toEqual([])
    database.raw.exec("DELETE FROM search_terms WHERE term = 'gomselmash'")
    database.raw.exec("INSERT INTO search_terms VALUES ('party', 'nobody', 0)")
    expect((await differencesFromLog(database, 'BY')).toSorted()).toEqual([
      expect.stringMatching(/^search_terms party gomselmash \d+: missing$/),
      'search_terms party nobody 0: not in the log',
    ])
    database.close()
  })
})

describe('the list of those who read a certificate', () => {
  it('is told in pages, the oldest first, under both addresses', async () => {
    const { number, type, sha256 } = issued.dairy
    const { accesses } = nodes.BY.running.deps
    const before = (await accesses.of(sha256, 0, 10_000)).length
    const one = { client: 'bulk', party: 'BY.CCI', role: 'issuer', context: undefined }
    for (let i = 0; i < 30; i++)
      await accesses.record(
        Array.from({ length: 50 }, (_, k) => ({
          ...one,
          at: '2026-03-02T00:00:00Z',
          operation: `${i * 50 + k}`,
          certificate: sha256,
        })),
      )
    const addresses: [path: string, identity: Record<string, string>][] = [
      [`/v1/certificates/BY/${type}/${number}/accesses`, {}],
      ['/v1/certificates/by-number/accesses', { state: 'BY', type, number }],
    ]
    for (const [path, identity] of addresses) {
      const page = (query: Record<string, string>) =>
        clients['authority']!.get(
          `${path}?${new URLSearchParams({ ...identity, ...query }).toString()}`,
        )
      const read: { operation: string }[] = []
      let after: string | undefined
      do {
        const { status, body } = await page(after === undefined ? {} : { after })
        expect(status, JSON.stringify(body)).toBe(200)
        const { accesses: shown, next } = body as {
          accesses: { operation: string }[]
          next?: string
        }
        expect(shown.length).toBeLessThanOrEqual(1000)
        if (next !== undefined) expect(shown).toHaveLength(1000)
        read.push(...shown)
        after = next
      } while (after !== undefined)
      expect(read.slice(before).map(({ operation }) => operation)).toEqual(
        Array.from({ length: 1500 }, (_, i) => `${i}`),
      )
      for (const wrong of ['-1', '1.5', 'x', '1e3', '9'.repeat(16), ''])
        expect((await page({ after: wrong })).status).toBe(400)
    }
  })
})
