import { text } from '../certificate/wording.ts'
import type { LogStore } from '../tlog/log-store.ts'
import type { WitnessStore } from '../tlog/witness-store.ts'
import type { Warning } from './warning.ts'

export interface LogWarningDependencies {
  readonly log: Pick<LogStore, 'unwitnessedSince'>
  readonly witnessed: Pick<WitnessStore, 'forks'>
}

/** A witness that can be reached cosigns within seconds. */
const UNWITNESSED_MS = 15 * 60_000

/** What is wrong with the own log's evidence, and with the logs of others. */
export async function warningsOfLog(
  { state, log, witnessed }: LogWarningDependencies & { readonly state: string },
  now: Date,
): Promise<Warning[]> {
  const [since, forks] = await Promise.all([log.unwitnessedSince(), witnessed.forks()])
  const warnings = forks.map(({ state: subject, origin, foundAt: at }): Warning => ({
    kind: 'log-forked',
    subject,
    overdue: true,
    at,
    message: text(
      `Журнал ${origin} противоречит сам себе с ${at}: есть две подписанные им контрольные точки, которые не могут быть верны одновременно (/v1/log-forks). Сообщите оператору ${subject} и уполномоченному органу; сертификаты продолжают поступать.`,
      `The log ${origin} contradicts itself since ${at}: it has signed two checkpoints that cannot both be true (/v1/log-forks). Tell the operator of ${subject} and the authority; certificates keep flowing.`,
    ),
  }))
  if (since !== undefined && now.getTime() - Date.parse(since) > UNWITNESSED_MS)
    warnings.push({
      kind: 'log-not-witnessed',
      subject: state,
      overdue: true,
      at: since,
      message: text(
        `Собственный журнал с ${since} не заверен ни одним узлом другого государства: доказательства за это время неполны. Ничего не потеряно; выясните, почему другие узлы не отвечают.`,
        `No node of another state has cosigned the own log since ${since}: evidence of that time is incomplete. Nothing is lost; find out why the others do not answer.`,
      ),
    })
  return warnings
}
