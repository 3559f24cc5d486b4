import { formatInstant } from '../encoding/time.ts'
import { appendOneByOne } from '../exchange/journal.ts'
import { listedAddress } from '../exchange/delivery/listed-address.ts'
import { pollTrust } from '../exchange/keep-trust/poll-trust.ts'
import { sqlJournal } from '../storage/journal.ts'
import { claimNode } from '../storage/node-store.ts'
import { sqlStores } from '../storage/sql-stores.ts'
import { type CurrentTrust, currentTrust } from '../trust/trust.ts'
import type { PeerStore } from '../exchange/delivery/peer-store.ts'
import type { NodeConfig } from './config.ts'
import { migrate } from './migrate.ts'
import { SqliteDatabase } from './sqlite-database.ts'

/** A root that an operator compared in person, for this one restore. */
export interface ComparedRoot {
  readonly state: string
  readonly rootSha256: string
}

/** What a restore believes of peers; it is forgotten afterwards. */
export interface RestoreTrust {
  readonly trust: CurrentTrust
  readonly peers: PeerStore
  /**
   * Fetches the newest list of a peer, and all before it; its address, or why there is none. Lists that came
   * in part are none: a later one may end the keys that they name.
   */
  reach(peer: string): Promise<{ readonly url: string } | { readonly error: string }>
  close(): void
}

const TABLES = [
  'trust_pins',
  'trust_proposals',
  'trust_approvals',
  'trust_lists',
  'trust_list_delays',
  'trust_forks',
  'crls',
  'ocsp_responses',
] as const

/**
 * Trust as the backup has it, brought up to date, without a word of it in the log that is restored. A
 * root that is given takes the place of all that the backup knows of its state.
 */
export async function restoreTrust(
  restoring: string,
  roots: readonly ComparedRoot[],
  {
    config,
    fetch,
    now,
  }: {
    config: Pick<NodeConfig, 'state' | 'environment' | 'policy' | 'peers'>
    fetch: typeof globalThis.fetch
    now: () => Date
  },
): Promise<RestoreTrust> {
  const { state, environment, policy } = config
  const database = new SqliteDatabase(':memory:')
  migrate(database)
  await claimNode(database, { state, environment, epoch: 'restoring' })
  copyTrust(database, restoring, roots, formatInstant(now()))
  const stores = sqlStores(database)
  const { trustStore, peers } = stores
  const append = appendOneByOne(sqlJournal(database), now)
  const trust = currentTrust(trustStore, environment)
  // An operator waits for it and can stop it; nothing here asks again in the next minute.
  const poll = pollTrust(
    { ...stores, state, environment, policy, now, fetch, append, trust },
    Infinity,
  )
  return {
    trust,
    peers,
    async reach(peer) {
      const named = config.peers.find((one) => one.state === peer)?.url
      const known = (await listedAddress({ trust, now }, peer)) ?? named
      if (known === undefined)
        return { error: `no address of ${peer} is known: name it among peers` }
      const pins = await trustStore.pins()
      if (!pins.some((pin) => pin.state === peer))
        return {
          error: `no root is pinned for ${peer}: compare its fingerprint with its operator and give --root ${peer}=FINGERPRINT`,
        }
      const polled = await poll(peer, known)
      if ('error' in polled && polled.halfWay)
        return {
          error: `its trust lists came in part only, and later ones may end keys that these name: ${polled.error}. Restore again once that is mended, or without this mirror`,
        }
      const url = await listedAddress({ trust, now }, peer)
      if (url !== undefined) return { url }
      return { error: 'error' in polled ? polled.error : `no trust list of ${peer} names its node` }
    },
    close: () => database.close(),
  }
}

function copyTrust(
  { raw }: SqliteDatabase,
  restoring: string,
  roots: readonly ComparedRoot[],
  at: string,
): void {
  const compared = JSON.stringify(roots.map(({ state }) => state))
  raw.prepare('ATTACH ? AS restoring').run(restoring)
  const others = 'state NOT IN (SELECT value FROM json_each(?))'
  for (const table of TABLES)
    raw
      .prepare(`INSERT INTO ${table} SELECT * FROM restoring.${table} WHERE ${others}`)
      .run(compared)
  raw.exec(`INSERT INTO documents SELECT * FROM restoring.documents
    WHERE sha256 IN (SELECT sha256 FROM trust_lists)`)
  raw.exec('DETACH restoring')
  const pin = raw.prepare('INSERT OR IGNORE INTO trust_pins VALUES (?, ?, ?)')
  for (const { state, rootSha256 } of roots) pin.run(state, rootSha256, at)
  raw.exec('UPDATE node SET trust_revision = trust_revision + 1')
}
