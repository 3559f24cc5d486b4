import type { Policy } from '../certificate/policy.ts'
import type { Environment } from '../jose/environment.ts'
import type { CryptoSuite } from '../crypto/crypto-suite.ts'
import type { AdminActLog } from '../exchange/admin-acts.ts'
import type { AuditSource } from '../exchange/audit/audit-source.ts'
import type { OfficialsStore } from '../exchange/keep-trust/officials.ts'
import type { ArrivalStore } from '../exchange/log/arrival.ts'
import type { CoverableRows } from '../exchange/log/cover-rows.ts'
import type { CertificateStore } from '../exchange/certificate-store.ts'
import type { EventSource } from '../exchange/delivery/events.ts'
import type { KeptDocuments } from '../exchange/log/held-for-peer.ts'
import type { Inbox } from '../exchange/incoming/inbox.ts'
import type { Join } from '../exchange/join.ts'
import type { Append } from '../exchange/journal.ts'
import type { WaitForNews } from '../exchange/delivery/long-poll.ts'
import type { WitnessSettings } from '../exchange/log/policy.ts'
import type { LostDocuments } from '../exchange/log/lost-documents.ts'
import type { NoticeStore } from '../exchange/notices/store.ts'
import type { Outbox } from '../exchange/delivery/outbox.ts'
import type { PeerStore } from '../exchange/delivery/peer-store.ts'
import type { AlarmLog, ExchangeArchive } from '../exchange/records.ts'
import type { ReconciliationStore } from '../exchange/reconciliation/store.ts'
import type { ReservationStore } from '../exchange/issuing/reservations.ts'
import type { RulesStore } from '../exchange/rules-in-force.ts'
import type { RevocationFetches } from '../exchange/keep-trust/revocation-fetches.ts'
import type { SearchIndex } from '../exchange/search/search-index.ts'
import type { SecondSignatureStore } from '../exchange/second-signatures/store.ts'
import type { Seals } from '../exchange/seals.ts'
import type { SigningKeys } from '../exchange/signing-keys.ts'
import type { StatusListSource } from '../exchange/status-lists/source.ts'
import type { StatusListStore } from '../exchange/status-lists/store.ts'
import type { StatusPositions } from '../exchange/status-lists/status-positions.ts'
import type { ValidateAll } from '../exchange/validation/validate.ts'
import type { HostFacts } from '../exchange/warnings/warning.ts'
import type { LogStore } from '../tlog/log-store.ts'
import type { MirrorStore } from '../tlog/mirror-store.ts'
import type { WitnessStore } from '../tlog/witness-store.ts'
import type { TrustStore } from '../trust/trust-store.ts'
import type { CurrentTrust } from '../trust/trust.ts'
import type { PathCache } from '../x509/path-cache.ts'
import type { RequestLimits } from './rate-limit-settings.ts'
import type { HttpFault } from './routed-app.ts'
import type { AccessLog, ClientStore, ReportStore, TokenStore, UsedOnce } from './stores.ts'

/** Everything a node is made of; `node/` and `worker/` put it together, use cases take what they name. */
export interface NodeDependencies {
  readonly state: string
  readonly environment: Environment
  readonly publicUrl: string
  readonly policy: Policy
  readonly now: () => Date
  readonly newId: () => string
  readonly random: () => number
  readonly randomBytes: (length: number) => Uint8Array
  readonly fetch: typeof fetch
  readonly seals: Seals
  readonly nodeKey: SigningKeys['nodeKey']
  readonly idleWork: SigningKeys['idleWork']
  readonly trust: CurrentTrust
  readonly trustStore: TrustStore
  readonly officials: OfficialsStore
  readonly revocationFetches: RevocationFetches
  readonly paths: PathCache
  readonly join: Join
  readonly append: Append
  /** The own log; what is appended grows it. */
  readonly log: LogStore
  readonly logSigner: SigningKeys['logSigner']
  /** Who is asked to cosign it beside the trust lists, and whose cosignatures are needed. */
  readonly witnessing: WitnessSettings
  /** Everybody may read it; otherwise peers, authority and auditors. */
  readonly publicLog: boolean
  /** What this node has witnessed of others' logs. */
  readonly witnessed: WitnessStore
  /** Leaves of others' logs. */
  readonly mirror: MirrorStore
  /** Documents between this node and a peer, which the peer may have back. */
  readonly kept: KeptDocuments
  /** What restores could not bring back. */
  readonly lost: LostDocuments
  readonly witnessSigner: SigningKeys['witnessSigner']
  readonly certificates: CertificateStore
  readonly notices: NoticeStore
  readonly events: EventSource
  readonly search: SearchIndex
  readonly secondSignatures: SecondSignatureStore
  /** Suites beside WebCrypto, for national signatures alone. */
  readonly suites: readonly CryptoSuite[]
  readonly reconciliations: ReconciliationStore
  readonly reservations: ReservationStore
  readonly positions: StatusPositions
  /** Lines of a batch that are done at once; 32 if absent. */
  readonly batchInFlight?: number
  readonly ownStatusLists: StatusListStore
  /** Where several certificates at once are validated, if not here. */
  readonly validateAll?: ValidateAll | undefined
  /** Lists of the peers. */
  readonly statusLists: StatusListSource
  readonly outbox: Outbox
  readonly inbox: Inbox
  readonly peers: PeerStore
  readonly alarms: AlarmLog
  readonly adminActs: AdminActLog
  /** Acts and accesses as they come to stand behind entries of the log. */
  readonly coverable: CoverableRows
  /** The rules as they were in force. */
  readonly rules: RulesStore
  /** What is shown to those who audit this node from outside. */
  readonly audited: AuditSource
  readonly archive: ExchangeArchive
  readonly arrivals: ArrivalStore
  readonly clients: ClientStore
  readonly tokens: TokenStore
  readonly usedOnce: UsedOnce
  readonly reports: ReportStore
  readonly accesses: AccessLog
  /** `DEFAULT_LIMITS` if absent. */
  readonly limits?: RequestLimits
  /** What only the machine can tell, where there is one. */
  readonly hostFacts?: (() => Promise<HostFacts>) | undefined
  readonly logFault: (fault: HttpFault) => void
  /** Called after something was appended that waits for a peer. */
  readonly outgoing: () => void
  /** Called when a document waits for something that a peer's trust data may bring. */
  readonly waiting: (peer: string) => void
  /** Called when something of a peer's feed has not come: it is to be pulled. */
  readonly behind: (peer: string) => void
  /**
   * Called when a node calls, where somebody waits for that: it may be a peer that could not be reached.
   * Undefined: no list that is here names its key; anybody may cause that.
   */
  readonly called?: (peer: string | undefined) => void
  readonly news: WaitForNews
  /** Between two pieces of long work: what waits has its turn. */
  readonly pause: () => Promise<void>
}
