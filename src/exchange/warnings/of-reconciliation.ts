import { text } from '../../certificate/wording.ts'
import { formatInstant } from '../../encoding/time.ts'
import type { PeerContact } from '../delivery/peer-store.ts'
import type { OpenVerdict, ReconciliationStore } from '../reconciliation/store.ts'
import type { Warning } from './warning.ts'

export interface ReconciliationWarningDependencies {
  readonly state: string
  readonly reconciliations: Pick<ReconciliationStore, 'newest' | 'open'>
}

const HOUR_MS = 3_600_000
/** After the midnight at which the next day ends; its document is due some minutes after that. */
const OVERDUE_MS = 30 * HOUR_MS
/** So long something may be without an answer. */
const OPEN_MS = 24 * HOUR_MS
/** Views of one peer. */
const READ = 200

/** Peers that say nothing of what was sent and received, or other than this node knows. */
export async function warningsOfReconciliation(
  { state, reconciliations }: ReconciliationWarningDependencies,
  contacts: readonly Pick<PeerContact, 'state' | 'firstHeardAt'>[],
  now: Date,
): Promise<Warning[]> {
  const ofPeers = await Promise.all(
    contacts.map(async ({ state: peer, firstHeardAt }) => {
      const newest = await reconciliations.newest(peer, state)
      const ofPeer = await reconciliations.open(peer, READ)
      return [
        ...overdue(peer, newest?.until ?? firstHeardAt, now),
        ...differing(peer, ofPeer),
        ...unanswered(peer, ofPeer, now),
      ]
    }),
  )
  return ofPeers.flat()
}

/** @param covered until when its documents say something, or since when it is known */
function overdue(subject: string, covered: string | undefined, now: Date): Warning[] {
  if (covered === undefined || now.getTime() - Date.parse(covered) <= OVERDUE_MS) return []
  return [
    {
      kind: 'reconciliation-overdue',
      subject,
      overdue: true,
      at: covered,
      message: text(
        `От ${subject} нет суточной сверки с ${covered}: не видно, всё ли посланное там получено и решено. Узнайте у оператора ${subject}, почему её нет.`,
        `${subject} has sent no daily reconciliation since ${covered}: it cannot be seen whether all that was sent is received and decided there. Ask the operator of ${subject} why.`,
      ),
    },
  ]
}

function differing(subject: string, open: readonly OpenVerdict[]): Warning[] {
  const found = open.filter(({ verdict }) => verdict?.outcome === 'differs')
  const [first] = found
  if (!first) return []
  const rows = found.reduce((sum, { verdict }) => sum + (verdict?.differences.length ?? 0), 0)
  return [
    {
      kind: 'reconciliation-differs',
      subject,
      overdue: true,
      at: first.verdict?.at,
      message: text(
        `Сверка с ${subject} не сходится: отличается записей — ${rows}. Перечень: certex peer reconciliations --peer ${subject} или /v1/peers/${subject}/reconciliations. Выясните вместе с оператором ${subject}, у кого чего нет.`,
        `The reconciliation with ${subject} does not agree: ${rows} rows differ. They are listed by certex peer reconciliations --peer ${subject} and /v1/peers/${subject}/reconciliations. Find out with the operator of ${subject} who lacks what.`,
      ),
    },
  ]
}

function unanswered(subject: string, open: readonly OpenVerdict[], now: Date): Warning[] {
  const before = formatInstant(new Date(now.getTime() - OPEN_MS))
  const first = open.find(({ since, verdict }) => since < before && verdict?.outcome !== 'differs')
  if (!first) return []
  const why = first.verdict?.reason ?? 'not-compared'
  return [
    {
      kind: 'reconciliation-overdue',
      subject,
      overdue: true,
      at: first.since,
      message: text(
        `Сверка с ${subject} от ${first.since} до сих пор ничего не установила (${why}). Пока не выяснено, нельзя сказать, сходятся ли узлы: спросите оператора ${subject}.`,
        `The reconciliation with ${subject} of ${first.since} has not come to an answer yet (${why}). Until it does, it cannot be told whether the nodes agree: ask the operator of ${subject}.`,
      ),
    },
  ]
}
