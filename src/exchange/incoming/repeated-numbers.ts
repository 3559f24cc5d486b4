import { formatInstant } from '../../encoding/time.ts'
import type { AlarmLog } from '../records.ts'
import type { Incoming } from './examine.ts'
import type { Inbox } from './inbox.ts'

export interface RepeatedDependencies {
  readonly now: () => Date
  readonly inbox: Pick<Inbox, 'underNumbers'>
  readonly alarms: Pick<AlarmLog, 'raiseOnce'>
}

/**
 * Tells the operators, once a day for each sender, of a number under which a sender has sent two documents: its
 * node has run on two databases, and one of the two stands in no log of its state. Both are signed; neither
 * waits for the log to show which.
 */
export async function tellRepeated(
  { now, inbox, alarms }: RepeatedDependencies,
  sender: string,
  fresh: readonly Pick<Incoming, 'seq'>[],
): Promise<void> {
  if (fresh.length === 0) return
  const arrived = await inbox.underNumbers(sender, [...new Set(fresh.map(({ seq }) => seq))])
  const repeated = new Set(
    arrived.filter((one, i) => arrived[i - 1]?.seq === one.seq).map(({ seq }) => seq),
  )
  const [seq] = repeated
  if (seq === undefined) return
  const documents = arrived.filter((one) => one.seq === seq)
  const others = repeated.size === 1 ? '' : ` (and ${repeated.size - 1} more numbers)`
  const at = formatInstant(now())
  await alarms.raiseOnce(`message-number-repeated ${sender} ${at.slice(0, 10)}`, {
    at,
    kind: 'message-number-repeated',
    peer: sender,
    detail: `${sender} has sent ${documents.length} documents under its number ${seq}${others}: ${documents.map(({ sha256 }) => sha256).join(', ')}. Mostly its node ran on an old database for a while: ask its operator which of them stands in its log; the other is of a history that its state has given up`,
  })
}
