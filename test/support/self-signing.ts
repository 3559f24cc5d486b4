import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { demoStates } from '../../src/cli/demo/states.ts'
import { sha256, signingKey } from '../../src/crypto/suite.ts'
import { encodeBase64, encodeBase64url } from '../../src/encoding/base64url.ts'
import type { Seal } from '../../src/jose/sign.ts'
import { prepareDevState, type PreparedState } from '../../src/node/dev-state.ts'
import { decodePem } from '../../src/node/pki/pem.ts'
import { loadPkiDirectory } from '../../src/node/pki/pki-directory.ts'
import { certex, words } from './cli.ts'
import { freePort } from './two-nodes.ts'

const run = promisify(execFile)

/** Runs openssl; what it prints. */
export async function openssl(...args: string[]): Promise<string> {
  return (await run('openssl', args)).stdout
}

/** A body that made its key itself, with the files that its systems work with. */
export interface SelfSigningBody {
  readonly id: string
  readonly keyFile: string
  readonly pathFile: string
  readonly seal: Seal
}

/**
 * Belarus with bodies that keep their keys, `BY.CCI.001` and `BY.CCI.002`, beside others whose seals the
 * node keeps, `BY.CCI.003` among them; Uzbekistan as ever. Nothing is published, nothing runs yet.
 */
export async function prepareSelfSigningStates(folder: string) {
  const states = demoStates(folder, { BY: await freePort(), UZ: await freePort() })
  const [first, certifier] = states.BY.bodies
  const bodies = [
    { ...first!, custody: 'body' as const },
    { ...first!, id: 'BY.CCI.002', code: '002', custody: 'body' as const },
    { ...first!, id: 'BY.CCI.003', code: '003' },
    certifier!,
  ]
  return {
    BY: await prepareDevState({ ...states.BY, bodies }),
    UZ: await prepareDevState(states.UZ),
  }
}

/** The whole way of a body to its seal: its own key and request, certified by the command line. */
export async function certifyBody(
  state: PreparedState,
  folder: string,
  id: string,
): Promise<SelfSigningBody> {
  const file = (name: string) => join(folder, `${id}.${name}`)
  const [keyFile, csr, pathFile] = [file('key.pem'), file('csr'), file('path.pem')]
  await openssl(
    ...words`req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj ${`/CN=${id}`}
      -keyout ${keyFile} -out ${csr}`,
  )
  const made = await certex(
    words`pki add-seal --pki ${state.keys} --body ${id} --csr ${csr} --out ${pathFile}
      --passphrase-file ${join(state.keys, 'passphrase')}`,
  )
  if (made.code !== 0) throw new Error(made.stderr)
  return { id, keyFile, pathFile, seal: await sealOfFiles(keyFile, pathFile) }
}

/** The state as its folder of keys stands now. */
export async function reread(state: PreparedState): Promise<PreparedState> {
  return { ...state, pki: await loadPkiDirectory(state.keys) }
}

async function sealOfFiles(keyFile: string, pathFile: string): Promise<Seal> {
  const [key] = decodePem(await readFile(keyFile, 'utf8'))
  const path = decodePem(await readFile(pathFile, 'utf8')).map(({ der }) => der)
  return {
    key: await signingKey(key!.der, 'ES256'),
    x5tS256: encodeBase64url(await sha256(path[0]!)),
    path,
    x5c: path.map(encodeBase64),
    environment: 'production',
  }
}
