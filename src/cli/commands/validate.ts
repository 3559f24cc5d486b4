import type { Command } from 'commander'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Day } from '../../certificate/day.ts'
import type { EvidencePack } from '../../exchange/evidence/pack.ts'
import { readStatusLists } from '../../exchange/status-lists/source.ts'
import type { Answer, ValidationReport } from '../../exchange/validation/validation-report.ts'
import type { Environment } from '../../jose/environment.ts'
import { createPathCache } from '../../x509/path-cache.ts'
import { type Anchor, collectAnchor, parseDay, parseState } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import { DeclarationFile } from '../declaration-file.ts'
import { validateEvidence } from '../evidence-validation.ts'
import { ANSWER_EXIT_HELP, EXIT_CODES, type ExitReason } from '../exit-codes.ts'
import {
  readCrls,
  readDocument,
  readJsonAs,
  readOcspResponses,
  readPolicy,
} from '../input-files.ts'
import { type Language, languageOf } from '../language.ts'
import { environmentOf, offlineTrust } from '../offline-trust.ts'
import { validateOffline } from '../offline-validation.ts'
import { example, jsonOption, languageOption } from '../options.ts'
import { type PresentedFile, readAsPack, readPresented } from '../presented-file.ts'
import { note, printResult } from '../print.ts'
import { notBelievedText, reportText } from '../report-text.ts'
import { NO_LIST_GIVEN, NO_ROOT_SHOWN, rootsText, rootsToCompare } from '../roots-to-compare.ts'
import { unreadableReport } from '../unreadable-report.ts'

interface Options {
  trustList?: string[]
  anchor?: Anchor[]
  crl?: string[]
  ocsp?: string[]
  statusList?: string[]
  in?: string
  declaration?: string
  at?: Day
  policy?: string
  language?: Language
  json?: boolean
}

const REASONS: Readonly<Record<Answer, ExitReason>> = {
  usable: 'done',
  'not-usable': 'refused',
  'cannot-tell': 'cannot-tell',
}

/** `certex validate`: checks a document with what is at hand, without network and database. */
export function declare(program: Command): void {
  const command = program
    .command('validate')
    .description(
      'check a signed document or an evidence pack offline: by trust lists, CRLs and pinned roots at hand',
    )
    .argument('<file>', 'the signed document, compact JWS, or an evidence pack')
    .option('--trust-list <file...>', 'signed trust lists; an evidence pack brings its own')
    .option(
      '--anchor <fingerprint>',
      'SHA-256 of a root that was told in person, or STATE=SHA-256; may be repeated. Without one nothing is believed: the roots at hand are shown, to be compared',
      collectAnchor,
    )
    .option(
      '--crl <path...>',
      'CRLs, or folders with .crl files; without them revocation is unknown',
    )
    .option('--ocsp <path...>', 'OCSP responses, or folders with .ocsp files, beside the CRLs')
    .option(
      '--status-list <file...>',
      'signed status lists; without the one of the certificate its status is unknown',
    )
    .option('--in <state>', 'the state in which the certificate is presented', parseState)
    .option('--declaration <file>', 'goods declaration to compare with, JSON')
    .option('--at <day>', 'of an evidence pack: the day that is asked about', parseDay)
    .option(
      '--policy <file>',
      'of an evidence pack: C2SP tlog-policy with the witnesses that are needed; else one of another state',
    )
    .addOption(languageOption())
    .addOption(jsonOption())
    .action(run)
  example(
    command,
    'certex validate ct1.jws --trust-list by-list.jws --crl by-crls --anchor BY=3F:A0:…:9C \\\n      --status-list by-status-1.jws --in UZ',
    'certex validate pack.json --at 2027-03-01 --anchor BY=3F:A0:…:9C --anchor UZ=77:1B:…:04',
  )
  command.addHelpText('after', ANSWER_EXIT_HELP)
}

async function run(file: string, options: Options) {
  const presented = presentedFile(new Uint8Array(await readFile(file)), options)
  if ('pack' in presented) await judgePack(presented.pack, options)
  else if ('jws' in presented) await judgeDocument(presented.jws, options)
  else {
    const asked = {
      addressee: options.in !== undefined,
      declaration: options.declaration !== undefined,
    }
    const { unreadable } = presented
    const of = { unreadable, asked, id: randomUUID(), now: new Date() }
    answer(await unreadableReport(of), options, {
      environment: 'production',
      refusedTrustLists: [],
    })
  }
}

function presentedFile(bytes: Uint8Array, { at, policy }: Options): PresentedFile {
  if (at === undefined && policy === undefined) return readPresented(bytes)
  const pack = readAsPack(bytes)
  if (!pack)
    throw new CliError('usage', '--at and --policy are for evidence packs (certex evidence)')
  return pack
}

async function judgePack(pack: EvidencePack, options: Options) {
  const language = languageOf(options.language, process.env)
  if (options.statusList)
    throw new CliError(
      'usage',
      'An evidence pack brings its status history: leave out --status-list',
    )
  const environment = environmentOf(pack.document.jws)
  const lists = await Promise.all((options.trustList ?? []).map(readDocument))
  const { crls, ocsp } = await revocationOf(options)
  const { anchor: roots = [] } = options
  const { report, refused } = await validateEvidence({
    pack,
    given: { roots, lists, crls, ocsp, environment },
    day: options.at,
    policy: options.policy === undefined ? undefined : readPolicy(options.policy),
    presentedIn: options.in,
    declaration: await declarationOf(options),
    now: new Date(),
    id: randomUUID(),
  })
  const shown = await noteRoots([...pack.trustLists.map(({ jws }) => jws), ...lists], options)
  if (!shown && roots.length === 0) note(`certex: ${NO_ROOT_SHOWN[language]}`)
  const believed = new Set(report.evidence.trustLists.map(({ state }) => state))
  // Former versions in a pack decide nothing where a later one is believed; whoever gives one, is told.
  const isFormer = ({ state, refused: reason }: (typeof refused)[number]) =>
    lists.length === 0 && believed.has(state) && reason !== 'cannot-tell'
  for (const { state, refused: reason, detail } of refused.filter((one) => !isFormer(one)))
    noteRefused({ file: `trust list of ${state}`, reason, detail }, language)
  answer(report, options, { environment, refusedTrustLists: refused })
}

/** Shows the roots that nobody was told of, to be compared; false: there is none. */
async function noteRoots(lists: readonly string[], { anchor = [], language }: Options) {
  const roots = await rootsToCompare(lists, anchor)
  if (roots.length > 0) note(rootsText(roots, languageOf(language, process.env)))
  return roots.length > 0
}

/** That no root of its state was given was said of all lists at once. */
function noteRefused(list: Parameters<typeof notBelievedText>[0], language: Language) {
  if (list.reason !== 'state-not-pinned') note(notBelievedText(list, language))
}

async function revocationOf(options: Options) {
  const crls = await readCrls(options.crl ?? [])
  const responses = await readOcspResponses(options.ocsp ?? [])
  return {
    crls: crls.map(({ crl }) => crl),
    ocsp: responses.map(({ response }) => response),
  }
}

async function declarationOf({ declaration }: Options) {
  return declaration === undefined ? undefined : readJsonAs(declaration, DeclarationFile)
}

async function judgeDocument(jws: string, options: Options) {
  const language = languageOf(options.language, process.env)
  const now = new Date()
  const { trustList = [], anchor = [] } = options
  const lists = await Promise.all(
    trustList.map(async (path) => ({ file: path, jws: await readDocument(path) })),
  )
  const revocation = await revocationOf(options)
  const { trust, refused, undecided } = await offlineTrust(lists, anchor, revocation, now)
  if (lists.length === 0) note(`certex: ${NO_LIST_GIVEN[language]}`)
  await noteRoots(
    lists.map((list) => list.jws),
    options,
  )
  for (const list of refused) noteRefused(list, language)
  const statusTokens = await Promise.all((options.statusList ?? []).map(readDocument))
  const paths = createPathCache()
  const statusLists = await readStatusLists(statusTokens, trust, paths, now)
  for (const { index, refused: reason, detail } of statusLists.refused)
    note(notBelievedText({ file: options.statusList?.[index] ?? '', reason, detail }, language))
  const report = await validateOffline({
    jws,
    trust,
    undecided,
    paths,
    statusLists: statusLists.lists,
    presentedIn: options.in,
    declaration: await declarationOf(options),
    now,
    id: randomUUID(),
  })
  const environment = environmentOf(jws)
  answer(report, options, { environment, refusedTrustLists: refused })
}

function answer(
  report: ValidationReport,
  { json, language }: Options,
  about: { readonly environment: Environment; readonly refusedTrustLists: readonly object[] },
) {
  const text = reportText(report, languageOf(language, process.env), about.environment)
  printResult(json, { ...report, ...about }, text)
  process.exitCode = EXIT_CODES[REASONS[report.answer]]
}
