import { type Text, text } from '../../certificate/wording.ts'
import type { CurrentTrust, Trust } from '../../trust/trust.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import type { PendingAdditions } from '../keep-trust/undecided-trust.ts'
import { keyFaults, type ObstructedKey } from '../key-in-force.ts'
import { listedPaths } from '../listed-paths.ts'
import { type IdleWork, isAddressed, type SigningKeys } from '../signing-keys.ts'
import type { Warning } from './warning.ts'

export interface WorkingKeyDependencies {
  readonly trust: CurrentTrust
  readonly paths: PathCache
  /** Of a node that runs; whoever has no keys in hand judges those that the trust list names. */
  readonly idleWork?: SigningKeys['idleWork'] | undefined
}

/**
 * Work of the own node that stands still, because its keys are removed, ended or revoked, or wait.
 *
 * @param pending what trust lists add and does not count yet
 */
export async function warningsOfWorkingKeys(
  deps: WorkingKeyDependencies & { readonly state: string },
  now: Date,
  pending: readonly PendingAdditions[] = [],
): Promise<Warning[]> {
  const idle = deps.idleWork ? await deps.idleWork() : await idleByList(deps, now)
  return idle.flatMap(({ work, obstructed }) => {
    // `log-key-missing` tells it.
    if (!obstructed && (work === 'log' || work === 'witness')) return []
    const { state } = deps
    const common = {
      kind: 'working-key-unusable',
      subject: obstructed?.key ?? `${state} ${work}`,
      overdue: true,
    } as const
    const version = obstructed && versionWith(obstructed, state, pending)
    return obstructed?.fault === 'pending' && version
      ? [{ ...common, at: version.countsFrom, message: waitsText(work, obstructed, version) }]
      : [{ ...common, at: undefined, message: unusableText(work, obstructed) }]
  })
}

/** The version of the own list that adds a key which waits. */
export function versionWith(
  { key }: Pick<ObstructedKey, 'key'>,
  own: string,
  pending: readonly PendingAdditions[],
): PendingAdditions | undefined {
  return pending.findLast(
    ({ state, additions }) =>
      state === own &&
      additions.some(({ added, subject }) =>
        added === 'log' ? key.startsWith(`${subject}+`) : added === 'key' && subject === key,
      ),
  )
}

/** What waits needs no other key: two persons have it count at once, or settle what froze it. */
export function hastenText({ state, version, countsFrom }: PendingAdditions): Text {
  const which = `--state ${state} --version ${version}`
  const hasten = `certex trust hasten ${which}`
  const approve = `certex trust approve ${which}`
  return countsFrom === undefined
    ? text(
        'Оно заморожено ветвлением; разберите его: certex trust settle-fork.',
        'A fork has frozen it; settle that: certex trust settle-fork.',
      )
    : text(
        `Новый ключ не нужен. Чтобы не ждать до ${countsFrom}: ${hasten}, затем другой человек: ${approve}. После восстановления ускоренное прежде ждёт снова.`,
        `No new key is needed. So as not to wait until ${countsFrom}: ${hasten}, then another person: ${approve}. After a restore what was hastened before waits again.`,
      )
}

function waitsText(
  work: IdleWork['work'],
  { key }: ObstructedKey,
  addition: PendingAdditions,
): Text {
  const { ru, en } = STANDS_STILL[work]
  const { version } = addition
  const { ru: doRu, en: doEn } = hastenText(addition)
  return text(
    `Нет действующего ключа ${work} (${key}): дополнение версии ${version} списка доверия ещё не действует. ${ru} ${doRu}`,
    `No ${work} key is in force (${key}): what version ${version} of the trust list adds does not count yet. ${en} ${doEn}`,
  )
}

function unusableText(work: IdleWork['work'], obstructed: ObstructedKey | undefined): Text {
  const { ru, en } = STANDS_STILL[work]
  const why = obstructed ? faultWords(obstructed.fault) : NOT_LISTED
  const which = obstructed ? ` (${obstructed.key})` : ''
  return text(
    `Нет действующего ключа ${work}${which}: ${why.ru}. ${ru} Выпустите новый ключ (certex pki renew ${work} --at-once), опубликуйте список, который его называет (certex trust issue, certex trust publish), положите ключ на узел и перезапустите его; если дополнения списка ещё ждут — certex trust hasten.`,
    `No ${work} key is in force${which}: ${why.en}. ${en} Make a new key (certex pki renew ${work} --at-once), publish the list that names it (certex trust issue, certex trust publish), put the key on the node and restart it; where additions of a list wait, certex trust hasten.`,
  )
}

const STANDS_STILL: Readonly<Record<IdleWork['work'], Text>> = {
  'registry-seal': text(
    'Решения о полученных документах, уведомления о безопасности, сверки и пакеты доказательств не подписываются; полученное хранится, и решения по нему будут подписаны, как только появится действующая печать.',
    'Decisions on what peers send, security notices, reconciliations and evidence packs are not signed; what comes in is kept and decided as soon as a seal is in force.',
  ),
  'status-signer': text(
    'Списки статусов не публикуются: по истечении прежних проверки ответят «нельзя установить».',
    'Status lists are not published: when those at hand have ended, validations answer "cannot tell".',
  ),
  node: text(
    'Сообщения другим узлам не подписываются, обмен стоит; всё ждёт, ничего не потеряно.',
    'Messages to the peers are not signed, the exchange stands still; everything waits, nothing is lost.',
  ),
  log: text(
    'Контрольные точки журнала не подписываются.',
    'No checkpoint of the own log is signed.',
  ),
  witness: text('Журналы других узлов не заверяются.', 'The logs of others are not cosigned.'),
}

const NOT_LISTED = text(
  'опубликованный список доверия не называет ключа, который есть у узла',
  'the published trust list names none that the node holds',
)

const FAULTS: Readonly<Record<string, Text>> = {
  revoked: text('он отозван', 'it is revoked'),
  removed: text('он исключён из списка доверия', 'the trust list has removed it'),
  ended: text('его срок истёк', 'its time has ended'),
  'not-yet': text('его срок ещё не начался', 'its time has not begun'),
  pending: text('дополнение списка ещё не действует', 'the addition of it does not count yet'),
}

/** Why a key may not sign. */
export function faultWords(code: string): Text {
  const known = FAULTS[code]
  if (known) return known
  return text(`путь сертификации недействителен (${code})`, `its path is not valid (${code})`)
}

const LISTED_WORK = ['registry-seal', 'status-signer', 'node'] as const

/** Work for which every key that the own list names is obstructed. */
async function idleByList(
  { state, trust, paths }: WorkingKeyDependencies & { readonly state: string },
  now: Date,
): Promise<IdleWork[]> {
  const current = await trust()
  const list = current.view.list(state)
  if (!list) return []
  const idle = await Promise.all(
    LISTED_WORK.map(async (work): Promise<IdleWork[]> => {
      const known = list.keys
        .filter(({ usage }) => usage === work)
        .flatMap(({ x5tS256 }) => current.view.key(x5tS256, state) ?? [])
        .filter(({ key }) => work !== 'node' || isAddressed(current.view, state, key, now))
      let obstructed: ObstructedKey | undefined
      for (const { key } of known) {
        const fault = await faultByList(current, { state, paths, now }, { key, work })
        if (fault === undefined) return []
        if (obstructed?.fault !== 'pending') obstructed = { key: key.x5tS256, fault }
      }
      return obstructed ? [{ work, obstructed }] : []
    }),
  )
  return idle.flat()
}

async function faultByList(
  trust: Trust,
  { state, paths, now }: { state: string; paths: PathCache; now: Date },
  {
    key,
    work,
  }: {
    readonly key: NonNullable<ReturnType<Trust['view']['key']>>['key']
    readonly work: (typeof LISTED_WORK)[number]
  },
): Promise<string | undefined> {
  let fault: string | undefined = 'no-anchor'
  for (const path of listedPaths(trust.view.list(state)!, key)) {
    const as = { purpose: work, trust, now } as const
    fault = await keyFaults(paths)({ x5tS256: key.x5tS256, path }, key, as)
    if (fault === undefined) return undefined
  }
  return fault
}
