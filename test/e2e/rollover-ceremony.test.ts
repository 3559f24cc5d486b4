import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoStates } from '../../src/cli/demo/states.ts'
import { certex, words } from '../support/cli.ts'

const GUIDE = new URL('../../keys/README.md', import.meta.url)

let folder: string
let guide: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certex-ceremony-'))
  guide = await readFile(GUIDE, 'utf8')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The commands of a section of the guide, as they stand there. */
function commandsOf(heading: string): string[][] {
  const section = guide.split(`\n### ${heading}\n`)[1]?.split('\n### ')[0] ?? ''
  const lines = [...section.matchAll(/^certex (.+)$/gm)].map(([, line]) => line!)
  expect(lines.length, heading).toBeGreaterThan(1)
  return lines.map((line) => line.split(' '))
}

async function run(args: readonly string[]): Promise<string> {
  const ran = await certex(args, { cwd: folder })
  expect(ran, args.join(' ')).toMatchObject({ code: 0, stderr: '' })
  return ran.stdout
}

describe('a key officer who follows the guide word by word', () => {
  it('renews a seal and the root, and nodes accept both lists', async () => {
    const { bodies } = demoStates(folder).BY
    await writeFile(join(folder, 'passphrase'), 'a passphrase of BY')
    await writeFile(join(folder, 'bodies.json'), JSON.stringify(bodies))
    const config = {
      state: 'BY',
      publicUrl: 'https://by.example',
      listen: { host: '127.0.0.1', port: 8112 },
      database: 'node.sqlite',
      pki: 'keys',
      passphraseFile: 'passphrase',
      peers: [],
    }
    await writeFile(join(folder, 'node.json'), JSON.stringify(config))
    const made = await run(
      words`pki init --state BY --organization Org --bodies bodies.json --out keys --passphrase-file passphrase`,
    )
    const fingerprint = /Root, SHA-256: ([0-9A-F:]{95})/.exec(made)![1]!
    await run(
      words`trust issue --pki keys --bodies bodies.json --url https://by.example --out list-1.jws --passphrase-file passphrase`,
    )
    const root = words`--config node.json --state BY --fingerprint ${fingerprint}`
    await run(['trust', 'pin', ...root, '--as', 'Anna'])
    await run(['trust', 'approve', ...root, '--as', 'Boris'])
    await run(words`trust publish --config node.json list-1.jws --crls keys/crls`)

    const ofSeal = commandsOf('A new seal')
    const shown: string[] = []
    for (const command of ofSeal) shown.push(await run(command))
    expect(shown[2]).toMatch(/~ seal \S+ of BY\.CCI\.001 ends at 20/)
    expect(shown[3]).toContain('version 2: published')
    const seals = [...shown[4]!.matchAll(/document-seal +BY\.CCI\.001 +(\S+)/g)].map(
      ([, id]) => id!,
    )
    expect(seals).toHaveLength(2)
    for (const id of seals) expect(shown[5]).toContain(id)

    for (const command of commandsOf('A new root')) await run(command)
    const next = ofSeal.map((command) =>
      command.map((word) => word.replace('list-2', 'list-3').replace('list-1', 'list-2')),
    )
    const published: string[] = []
    for (const command of next.slice(1)) published.push(await run(command))
    expect(published[1]).toContain('~ root: ')
    expect(published[2]).toContain('version 3: published')
    const status = await certex(['status', '--config', 'node.json'], { cwd: folder })
    expect(status.stdout).toMatch(/root-not-pinned \S+: The root of BY/)
  })

  it('is told what is wrong with the command, and no key is made', async () => {
    const pki = words`--pki keys --passphrase-file passphrase`
    const cases = [
      [words`pki renew document-seal`, 2, /Name the body/],
      [words`pki renew node --body BY.CCI.001`, 2, /not a body's/],
      [words`pki renew root --from 2099-01-01`, 2, /leave out --from/],
      [words`pki renew node --from 2020-01-01`, 2, /in the past/],
      [words`pki renew node --from 2099-01-01`, 1, /earlier --from/],
      [words`pki renew body-ca --body BY.NOBODY`, 1, /certex pki add-body/],
      [words`pki renew passport`, 2, /document-seal/],
    ] as const
    const before = await readFile(join(folder, 'keys', 'manifest.json'), 'utf8')
    for (const [command, code, said] of cases) {
      const ran = await certex([...command, ...pki], { cwd: folder })
      expect(ran, command.join(' ')).toMatchObject({ code, stderr: expect.stringMatching(said) })
    }
    expect(await readFile(join(folder, 'keys', 'manifest.json'), 'utf8')).toBe(before)
  })
})
