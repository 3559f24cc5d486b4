import { generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JWK } from 'jose'
import { dayAt } from '../../certificate/day.ts'
import type { ValidationReport } from '../../exchange/validation/validation-report.ts'
import type { ClientRole } from '../../http/stores.ts'
import { signJws } from '../../jose/sign.ts'
import { type ApiClient, apiClient } from '../../node/api-client.ts'
import { publicPartOf } from '../client-key.ts'
import { clientAddedDetail } from '../../exchange/client-added.ts'
import { openWorkbench } from '../../node/bootstrap.ts'
import { prepareDevState, type PreparedState, publishDevTrust } from '../../node/dev-state.ts'
import { openSeal } from '../../node/keyring.ts'
import { Deviation, expect, until } from './deviation.ts'
import { demoCertificate, type DemoCertificate } from './documents.ts'
import { reportText } from '../report-text.ts'
import { answers, isReady, type NodeProcess, startNode, stopNode } from './node-process.ts'
import { demoStates } from './states.ts'

export interface DemoOptions {
  readonly folder: string
  readonly once: boolean
  readonly ports?: { BY: number; UZ: number }
  readonly say: (line: string) => void
}

/**
 * Two nodes on this machine, two processes: a certificate issued, delivered, validated, annulled aloud.
 *
 * @returns whether everything went as it must
 */
export async function runDemo({ folder, once, ports, say }: DemoOptions): Promise<boolean> {
  const states = demoStates(folder, ports)
  say('Certex: two states, one certificate\n')
  const started = performance.now()
  const fresh = !existsSync(join(states.BY.keys, 'manifest.json'))
  const BY = await prepareDevState(states.BY)
  const UZ = await prepareDevState(states.UZ)
  await publishDevTrust(BY, [UZ])
  await publishDevTrust(UZ, [BY])
  say(`${fresh ? 'Made' : 'Found'} keys and trust lists of both states (${since(started)})`)
  for (const { state, rootSha256 } of [BY, UZ]) say(`  root of ${state}, SHA-256 ${rootSha256}`)

  const clients = {
    chamber: await register(BY, 'demo-chamber', 'issuer', 'BY.CCI'),
    certifier: await register(BY, 'demo-certifier', 'issuer', 'BY.TESTCERT'),
    customs: await register(UZ, 'demo-customs', 'customs', 'UZ.CUSTOMS'),
    auditor: await register(UZ, 'demo-auditor', 'auditor', 'UZ.AUDIT'),
    authorityBY: await register(BY, 'demo-authority', 'authority', 'BY.CCI'),
    authorityUZ: await register(UZ, 'demo-authority', 'authority', 'UZ.EXPERTIZA'),
  }
  for (const { url, state } of [BY, UZ])
    if (await answers(url)) {
      say(
        `\nDEVIATION: something serves at ${url} already, where the node ${state} belongs: stop it`,
      )
      return false
    }
  const nodes = [BY, UZ].map((state) => startNode(state, say))
  try {
    await walk({ folder, BY, nodes, ...clients, say })
    say('\nEverything went as it must.')
    if (once) return true
    say('\nBoth nodes keep serving. Open:')
    for (const { state, url } of [BY, UZ])
      say(`  ${state}  ${url}/docs   ${url}/rules   ${url}/problems   ${url}/health`)
    say('Stop with Ctrl+C.')
    await new Promise<void>((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve))
    return true
  } catch (error) {
    say(`\nDEVIATION: ${error instanceof Error ? error.message : String(error)}`)
    if (!(error instanceof Deviation)) console.error(error)
    return false
  } finally {
    await Promise.all(nodes.map(stopNode))
  }
}

interface Stage {
  readonly folder: string
  readonly BY: PreparedState
  readonly nodes: readonly NodeProcess[]
  readonly chamber: ApiClient
  readonly certifier: ApiClient
  readonly customs: ApiClient
  readonly authorityBY: ApiClient
  readonly authorityUZ: ApiClient
  readonly say: (line: string) => void
}

async function walk(stage: Stage): Promise<void> {
  const { folder, BY, nodes, chamber, certifier, customs, authorityBY, authorityUZ, say } = stage
  const today = dayAt(new Date(), 3 * 60)
  await Promise.all(nodes.map((node) => until(`node ${node.state} is ready`, () => isReady(node))))
  await until('the nodes have met', async () =>
    (await Promise.all([authorityBY, authorityUZ].map(hasMet))).every(Boolean),
  )
  say('\n1. Two nodes serve, their trust lists are exchanged')

  const origin = await demoCertificate('origin-ct1-tractors', today, await nextSerial(folder))
  say(`\n2. The Belarusian chamber issues a certificate of origin CT-1, № ${origin.number}`)
  const issued = await issueAndDeliver(chamber, { certificate: origin }, origin, say)

  const conformity = await demoCertificate(
    'conformity-eaeu-certificate',
    today,
    await nextSerial(folder),
  )
  say(`\n3. A certification body issues a certificate of conformity, № ${conformity.number}`)
  await issueAndDeliver(certifier, { certificate: conformity, to: ['UZ'] }, conformity, say)

  say('\n4. Uzbek customs validates the CT-1 against a line of a goods declaration')
  const [item] = origin['items'] as { hsCode: string; netKg: number; invoice: { number: string } }[]
  const declaration = {
    number: `DEMO/${today}/0001`,
    date: today,
    lines: [
      {
        n: 1,
        hsCode: item!.hsCode,
        origin: 'BY',
        netKg: item!.netKg,
        invoice: item!.invoice.number,
      },
    ],
  }
  const identity = { state: 'BY', type: origin.type, number: origin.number, issuedOn: today }
  const genuine = await validate(customs, { identity, declaration })
  say(reportText(genuine))
  expect(genuine.answer === 'usable', 'the genuine certificate is usable')

  say('\n5. A copy in which one letter was changed')
  const tampered = await validate(customs, { document: tamper(issued.document) })
  say(reportText(tampered))
  expect(tampered.answer === 'not-usable', 'the tampered copy is not usable')
  expect(tampered.reasons.includes('signature-wrong'), 'its signature is what fails')

  say('\n6. A CT-1 of a body that may issue conformity documents only')
  const outside = { ...origin, ...ofCertifier(origin) }
  const refused = await certifier.post('/v1/certificates', { certificate: outside })
  say(`  its own node refuses: HTTP ${refused.status} ${problemOf(refused.body)}`)
  expect(problemOf(refused.body).endsWith('issuer-out-of-scope'), 'issue is refused for scope')
  const smuggled = await validate(customs, { document: await signOutside(BY, outside) })
  say(reportText(smuggled))
  expect(smuggled.answer === 'not-usable', 'the document out of scope is not usable')
  expect(smuggled.reasons.includes('out-of-scope'), 'its scope is what fails')

  say('\n7. The chamber annuls the CT-1')
  const annulledAt = performance.now()
  const path = `/v1/certificates/BY/${origin.type}/${encodeURIComponent(origin.number)}/status-changes`
  const change = {
    change: 'annul',
    effectiveFrom: today,
    reason: 'Ошибка в сведениях о грузополучателе',
  }
  const annulled = await chamber.post(path, change)
  expect(annulled.status === 201, `annulment is accepted (HTTP ${annulled.status})`)
  say(`  signed and stored in Belarus (${since(annulledAt)})`)
  const after = await until('Uzbekistan knows of the annulment', async () => {
    const report = await validate(customs, { identity, declaration })
    return report.answer === 'not-usable' ? report : undefined
  })
  say(`  Uzbekistan knows (${since(annulledAt)})`)
  say(reportText(after))
  expect(after.reasons.includes('annulled'), 'the reason is the annulment')
}

async function issueAndDeliver(
  client: ApiClient,
  request: object,
  { type, number }: DemoCertificate,
  say: (line: string) => void,
): Promise<{ sha256: string; document: string }> {
  const started = performance.now()
  const { status, body } = await client.post('/v1/certificates', request)
  expect(
    status === 201,
    `issue is accepted (HTTP ${status} ${problemOf(body)} ${JSON.stringify(body).slice(0, 600)})`,
  )
  const issued = body as { sha256: string; document: string }
  say(`  signed and stored, SHA-256 ${issued.sha256} (${since(started)})`)
  const query = new URLSearchParams({ state: 'BY', type, number })
  const decision = await until('the decision of Uzbekistan comes back', async () => {
    const answer = await client.get(`/v1/certificates/by-number/delivery?${query.toString()}`)
    const { certificate } = answer.body as {
      certificate: { state: string; outcome?: string; receipt?: string }[]
    }
    return certificate.find(({ state }) => state === 'decided')
  })
  say(
    `  decided by Uzbekistan: ${decision.outcome}, signed receipt ${decision.receipt} (${since(started)})`,
  )
  expect(decision.outcome === 'accepted', 'the decision is to accept')
  return issued
}

async function validate(customs: ApiClient, item: object): Promise<ValidationReport> {
  const context = { officer: 'Намунаев Н.', post: 'Demo', purpose: 'demonstration' }
  const { status, body } = await customs.post('/v1/validations', { context, items: [item] })
  expect(
    status === 200,
    `validation answers (HTTP ${status} ${JSON.stringify(body).slice(0, 600)})`,
  )
  return (body as { reports: ValidationReport[] }).reports[0]!
}

/** Another letter in the payload; the text stays well-formed base64url. */
function tamper(jws: string): string {
  const [header, payload, signature] = jws.split('.')
  const json = Buffer.from(payload!, 'base64url').toString().replace('новые', 'Новые')
  return `${header}.${Buffer.from(json).toString('base64url')}.${signature}`
}

function ofCertifier(origin: DemoCertificate): Partial<DemoCertificate> {
  const issuer = { ...(origin['issuer'] as object), code: '999' }
  return { number: origin.number.slice(0, 5) + '999' + origin.number.slice(8), issuer }
}

/** Signs at the certifier's own risk, past the node: what a dishonest body could do with its seal. */
async function signOutside(BY: PreparedState, certificate: object): Promise<string> {
  const stored = BY.pki.keys.find(
    ({ purpose, partyId }) => purpose === 'document-seal' && partyId === 'BY.TESTCERT',
  )
  const seal = await openSeal(BY.pki, stored!, BY.passphrase)
  const payload = {
    schema: 'origin.ct1/1',
    iss: 'BY.TESTCERT',
    aud: ['UZ'],
    status: { status_list: { uri: `${BY.url}/status/1`, idx: 0 } },
    certificate,
  }
  return signJws({ typ: 'product-certificate+jwt', payload, seal, signedAt: new Date() })
}

async function register(
  state: PreparedState,
  id: string,
  role: ClientRole,
  party: string,
): Promise<ApiClient> {
  const file = join(state.keys, `${id}.jwk.json`)
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    await writeFile(file, JSON.stringify(privateKey.export({ format: 'jwk' })), { mode: 0o600 })
  }
  const privateJwk = JSON.parse(await readFile(file, 'utf8')) as JWK
  const { d: _, ...jwk } = privateJwk
  const bench = await openWorkbench({
    state: state.state,
    environment: 'production',
    database: join(state.data, 'node.sqlite'),
  })
  try {
    const client = { id, role, party, jwk: publicPartOf({ ...jwk }) }
    const added = bench.act('client-added', id, await clientAddedDetail(client))
    await bench.clients.register(client, added.at, [added])
  } finally {
    await bench.close()
  }
  const headers = { 'Access-Officer': 'Demo', 'Access-Purpose': 'demonstration' }
  return apiClient({ url: state.url, clientId: id, privateJwk, headers })
}

async function hasMet(authority: ApiClient): Promise<boolean> {
  const { body } = await authority.get('/v1/peers')
  const { peers } = body as { peers: { trustCheckedAt?: string; lastHeardAt?: string }[] }
  return peers.some(({ trustCheckedAt, lastHeardAt }) => trustCheckedAt && lastHeardAt)
}

async function nextSerial(folder: string): Promise<number> {
  const file = join(folder, 'data', 'demo-serial')
  const last = existsSync(file) ? Number(await readFile(file, 'utf8')) : 0
  await writeFile(file, String(last + 1))
  return last + 1
}

function problemOf(body: unknown): string {
  return (body as { type?: string } | null)?.type ?? ''
}

function since(start: number): string {
  return `${Math.round(performance.now() - start)} ms`
}
