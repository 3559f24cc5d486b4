import { CompactSign, importJWK } from 'jose'
import { readFile, rename, writeFile } from 'node:fs/promises'
import type { AuditReport } from '../exchange/audit/audit-report.ts'
import type { AuditState } from '../storage/audit/audit-database.ts'
import { CliError } from './cli-error.ts'
import { publicPartOf, readPrivateJwk } from './client-key.ts'
import type { Language } from './language.ts'
import { fingerprintText } from './fingerprint-text.ts'
import { note } from './print.ts'

/** The report as compact JWS, signed with the key of whoever audited; the header carries its public part. */
export async function signedReport(report: AuditReport, keyFile: string): Promise<string> {
  const jwk = await readPrivateJwk(keyFile)
  const alg = jwk.kty === 'OKP' ? 'Ed25519' : 'ES256'
  const payload = new TextEncoder().encode(JSON.stringify(report))
  return new CompactSign(payload)
    .setProtectedHeader({ alg, typ: 'audit-report+jwt', jwk: publicPartOf({ ...jwk }) })
    .sign(await importJWK(jwk, alg))
}

/** The checkpoint to go on from: a signed note, or the one in a report of before, signed or not. */
export async function readSince(file: string): Promise<string> {
  const text = await readFile(file, 'utf8')
  const report = reportIn(text)
  if (!report) return text
  if (typeof report.checkpoint !== 'string')
    throw new CliError('usage', `${file}: the report names no checkpoint to go on from`)
  return report.checkpoint
}

function reportIn(text: string): Partial<AuditReport> | undefined {
  try {
    const [, payload] = /^[\w-]+\.([\w-]+)\.[\w-]+\s*$/.exec(text) ?? []
    const json = payload === undefined ? text : Buffer.from(payload, 'base64url').toString()
    return JSON.parse(json) as Partial<AuditReport>
  } catch {
    return undefined
  }
}

/** Where an audit that is interrupted leaves how far it came; a new file takes its name when it is whole. */
export function stateFile(file: string | undefined, audited: string) {
  return {
    async read(): Promise<AuditState | undefined> {
      if (file === undefined) return undefined
      try {
        const kept = JSON.parse(await readFile(file, 'utf8')) as { of?: string; state?: AuditState }
        return kept.of === audited ? kept.state : undefined
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw new CliError('usage', `${file} is no state of an audit: remove it to begin anew`)
      }
    },
    async save(state: AuditState): Promise<void> {
      if (file === undefined) return
      await writeFile(`${file}.partial`, JSON.stringify({ of: audited, state }))
      await rename(`${file}.partial`, file)
    },
  }
}

const EVERY_MS = 5_000
const ON_TERMINAL_MS = 200

/** Tells how far the audit is: one line that changes on a terminal, a line every few seconds elsewhere. */
export function progressLine(): (step: string, done: number, all: number) => void {
  const { isTTY } = process.stderr
  const started = Date.now()
  let [told, step, first] = [started, '', { at: started, done: 0 }]
  return (current, done, all) => {
    const now = Date.now()
    if (current !== step) [step, first] = [current, { at: now, done }]
    if (now - told < (isTTY ? ON_TERMINAL_MS : EVERY_MS)) return
    told = now
    const perSecond = ((done - first.done) * 1000) / Math.max(1, now - first.at)
    const left = perSecond > 0 ? `, ${Math.ceil((all - done) / perSecond)} s left` : ''
    const line = `${step}: ${done} of ${all}, ${Math.round(perSecond)} a second${left}`
    if (isTTY) process.stderr.write(`\r\x1b[K${line}`)
    else note(line)
  }
}

const SHOWN = 50

/** The report for people. */
export function auditText(report: AuditReport, language: Language): string {
  const words = WORDS[language]
  const { state, environment, entries, signatures, lost, found, findings, since, vouched } = report
  const { asOf } = report
  const isRead = state !== ''
  const named = findings.slice(0, SHOWN).map(({ where, detail, meaning }) => {
    return `  ${where}: ${meaning[language]}. ${detail}`
  })
  return [
    isRead
      ? `${words[report.answer]}: ${state} (${environment}), ${words.counts(entries, signatures)}${asOf === undefined ? '' : `, ${words.asOf(asOf)}`}`
      : `${words[report.answer]}: ${words.unread}`,
    ...(isRead ? [words.vouched(vouched, entries)] : []),
    ...(since === undefined ? [] : [words.since(since)]),
    ...(lost && lost.documents + lost.administrative > 0 ? [words.lost(lost)] : []),
    ...(lost?.signatures ? [words.untold(lost.signatures)] : []),
    ...(isRead && report.uncovered ? [words.uncovered(rowsText(report.uncovered))] : []),
    ...(report.revokedLater ? revokedLines(report.revokedLater, words) : []),
    ...named,
    ...(found > named.length ? [words.more(found - named.length)] : []),
    ...(report.rootsCompared || !isRead ? [] : [words.roots, ...report.roots.map(rootText)]),
    ...(isRead ? [words.beside(beside(report))] : []),
  ].join('\n')
}

function revokedLines(
  { documents, named }: NonNullable<AuditReport['revokedLater']>,
  words: (typeof WORDS)[Language],
): string[] {
  const shown = named.slice(0, SHOWN).map(({ where, detail }) => `    ${where}: ${detail}`)
  const more = documents - shown.length
  return [words.revokedLater(documents), ...shown, ...(more > 0 ? [`  ${words.more(more)}`] : [])]
}

/** What is outside of the audit: tables by their names, of all else how much it is. */
function beside({ notCovered }: AuditReport): { tables: string; others: number } {
  const tables = notCovered.flatMap(({ what }) => (/^\w+$/.test(what) ? [what] : []))
  return { tables: tables.join(', '), others: notCovered.length - tables.length }
}

function rowsText(uncovered: NonNullable<AuditReport['uncovered']>): string {
  const counts = Object.entries(uncovered).map(([table, rows]) => `${table} ${rows}`)
  return counts.join(', ') || '0'
}

function rootText({ state, fingerprint }: AuditReport['roots'][number]): string {
  return `    ${state} ${fingerprintText(fingerprint)}`
}

type Lost = NonNullable<AuditReport['lost']>
type Vouched = AuditReport['vouched']
type Beside = ReturnType<typeof beside>

const WORDS = {
  en: {
    clean: 'Nothing was found',
    findings: 'There are findings',
    'cannot-tell': 'Not everything can be told from here',
    counts: (entries: number, signatures: number) =>
      `${entries} entries, ${signatures} signatures judged`,
    asOf: (at: string) => `as of ${at}, the last time in it`,
    vouched: ({ signed, cosigned }: Vouched, entries: number) =>
      `  of ${entries} entries, ${signed} signed by the log key, ${cosigned} cosigned by another state`,
    roots:
      '  Judged by roots that the audited party has pinned; compare them with those that you were told in person, or give them with --anchor:',
    since: (size: number) => `  continues the checkpoint of ${size} entries, audited before`,
    lost: ({ documents, administrative }: Lost) =>
      `  ${documents} documents lost and listed, and the records behind ${administrative} administrative entries: certex lost list`,
    untold: (signatures: number) =>
      `  of ${signatures} signatures nobody can tell whether their key counted yet: by the acts that are here it waited, and one that is lost may have hastened it`,
    revokedLater: (n: number) =>
      `  ${n} ${n === 1 ? 'document' : 'documents'} whose signer was revoked afterwards: no finding; they count only as far as validations say:`,
    more: (n: number) => `  … ${n} more`,
    unread: 'the file is damaged, or no database of a node',
    uncovered: (rows: string) =>
      `  rows behind no entry of the log yet, which nothing proves: ${rows}`,
    beside: ({ tables, others }: Beside) =>
      `  Outside of this audit: ${tables && `working state, whatever stands there (${tables}), and `}${others} columns or cases; the report (--json) says of each why that deceives nobody`,
  },
  ru: {
    clean: 'Нарушений не найдено',
    findings: 'Найдены нарушения',
    'cannot-tell': 'Не обо всём можно судить отсюда',
    counts: (entries: number, signatures: number) =>
      `записей: ${entries}, проверено подписей: ${signatures}`,
    asOf: (at: string) => `по состоянию на ${at}, последнее время в ней`,
    vouched: ({ signed, cosigned }: Vouched, entries: number) =>
      `  из записей (${entries}) подписано ключом журнала: ${signed}, подписано и другим государством: ${cosigned}`,
    roots:
      '  Проверено по корневым сертификатам, закреплённым у проверяемого; сличите их с теми, что сообщены вам лично, или укажите в --anchor:',
    since: (size: number) => `  продолжает контрольную точку на ${size} записей, проверенную ранее`,
    lost: ({ documents, administrative }: Lost) =>
      `  утрачено и перечислено документов: ${documents}, служебных записей: ${administrative}; certex lost list`,
    untold: (signatures: number) =>
      `  о подписях (${signatures}) нельзя сказать, действовал ли уже их ключ: по сохранившимся решениям он ещё ждал, а утраченное могло его ускорить`,
    revokedLater: (n: number) =>
      `  документов, чей ключ отозван после записи: ${n}; это не нарушение; что они значат, говорят проверки:`,
    more: (n: number) => `  … ещё ${n}`,
    unread: 'файл повреждён или не является базой данных узла',
    uncovered: (rows: string) =>
      `  строк, ещё не покрытых записью журнала и ничем не доказанных: ${rows}`,
    beside: ({ tables, others }: Beside) =>
      `  Вне этой проверки: ${tables && `рабочее состояние, что бы там ни стояло (${tables}), и `}столбцов и случаев: ${others}; почему это никого не обманет, сказано в отчёте (--json)`,
  },
} as const
