import { type Text, text } from '../../certificate/wording.ts'
import { formatInstant } from '../../encoding/time.ts'
import type { LogDoubt, LogStore } from '../../tlog/log-store.ts'
import type { MirrorStore } from '../../tlog/mirror-store.ts'
import type { WitnessStore } from '../../tlog/witness-store.ts'
import { keyOrNone, NoKeyInForce } from '../key-in-force.ts'
import type { SigningKeys } from '../signing-keys.ts'
import { foreignText } from '../texts/foreign-text.ts'
import { unrecalled } from '../log/recall.ts'
import { logAlteration } from '../log/stored-tree.ts'
import type { Warning } from './warning.ts'
import { type WitnessWarningDependencies, warningsOfWitnesses } from './of-witnesses.ts'
import {
  type NamedPeersDependencies,
  signedElsewhere,
  statesOfOldLists,
  unknownPeers,
} from '../log/unconfirmed-log.ts'
import { awaited, voices } from '../log/witnesses.ts'

export interface LogWarningDependencies
  extends
    Partial<Pick<SigningKeys, 'logSigner' | 'witnessSigner'>>,
    Pick<NamedPeersDependencies, 'peers'>,
    Omit<WitnessWarningDependencies, 'state'> {
  readonly log: LogStore
  readonly witnessed: Pick<WitnessStore, 'unproven' | 'newest' | 'recallingSince'>
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
    notReadBack(deps, now),
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
  const lost = await signedElsewhere(deps)
  const asked = { ...deps, now: () => now }
  const message = lost
    ? signedElsewhereText(at, lost.size)
    : against.length === 0
      ? awaitedText(at, awaited(doubt, await voices(asked, doubt), []), {
          unknown: await unknownPeers(asked),
          old: await statesOfOldLists(asked, doubt),
        })
      : contradictedText(at, against, (await log.frontier()).size)
  return [{ kind: 'log-unconfirmed', subject: state, overdue: true, at, message }]
}

/**
 * Of those who are awaited some are not believed yet: nobody can ask them before people have pinned them. Of
 * others only an old list is known.
 */
function awaitedText(
  since: string,
  silent: readonly string[],
  { unknown, old }: { readonly unknown: readonly string[]; readonly old: readonly string[] },
): Text {
  const unpinned = silent.filter((one) => unknown.includes(one)).join(', ')
  const unfetched = silent.filter((one) => old.includes(one)).join(', ')
  const known = silent.filter((one) => !unknown.includes(one) && !old.includes(one)).join(', ')
  const asked = text(
    `Свидетели (${known}) должны сначала подтвердить, что более длинного журнала не видели. Это происходит само, когда они доступны; выясните, почему они не отвечают.`,
    `The witnesses (${known}) must first confirm that they have seen no longer log. That happens by itself once they can be reached; find out why they do not answer.`,
  )
  const pinned = text(
    `Доверенных списков (${unpinned}) здесь ещё нет, и спросить эти узлы нельзя: закрепите их корни (certex trust pin, certex trust approve).`,
    `No trust list of ${unpinned} is believed here yet, and they cannot be asked: pin their roots (certex trust pin, certex trust approve).`,
  )
  const fetched = text(
    `Доверенные списки (${unfetched}) после восстановления ещё не получены, а прежние могут не называть нынешних свидетелей. Это происходит само, когда узлы доступны; узел, которого больше нет, уберите из peers.`,
    `The trust lists of ${unfetched} have not been fetched since, and those of before may not name the witnesses of today. That happens by itself once the nodes can be reached; take a node that is no more out of peers.`,
  )
  const parts = [
    ...(known === '' ? [] : [asked]),
    ...(unfetched === '' ? [] : [fetched]),
    ...(unpinned === '' ? [] : [pinned]),
  ]
  const now = text('Ответы получены: подписание продолжится через секунды.', 'All have answered.')
  const rest = parts.length > 0 ? parts : [now]
  return text(
    `С ${since} контрольные точки собственного журнала не подписываются: база восстановлена. ${rest.map(({ ru }) => ru).join(' ')} Сертификаты выдаются и принимаются.`,
    `No checkpoint of the own log is signed since ${since}: the database was restored. ${rest.map(({ en }) => en).join(' ')} Certificates are issued and received.`,
  )
}

function signedElsewhereText(since: string, size: bigint): Text {
  return text(
    `С ${since} контрольные точки собственного журнала не подписываются: этот журнал подписал точку на ${size} записей, а здесь нет этих записей или стоят другие. Подпись на ином дереве доказала бы раздвоение журнала. Найдите копию журнала (certex restore с другими --mirror) или более новую базу; если их нет, сообщите уполномоченному органу. Сертификаты выдаются и принимаются.`,
    `No checkpoint of the own log is signed since ${since}: this log has signed one of ${size} entries that do not stand here. A signature over another tree would prove a fork of the log. Look for a mirror of it (certex restore with further --mirror) or for a newer database; if there is none, tell the authority. Certificates are issued and received.`,
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
    const why = failure === undefined ? '' : ` (${foreignText(failure)})`
    const message = text(
      `Журнал ${subject} с ${at} не скопирован сюда полностью${why}: не видно, всё ли посланное пришло. Если узел отвечает, а журнал не отдаёт, возможно, в нём что-то скрывают: позвоните оператору ${subject}.`,
      `The log of ${subject} is not wholly mirrored here since ${at}${why}: it cannot be seen whether all that was sent has come. If the node answers and does not show its log, something in it may be hidden: call the operator of ${subject}.`,
    )
    return [{ kind: 'mirror-behind', subject, overdue: true, at, message } satisfies Warning]
  })
}

/** Of logs of others this node cosigns nothing before they have shown what it had cosigned. */
async function notReadBack(deps: Deps, now: Date): Promise<Warning[]> {
  const { view } = await deps.trust()
  const peers = view.states().filter((peer) => peer !== deps.state)
  const parts = await Promise.all(
    peers.map(async (peer) => {
      const late = (await unrecalled(deps, view, { peer, atMost: 1 })).filter(
        ({ since }) => now.getTime() - Date.parse(since) > LATE_MS,
      )
      return late.map(({ origin: subject, since: at }): Warning => {
        const message = text(
          `База этого узла восстановлена ${at}, и журнал ${subject} ещё не показал, что этот узел в нём заверил: пока это так, этот узел его не заверяет, и доказательства ${peer} могут оставаться неполными. Выясните, отвечает ли узел ${peer} на запрос /log/checkpoint и назван ли в собственном доверенном списке ключ свидетеля; иначе позвоните оператору ${peer}.`,
          `The database of this node was restored at ${at}, and the log ${subject} has not shown yet what this node had cosigned of it: meanwhile this node cosigns nothing of it, and evidence of ${peer} may stay incomplete. See whether the node of ${peer} answers /log/checkpoint and whether the own trust list names a witness key; otherwise call the operator of ${peer}.`,
        )
        return { kind: 'witness-recalling', subject, overdue: true, at, message }
      })
    }),
  )
  return parts.flat()
}

/** Whose node sends messages and signs no checkpoint that could name them. */
async function checkpointsOverdue({ mirror }: Deps): Promise<Warning[]> {
  const parts = await Promise.all(
    (await mirror.looks()).map(async (look) => {
      const { state: subject, wholeAt, comparedUntil: after, newerThan } = look
      if (wholeAt === undefined) return []
      const before = formatInstant(new Date(Date.parse(wholeAt) - LATE_MS))
      const at = await mirror.unloggedSince(subject, { after, before })
      if (at === undefined) return []
      const message = overdueText(subject, at, newerThan !== undefined && at < newerThan)
      return [{ kind: 'checkpoint-overdue', subject, overdue: true, at, message } satisfies Warning]
    }),
  )
  return parts.flat()
}

/** `signedSince`: a checkpoint that is newer than the first of the documents was seen, and lacks it. */
function overdueText(subject: string, at: string, signedSince: boolean): Text {
  return signedSince
    ? text(
        `Журнал ${subject} подписал контрольную точку после того, как ${at} пришёл документ, но не охватил его. Обычно узел ${subject} какое-то время работал на старой базе, и документ стоит не в том журнале, который продолжается; спросите его оператора. Документы приняты и действуют.`,
        `The log of ${subject} has signed a checkpoint since a document came at ${at}, and does not cover it. Mostly the node of ${subject} ran on an old database for a while, and the document does not stand in the log that goes on; ask its operator. The documents are received and count.`,
      )
    : text(
        `С ${at}, когда пришли документы, журнал ${subject} не показал ни одной новой контрольной точки: стоят ли они в журнале, пока не видно. Узел ${subject} восстановлен и ждёт подтверждения своего журнала, либо в журнал ничего не добавлено и документов в нём нет; спросите его оператора. Документы приняты и действуют.`,
        `The log of ${subject} has shown no newer checkpoint since documents came at ${at}: it cannot be seen yet whether they stand in it. Either the node of ${subject} was restored and waits until its log is confirmed, or nothing was appended to it since and they do not stand in it; ask its operator. The documents are received and count.`,
      )
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
