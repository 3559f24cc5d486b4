import type { AdminActLog } from '../exchange/admin-acts.ts'
import type { CertificateStore } from '../exchange/certificate-store.ts'
import type { EventSource } from '../exchange/events.ts'
import type { Inbox } from '../exchange/inbox.ts'
import type { Outbox } from '../exchange/outbox.ts'
import type { PeerStore } from '../exchange/peer-store.ts'
import type { SearchIndex } from '../exchange/search-index.ts'
import type { AlarmLog, ExchangeArchive } from '../exchange/records.ts'
import type { ReservationStore } from '../exchange/reservations.ts'
import type { StatusListStore } from '../exchange/status-list-store.ts'
import type { AccessLog, ClientStore, ReportStore, TokenStore, UsedOnce } from '../http/stores.ts'
import type { TrustStore } from '../trust/trust-store.ts'
import { sqlAdminActs } from './admin-acts.ts'
import { sqlCertificateStore } from './certificate-store.ts'
import { sqlClientStore, sqlTokenStore, sqlUsedOnce } from './client-store.ts'
import { sqlEvents } from './events.ts'
import { sqlInbox } from './inbox.ts'
import { sqlOutbox } from './outbox.ts'
import { sqlPeerStore } from './peer-store.ts'
import { sqlAccessLog, sqlAlarmLog, sqlExchangeArchive, sqlReportStore } from './records.ts'
import { sqlReservationStore } from './reservations.ts'
import { sqlSearchIndex } from './search.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sqlStatusListStore } from './status-list-store.ts'
import { sqlTrustStore } from './trust-store.ts'

/** Every port that needs nothing but the database, under the names that a node knows them by. */
export interface SqlStores {
  readonly trustStore: TrustStore
  readonly certificates: CertificateStore
  readonly events: EventSource
  readonly search: SearchIndex
  readonly reservations: ReservationStore
  readonly ownStatusLists: StatusListStore
  readonly outbox: Outbox
  readonly inbox: Inbox
  readonly peers: PeerStore
  readonly alarms: AlarmLog
  readonly adminActs: AdminActLog
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
    certificates: sqlCertificateStore(database),
    events: sqlEvents(database),
    search: sqlSearchIndex(database),
    reservations: sqlReservationStore(database),
    ownStatusLists: sqlStatusListStore(database),
    outbox: sqlOutbox(database),
    inbox: sqlInbox(database),
    peers: sqlPeerStore(database),
    alarms: sqlAlarmLog(database),
    adminActs: sqlAdminActs(database),
    archive: sqlExchangeArchive(database),
    clients: sqlClientStore(database),
    tokens: sqlTokenStore(database),
    usedOnce: sqlUsedOnce(database),
    reports: sqlReportStore(database),
    accesses: sqlAccessLog(database),
  }
}
