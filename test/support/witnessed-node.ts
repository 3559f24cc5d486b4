import { publishCheckpoint } from '../../src/exchange/log/checkpoint.ts'
import type { WitnessSettings } from '../../src/exchange/log/policy.ts'
import { warningsOfLog } from '../../src/exchange/warnings/of-log.ts'
import { addCheckpoint } from '../../src/exchange/log/witness.ts'
import { askedWitnesses, askWitnessInTurn, settleDoubt } from '../../src/exchange/log/witnesses.ts'
import { sqlLogStore } from '../../src/storage/log-store.ts'
import type { SqlDatabase } from '../../src/storage/sql-database.ts'
import { sqlClientStore } from '../../src/storage/client-store.ts'
import { sqlTrustStore } from '../../src/storage/trust-store.ts'
import type { NoteSigner } from '../../src/tlog/note-signature.ts'
import type { CurrentTrust } from '../../src/trust/trust.ts'
import { trustOf, utf8, watcher } from './log-world.ts'

/** Who answers `add-checkpoint`, by the host that is called. */
export type Witnesses = Readonly<Record<string, (body: string) => Promise<Response>>>

/** A witness over a database of its own, which knows the log of BY, as a node answers. */
export function genuineWitness(
  database: SqlDatabase,
  by: { readonly log: NoteSigner<'ed25519'>; readonly signer: NoteSigner<'cosignature/v1'> },
  now: () => Date,
) {
  const deps = watcher(database, trustOf({ BY: [by.log] }), now)
  const add = addCheckpoint({ ...deps, witnessSigner: async () => by.signer })
  return async (body: string): Promise<Response> => {
    const given = await add(utf8.encode(body))
    if (given.answer === 'cosigned') return new Response(given.lines)
    if (given.answer === 'conflict') return new Response(`${given.size}\n`, { status: 409 })
    return new Response('', { status: given.answer === 'not-consistent' ? 422 : 404 })
  }
}

/** What a node of BY does for its log, over a database. */
export function witnessedNode(
  database: SqlDatabase,
  {
    trust,
    witnessing,
    witnesses,
    signer,
    now,
  }: {
    readonly trust: CurrentTrust
    readonly witnessing: WitnessSettings
    readonly witnesses: Witnesses
    readonly signer: NoteSigner<'ed25519'>
    readonly now: () => Date
  },
) {
  const log = sqlLogStore(database)
  const trustStore = sqlTrustStore(database)
  const { alarms, told, details, mirror, witnessed } = watcher(database, trust, now)
  const asked: string[] = []
  const call: typeof fetch = (url, init) => {
    const { hostname } = new URL(String(url))
    asked.push(String(url))
    const answer = witnesses[hostname]?.(String(init!.body))
    return answer ?? Promise.reject(new Error('no answer'))
  }
  const own = { state: 'BY', now, trust, log, witnessing, witnessed }
  const deps = { ...own, alarms, trustStore, logSigner: async () => signer, fetch: call }
  const ask = askWitnessInTurn(deps)
  const publish = publishCheckpoint(deps)
  return {
    log,
    told,
    details,
    asked,
    trustStore,
    persons: { now, trustStore, clients: sqlClientStore(database), claims: own },
    async second(how: Parameters<typeof ask>[1] = {}) {
      await settleDoubt(deps)
      await publish()
      return Promise.all((await askedWitnesses(deps)).map((witness) => ask(witness, how)))
    },
    warnings: () => warningsOfLog({ ...own, mirror }, now()),
  }
}
