import { DEFAULT_POLICY } from '../certificate/default-policy.ts'
import type { Policy } from '../certificate/policy.ts'
import { formatInstant } from '../encoding/time.ts'
import { appendOneByOne } from '../exchange/journal.ts'
import { nodeCreatedDetail } from '../exchange/node-created.ts'
import {
  type CrlOutcome,
  publishCrl,
  publishTrustList,
  type PublishOutcome,
} from '../exchange/keep-trust/publish-trust.ts'
import {
  type ApproveOutcome,
  approveTrust,
  type ProposeOutcome,
  proposeTrust,
} from '../exchange/keep-trust/four-eyes.ts'
import { ONLY_LISTED_WITNESSES, type WitnessSettings } from '../exchange/log/policy.ts'
import { type OcspOutcome, publishOcsp } from '../exchange/keep-trust/publish-ocsp.ts'
import { revocationStatus } from '../exchange/keep-trust/revocation-status.ts'
import type { Environment } from '../jose/environment.ts'
import type { AdminActLog } from '../exchange/admin-acts.ts'
import {
  type OfficialsStore,
  publishOfficials,
  type PublishOfficialsOutcome,
} from '../exchange/keep-trust/officials.ts'
import type { LostDocuments } from '../exchange/log/lost-documents.ts'
import type { Outbox } from '../exchange/delivery/outbox.ts'
import type { PeerStore } from '../exchange/delivery/peer-store.ts'
import type { ReconciliationStore } from '../exchange/reconciliation/store.ts'
import type { AlarmLog } from '../exchange/records.ts'
import type { HostFacts, Warning } from '../exchange/warnings/warning.ts'
import { currentWarnings } from '../exchange/warnings/warnings.ts'
import type { ClientStore } from '../http/stores.ts'
import { sqlJournal } from '../storage/journal.ts'
import { claimNode } from '../storage/node-store.ts'
import { openLog } from '../storage/open-log.ts'
import type { SqlDatabase } from '../storage/sql-database.ts'
import { sqlStores } from '../storage/sql-stores.ts'
import type { LogStore } from '../tlog/log-store.ts'
import type { AdminAct } from '../trust/admin-act.ts'
import { TrustList } from '../trust/trust-list.ts'
import type { TrustQuestion } from '../trust/trust-decisions.ts'
import type { TrustStore } from '../trust/trust-store.ts'
import { currentTrust, type CurrentTrust } from '../trust/trust.ts'
import { createPathCache } from '../x509/path-cache.ts'
import { commandLineActor } from './actor.ts'
import { newEpoch } from './epoch.ts'
import { migrate } from './migrate.ts'
import { SqliteDatabase } from './sqlite-database.ts'

/** What the operator does to a node's database from the command line, also while the node runs. */
export interface Workbench {
  readonly epoch: string
  readonly trustStore: TrustStore
  readonly clients: ClientStore
  readonly peers: PeerStore
  readonly outbox: Outbox
  readonly reconciliations: ReconciliationStore
  publishList(jws: string): Promise<PublishOutcome>
  readonly officials: OfficialsStore
  publishOfficials(jws: string): Promise<PublishOfficialsOutcome>
  publishCrl(der: Uint8Array, list: TrustList): Promise<CrlOutcome>
  publishOcsp(der: Uint8Array, state: string): Promise<OcspOutcome>
  revocation: ReturnType<typeof revocationStatus>
  readonly alarms: AlarmLog
  readonly lost: LostDocuments
  /** Entries of the log. */
  logSize(): Promise<number>
  readonly log: LogStore
  readonly trust: CurrentTrust
  warnings(hostFacts: () => Promise<HostFacts>): Promise<Warning[]>
  readonly adminActs: AdminActLog
  /** An act of whoever works here, for the step of the change that it is about. */
  act(act: AdminAct['act'], subject: string, detail?: string): AdminAct
  /** The first of the two persons that a decision on trust takes is whoever works here. */
  propose(question: TrustQuestion): Promise<ProposeOutcome>
  /** The second is. */
  approve(question: TrustQuestion): Promise<ApproveOutcome>
  close(): Promise<void>
}

/** The database of another state or environment: what was meant for this one must not go into it. */
export class ForeignDatabaseError extends Error {
  override name = 'ForeignDatabaseError'
}

/**
 * Opens and migrates a node's database.
 *
 * @throws {ForeignDatabaseError}
 */
export async function openWorkbench(config: {
  state: string
  environment: Environment
  database: string
  /** Who works here; the login name unless said otherwise. */
  actor?: string
  policy?: Pick<Policy, 'trustAdditionDelayHours'>
  witnessing?: WitnessSettings
}): Promise<Workbench> {
  const { actor = commandLineActor() } = config
  const database = new SqliteDatabase(config.database)
  migrate(database, actor)
  // oxlint-disable-next-line require-await -- another engine takes its time to close
  const close = async () => database.close()
  return workbenchOver(database, { ...config, actor, name: config.database }, close)
}

/**
 * The bench over a migrated database of any engine; closes it if it is foreign.
 *
 * @throws {ForeignDatabaseError}
 */
export async function workbenchOver(
  database: SqlDatabase,
  {
    state,
    environment,
    name,
    actor = commandLineActor(),
    policy = DEFAULT_POLICY,
    witnessing = ONLY_LISTED_WITNESSES,
  }: {
    state: string
    environment: Environment
    name: string
    actor?: string
    policy?: Pick<Policy, 'trustAdditionDelayHours'>
    witnessing?: WitnessSettings
  },
  close: () => Promise<void>,
): Promise<Workbench> {
  const now = () => new Date()
  const act: Workbench['act'] = (kind, subject, detail) => ({
    at: formatInstant(now()),
    actor,
    act: kind,
    subject,
    ...(detail !== undefined && { detail }),
  })
  const identity = { state, environment, epoch: newEpoch() }
  const claimed = await claimNode(database, identity, [
    act('node-created', state, nodeCreatedDetail(identity)),
  ])
  const { state: owner, epoch } = claimed
  if (owner !== state || claimed.environment !== environment) {
    await close()
    throw new ForeignDatabaseError(
      `The database ${name} belongs to ${owner} (${claimed.environment}), not to ${state} (${environment})`,
    )
  }
  await openLog(database, now)
  const stores = sqlStores(database)
  const { trustStore } = stores
  const journal = sqlJournal(database)
  const append = appendOneByOne(journal, now)
  const trust = currentTrust(trustStore, environment)
  const deps = { state, environment, policy, now, trustStore, trust, append }
  const { lost, alarms } = stores
  const publishList = publishTrustList({ ...deps, lost, alarms })
  const { officials } = stores
  const paths = createPathCache()
  const publishRegister = publishOfficials({ ...deps, officials, paths })
  const keepCrl = publishCrl(deps)
  const keepOcsp = publishOcsp({ now, trust, trustStore })
  const { log } = stores
  const persons = { now, trustStore, clients: stores.clients, claims: { state, log } }
  const propose = proposeTrust(persons)
  const approve = approveTrust(persons)
  // A name given with --as is somebody's word; the login under which it was given is kept beside it.
  const login = commandLineActor()
  const deciding = { actor, detail: actor === login ? undefined : `at the login of ${login}` }
  return {
    epoch,
    trustStore,
    clients: stores.clients,
    peers: stores.peers,
    outbox: stores.outbox,
    reconciliations: stores.reconciliations,
    alarms: stores.alarms,
    lost: stores.lost,
    log,
    trust,
    logSize: async () => (await journal.head()).size,
    warnings: (hostFacts) =>
      currentWarnings({ ...stores, state, now, trust, paths, witnessing, hostFacts })(),
    adminActs: stores.adminActs,
    act,
    officials,
    publishOfficials: (jws) => publishRegister(jws, actor),
    publishList: (jws) => publishList(jws, { actor }),
    publishCrl: (der, list) => keepCrl(der, list, actor),
    publishOcsp: (der, of) => keepOcsp(der, of, actor),
    revocation: revocationStatus({ ...stores, state, now, trust }),
    propose: (question) => propose(question, deciding),
    approve: (question) => approve(question, deciding),
    close,
  }
}
