import { type Text, text } from '../../certificate/wording.ts'
import { formatInstant } from '../../encoding/time.ts'
import type { LogDoubt, LogStore } from '../../tlog/log-store.ts'
import type { MirrorStore } from '../../tlog/mirror-store.ts'
import { keyOrNone, NoKeyInForce } from '../key-in-force.ts'
import type { SigningKeys } from '../signing-keys.ts'
import { logAlteration } from '../log/stored-tree.ts'
import type { Warning } from './warning.ts'
import { type WitnessWarningDependencies, warningsOfWitnesses } from './of-witnesses.ts'
import { awaited, voices } from '../log/witnesses.ts'

export interface LogWarningDependencies
  extends
    Partial<Pick<SigningKeys, 'logSigner' | 'witnessSigner'>>,
    Omit<WitnessWarningDependencies, 'state'> {
  readonly log: WitnessWarningDependencies['log'] &
    Pick<LogStore, 'doubt'> &
    Parameters<typeof logAlteration>[0]
  readonly mirror: Pick<MirrorStore, 'looks' | 'unloggedSince'>
}

/** A log is mirrored every minute. */
const LATE_MS = 15 * 60_000

/** What is wrong with the own log's evidence, and with the logs of others. */
export async function warningsOfLog(
  deps: LogWarningDependencies & { readonly state: string },
  now: Date,
): Promise<Warning[]> {
  const parts = await Promise.all([
    unconfirmed(deps, now),
    altered(deps),
    warningsOfWitnesses(deps, now),
    mirrorsBehind(deps, now),
    checkpointsOverdue(deps),
    missingKeys(deps),
  ])
  return parts.flat()
}

type Deps = Parameters<typeof warningsOfLog>[0]

async function unconfirmed(deps: Deps, now: Date): Promise<Warning[]> {
  const { state, log } = deps
  const doubt = await log.doubt()
  if (!doubt) return []
  const { since: at } = doubt
  const against = doubt.answers.filter(({ answer }) => answer === 'contradicted')
  const message =
    against.length === 0
      ? awaitedText(at, awaited(doubt, await voices({ ...deps, now: () => now }), []).join(', '))
      : contradictedText(at, against, (await log.frontier()).size)
  return [{ kind: 'log-unconfirmed', subject: state, overdue: true, at, message }]
}

function awaitedText(since: string, silent: string): Text {
  return text(
    `С ${since} контрольные точки собственного журнала не подписываются: база восстановлена, и свидетели (${silent}) должны сначала подтвердить, что более длинного журнала не видели. Это происходит само, когда они доступны; выясните, почему они не отвечают. Сертификаты выдаются и принимаются.`,
    `No checkpoint of the own log is signed since ${since}: the database was restored, and the witnesses (${silent}) must first confirm that they have seen no longer log. That happens by itself once they can be reached; find out why they do not answer. Certificates are issued and received.`,
  )
}

/** A witness that names more entries than there are means another thing than one that names no more. */
function contradictedText(since: string, against: LogDoubt['answers'], size: bigint): Text {
  const named = (answers: LogDoubt['answers']) =>
    answers.map((one) => `${one.witness.name} (${one.witness.state}): ${one.size}`).join(', ')
  const beyond = named(against.filter((one) => one.size > size))
  const within = named(against.filter((one) => one.size <= size))
  const lacking = text(
    `${beyond} — столько записей эти узлы, по их словам, заверили, а здесь их ${size}. Вероятно, эта база старая. Найдите более новую базу; чего нет нигде, есть в копиях журнала у других узлов.`,
    `${beyond} is how many entries these nodes claim to have cosigned, and here are ${size}. This database is probably an old one. Look for a newer one; what is nowhere else stands in the mirrors of the peers.`,
  )
  const parted = text(
    `${within} — столько записей здесь есть (всего ${size}), но эти узлы их не подтверждают. Либо узел видел две истории этого журнала и ждёт, пока его операторы это уладят (certex trust settle-fork на том узле): попросите их об этом, затем подписание продолжится само, восстанавливать ничего не нужно. Либо он заверил другую историю, и эта база старая. Что из двух, скажет его оператор (на том узле certex trust show и /v1/log-forks); во втором случае восстановите базу с копиями журнала у других узлов.`,
    `${within}: so many entries stand here (${size} in all), and these nodes do not confirm them. Either the node has seen two histories of this log and waits until its operators settle that (certex trust settle-fork at that node): ask them to; then signing goes on by itself, and nothing is to be restored. Or it has cosigned another history, and this database is an old one. Which of the two its operator can tell (certex trust show and /v1/log-forks at that node); in the second case restore with the mirrors of the peers.`,
  )
  const parts = [...(beyond === '' ? [] : [lacking]), ...(within === '' ? [] : [parted])]
  return text(
    `С ${since} контрольные точки собственного журнала не подписываются. ${parts.map(({ ru }) => ru).join(' ')} Утверждение, под которым узел не может показать контрольной точки с подписью этого журнала, отклоняют два человека (certex log set-aside). Сертификаты выдаются и принимаются.`,
    `No checkpoint of the own log is signed since ${since}. ${parts.map(({ en }) => en).join(' ')} Two persons set a claim aside for which that node can show no checkpoint signed by this log (certex log set-aside). Certificates are issued and received.`,
  )
}

async function altered({ state, log }: Deps): Promise<Warning[]> {
  const alteration = await logAlteration(log)
  if (alteration === undefined) return []
  const message = text(
    `Хранимое в базе уже не то, что было добавлено в собственный журнал (${alteration}): строки изменены или потеряны. Контрольные точки не подписываются. Сохраните копию базы, найдите изменённое (certex audit --database) и восстановите его из резервной копии или из копии журнала у другого узла. Сертификаты выдаются и принимаются.`,
    `What is stored is no longer what was appended to the own log (${alteration}): rows were altered or lost. No checkpoint is signed. Keep a copy of the database, find what was altered (certex audit --database), and bring it back from a backup or from the mirror of a peer. Certificates are issued and received.`,
  )
  return [{ kind: 'log-altered', subject: state, overdue: true, at: undefined, message }]
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

/** Whose node sends messages and signs no checkpoint that could name them. */
async function checkpointsOverdue({ mirror }: Deps): Promise<Warning[]> {
  const parts = await Promise.all(
    (await mirror.looks()).map(async ({ state: subject, wholeAt, comparedUntil: after }) => {
      if (wholeAt === undefined) return []
      const before = formatInstant(new Date(Date.parse(wholeAt) - LATE_MS))
      const at = await mirror.unloggedSince(subject, { after, before })
      if (at === undefined) return []
      const message = text(
        `Журнал ${subject} не подписал контрольной точки, которая охватывала бы документы, полученные с ${at}: стоят ли они в журнале, пока не видно. Обычно узел ${subject} восстановлен и ждёт подтверждения своего журнала; спросите его оператора. Документы приняты и действуют.`,
        `The log of ${subject} has signed no checkpoint that covers the documents which came since ${at}: it cannot be seen yet whether they stand in it. Mostly the node of ${subject} was restored and waits until its log is confirmed; ask its operator. The documents are received and count.`,
      )
      return [{ kind: 'checkpoint-overdue', subject, overdue: true, at, message } satisfies Warning]
    }),
  )
  return parts.flat()
}

async function missingKeys({ state, logSigner, witnessSigner }: Deps): Promise<Warning[]> {
  // Of one that is listed and may not sign, `working-key-unusable` tells.
  const isMissing = async (signer: (() => Promise<unknown>) | undefined) => {
    const found = signer && (await keyOrNone(signer()))
    return found instanceof NoKeyInForce && !found.obstructed
  }
  const [log, witness] = await Promise.all([isMissing(logSigner), isMissing(witnessSigner)])
  if (!log && !witness) return []
  const message = text(
    `Опубликованный доверенный список не называет ключа этого узла для ${log ? 'журнала: контрольные точки не подписываются' : 'заверения чужих журналов'}. Выпустите и опубликуйте список, который его называет (certex trust issue, certex trust publish).`,
    `The published trust list names no key of this node for ${log ? 'its log: no checkpoint is signed' : 'cosigning the logs of others'}. Issue and publish a list that names it (certex trust issue, certex trust publish).`,
  )
  return [{ kind: 'log-key-missing', subject: state, overdue: true, at: undefined, message }]
}
