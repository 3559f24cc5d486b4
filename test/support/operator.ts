import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { thumbprint } from '../../src/crypto/suite.ts'
import { loadPkiDirectory, type StoredKey } from '../../src/node/pki/pki-directory.ts'
import type { Body } from '../../src/trust/trust-list.ts'
import { certex, type Ran, words } from './cli.ts'
import { polled } from './compromise.ts'
import type { TestNode } from './two-nodes.ts'

/** Who keeps the keys of a state and its node, at the command line and nowhere else. */
export interface Operator {
  /** A command that has to go well; what it prints. */
  run(words: readonly string[]): Promise<string>
  /** `certex pki …` on the folder of keys. */
  pki(...command: readonly string[]): Promise<string>
  /** Signs the next version of the list; its file. */
  issueList(changes?: ListChanges): Promise<Ran & { readonly file: string }>
  /** Publishes a list with the CRLs of the folder; the peer fetches them. */
  publish(file: string, peer: TestNode): Promise<void>
  /** Both. */
  publishList(peer: TestNode, changes?: ListChanges): Promise<void>
  /** Two persons decide on a root of Belarus: they pin it, or withdraw it. */
  decide(verb: 'pin' | 'withdraw-root', fingerprint: string, from?: string): Promise<void>
}

interface ListChanges {
  /** Thumbprints of keys that end. */
  readonly remove?: readonly string[]
  /** Log keys that end. */
  readonly endLogs?: readonly string[]
  /** Beside those of the state. */
  readonly bodies?: readonly Body[]
}

let lists = 0

export function operatorOf(node: TestNode): Operator {
  const { keys, data, url, configFile } = node
  const passphrase = join(keys, 'passphrase')

  async function run(command: readonly string[]): Promise<string> {
    const ran = await certex(command)
    expect(ran, `${command.join(' ')}: ${ran.stderr}`).toMatchObject({ code: 0 })
    return ran.stdout
  }

  async function issueList({ remove = [], endLogs = [], bodies = [] }: ListChanges = {}) {
    const [file, previous, bodiesFile] = ['list.jws', 'previous.jws', 'bodies.json'].map((name) =>
      join(data, `${++lists}-${name}`),
    ) as [string, string, string]
    await writeFile(previous, await (await fetch(`${url}/trust/list`)).text())
    await writeFile(bodiesFile, JSON.stringify([...node.bodies, ...bodies]))
    const removed = remove.map((x5t) => `--remove=${x5t}`)
    const ended = endLogs.map((key) => `--end-log=${key}`)
    const reason = remove.length > 0 ? words`--reason keyCompromise` : []
    const issued = await certex(
      words`trust issue --pki ${keys} --bodies ${bodiesFile} --url ${url} --previous ${previous}
        ${removed} ${ended} ${reason} --out ${file} --passphrase-file ${passphrase}`,
    )
    return { ...issued, file }
  }

  async function publish(file: string, peer: TestNode) {
    await run(words`trust publish --config ${configFile} ${file} --crls ${join(keys, 'crls')}`)
    await polled(peer, node)
  }

  return {
    run,
    pki: (...command) =>
      run(['pki', ...command, ...words`--pki ${keys} --passphrase-file ${passphrase}`]),
    issueList,
    publish,
    async publishList(peer, changes) {
      const { file, ...issued } = await issueList(changes)
      expect(issued, issued.stderr).toMatchObject({ code: 0 })
      await publish(file, peer)
    },
    async decide(verb, fingerprint, from) {
      const root = words`--config ${configFile} --state BY --fingerprint ${fingerprint}`
      const since = (option: string) => (from === undefined ? [] : [option, from])
      await run(['trust', verb, ...root, ...since('--from'), '--as', 'Anna'])
      await run(['trust', 'approve', ...root, ...since('--withdrawn-from'), '--as', 'Boris'])
    },
  }
}

/** Thumbprints of the keys of a purpose in the folder of a state, the older first. */
export async function thumbprintsOf(
  { keys }: Pick<TestNode, 'keys'>,
  purpose: StoredKey['purpose'],
): Promise<string[]> {
  const pki = await loadPkiDirectory(keys)
  const found = pki.keys.filter((key) => key.purpose === purpose)
  return Promise.all(found.map(({ certificate }) => thumbprint(certificate)))
}
