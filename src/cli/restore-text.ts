import type { MirrorRestoreOutcome } from '../node/restore-from-mirror.ts'
import { progressLine } from './audit-output.ts'

type Restored = Extract<MirrorRestoreOutcome, { outcome: 'restored' }>
type Losing = Extract<MirrorRestoreOutcome, { outcome: 'would-lose' }>

/** How far a restore is, on standard error. */
export function progressOf() {
  const tell = progressLine()
  return (step: 'entries' | 'documents', done: number, all: number | undefined) => {
    if (all !== undefined) tell(step, done, all)
  }
}

/** Why nothing was replaced yet, and what can be done. */
export function wouldLose({ log, entries, documents }: Losing): string {
  const shown = entries.map(({ index, kind, sha256, to }) => {
    const recipients = Object.entries(to).map(([state, seq]) => `${state} ${seq}`)
    const place = index === undefined ? 'in no log' : `entry ${index}`
    const between =
      recipients.length > 0
        ? ` to ${recipients.join(', ')}`
        : ', received or public: its leaf does not say from whom, ask every peer'
    return `  ${place}: ${kind} ${sha256}${between}`
  })
  const more = documents - entries.length
  return [
    ...(documents === 0 ? [] : [`${documents} documents are held by nobody who was asked:`]),
    ...shown,
    ...(more > 0 ? [`  … and ${more} more`] : []),
    ...tailOf(log),
    'Nothing was replaced yet; what came is kept, and the same command goes on with it. Ask further peers (--mirror STATE) and take the newest backup; what nobody has is given up with --accept-loss.',
  ].join('\n')
}

/** What came back, what did not, and what is to be done now. */
export function restoredText(
  state: string,
  { facts, replaced, log, documents, lost, waiting, replacedDocuments }: Restored,
): string {
  const { size, added, from } = log
  return [
    `Restored ${facts.entries} entries of ${state}, the last of ${facts.lastEntryAt ?? 'never'}, in the new epoch ${facts.epoch}`,
    `  ${added} of ${size} entries came from ${from === undefined ? 'nobody: nothing was missing' : `the mirror at ${from}`}, and ${counted(documents, 'document')} in this attempt`,
    ...proofOf(log),
    ...(lost.documents + lost.administrative === 0
      ? []
      : [
          `  Lost: ${counted(lost.documents, 'document')}, and what stands behind ${counted(lost.administrative, 'administrative entry', 'administrative entries')} (acts, readings): certex lost list`,
        ]),
    ...(lost.unsettled === 0
      ? []
      : [
          `  Of them certificates of this state, or what may be such: ${lost.unsettled}; none is issued before somebody says which numbers they bore: certex lost settle`,
        ]),
    ...(lost.changes === 0
      ? []
      : [
          `  Of them status changes of this state, or what may be such, as annulments: ${lost.changes}; no status list of before is signed until they are made again or come back: certex lost list, certex lost settle`,
        ]),
    ...(lost.taken === 0
      ? []
      : [
          `  ${counted(lost.taken, 'document')} came back whose number another document has since: kept without effect (certex lost list): ask their issuers which counts; those of this state are withdrawn by its status list, and their bodies annul them at their recipients (changeStatus with "displaced")`,
        ]),
    ...waitingText(waiting),
    ...tailOf(log),
    ...(replaced ? [`The database that stood there is now ${replaced}`] : []),
    ...replacedText(replacedDocuments),
    'Clients, pins and CRLs are those of the backup: without one, pin the roots again, the own one and that of every peer (certex trust pin, certex trust approve), publish the CRLs and add the clients. Add the clients that were added since, disable those that were disabled. Then start the node: it signs checkpoints again as soon as the witnesses have confirmed its log, and waits for every peer of the configuration that is not pinned yet; one that has seen two histories of it does so when its operators have settled that (certex trust settle-fork there).',
  ].join('\n')
}

/** Acts stand in no mirror: what people hastened waits for its whole time again. */
function waitingText(waiting: Restored['waiting']): string[] {
  const versions = waiting.flatMap(({ state, version, countsFrom }) =>
    countsFrom === undefined
      ? []
      : [`    until ${countsFrom}: certex trust hasten --state ${state} --version ${version}`],
  )
  if (versions.length === 0) return []
  return [
    '  What trust lists added lately waits, and what was hastened since the backup waits again; until then work whose new key waits stands still. As soon as the node runs, two persons hasten it again (certex trust approve with the same words):',
    ...versions,
  ]
}

/** Issued while the node ran on an old database: nobody else would say that it is void. */
function replacedText(replaced: Restored['replacedDocuments']): string[] {
  if (replaced === 'unreadable')
    return [
      '  It cannot be read: whether it has issued documents that the restored log lacks is not known. Ask the bodies what they issued since the backup',
    ]
  if (replaced.length === 0) return []
  const shown = replaced.slice(0, SHOWN_REPLACED).map(({ sha256, kind, to, id }) => {
    const sent = Object.entries(to).map(([state, seq]) => `${state} ${seq}`)
    const certificate = id && `${id.type} ${id.number}`
    const named =
      kind === 'certificate' ? certificate : certificate ? `${kind} of ${certificate}` : kind
    return `    ${named ?? kind}, ${sha256}${sent.length > 0 ? `, to ${sent.join(', ')}` : ''}`
  })
  const more = replaced.length - shown.length
  return [
    `  It has issued ${counted(replaced.length, 'document')} that the restored log does not have. What is named is void here, and its recipients may have it in force: tell the bodies and the operators there; the bodies issue it again under other numbers, because these stay used. A status change they make again, and it is settled (certex lost settle); until then what it may have changed is "cannot tell" (docs/operating.md, After a loss):`,
    ...shown,
    ...(more > 0 ? [`    … and ${more} more: certex lost list`] : []),
  ]
}

const SHOWN_REPLACED = 20

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** How much of it a checkpoint proves: the rest is believed, because the backup has it. */
function proofOf({ size, checkpoints }: Restored['log']): string[] {
  const cosigned = checkpoints.findLast(({ cosignature }) => cosignature)
  const [signed = 0n, seen = 0n] = [checkpoints.at(-1)?.size, cosigned?.size]
  return [
    seen === 0n
      ? '  The newest checkpoints, which were shown, bear the cosignature of no witness (older ones may): none has cosigned them yet, or one has seen two histories of it and confirms neither before its operators settle that (certex trust settle-fork there)'
      : `  ${seen} of them stand under a checkpoint that ${cosigned!.cosignature!.witness.key.name} has cosigned`,
    ...(signed > seen
      ? [`  ${signed} of them stand under a checkpoint that this log has signed`]
      : []),
    ...(size > signed
      ? [
          `  The ${size - signed} behind them come from the backup, and no checkpoint shown covers them`,
        ]
      : []),
  ]
}

function tailOf({ beyond, size }: Restored['log']): string[] {
  if (!beyond) return []
  return [
    `${beyond.peer} shows a checkpoint of ${beyond.size} entries that this log has signed, and nobody who was asked holds more than ${size}: the entries behind them are lost, and with them the numbers of certificates that may be among them. With this database the node signs no checkpoint any more, because it would contradict that one`,
  ]
}
