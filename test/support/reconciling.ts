import Sqlite from 'better-sqlite3'
import { join } from 'node:path'
import { digestOf } from '../../src/exchange/validation/authenticate.ts'
import { backgroundWork } from '../../src/exchange/background-work.ts'
import { midnightBefore } from '../../src/exchange/reconciliation/make.ts'
import { reconciliationEffect } from '../../src/exchange/projection.ts'
import { summaryOfRows } from '../../src/exchange/reconciliation/reconciled-tree.ts'
import {
  type Reconciliation,
  RECONCILIATION_SCHEMA,
} from '../../src/exchange/reconciliation/payload.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import { signJws } from '../../src/jose/sign.ts'
import { eventually, type TestNode, type TwoNodes } from './two-nodes.ts'

const DAY_MS = 86_400_000

/** A clock that runs, and that a test sets forward. */
export function movingClock() {
  let ahead = 0
  const now = () => new Date(Date.now() + ahead)
  return {
    now,
    forward(ms: number) {
      ahead += ms
    },
    /** To a quarter of an hour after the midnight that ends this day, or a later one. */
    nextDay(days = 1) {
      const midnight = Math.floor(now().getTime() / DAY_MS) * DAY_MS + days * DAY_MS
      ahead = midnight + 15 * 60_000 - Date.now()
    },
  }
}

export const work = ({ running }: TestNode) => backgroundWork(running.deps, [])

/** Whatever was sent has been received and decided, both ways. */
export async function quiet({ BY, UZ }: Pick<TwoNodes, 'BY' | 'UZ'>): Promise<void> {
  await eventually(
    'nothing is on its way',
    async () => {
      const [toUZ, toBY] = await Promise.all([
        BY.running.deps.outbox.backlog('UZ'),
        UZ.running.deps.outbox.backlog('BY'),
      ])
      return [toUZ, toBY].every(({ waiting, undecided }) => waiting === 0 && undecided === 0)
    },
    60_000,
  )
}

/** Both make the documents that are due, receive those of the other, and compare what is due. */
export async function reconcile({ BY, UZ }: Pick<TwoNodes, 'BY' | 'UZ'>): Promise<void> {
  const both = () => Promise.all([work(BY).reconcile('UZ'), work(UZ).reconcile('BY')])
  await both()
  await eventually('both have the documents of the other', async () => {
    const until = midnightBefore(BY.running.deps.now())
    const newest = await Promise.all([
      BY.running.deps.reconciliations.newest('UZ', 'BY'),
      UZ.running.deps.reconciliations.newest('BY', 'UZ'),
    ])
    return newest.every((document) => document?.until === until)
  })
  await Promise.all([mirrored(BY, 'UZ'), mirrored(UZ, 'BY')])
  await both()
}

/** The mirror of a peer's log is whole. */
export function mirrored(node: TestNode, peer: string): Promise<true> {
  return eventually('the log of the peer is mirrored', async () => {
    const result = await work(node).mirror(peer)
    return 'hasMore' in result && !result.hasMore ? true : undefined
  })
}

/** As somebody at the machine of a node may change its database. */
export function alter(node: { readonly data: string }, ...statements: string[]): void {
  const database = new Sqlite(join(node.data, 'node.sqlite'))
  try {
    for (const statement of statements) database.exec(statement)
  } finally {
    database.close()
  }
}

type Overrides = Partial<Omit<Reconciliation, 'schema' | 'iss' | 'aud'>>

/** A document of a day without messages, or whatever else it is to say, under the real registry seal. */
export async function emptyReconciliation(
  { running: { deps } }: TestNode,
  { recipient, ...overrides }: Overrides & { recipient: string; until: string },
): Promise<string> {
  const { root } = summaryOfRows([])
  const messages = { after: 0, upTo: 0, count: 0, total: 0, root, kinds: {} }
  const decisions = { count: 0, total: 0, root, outcomes: {} }
  const payload = {
    schema: RECONCILIATION_SCHEMA,
    iss: deps.seals.registryParty,
    aud: [recipient],
    epoch: 'test',
    previous: null,
    since: null,
    checkpoint: null,
    sent: messages,
    received: messages,
    decided: decisions,
    answered: decisions,
    ...overrides,
  }
  const seal = await deps.seals.registry()
  return signJws({ typ: 'reconciliation+jwt', payload, seal, signedAt: deps.now() })
}

/** Sends a reconciliation document as its node sends its own, whatever it says; a lie is not projected. */
export async function sendReconciliation(
  { running: { deps } }: TestNode,
  jws: string,
  { lies = false }: { lies?: boolean } = {},
): Promise<string> {
  const sha256 = await digestOf(jws)
  const payload = payloadOf(jws) as Reconciliation
  const effects = lies ? [] : [reconciliationEffect(sha256, payload)]
  const to = payload.aud
  await deps.append({ entries: [{ kind: 'reconciliation', sha256, jws, to, effects }] })
  deps.outgoing()
  return sha256
}
