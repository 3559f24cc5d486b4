import { en, ru, type Text } from '../certificate/wording.ts'
import { CHECK_TITLES } from '../exchange/texts/check-texts.ts'
import type { LineMatch } from '../exchange/validation/declaration.ts'
import type { InstantJudgement } from '../exchange/validation/judge-signature.ts'
import type { PackedDecision } from '../exchange/evidence/receipts.ts'
import { findReason } from '../exchange/validation/reason-catalogue.ts'
import {
  NOT_MADE_REASONS,
  type ReportedCheck,
  type ValidationReport,
} from '../exchange/validation/validation-report.ts'
import type { Environment } from '../jose/environment.ts'
import type { Language } from './language.ts'
import {
  ANSWERS,
  CLAIM,
  CUSTOMS_DECIDE,
  DECIDES,
  DIFFERENCES,
  INDICATIONS,
  INSTANT_NAMES,
  LABELS,
  NOT_BELIEVED,
  NOT_MADE,
  OUTCOME_WORDS,
  PACK_LABELS,
  SEVERITIES,
  TRAINING,
} from './report-words.ts'

const MARKS = { passed: '✓', warning: '!', failed: '✗', unknown: '?' } as const

/**
 * A validation report for reading: the answer, what the signature is worth at each instant, and check by
 * check what was found, what it means and what to do. `environment`: what the document says it is of.
 */
export function reportText(
  report: ValidationReport,
  language: Language = 'en',
  environment: Environment = 'production',
): string {
  const say = (text: Text) => text[language]
  const { certificate } = report
  return [
    ...(environment === 'training' ? [TRAINING] : []),
    say(ANSWERS[report.answer]),
    ...whyLines(report, language),
    ...(certificate
      ? [`${say(LABELS.document)}: ${certificate.state} ${certificate.type} ${certificate.number}`]
      : []),
    ...(report.judgements.length > 0 ? [say(LABELS.signature)] : []),
    ...report.judgements.map((judgement) => judgementLine(judgement, language)),
    ...packLines(report, language),
    ...report.checks.flatMap((check) => checkLines(check, language)),
    ...report.findings.map(
      ({ rule, severity, message }) => `    ${say(SEVERITIES[severity])} ${rule}: ${say(message)}`,
    ),
    ...report.lines.map((line) => `    ${declarationLine(line, language)}`),
    ...notMadeLines(report, language),
    say(CUSTOMS_DECIDE),
  ].join('\n')
}

/** What decided, before the long list of what was checked. */
function whyLines({ reasons }: ValidationReport, language: Language): string[] {
  return [...new Set(reasons)].map(
    (code) => `${LABELS.why[language]}: ${findReason(code)?.text[language] ?? code}`,
  )
}

/** Whose word a validation by an evidence pack rests on, and as of when. */
function packLines({ provenBy, certificate, evidence }: ValidationReport, language: Language) {
  const { pack } = evidence
  if (!pack) return []
  const { provenBy: proven, askedFor, day, asOf, unknown, rules } = PACK_LABELS
  const known = pack.asOf ? shownInstant(pack.asOf, language) : unknown[language]
  const asked = `${day[language]} ${{ ru, en }[language].day(pack.day)}`
  return [
    ...(provenBy?.by === 'witness'
      ? [`${proven[language]}: ${provenBy.witness}${provenBy.state && ` (${provenBy.state})`}`]
      : []),
    `${askedFor[language]} ${pack.state}, ${asked}, ${asOf[language]} ${known}`,
    ...(pack.rules ? [`${rules[language]}: ${pack.rules.program}, ${pack.rules.sha256}`] : []),
    ...pack.receipts.map((decision) => decisionLine(decision, certificate?.sha256, language)),
  ]
}

function decisionLine(
  { state, sha256, outcome, findings, at }: PackedDecision,
  certificate: string | undefined,
  language: Language,
): string {
  const { decided, onChange } = PACK_LABELS
  const about = sha256 === certificate ? '' : ` ${onChange[language]}`
  const codes = findings.length > 0 ? ` [${findings.join(', ')}]` : ''
  const said = `${OUTCOME_WORDS[outcome][language]}, ${shownInstant(at, language)}`
  return `${decided[language]} ${state}${about}: ${said}${codes}`
}

function judgementLine(judgement: InstantJudgement, language: Language): string {
  const { instant, at, indication, subIndication, decides } = judgement
  const note = instant === 'claimed' ? CLAIM : decides ? DECIDES : undefined
  const term = subIndication ? `${indication}, ${subIndication}` : indication
  const words = `${INDICATIONS[indication][language]}, ${term}`
  const name = `${INSTANT_NAMES[instant][language]}, ${shownInstant(at, language)}`
  return `    ${name}: ${words}${note ? ` (${note[language]})` : ''}`
}

/** `02.03.2026 09:00:00 UTC`, `2 Mar 2026 09:00:00 UTC`. */
function shownInstant(instant: string, language: Language): string {
  const [day = '', time = ''] = instant.split(/[TZ]/)
  return `${{ ru, en }[language].day(day)} ${time} UTC`
}

/** What passed in one line; of the rest also what it means, what to do, the values and the code. */
function checkLines(check: ReportedCheck, language: Language): string[] {
  const { outcome, code, detail, sentence } = check
  const title = `  ${MARKS[outcome]} ${CHECK_TITLES[check.check][language]}`
  const reason = findReason(code)
  if (!reason) return [`${title}: ${sentence[language]}`]
  return [
    `${title}: ${reason.text[language]}`,
    `      ${reason.meaning[language]}`,
    `    → ${reason.action[language]}`,
    `      [${code}${detail === undefined ? '' : `: ${detail}`}]`,
  ]
}

function declarationLine({ line, item, differences }: LineMatch, language: Language): string {
  const name = `${LABELS.line[language]} ${line}`
  if (item === null) return `${name}: ${LABELS.noItem[language]}`
  const differing = [...new Set(differences.map(({ differs }) => DIFFERENCES[differs][language]))]
  const found =
    differing.length > 0
      ? `${LABELS.differs[language]}: ${differing.join(', ')}`
      : LABELS.noDifference[language]
  return `${name}: ${LABELS.item[language]} ${item}, ${found}`
}

function notMadeLines({ notMade }: ValidationReport, language: Language): string[] {
  return NOT_MADE_REASONS.flatMap((because) => {
    const titles = notMade
      .filter((left) => left.because === because)
      .map(({ check }) => CHECK_TITLES[check][language])
    return titles.length > 0 ? [`  – ${NOT_MADE[because][language]}: ${titles.join('; ')}.`] : []
  })
}

/** Why nothing rests on a list that was given: by its reason in the catalogue, where it stands there. */
export function notBelievedText(
  refused: { readonly file: string; readonly reason: string; readonly detail: string },
  language: Language,
): string {
  const { file, reason, detail } = refused
  const said = findReason(reason)?.text[language]
  const why = said === undefined ? `${reason}: ${detail}` : `${said} [${reason}: ${detail}]`
  return `certex: ${file} ${NOT_BELIEVED[language]}: ${why}`
}
