import type { AdminActLog } from '../exchange/admin-acts.ts'
import type { AuditSource } from '../exchange/audit/audit-source.ts'
import type { CertificateStore } from '../exchange/certificate-store.ts'
import type { ArrivalStore } from '../exchange/log/arrival.ts'
import type { CoverableRows } from '../exchange/log/cover-rows.ts'
import type { EventSource } from '../exchange/delivery/events.ts'
import type { KeptDocuments } from '../exchange/log/held-for-peer.ts'
import type { Inbox } from '../exchange/incoming/inbox.ts'
import type { OfficialsStore } from '../exchange/keep-trust/officials.ts'
import type { Outbox } from '../exchange/delivery/outbox.ts'
import type { LostDocuments } from '../exchange/log/lost-documents.ts'
import type { NoticeChains } from '../exchange/notices/store.ts'
import type { PeerStore } from '../exchange/delivery/peer-store.ts'
import type { SearchIndex } from '../exchange/search/search-index.ts'
import type { AlarmLog, ExchangeArchive } from '../exchange/records.ts'
import type { ReconciliationStore } from '../exchange/reconciliation/store.ts'
import type { ReservationStore } from '../exchange/issuing/reservations.ts'
import type { RulesStore } from '../exchange/rules-in-force.ts'
import type { RevocationFetches } from '../exchange/keep-trust/revocation-fetches.ts'
import type { SecondSignatureStore } from '../exchange/second-signatures/store.ts'
import type { StatusListStore } from '../exchange/status-lists/store.ts'
import type { AccessLog, ClientStore, ReportStore, TokenStore, UsedOnce } from '../http/stores.ts'
import type { LogStore } from '../tlog/log-store.ts'
import type { MirrorStore } from '../tlog/mirror-store.ts'
import type { WitnessStore } from '../tlog/witness-store.ts'
import type { TrustStore } from '../trust/trust-store.ts'
import { sqlAdminActs } from './admin-acts.ts'
import { sqlCoverableRows } from './administrative-records.ts'
import { sqlArrivals } from './arrivals.ts'
import { sqlAuditSource } from './audit-source.ts'
import { sqlCertificateStore } from './certificate-store.ts'
import { sqlClientStore, sqlTokenStore, sqlUsedOnce } from './client-store.ts'
import { sqlEvents } from './events.ts'
import { sqlInbox } from './inbox.ts'
import { sqlKeptDocuments } from './kept-documents.ts'
import { sqlLogStore } from './log-store.ts'
import { sqlLostDocuments } from './lost-documents.ts'
import { sqlMirrorStore } from './mirror-store.ts'
import { sqlWitnessStore } from './witness-store.ts'
import { sqlNoticeStore } from './notices.ts'
import { sqlOfficialsStore } from './officials-store.ts'
import { sqlOutbox } from './outbox.ts'
import { sqlPeerStore } from './peer-store.ts'
import { sqlAccessLog, sqlAlarmLog, sqlExchangeArchive, sqlReportStore } from './records.ts'
import { sqlReconciliationStore } from './reconciliations.ts'
import { sqlReservationStore } from './reservations.ts'
import { sqlRulesStore } from './rules.ts'
import { sqlRevocationFetches } from './revocation-fetches.ts'
import { sqlSearchIndex } from './search.ts'
import { sqlSecondSignatureStore } from './second-signatures.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sqlStatusListStore } from './status-list-store.ts'
import { sqlTrustStore } from './trust-store.ts'

/** Every port that needs nothing but the database, under the names that a node knows them by. */
export interface SqlStores {
  readonly trustStore: TrustStore
  readonly officials: OfficialsStore
  readonly revocationFetches: RevocationFetches
  readonly log: LogStore
  readonly witnessed: WitnessStore
  readonly mirror: MirrorStore
  readonly kept: KeptDocuments
  readonly lost: LostDocuments
  readonly certificates: CertificateStore
  readonly notices: NoticeChains
  readonly events: EventSource
  readonly search: SearchIndex
  readonly secondSignatures: SecondSignatureStore
  readonly reconciliations: ReconciliationStore
  readonly reservations: ReservationStore
  readonly ownStatusLists: StatusListStore
  readonly outbox: Outbox
  readonly inbox: Inbox
  readonly peers: PeerStore
  readonly alarms: AlarmLog
  readonly adminActs: AdminActLog
  readonly coverable: CoverableRows
  readonly rules: RulesStore
  readonly arrivals: ArrivalStore
  readonly audited: AuditSource
  readonly archive: ExchangeArchive
  readonly clients: ClientStore
  readonly tokens: TokenStore
  readonly usedOnce: UsedOnce
  readonly reports: ReportStore
  readonly accesses: AccessLog
}

/** The ports of a node over one database; the same for every engine and runtime. */
export function sqlStores(database: SqlDatabase): SqlStores {
  return {
    trustStore: sqlTrustStore(database),
    officials: sqlOfficialsStore(database),
    revocationFetches: sqlRevocationFetches(database),
    log: sqlLogStore(database),
    witnessed: sqlWitnessStore(database),
    mirror: sqlMirrorStore(database),
    kept: sqlKeptDocuments(database),
    lost: sqlLostDocuments(database),
    certificates: sqlCertificateStore(database),
    notices: sqlNoticeStore(database),
    events: sqlEvents(database),
    search: sqlSearchIndex(database),
    secondSignatures: sqlSecondSignatureStore(database),
    reconciliations: sqlReconciliationStore(database),
    reservations: sqlReservationStore(database),
    ownStatusLists: sqlStatusListStore(database),
    outbox: sqlOutbox(database),
    inbox: sqlInbox(database),
    peers: sqlPeerStore(database),
    alarms: sqlAlarmLog(database),
    adminActs: sqlAdminActs(database),
    coverable: sqlCoverableRows(database),
    rules: sqlRulesStore(database),
    arrivals: sqlArrivals(database),
    audited: sqlAuditSource(database),
    archive: sqlExchangeArchive(database),
    clients: sqlClientStore(database),
    tokens: sqlTokenStore(database),
    usedOnce: sqlUsedOnce(database),
    reports: sqlReportStore(database),
    accesses: sqlAccessLog(database),
  }
}
