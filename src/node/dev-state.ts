import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { thumbprint } from '../crypto/suite.ts'
import type { Environment } from '../jose/environment.ts'
import { approveTrust, proposeTrust } from '../exchange/keep-trust/four-eyes.ts'
import { previousList } from '../exchange/keep-trust/publish-trust.ts'
import type { PreviousList } from '../trust/accept-trust-list.ts'
import type { TrustStore } from '../trust/trust-store.ts'
import { openWorkbench, type Workbench } from './bootstrap.ts'
import { renewCrls } from './pki/next-crl.ts'
import { loadPkiDirectory, type PkiDirectory } from './pki/pki-directory.ts'
import { writePkiDirectory } from './pki/pki-store.ts'
import { createStatePki } from './pki/state-pki.ts'
import {
  type BodiesFile,
  LIST_VALID_DAYS,
  makeTrustList,
  signTrustList,
} from './trust-list-maker.ts'

/** One side of an exchange on one machine, with throwaway keys. */
export interface DevState {
  readonly state: string
  readonly environment?: Environment
  readonly organization: string
  readonly bodies: BodiesFile
  readonly port: number
  /** Folder of the keys, with the passphrase beside them. */
  readonly keys: string
  /** Folder of database and configuration. */
  readonly data: string
  readonly peers: readonly { readonly state: string; readonly port: number }[]
}

export interface PreparedState extends DevState {
  readonly configFile: string
  readonly url: string
  readonly passphrase: string
  readonly pki: PkiDirectory
  readonly rootSha256: string
}

/** Nobody sits there to look at additions for a day. */
const DEV_POLICY = { trustAdditionDelayHours: 0 }

export const devUrl = (port: number): string => `http://127.0.0.1:${port}`

/** Makes what is missing of a state: keys, passphrase, configuration. */
export async function prepareDevState(dev: DevState): Promise<PreparedState> {
  const passphraseFile = join(dev.keys, 'passphrase')
  await mkdir(dev.data, { recursive: true })
  if (!existsSync(join(dev.keys, 'manifest.json'))) {
    await mkdir(dev.keys, { recursive: true, mode: 0o700 })
    await writeFile(passphraseFile, randomBytes(24).toString('base64url'), { mode: 0o600 })
    const made = await createStatePki({
      state: dev.state,
      organization: dev.organization,
      bodies: dev.bodies.map(({ id, name, code, custody }) => ({
        partyId: id,
        name,
        code,
        custody,
      })),
      now: new Date(),
      sealAlgorithm: 'ES256',
      environment: dev.environment ?? 'production',
    })
    await writePkiDirectory(dev.keys, made, await readFile(passphraseFile, 'utf8'))
  }
  const configFile = join(dev.data, 'node.json')
  const url = devUrl(dev.port)
  const config = {
    state: dev.state,
    environment: dev.environment ?? 'production',
    publicUrl: url,
    listen: { host: '127.0.0.1', port: dev.port },
    database: 'node.sqlite',
    pki: dev.keys,
    passphraseFile,
    allowHttpPeers: true,
    policy: DEV_POLICY,
    peers: dev.peers.map(({ state, port }) => ({ state, url: devUrl(port) })),
  }
  await writeFile(configFile, `${JSON.stringify(config, undefined, 2)}\n`)
  const pki = await loadPkiDirectory(dev.keys)
  const root = pki.keys.find(({ purpose }) => purpose === 'root')!
  return {
    ...dev,
    configFile,
    url,
    passphrase: await readFile(passphraseFile, 'utf8'),
    pki,
    rootSha256: await thumbprint(root.certificate),
  }
}

/** Publishes trust in the state's own SQLite database. */
export async function publishDevTrust(
  own: PreparedState,
  others: readonly PreparedState[],
): Promise<void> {
  const bench = await openWorkbench({
    state: own.state,
    environment: own.environment ?? 'production',
    database: join(own.data, 'node.sqlite'),
    policy: DEV_POLICY,
  })
  try {
    await publishTrustOn(bench, own, others)
  } finally {
    await bench.close()
  }
}

/** Renews the CRLs, pins the roots of both sides and publishes a trust list that lasts. */
export async function publishTrustOn(
  bench: Workbench,
  own: PreparedState,
  others: readonly PreparedState[],
): Promise<void> {
  const { state, pki, passphrase } = own
  const now = new Date()
  for (const other of [own, ...others]) {
    const pins = await bench.trustStore.pins()
    const stranger = pins.find(
      (pin) => pin.state === other.state && pin.rootSha256 !== other.rootSha256,
    )
    if (stranger)
      throw new Error(
        `${own.data} was made with other keys of ${other.state}: remove it and the keys, and start again`,
      )
    await pinForDevelopment(bench.trustStore, other.state, other.rootSha256)
  }
  const crls = await renewCrls(pki, passphrase, now)
  const previous = await newestList(bench, state)
  const list =
    previous && previous.list.nextUpdate > new Date(now.getTime() + 30 * 86_400_000).toISOString()
      ? previous.list
      : await makeTrustList({
          pki,
          bodies: own.bodies,
          url: own.url,
          now,
          validDays: LIST_VALID_DAYS,
          previous,
        })
  for (const crl of crls) {
    const kept = await bench.publishCrl(crl, list)
    if (kept.outcome === 'refused') throw new Error(`A CRL of ${state} is refused: ${kept.detail}`)
  }
  if (list === previous?.list) return
  const published = await bench.publishList(await signTrustList(list, pki, passphrase))
  if (published.outcome === 'refused')
    throw new Error(`The trust list of ${state} is refused: ${published.refusal.detail}`)
}

/**
 * Pins a root with nobody there to compare it: on throwaway states of one machine a program plays both
 * persons, and the record of administrative acts says so.
 */
export async function pinForDevelopment(
  trustStore: TrustStore,
  state: string,
  rootSha256: string,
): Promise<void> {
  const clients = { find: () => Promise.resolve(undefined) }
  const deps = { trustStore, clients, now: () => new Date() }
  const question = { kind: 'root', state, subject: rootSha256 } as const
  await proposeTrust(deps)(question, { actor: 'development:one' })
  await approveTrust(deps)(question, { actor: 'development:two' })
}

/** The newest list that a database holds of a state. */
export async function newestList(
  bench: Workbench,
  state: string,
): Promise<(PreviousList & { sha256: string }) | undefined> {
  const stored = (await bench.trustStore.newest()).find((list) => list.state === state)
  return stored && { ...previousList(stored.jws), sha256: stored.sha256 }
}
