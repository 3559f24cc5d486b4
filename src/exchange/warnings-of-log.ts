import { text } from '../certificate/wording.ts'
import type { LogStore } from '../tlog/log-store.ts'
import type { MirrorStore } from '../tlog/mirror-store.ts'
import type { WitnessStore } from '../tlog/witness-store.ts'
import type { CurrentTrust } from '../trust/trust.ts'
import { listedKeys } from './log-keys.ts'
import { NoListedKey, type SigningKeys } from './signing-keys.ts'
import type { Warning } from './warning.ts'

export interface LogWarningDependencies extends Partial<
  Pick<SigningKeys, 'logSigner' | 'witnessSigner'>
> {
  readonly trust: CurrentTrust
  readonly log: Pick<LogStore, 'unwitnessedSince' | 'doubt'>
  readonly witnessed: Pick<WitnessStore, 'forks'>
  readonly mirror: Pick<MirrorStore, 'looks'>
}

/** A witness that can be reached cosigns within seconds, and a log is mirrored every minute. */
const LATE_MS = 15 * 60_000
const FORKS_READ = 200

/** What is wrong with the own log's evidence, and with the logs of others. */
export async function warningsOfLog(
  deps: LogWarningDependencies & { readonly state: string },
  now: Date,
): Promise<Warning[]> {
  const parts = await Promise.all([
    forks(deps),
    unconfirmed(deps),
    unwitnessed(deps, now),
    mirrorsBehind(deps, now),
    missingKeys(deps),
  ])
  return parts.flat()
}

type Deps = Parameters<typeof warningsOfLog>[0]

/** One for each log, since the first proof. */
async function forks({ witnessed }: Deps): Promise<Warning[]> {
  const first = new Map<string, { subject: string; origin: string; at: string }>()
  for (const { state: subject, origin, foundAt: at } of await witnessed.forks(FORKS_READ))
    if (!first.has(`${subject} ${origin}`))
      first.set(`${subject} ${origin}`, { subject, origin, at })
  return [...first.values()].map(({ subject, origin, at }) => ({
    kind: 'log-forked',
    subject,
    overdue: true,
    at,
    message: text(
      `Журнал ${origin} противоречит сам себе с ${at}: есть две подписанные им контрольные точки, которые не могут быть верны одновременно (/v1/log-forks). Сообщите оператору ${subject} и уполномоченному органу; сертификаты продолжают поступать.`,
      `The log ${origin} contradicts itself since ${at}: it has signed two checkpoints that cannot both be true (/v1/log-forks). Tell the operator of ${subject} and the authority; certificates keep flowing.`,
    ),
  }))
}

async function unconfirmed({ state, log }: Deps): Promise<Warning[]> {
  const doubt = await log.doubt()
  if (!doubt) return []
  const { since: at } = doubt
  const against = doubt.answers.filter(({ answer }) => answer === 'contradicted')
  const names = against
    .map(({ witness, size }) => `${witness.name} (${witness.state}): ${size}`)
    .join(', ')
  const message =
    against.length === 0
      ? text(
          `С ${at} контрольные точки собственного журнала не подписываются: база восстановлена, и узлы других государств, заверявшие журнал, должны сначала подтвердить, что более длинного журнала не видели. Это происходит само, когда они доступны; выясните, кто из них не отвечает. Сертификаты выдаются и принимаются.`,
          `No checkpoint of the own log is signed since ${at}: the database was restored, and the nodes of other states that have cosigned the log must first confirm that they have seen no longer one. That happens by itself once they can be reached; find out who does not answer. Certificates are issued and received.`,
        )
      : text(
          `С ${at} контрольные точки собственного журнала не подписываются: ${names} — столько записей эти узлы, по их словам, заверили, и здесь их нет. Вероятно, эта база старая. Найдите более новую базу; чего нет нигде, есть в копиях журнала у других узлов. Если база новейшая, выясните это с оператором того узла. Сертификаты выдаются и принимаются.`,
          `No checkpoint of the own log is signed since ${at}: ${names} is how many entries these nodes claim to have cosigned, which are not here. This database is probably an old one. Look for a newer one; what is nowhere else stands in the mirrors of the peers. If this is the newest, settle it with the operator of that node. Certificates are issued and received.`,
        )
  return [{ kind: 'log-unconfirmed', subject: state, overdue: true, at, message }]
}

async function unwitnessed({ state, log, trust }: Deps, now: Date): Promise<Warning[]> {
  const { view } = await trust()
  const witnesses = listedKeys(view, 'cosignature/v1', now)
    .filter((listed) => listed.state !== state)
    .map(({ state: of, key }) => ({ state: of, name: key.name, keyId: key.keyId }))
  const since = await log.unwitnessedSince(witnesses)
  if (since === undefined || now.getTime() - Date.parse(since) <= LATE_MS) return []
  return [
    {
      kind: 'log-not-witnessed',
      subject: state,
      overdue: true,
      at: since,
      message: text(
        `Собственный журнал с ${since} не заверен ни одним узлом другого государства: доказательства за это время неполны. Ничего не потеряно; выясните, почему другие узлы не отвечают.`,
        `No node of another state has cosigned the own log since ${since}: evidence of that time is incomplete. Nothing is lost; find out why the others do not answer.`,
      ),
    },
  ]
}

async function mirrorsBehind({ mirror }: Deps, now: Date): Promise<Warning[]> {
  return (await mirror.looks()).flatMap(({ state: subject, firstAt, wholeAt, failure }) => {
    const at = wholeAt ?? firstAt
    if (now.getTime() - Date.parse(at) <= LATE_MS) return []
    const why = failure === undefined ? '' : ` (${failure})`
    const message = text(
      `Журнал ${subject} с ${at} не скопирован сюда полностью${why}: не видно, всё ли посланное пришло. Если узел отвечает, а журнал не отдаёт, возможно, в нём что-то скрывают: позвоните оператору ${subject}.`,
      `The log of ${subject} is not wholly mirrored here since ${at}${why}: it cannot be seen whether all that was sent has come. If the node answers and does not show its log, something in it may be hidden: call the operator of ${subject}.`,
    )
    return [{ kind: 'mirror-behind', subject, overdue: true, at, message } satisfies Warning]
  })
}

async function missingKeys({ state, logSigner, witnessSigner }: Deps): Promise<Warning[]> {
  const isMissing = async (signer: (() => Promise<unknown>) | undefined) => {
    try {
      await signer?.()
      return false
    } catch (error) {
      if (error instanceof NoListedKey) return true
      throw error
    }
  }
  const [log, witness] = await Promise.all([isMissing(logSigner), isMissing(witnessSigner)])
  if (!log && !witness) return []
  const message = text(
    `Опубликованный доверенный список не называет ключа этого узла для ${log ? 'журнала: контрольные точки не подписываются' : 'заверения чужих журналов'}. Выпустите и опубликуйте список, который его называет (certex trust issue, certex trust publish).`,
    `The published trust list names no key of this node for ${log ? 'its log: no checkpoint is signed' : 'cosigning the logs of others'}. Issue and publish a list that names it (certex trust issue, certex trust publish).`,
  )
  return [{ kind: 'log-key-missing', subject: state, overdue: true, at: undefined, message }]
}
