import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { certex, words } from '../support/cli.ts'
import { today } from '../support/day.ts'
import { freshCertificate } from '../support/hostile.ts'
import { eventually, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

let nodes: TwoNodes
let folder: string
let number: string
let sha256: string
const environment: Record<string, Record<string, string>> = {}

beforeAll(async () => {
  nodes = await startTwoNodes()
  folder = await mkdtemp(join(tmpdir(), 'certex-call-'))
  for (const [name, node, role, party] of [
    ['chamber', nodes.BY, 'issuer', 'BY.CCI'],
    ['customs', nodes.UZ, 'customs', 'UZ.CUSTOMS'],
    ['auditor', nodes.UZ, 'auditor', 'UZ.AUDIT'],
  ] as const) {
    const { id, privateJwk } = await node.client(role, party)
    const key = join(folder, `${name}.jwk.json`)
    await writeFile(key, JSON.stringify(privateJwk))
    environment[name] = { CERTEX_NODE: node.url, CERTEX_CLIENT: id, CERTEX_KEY: key }
  }
  const certificate = await freshCertificate()
  number = certificate.number
  const body = join(folder, 'issue.json')
  await writeFile(body, JSON.stringify({ certificate }))
  const issued = await call('chamber', words`issueCertificate --body ${body}`)
  expect(issued).toMatchObject({ code: 0, stderr: '' })
  ;({ sha256 } = JSON.parse(issued.stdout) as { sha256: string })
  await eventually('it arrives', () => nodes.UZ.running.deps.certificates.findByDigest(sha256))
})
afterAll(async () => {
  await nodes.close()
  await rm(folder, { recursive: true, force: true })
})

const call = (who: string, args: readonly string[]) =>
  certex(['call', ...args], { env: environment[who] ?? {} })
const identity = () => ['state=BY', 'type=origin.ct1', `number=${number}`]
const person = ['Access-Officer=Қодиров Ш.', 'Access-Purpose=release']

describe('certex call', () => {
  it('reads as customs, under the name of a person, what the auditor then sees', async () => {
    const read = await call('customs', ['getCertificate', ...identity(), ...person])
    expect(read).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(read.stdout)).toMatchObject({ sha256, current: { status: 'issued' } })
    const accesses = await call('auditor', ['listAccesses', ...identity()])
    expect(JSON.parse(accesses.stdout)).toMatchObject({
      accesses: [
        { operation: 'getCertificate', context: { officer: 'Қодиров Ш.', purpose: 'release' } },
      ],
    })
  })

  it('prints signed documents as they are, or writes them to a file', async () => {
    const printed = await call('customs', ['getCertificateDocument', ...identity(), ...person])
    const file = join(folder, 'document.jws')
    await call('customs', ['getCertificateDocument', ...identity(), ...person, '--out', file])
    const document = await nodes.BY.running.deps.certificates.document(sha256)
    expect(printed.stdout.trim()).toBe(document)
    expect((await readFile(file, 'utf8')).trim()).toBe(document)
  })

  it('needs no key for what is public', async () => {
    const health = await certex(words`call getHealth --node ${nodes.UZ.url}`)
    expect(health).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(health.stdout)).toMatchObject({ status: 'ok', state: 'UZ' })
  })

  it('says in the words of the node why something is refused', async () => {
    const body = join(folder, 'heavy.json')
    const certificate = await freshCertificate()
    const [item] = certificate['items'] as { netKg: number; grossKg: number }[]
    const heavy = { ...certificate, items: [{ ...item!, netKg: item!.grossKg + 1 }] }
    await writeFile(body, JSON.stringify({ certificate: heavy }))
    const refused = await call('chamber', words`issueCertificate --body ${body} --language ru`)
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toMatch(/error ORI-NET-GT-GROSS .*[а-я]/)
    expect(refused.stderr).toContain('certex: Сертификат нарушает правило')
    const forbidden = await call('auditor', ['issueCertificate', '--body', body])
    expect(forbidden).toMatchObject({ code: 1 })
  })

  it('prints the reason of a problem and what to do, in the language asked for', async () => {
    const body = join(folder, 'change.json')
    const effectiveFrom = today
    await writeFile(body, JSON.stringify({ change: 'resume', effectiveFrom, reason: 'test' }))
    const change = async (language: string) => {
      const args = words`${['changeStatus', ...identity()]} --body ${body} --language ${language}`
      const { code, stdout, stderr } = await call('chamber', args)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      return stderr.replaceAll(nodes.BY.url, 'https://by.example')
    }
    expect(await change('en')).toMatchInlineSnapshot(`
      "certex: This change is not possible
        reason: not-for-this-type
        certificateStatus: issued
        The change does not follow from the present state, does not exist for this type of certificate, would begin in the future, is one too many, or is not yours to make; "reason" says which and "certificateStatus" names the present state. Read the certificate’s history first.
        https://by.example/problems/change-not-permitted
      "
    `)
    expect(await change('ru')).toMatchInlineSnapshot(`
      "certex: Это изменение невозможно
        reason: not-for-this-type
        certificateStatus: issued
        Изменение невозможно в текущем состоянии, не предусмотрено для этого вида сертификата, начиналось бы в будущем, превышает допустимое число изменений или не относится к вашим полномочиям; причина указана в «reason», текущее состояние — в «certificateStatus». Сначала ознакомьтесь с историей сертификата.
        https://by.example/problems/change-not-permitted
      "
    `)
  })

  it('names the parameter that is wrong', async () => {
    const { code, stderr } = await call('auditor', words`searchAccesses from=yesterday`)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^certex: A parameter is wrong \(from: Invalid ISO datetime/)
  })

  it.each([
    [/no operation getNothing/, ['getNothing']],
    [/no operation toString/, ['toString']],
    [/"colour=red" is no parameter name=value: there are after/, ['listAlarms', 'colour=red']],
    [/Missing: state, type, number/, ['getCertificate']],
    [/cannot stand in a path/, words`getCertificate state=BY type=.. number=1`],
    [/It takes a body/, ['createValidations']],
    [/It takes no body/, words`listAlarms --body -`],
    [/not text\/plain/, words`createValidations --body - --media-type text/plain`],
  ])('tells the wrong command line: %s', async (sentence, args) => {
    const { code, stdout, stderr } = await call('auditor', args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(sentence)
  })

  it('tells that the client is missing, or half of it', async () => {
    const node = nodes.UZ.url
    for (const args of [
      words`call listPeers --node ${node}`,
      words`call listPeers --node ${node} --client x`,
    ]) {
      const { code, stderr } = await certex(args)
      expect(code).toBe(2)
      expect(stderr).toContain('give --client and --key')
    }
  })

  it('is helped by certex operations', async () => {
    const { stdout } = await certex(['operations'])
    expect(stdout).toMatch(/^getCertificate +GET \/v1\/certificates\/\{state\}.* Read a cert/m)
  })
})
