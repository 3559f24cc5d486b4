import { generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { COMMANDS, createProgram } from '../../src/cli/program.ts'
import { readDocument } from '../../src/cli/input-files.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import { MAX_TRUST_LIST_LENGTH } from '../../src/jose/parse.ts'
import { loadPkiDirectory } from '../../src/node/pki/pki-directory.ts'
import { signTrustList } from '../../src/node/trust-list-maker.ts'
import { TrustList } from '../../src/trust/trust-list.ts'
import { parseCrl } from '../../src/x509/crl.ts'
import { certex, words } from '../support/cli.ts'
import { digest } from '../support/hostile.ts'
import { eventually } from '../support/two-nodes.ts'

let folder: string
let config: string
let keys: string
let bodies: string

const body = (id: string) => ({
  id,
  code: '001',
  name: `Body ${id}`,
  custody: 'node',
  scopes: [{ types: ['origin.ct1'], to: ['UZ'], from: '2024-02-08T00:00:00Z' }],
})

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certex-usage-'))
  config = join(folder, 'node.json')
  keys = join(folder, 'keys')
  bodies = join(folder, 'bodies.json')
  await writeFile(bodies, JSON.stringify([body('BY.CCI-1')]))
  await writeFile(
    config,
    JSON.stringify({
      state: 'BY',
      publicUrl: 'http://127.0.0.1:1',
      listen: { port: 0 },
      database: 'data/node.sqlite',
      pki: 'keys',
      peers: [],
    }),
  )
  const made = await certex(
    words`pki init --state BY --organization Operator --bodies ${bodies} --out ${keys}`,
    { env: { CERTEX_PASSPHRASE: 'a long passphrase' } },
  )
  expect(made).toMatchObject({ code: 0, stderr: '' })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs a command that must fail with one sentence and print no result. */
async function fails(code: number, sentence: RegExp, args: readonly string[]): Promise<void> {
  const ran = await certex(args)
  expect(ran, `${args.join(' ')}: ${ran.stderr}`).toMatchObject({ code, stdout: '' })
  expect(ran.stderr).toMatch(sentence)
  expect(ran.stderr).not.toMatch(/^ +at /m)
}

describe('help', () => {
  it('of certex names every command and the exit codes', async () => {
    const { code, stdout, stderr } = await certex(['--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const command of Object.keys(COMMANDS))
      expect(stdout).toContain(`\n  ${command.split(' ')[0]} `)
    expect(stdout).toMatch(/Exit codes:\n( +[0-4] .*\n){5}/)
  })

  it.each(Object.keys(COMMANDS))('of %s gives an example and ends well', async (command) => {
    let shown = ''
    const output = { writeOut: (text: string) => void (shown += text) }
    const args = [...command.split(' '), '--help']
    const program = (await createProgram(args)).configureOutput(output)
    for (const group of program.commands) {
      group.configureOutput(output)
      for (const one of group.commands) one.configureOutput(output)
    }
    const ended = program.parseAsync(args, { from: 'user' })
    await expect(ended).rejects.toMatchObject({ code: 'commander.helpDisplayed', exitCode: 0 })
    expect(shown).toContain(`Example:\n  $ certex ${command}`)
  })

  it('of a group names its commands', async () => {
    const { code, stdout } = await certex(words`trust --help`)
    expect(code).toBe(0)
    for (const command of words`issue publish pin approve hasten settle-fork show versions`)
      expect(stdout).toMatch(new RegExp(`\n  ${command} `))
  })
})

describe('options', () => {
  it.each(Object.keys(COMMANDS))('of %s reach it past the program and its group', async (name) => {
    let command = await createProgram(name.split(' '))
    for (let words = name.split(' '); words.length > 0; words = words.slice(1)) {
      const below = command.commands.find((one) => one.name() === words[0])!
      for (const { short, long } of leaf(below, words.slice(1)).options)
        for (const option of [short, long].filter((flag) => flag !== undefined)) {
          const line = [...words, option, '1']
          const { operands, unknown } = command.parseOptions(line)
          expect([...operands, ...unknown]).toEqual(line)
        }
      command = below
    }
  })

  it('of the program itself stand before the command', async () => {
    const { stdout } = await certex(['--version'])
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    await fails(2, /unknown option '--version'/, words`trust show --version`)
  })
})

function leaf(command: Command, [word, ...more]: readonly string[]): Command {
  if (word === undefined) return command
  return leaf(
    command.commands.find((one) => one.name() === word)!,
    more,
  )
}

describe('wrong usage ends with 2', () => {
  it.each([
    ['unknown option', /unknown option '--colour'/, words`pki show --pki x --colour`],
    ['unknown command', /unknown command 'isue'/, ['isue']],
    ['missing option', /required option '--fingerprint <sha256>'/, words`trust pin --state BY`],
    ['nothing configured', /nothing is configured/, words`serve`],
    [
      'missing file',
      /there is no such file/,
      words`validate none --trust-list none --anchor ${'A'.repeat(43)}`,
    ],
    [
      'bad fingerprint',
      /64 hexadecimal digits/,
      words`trust pin --config x --state BY --fingerprint AB:CD`,
    ],
    ['no configuration', /none\.json: it cannot be read/, words`client list --config none.json`],
  ])('%s', (_, sentence, args) => fails(2, sentence, args))

  it('a database that is not there is not made by looking at it', async () => {
    await fails(2, /There is no database .*certex migrate/, words`peer list --config ${config}`)
    expect(existsSync(join(folder, 'data'))).toBe(false)
  })

  it('a configuration names all that is wrong with it at once', async () => {
    const file = join(folder, 'broken.json')
    await writeFile(file, JSON.stringify({ state: 'Belarus', publicUrl: 'http://127.0.0.1:1/' }))
    await fails(
      2,
      /state: two capital letters[^]*publicUrl: no slash[^]*listen/,
      words`serve --config ${file}`,
    )
  })

  it('keys cannot be opened without their passphrase, nor with another', async () => {
    await fails(2, /--passphrase-file, or CERTEX_PASSPHRASE/, words`pki renew-crls --pki ${keys}`)
    const file = join(folder, 'other-passphrase')
    await writeFile(file, 'another passphrase')
    await fails(
      2,
      /The passphrase does not open .*offline/,
      words`pki renew-crls --pki ${keys} --passphrase-file ${file}`,
    )
  })

  it('a node is not served with the keys of another state', async () => {
    const file = join(folder, 'uz.json')
    const settings = JSON.parse(await readFile(config, 'utf8')) as object
    await writeFile(file, JSON.stringify({ ...settings, state: 'UZ' }))
    const { code, stderr } = await certex(words`serve --config ${file}`, {
      env: { CERTEX_PASSPHRASE: 'a long passphrase' },
    })
    expect(code).toBe(2)
    expect(stderr).toMatch(/The keys belong to BY, the configuration to UZ/)
  })
})

describe('what may not happen is refused with 1', () => {
  const passphrase = { env: { CERTEX_PASSPHRASE: 'a long passphrase' } }

  it('a second PKI in the folder of the first', async () => {
    const init = words`pki init --state BY --organization Operator`
    const ran = await certex([...init, '--bodies', bodies, '--out', keys], passphrase)
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(/holds keys already/)
  })

  it('a trust list that leaves no room to remove keys, or that is too long; removals have it', async () => {
    const list = (file: string, ...more: string[]) => [
      ...words`trust issue --pki ${keys} --url http://127.0.0.1:1 --out ${join(folder, file)}`,
      ...more,
    ]
    expect(await certex(list('short.jws', '--bodies', bodies), passphrase)).toMatchObject({
      code: 0,
      stderr: '',
    })
    const short = await readDocument(join(folder, 'short.jws'))
    const first = TrustList.parse(payloadOf(short))
    const pki = await loadPkiDirectory(keys)
    /** The list with so many seals as take this share of the greatest length. */
    const grown = async (file: string, share: number) => {
      const seal = first.keys.find(({ usage }) => usage === 'seal')!
      const entry = (JSON.stringify(seal).length + 1) * (4 / 3)
      const more = Math.floor((share * MAX_TRUST_LIST_LENGTH - short.length) / entry)
      const seals = Array.from({ length: more }, (_, i) => ({ ...seal, x5tS256: digest(`${i}`) }))
      const long = { ...first, keys: [...first.keys, ...seals] }
      const jws = await signTrustList(long, pki, 'a long passphrase')
      expect(jws.length / MAX_TRUST_LIST_LENGTH).toBeCloseTo(share, 2)
      await writeFile(join(folder, file), jws)
      return ['--previous', join(folder, file), '--bodies', bodies]
    }
    const stolen = ['--remove', first.keys[0]!.x5tS256, '--reason', 'stolen']
    const added = join(folder, 'one-more.json')
    await writeFile(added, JSON.stringify([body('BY.CCI-1'), body('BY.CCI-2')]))

    const [, previous] = await grown('long.jws', 0.966)
    const refused = await certex(
      list('a.jws', '--previous', previous!, '--bodies', added),
      passphrase,
    )
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toMatch(/would take 96 % .* kept for removals; it was not written/)
    expect(existsSync(join(folder, 'a.jws'))).toBe(false)
    const removing = list('b.jws', '--previous', previous!, '--bodies', bodies, ...stolen)
    const removed = await certex(removing, passphrase)
    expect(removed).toMatchObject({ code: 0, stderr: expect.stringMatching(/takes 96 % of the/) })
    expect(removed.stdout).toMatch(/stolen/)

    const full = await grown('full.jws', 0.99999)
    const many = Array.from({ length: 20 }, (_, i) => `--remove=${digest(`${i}`)}`)
    const tooMuch = list('c.jws', ...full, ...many, '--reason', 'stolen '.repeat(28))
    const tooLong = await certex(tooMuch, passphrase)
    expect(tooLong).toMatchObject({ code: 1, stdout: '' })
    expect(tooLong.stderr).toMatch(/1900000 at most; it was not written.*certex pki revoke/)
  })

  it('a trust list whose root nobody pinned, or that skips a version', async () => {
    const list = (file: string) =>
      words`trust issue --pki ${keys} --bodies ${bodies} --url http://127.0.0.1:1
        --out ${join(folder, file)}`
    const publish = (file: string) =>
      words`trust publish --config ${config} ${join(folder, file)} --crls ${join(keys, 'crls')}`
    const made = await certex(list('1.jws'), passphrase)
    expect(made.stdout).toMatch(
      /\+ body BY\.CCI-1\n +\+ may issue origin\.ct1 to UZ, from 2024-02-08\n[^]*\+ log key exchange\.by/,
    )
    const [scope] = body('BY.CCI-1').scopes
    const wider = [{ ...body('BY.CCI-1'), scopes: [{ ...scope!, to: ['KZ', 'UZ'] }] }]
    await writeFile(join(folder, 'wider.json'), JSON.stringify(wider))
    const second = list('2.jws').map((word) =>
      word === bodies ? join(folder, 'wider.json') : word,
    )
    const changed = await certex([...second, '--previous', join(folder, '1.jws')], passphrase)
    expect(changed.stdout).toMatch(
      /~ body BY\.CCI-1\n +- may issue origin\.ct1 to UZ, .*\n +\+ may issue origin\.ct1 to KZ, UZ, /,
    )
    await fails(1, /state-not-pinned: [^]*certex trust pin/, publish('1.jws'))
    const { rootSha256 } = JSON.parse(
      (await certex(words`pki show --pki ${keys} --json`)).stdout,
    ) as { rootSha256: string }
    const root = (verb: string, as: string, fingerprint = rootSha256) =>
      words`trust ${verb} --as ${as} --config ${config} --state BY --fingerprint ${fingerprint}`
    await fails(1, /Nobody has proposed this/, root('approve', 'Boris'))
    const proposal = await certex(root('pin', 'Anna'))
    expect(proposal).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Proposed: /) })
    expect((await certex(root('pin', 'Boris'))).stdout).toMatch(/^Proposed already by user:Anna/)
    await fails(1, /user:Anna proposed this and cannot approve it/, root('approve', 'Anna'))
    await fails(1, /user:Anna proposed this and cannot approve it/, root('approve', 'ANNA'))
    await fails(1, /state-not-pinned: [^]*certex trust pin/, publish('1.jws'))
    expect((await certex(root('approve', 'Boris'))).stdout).toMatch(/^Pinned the root of BY/)
    expect((await certex(root('approve', 'Carla'))).stdout).toMatch(/^Approved already/)
    const other = await certex(root('pin', 'Anna', 'A'.repeat(43)))
    expect(other).toMatchObject({ code: 0, stdout: expect.stringMatching(/it stays pinned/) })
    await fails(1, /gap: version 2 came, 1 is next/, publish('2.jws'))
    expect((await certex(publish('1.jws'))).code).toBe(0)
    expect((await certex(publish('2.jws'))).code).toBe(0)
    const again = await certex([...publish('2.jws'), '--json'])
    expect(JSON.parse(again.stdout)).toMatchObject({
      list: { outcome: 'already-published', version: 2, inForce: 2 },
      changes: [],
    })
    const older = await certex(publish('1.jws'))
    expect(older).toMatchObject({ code: 0, stderr: '' })
    expect(older.stdout).toContain('version 1: already-published; version 2 is in force')
  })

  it('a private key as that of a client, with no trace in the database', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const file = join(folder, 'private.jwk')
    await writeFile(file, JSON.stringify(privateKey.export({ format: 'jwk' })))
    const add = words`client add --config ${config} --id chamber --role issuer`
    await fails(1, /holds a private key/, [...add, '--party', 'BY.CCI', '--jwk', file])
    const listed = await certex(words`client list --config ${config} --json`)
    expect(JSON.parse(listed.stdout)).toEqual({ clients: [] })
  })

  it('another key under the id of a client', async () => {
    const add = async (name: string, party = 'BY.CCI') => {
      const file = join(folder, `${name}.jwk`)
      if (!existsSync(file)) {
        const { publicKey } = generateKeyPairSync('ed25519')
        await writeFile(file, JSON.stringify(publicKey.export({ format: 'jwk' })))
      }
      const client = words`client add --config ${config} --id chamber --role issuer`
      return certex([...client, '--party', party, '--jwk', file])
    }
    expect((await add('one', 'UZ.CCI')).code).toBe(2)
    expect((await add('one')).code).toBe(0)
    expect((await add('one')).code).toBe(0)
    const other = await add('two')
    expect(other).toMatchObject({ code: 1, stdout: '' })
    expect(other.stderr).toMatch(/The id chamber is taken/)
    // Who decides on trust is a person.
    const ministry = words`client add --config ${config} --id ministry --role authority --party BY.CCI
      --jwk ${join(folder, 'two.jwk')}`
    await fails(2, /Name with --person/, ministry)
    expect((await certex([...ministry, '--person', 'Anna K.'])).code).toBe(0)
    await fails(1, /The id ministry is taken/, [...ministry, '--person', 'Boris M.'])
    const { stdout } = await certex(words`client list --config ${config}`)
    expect(stdout).toMatch(/^ministry .* Anna K\. +enabled$/m)
  })

  it('a backup that is no database, or is cut short', async () => {
    const copy = join(folder, 'copy.sqlite')
    expect((await certex(words`backup --config ${config} --out ${copy}`)).code).toBe(0)
    const bytes = await readFile(copy)
    await writeFile(join(folder, 'cut.sqlite'), bytes.subarray(0, bytes.length / 2))
    await writeFile(join(folder, 'text.sqlite'), 'no database at all'.repeat(100))
    await mkdir(join(folder, 'elsewhere'))
    const settings = join(folder, 'elsewhere', 'node.json')
    await writeFile(settings, await readFile(config))
    for (const name of ['cut', 'text'])
      await fails(
        1,
        /is damaged/,
        words`restore --config ${settings} --from ${join(folder, `${name}.sqlite`)}`,
      )
    expect(existsSync(join(folder, 'elsewhere', 'data'))).toBe(false)
  })
})

describe('keys grow', () => {
  it('by bodies and seals, and a CRL is never passed over for one of the same second', async () => {
    const options = { env: { CERTEX_PASSPHRASE: 'a long passphrase' } }
    await writeFile(bodies, JSON.stringify([body('BY.CCI-1'), body('BY.CCI-2')]))
    const add = words`pki add-body --pki ${keys} --bodies ${bodies} --algorithm Ed25519`
    const added = await certex([...add, '--json'], options)
    expect(JSON.parse(added.stdout)).toEqual({ added: ['BY.CCI-2'] })
    const issuedAt = async () => {
      const [name] = (await readdir(join(keys, 'crls'))).sort()
      const crl = parseCrl(new Uint8Array(await readFile(join(keys, 'crls', name!))))
      return 'malformed' in crl ? 0 : crl.thisUpdate.getTime()
    }
    for (let times = 0; times < 2; times++) {
      const before = await issuedAt()
      expect((await certex(words`pki renew-crls --pki ${keys}`, options)).code).toBe(0)
      expect(await issuedAt()).toBeGreaterThan(before)
    }
    const shown = await certex(words`pki show --pki ${keys}`)
    expect(shown.stdout).toMatch(/document-seal +BY\.CCI-2 .* valid +here/)
    expect(shown.stdout).toMatch(/BY\.CCI-2\.ca\.pem +3 /)
  })

  it('and end: what was renewed at once is not shown as valid', async () => {
    const options = { env: { CERTEX_PASSPHRASE: 'a long passphrase' } }
    for (const purpose of ['node', 'log'])
      expect(
        await certex(words`pki renew ${purpose} --pki ${keys} --at-once`, options),
      ).toMatchObject({ code: 0 })
    const lines = async () => (await certex(words`pki show --pki ${keys}`)).stdout
    await eventually('the second is over', async () => /^node .* ended /m.test(await lines()))
    for (const purpose of ['node', 'log'])
      expect(
        [...(await lines()).matchAll(new RegExp(`^${purpose} .* (valid|ended) `, 'gm'))].map(
          ([, standing]) => standing,
        ),
      ).toEqual(['ended', 'valid'])
  })
})

describe('the language of findings', () => {
  it.each([
    ['LANG', { LANG: 'ru_RU.UTF-8' }, [], /Поле не заполнено/],
    ['--language', { LANG: 'ru_RU.UTF-8' }, ['--language', 'en'], /must not be blank/],
  ])('follows %s', async (_, env, more, wording) => {
    const message = { ru: 'Поле не заполнено.', en: 'The box must not be blank.' }
    const server = createServer((request, response) => {
      const findings = [{ rule: 'ORI-BOX', severity: 'error', path: '/items', message }]
      const answer =
        request.url === '/oauth/token' ? { access_token: 't' } : { title: 'No', findings }
      const status = request.url === '/oauth/token' ? 200 : 422
      const kind = status === 200 ? 'application/json' : 'application/problem+json'
      response.writeHead(status, { 'Content-Type': kind })
      response.end(JSON.stringify(answer))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const { privateKey } = generateKeyPairSync('ed25519')
    const key = join(folder, 'language.jwk')
    await writeFile(key, JSON.stringify(privateKey.export({ format: 'jwk' })))
    const ran = await certex(
      words`issue ${bodies} --node ${`http://127.0.0.1:${port}`} --client c --key ${key} ${more}`,
      { env },
    )
    server.close()
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(wording)
  })
})
