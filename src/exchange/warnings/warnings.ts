import { text } from '../../certificate/wording.ts'
import { MAX_TRUST_LIST_LENGTH, parseJws } from '../../jose/parse.ts'
import { LONG_LIST_SHARE } from '../../trust/list-bounds.ts'
import type { CurrentTrust } from '../../trust/trust.ts'
import type { TrustStore } from '../../trust/trust-store.ts'
import { readX509 } from '../../x509/x509-certificate.ts'
import type { LostDocuments } from '../log/lost-documents.ts'
import type { Outbox } from '../delivery/outbox.ts'
import type { PeerContact, PeerStore } from '../delivery/peer-store.ts'
import type { HostFacts, Warning } from './warning.ts'
import { undecidedTrust } from '../keep-trust/undecided-trust.ts'
import { warningsOfDecisions } from './of-decisions.ts'
import { ending } from './ending.ts'
import { rootWarnings } from './of-keys.ts'
import { type LogWarningDependencies, warningsOfLog } from './of-log.ts'
import {
  type ReconciliationWarningDependencies,
  warningsOfReconciliation,
} from './of-reconciliation.ts'
import { undecidedRootWarnings } from './of-roots.ts'
import { type SealDependencies, warningsOfSeals } from './of-seals.ts'
import { warningsOfTrust } from './of-trust.ts'
import { warningsOfWorkingKeys, type WorkingKeyDependencies } from './of-working-keys.ts'

export interface WarningDependencies
  extends
    LogWarningDependencies,
    ReconciliationWarningDependencies,
    WorkingKeyDependencies,
    SealDependencies {
  readonly state: string
  readonly now: () => Date
  readonly trust: CurrentTrust
  readonly trustStore: TrustStore
  readonly peers: Pick<PeerStore, 'all'>
  readonly outbox: Pick<Outbox, 'backlog'>
  readonly lost: Pick<LostDocuments, 'count'>
  readonly hostFacts?: (() => Promise<HostFacts>) | undefined
}

/** Longer than any pause between two attempts to deliver. */
const PEER_LAG_MS = 15 * 60_000
/** A peer says a word every minute. */
const PEER_SILENT_MS = 15 * 60_000
/** From 60 s on signatures between the nodes are refused (wire.md "Exchange"). */
const CLOCK_AHEAD_MS = 20_000
const TLS_DAYS = 21
const DISK = { share: 0.1, bytes: 2 * 1024 ** 3 } as const

/** Everything that somebody should do something about, computed at this moment. */
export function currentWarnings(deps: WarningDependencies) {
  return async (): Promise<Warning[]> => {
    const now = deps.now()
    const undecidedNow = undecidedTrust(deps.trustStore, now)
    const found = await Promise.all([
      deps.trust(),
      deps.trustStore.crls(),
      deps.trustStore.newest(),
      deps.peers.all(),
      undecidedNow,
      warningsOfLog(deps, now),
      undecidedNow.then(({ pending }) => warningsOfWorkingKeys(deps, now, pending)),
      undecidedNow.then(({ pending }) => warningsOfSeals(deps, now, pending)),
      deps.hostFacts?.(),
    ])
    const [{ view, anchors, pins }, crls, newest, contacts, undecided, ...more] = found
    const [ofLog, ofKeys, ofSeals, host] = more
    const { unsettled, changes } = await deps.lost.count()
    const ofReconciliation = await warningsOfReconciliation(deps, contacts, now)
    const lists = view.states().flatMap((state) => view.list(state) ?? [])
    const ofPeers = await Promise.all(
      contacts.map(async (contact) => {
        const { waitingSince } = await deps.outbox.backlog(contact.state)
        return peerWarnings(contact, waitingSince, now)
      }),
    )
    return [
      ...warningsOfTrust(deps.state, lists, crls, listSignerEndsAt(deps.state, newest), now),
      ...lengthWarnings(deps.state, newest),
      ...ofKeys,
      ...ofSeals,
      ...rootWarnings(lists, anchors, now),
      ...(await undecidedRootWarnings(view, pins)),
      ...warningsOfDecisions(undecided),
      ...ofPeers.flat(),
      ...ofLog,
      ...ofReconciliation,
      ...(unsettled > 0 ? [unsettledWarning(deps.state, unsettled)] : []),
      ...(changes > 0 ? [lostChangesWarning(deps.state, changes)] : []),
      ...(host ? hostWarnings(host, now) : []),
    ]
  }
}

function unsettledWarning(state: string, lost: number): Warning {
  return {
    kind: 'numbers-unsettled',
    subject: state,
    overdue: true,
    at: undefined,
    message: text(
      `После утраты данных неизвестны номера утраченных сертификатов (записей: ${lost}). Пока они не названы (certex lost list, certex lost settle), узел не выдаёт сертификатов и не подписывает прежних списков состояний`,
      `After a loss the numbers of lost certificates are not known (${lost} listed). Until somebody says which they were (certex lost list, certex lost settle), the node issues none and signs no status list of before`,
    ),
  }
}

function lostChangesWarning(state: string, lost: number): Warning {
  return {
    kind: 'changes-unsettled',
    subject: state,
    overdue: true,
    at: undefined,
    message: text(
      `После утраты данных нет собственных изменений состояния, среди них могут быть аннулирования (записей: ${lost}). Узнайте у получателей (certex lost list), каких сертификатов они касались, проведите их снова и отметьте это (certex lost settle). До этого прежние списки состояний не подписываются, а о сертификатах, которых изменения могли касаться, узел отвечает «нельзя определить»`,
      `After a loss status changes of this state are not here, and annulments may be among them (${lost} listed). Ask the recipients (certex lost list) which certificates they were about, have them made again, and say so (certex lost settle). Until then no status list of before is signed, and of the certificates that they may be about the node answers that it cannot tell`,
    ),
  }
}

/** When the key ends that signed the newest list of the own state. */
function listSignerEndsAt(
  state: string,
  newest: Awaited<ReturnType<TrustStore['newest']>>,
): Date | undefined {
  const parsed = parseJws(newest.find((list) => list.state === state)?.jws ?? '')
  if ('malformed' in parsed) return undefined
  return readX509(parsed.header.x5c[0]!)?.notAfter
}

/** Entries never leave a list: one that cannot grow any more names no further key. */
function lengthWarnings(
  state: string,
  newest: Awaited<ReturnType<TrustStore['newest']>>,
): Warning[] {
  const length = newest.find((list) => list.state === state)?.jws.length ?? 0
  const share = length / MAX_TRUST_LIST_LENGTH
  if (share < LONG_LIST_SHARE) return []
  const percent = Math.floor(share * 100)
  const message = text(
    `Список доверия занимает ${percent} % допустимой длины. Записи из него не уходят, а с 95 % certex trust issue ничего в него не добавляет: остальное оставлено для исключения ключей. Выпускайте печати на больший срок и не заводите лишних; заранее обсудите с операторами других государств.`,
    `The trust list takes ${percent} % of the length that lists may have. Entries never leave it, and from 95 % on certex trust issue adds nothing to it: the rest is kept for removals. Issue seals for longer and no more than are needed; talk to the operators of the other states in time.`,
  )
  return [{ kind: 'trust-list-long', subject: state, overdue: false, at: undefined, message }]
}

function peerWarnings(
  { state: subject, lastHeardAt, lastError, clockAheadMs = 0 }: PeerContact,
  waitingSince: string | undefined,
  now: Date,
): Warning[] {
  const warnings: Warning[] = []
  const why = lastError === undefined ? '' : ` (${lastError})`
  if (waitingSince !== undefined && isPast(waitingSince, PEER_LAG_MS, now))
    warnings.push({
      kind: 'peer-lag',
      subject,
      overdue: true,
      at: waitingSince,
      message: text(
        `Узел ${subject} не подтверждает получение: самое давнее сообщение ждёт с ${waitingSince}${why}. Ничего не потеряно, но там нет свежих сведений: позвоните оператору ${subject}.`,
        `${subject} does not acknowledge: the oldest message waits since ${waitingSince}${why}. Nothing is lost, but ${subject} lacks what is new: call its operator.`,
      ),
    })
  if (lastHeardAt !== undefined && isPast(lastHeardAt, PEER_SILENT_MS, now))
    warnings.push({
      kind: 'peer-silent',
      subject,
      overdue: true,
      at: lastHeardAt,
      message: text(
        `От узла ${subject} ничего не слышно с ${lastHeardAt}: его новых сертификатов и аннулирований здесь нет. Позвоните оператору ${subject}.`,
        `Nothing was heard of ${subject} since ${lastHeardAt}: its new certificates and annulments are not here. Call its operator.`,
      ),
    })
  if (Math.abs(clockAheadMs) >= CLOCK_AHEAD_MS) {
    const seconds = Math.round(Math.abs(clockAheadMs) / 1000)
    const [ru, en] = clockAheadMs > 0 ? ['вперёд', 'ahead of'] : ['назад', 'behind']
    warnings.push({
      kind: 'peer-clock',
      subject,
      overdue: seconds >= 60,
      at: undefined,
      message: text(
        `Часы узла ${subject} отличаются от здешних на ${seconds} с (${ru}); с 60 с обмен прекратится. Проверьте синхронизацию времени здесь и у ${subject}.`,
        `The clock of ${subject} is ${seconds} s ${en} the one here; from 60 s on the exchange stops. Check the time synchronisation here and at ${subject}.`,
      ),
    })
  }
  return warnings
}

function hostWarnings({ tlsEndsAt, disk }: HostFacts, now: Date): Warning[] {
  const tls = text(
    'Заканчивается или закончился срок сертификата TLS: другие узлы и системы перестанут соединяться. Замените файлы key и chain; узел возьмёт их сам.',
    'The TLS certificate ends soon or has ended; peers and clients will stop connecting. Replace the files key and chain: the node takes them up by itself.',
  )
  const warnings = tlsEndsAt
    ? ending({ kind: 'tls-ends', subject: 'TLS', message: tls }, tlsEndsAt, TLS_DAYS, now)
    : []
  if (disk && disk.freeBytes < Math.min(DISK.share * disk.totalBytes, DISK.bytes)) {
    const free = Math.floor(disk.freeBytes / 1024 ** 2)
    warnings.push({
      kind: 'disk-low',
      subject: 'database',
      overdue: false,
      at: undefined,
      message: text(
        `На томе с базой данных осталось ${free} МиБ: когда место кончится, узел ничего не примет и не выдаст. Освободите место.`,
        `The volume with the database has ${free} MiB left; without space the node accepts and issues nothing. Make room.`,
      ),
    })
  }
  return warnings
}

function isPast(instant: string, ms: number, now: Date): boolean {
  return now.getTime() - Date.parse(instant) > ms
}
