import Sqlite from 'better-sqlite3'
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoCertificate } from '../../src/cli/demo/documents.ts'
import { demoStates } from '../../src/cli/demo/states.ts'
import { certexProcess, certexServe, type Ran, type Served, words } from '../support/cli.ts'
import { today } from '../support/day.ts'
import { eventually, freePort } from '../support/two-nodes.ts'

/** One state's folder, as an operator lays it out. */
interface Place {
  readonly folder: string
  readonly config: string
  readonly url: string
  readonly list: string
  rootSha256: string
}

type Code = 'BY' | 'UZ'

let folder: string
let BY: Place
let UZ: Place
let nodes: Served[] = []
/** The document that was issued, in a file. */
let document: string

async function run(args: readonly string[]): Promise<Ran> {
  const ran = await certexProcess(args)
  expect(ran.stderr, args.join(' ')).toBe('')
  expect(ran.code).toBe(0)
  return ran
}

async function runJson<T>(args: readonly string[]): Promise<T> {
  return JSON.parse((await run([...args, '--json'])).stdout) as T
}

async function lay(state: Code, port: number, peer: { state: Code; port: number }) {
  const place = join(folder, state)
  await mkdir(place)
  await writeFile(join(place, 'passphrase'), `a passphrase of ${state}\n`)
  await writeFile(join(place, 'bodies.json'), JSON.stringify(demoStates(folder)[state].bodies))
  const url = `http://127.0.0.1:${port}`
  const config = {
    state,
    publicUrl: url,
    listen: { port },
    database: 'data/node.sqlite',
    pki: 'keys',
    passphraseFile: 'passphrase',
    allowHttpPeers: true,
    peers: [{ state: peer.state, url: `http://127.0.0.1:${peer.port}` }],
  }
  await writeFile(join(place, 'node.json'), JSON.stringify(config))
  return {
    folder: place,
    config: join(place, 'node.json'),
    url,
    list: join(place, 'list-1.jws'),
    rootSha256: '',
  }
}

const passphraseOf = (place: Place) => ['--passphrase-file', join(place.folder, 'passphrase')]
const keysOf = (place: Place) => join(place.folder, 'keys')
const bodiesOf = (place: Place) => ['--bodies', join(place.folder, 'bodies.json')]

async function ceremony(state: Code, place: Place): Promise<void> {
  const made = await runJson<{ rootSha256: string }>(
    words`pki init --state ${state} --organization ${`Operator of ${state}`} ${bodiesOf(place)}
      --out ${keysOf(place)} ${passphraseOf(place)}`,
  )
  place.rootSha256 = made.rootSha256
  await run(
    words`trust issue --pki ${keysOf(place)} ${bodiesOf(place)} --url ${place.url}
      --out ${place.list} ${passphraseOf(place)}`,
  )
  await pin(place, state, place.rootSha256)
  await run(
    words`trust publish --config ${place.config} ${place.list}
      --crls ${join(keysOf(place), 'crls')}`,
  )
}

async function pin(place: Place, state: Code, fingerprint: string): Promise<void> {
  const root = words`--config ${place.config} --state ${state} --fingerprint ${fingerprint}`
  await run([...words`trust pin --as Anna`, ...root])
  await run([...words`trust approve --as Boris`, ...root])
}

async function issue(serial: number, ...more: string[]): Promise<Ran> {
  const file = join(folder, `ct1-${serial}.json`)
  await writeFile(file, JSON.stringify(await demoCertificate('origin-ct1-tractors', today, serial)))
  return certexProcess(
    words`issue ${file} --node ${BY.url} --client chamber --key ${join(folder, 'chamber.jwk')}
      ${more}`,
  )
}

function validate(file: string, anchor = `BY=${BY.rootSha256}`, crls = true): Promise<Ran> {
  return certexProcess(
    words`validate ${file} --trust-list ${BY.list} --anchor ${anchor} --in UZ --json
      ${crls ? ['--crl', join(keysOf(BY), 'crls')] : []}`,
  )
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certex-cli-'))
  const ports = { BY: await freePort(), UZ: await freePort() }
  BY = await lay('BY', ports.BY, { state: 'UZ', port: ports.UZ })
  UZ = await lay('UZ', ports.UZ, { state: 'BY', port: ports.BY })
  document = join(folder, 'ct1.jws')
})

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()))
  await rm(folder, { recursive: true, force: true })
})

describe('two states by the command line alone', () => {
  it('makes keys and signed trust lists, pins roots, registers a client, serves', async () => {
    await Promise.all([ceremony('BY', BY), ceremony('UZ', UZ)])
    const colons = Buffer.from(UZ.rootSha256, 'base64url')
      .toString('hex')
      .replace(/..(?!$)/g, '$&:')
    const [generated] = await Promise.all([
      run(words`client generate-key --out ${join(folder, 'chamber.jwk')}`),
      pin(BY, 'UZ', colons),
      pin(UZ, 'BY', BY.rootSha256),
    ])
    expect((await stat(join(folder, 'chamber.jwk'))).mode & 0o777).toBe(0o600)
    await writeFile(join(folder, 'public.jwk'), generated.stdout)
    await run(
      words`client add --config ${BY.config} --id chamber --role issuer --party BY.CCI
        --jwk ${join(folder, 'public.jwk')}`,
    )
    nodes = await Promise.all([certexServe(BY.config), certexServe(UZ.config)])
  })

  it('judges without issuing, then issues, and the peer decides', async () => {
    await eventually('both lists are exchanged', async () => {
      const { peers } = await runJson<{ peers: { trustListVersion?: number }[] }>(
        words`peer list --config ${BY.config}`,
      )
      return peers[0]?.trustListVersion === 1
    })
    const judged = await issue(1, '--check')
    expect(judged).toMatchObject({ code: 0, stderr: '' })
    const issued = await issue(1, '--out', document)
    expect(issued).toMatchObject({ code: 0, stdout: '', stderr: '' })
    const again = await issue(1)
    expect(again.stdout).toBe(await readFile(document, 'utf8'))
    await eventually('nothing waits for a decision', async () => {
      const { peers } = await runJson<{ peers: { waiting: number; undecided: number }[] }>(
        words`peer list --config ${BY.config}`,
      )
      return peers[0]!.waiting === 0 && peers[0]!.undecided === 0
    })
  })

  it('validates the document offline: the signature passes, its status stays open', async () => {
    const { code, stdout, stderr } = await validate(document)
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({
      answer: 'cannot-tell',
      indication: 'TOTAL-PASSED',
      reasons: ['status-source-absent'],
      findings: [],
    })
  })

  it('finds a tampered copy not usable', async () => {
    const [header, payload, signature] = (await readFile(document, 'utf8')).trim().split('.')
    const json = Buffer.from(payload!, 'base64url').toString().replace('новые', 'Новые')
    const tampered = join(folder, 'tampered.jws')
    await writeFile(tampered, `${header}.${Buffer.from(json).toString('base64url')}.${signature}`)
    const { code, stdout } = await validate(tampered)
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      answer: 'not-usable',
      indication: 'TOTAL-FAILED',
      reasons: ['signature-wrong'],
    })
  })

  it('accuses nobody when the anchor, the CRLs or the list of the state are wrong or missing', async () => {
    const [otherAnchor, noCrls, otherState] = await Promise.all([
      validate(document, UZ.rootSha256),
      validate(document, BY.rootSha256, false),
      certexProcess(
        words`validate ${document} --json --trust-list ${UZ.list} --anchor ${UZ.rootSha256}
          --crl ${join(keysOf(UZ), 'crls')}`,
      ),
    ])
    expect(otherAnchor.stderr).toContain('list-1.jws is not believed: root-not-pinned')
    expect(noCrls.stderr).toContain('list-1.jws is not believed: cannot-tell: crl-missing')
    const reasons = [['no-anchor'], ['crl-missing', 'trust-list-undecided'], ['no-anchor']]
    for (const [i, { code, stdout }] of [otherAnchor, noCrls, otherState].entries()) {
      expect(code).toBe(3)
      expect(JSON.parse(stdout)).toMatchObject({
        answer: 'cannot-tell',
        indication: 'INDETERMINATE',
        reasons: reasons[i],
      })
    }
  })

  it('shows who may sign what', async () => {
    const { stdout } = await run(words`trust show --config ${UZ.config} --state BY`)
    expect(stdout).toMatch(/BY\.CCI\.001 .*\n +may issue origin\.ct1 to UZ/)
    expect(stdout).toMatch(/BY\.CCI\.001 +seal +\S{43} .* in-force/)
  })

  it('backs up while it serves and restores under a new epoch with the same documents', async () => {
    const copy = join(folder, 'by.backup')
    const backup = await runJson<{ entries: number; epoch: string }>(
      words`backup --config ${BY.config} --out ${copy}`,
    )
    expect((await stat(copy)).mode & 0o777).toBe(0o600)
    const place = join(folder, 'restored')
    await mkdir(place)
    await copyFile(BY.config, join(place, 'node.json'))
    const restore = (config: string, ...more: string[]) =>
      certexProcess(words`restore --config ${config} --from ${copy} --json ${more}`)
    const restored = await restore(join(place, 'node.json'))
    expect(restored).toMatchObject({ code: 0, stderr: '' })
    const { epoch, entries, database } = JSON.parse(restored.stdout) as typeof backup & {
      database: string
    }
    // The restore is an administrative act of its own.
    expect(entries).toBe(backup.entries + 1)
    expect(epoch).not.toBe(backup.epoch)
    expect(documentsOf(database)).toEqual(documentsOf(copy))
    expect(documentsOf(database)).toContain((await readFile(document, 'utf8')).trim())

    const [exists, inUse, foreign, forced] = await Promise.all([
      restore(BY.config),
      restore(BY.config, '--force'),
      restore(UZ.config, '--force'),
      restore(join(place, 'node.json'), '--force'),
    ])
    expect(exists).toMatchObject({ code: 1, stdout: '' })
    expect(exists.stderr).toMatch(/exists: --force/)
    expect(inUse).toMatchObject({ code: 1, stdout: '' })
    expect(inUse.stderr).toMatch(/is in use: stop the node first/)
    expect(foreign).toMatchObject({ code: 1, stdout: '' })
    expect(foreign.stderr).toMatch(/belongs to BY, not to UZ/)
    expect(forced.code).toBe(0)
    const { replaced } = JSON.parse(forced.stdout) as { replaced: string }
    expect(documentsOf(replaced)).toEqual(documentsOf(copy))
  })

  it('stops issuing at once when the seal is revoked, and its removal reaches the peer', async () => {
    const { keys } = await runJson<{ keys: { x5tS256: string; certificateFile: string }[] }>(
      words`pki show --pki ${keysOf(BY)}`,
    )
    const { x5tS256 } = keys.find(({ certificateFile }) => /CCI.*seal/.test(certificateFile))!
    const certificate = join(keysOf(BY), 'BY.CCI.001.seal-1.pem')
    await run(
      words`pki revoke --pki ${keysOf(BY)} --certificate ${certificate} --reason keyCompromise
        --invalidity-date 2025-01-01 ${passphraseOf(BY)}`,
    )
    const published = await runJson<{ crls: { outcome: string; revoked: number }[] }>(
      words`trust publish --config ${BY.config} --crls ${join(keysOf(BY), 'crls')}`,
    )
    expect(published.crls).toContainEqual(
      expect.objectContaining({ outcome: 'stored', revoked: 1 }),
    )
    const refused = await issue(2)
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toMatch(/is not in force: revoked/)

    const second = join(BY.folder, 'list-2.jws')
    await run(
      words`trust issue --pki ${keysOf(BY)} ${bodiesOf(BY)} --url ${BY.url}
        --previous ${BY.list} --remove ${x5tS256} --reason ${'the key was stolen'}
        --out ${second} ${passphraseOf(BY)}`,
    )
    const { changes } = await runJson<{ changes: object[] }>(
      words`trust publish --config ${BY.config} ${second}`,
    )
    expect(changes).toEqual([
      {
        change: 'key-removed',
        key: x5tS256,
        usage: 'seal',
        body: 'BY.CCI.001',
        reason: 'the key was stolen',
      },
    ])
    expect((await issue(2)).stderr).toMatch(/is not in force: removed/)
    await eventually('the peer has the second version', async () => {
      const { versions } = await runJson<{ versions: object[] }>(
        words`trust versions --config ${UZ.config} --state BY`,
      )
      return versions.length === 2
    })

    await run(words`pki add-seal --pki ${keysOf(BY)} --body BY.CCI.001 ${passphraseOf(BY)}`)
    const revoked = await certexProcess(
      words`pki revoke --pki ${keysOf(BY)} --x5t ${x5tS256} --reason superseded
        ${passphraseOf(BY)}`,
    )
    expect(revoked).toMatchObject({ code: 1 })
    expect(revoked.stderr).toMatch(/revoked .* as keyCompromise, which cannot change/)

    // Of an authority the list names those below it, of the list signer nothing.
    const shown = await runJson<{ keys: { x5tS256: string; purpose: string }[] }>(
      words`pki show --pki ${keysOf(BY)}`,
    )
    const ended = async (purpose: string) => {
      const of = shown.keys.find((key) => key.purpose === purpose)!.x5tS256
      const { stdout } = await run(
        words`pki revoke --pki ${keysOf(BY)} --x5t ${of} --reason superseded ${passphraseOf(BY)}`,
      )
      return [stdout, of] as const
    }
    const [ofCa, ca] = await ended('body-ca')
    expect(ofCa).toContain(`--remove ${x5tS256}`)
    expect(ofCa).not.toContain(`--remove ${ca}`)
    expect((await ended('trust-list-signer'))[0]).not.toContain('--remove')
  })

  it('shuts a disabled client out and ends cleanly', async () => {
    await run(words`client disable --config ${BY.config} --id chamber`)
    const refused = await issue(3)
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toMatch(/gives no token/)
    expect(await Promise.all(nodes.map((node) => node.stop()))).toEqual([0, 0])
    nodes = []
    const unreachable = await issue(3)
    expect(unreachable).toMatchObject({ code: 4, stdout: '' })
    expect(unreachable.stderr).toMatch(/cannot be reached \(ECONNREFUSED\)/)
  })
})

function documentsOf(file: string): string[] {
  const database = new Sqlite(file, { readonly: true })
  try {
    const rows = database.prepare('SELECT jws FROM documents ORDER BY sha256').all()
    return (rows as { jws: string }[]).map(({ jws }) => jws)
  } finally {
    database.close()
  }
}
