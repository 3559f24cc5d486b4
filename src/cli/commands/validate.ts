import type { Command } from 'commander'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Day } from '../../certificate/day.ts'
import { readEvidencePack } from '../../exchange/evidence/pack.ts'
import { readStatusLists } from '../../exchange/status-lists/source.ts'
import type { Answer } from '../../exchange/validation/validation-report.ts'
import { createPathCache } from '../../x509/path-cache.ts'
import { type Anchor, collectAnchor, parseDay, parseState } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import { DeclarationFile } from '../declaration-file.ts'
import { validateEvidence } from '../evidence-validation.ts'
import { EXIT_CODES, type ExitReason } from '../exit-codes.ts'
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
import { note, printResult } from '../print.ts'
import { notBelievedText, reportText } from '../report-text.ts'

interface Options {
  trustList?: string[]
  anchor: Anchor[]
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
    .requiredOption(
      '--anchor <fingerprint>',
      'SHA-256 of a root that was told in person, or STATE=SHA-256; may be repeated',
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
}

async function run(file: string, options: Options) {
  const bytes = new Uint8Array(await readFile(file))
  // A compact JWS begins with a letter, JSON of a pack with its brace.
  const isPack = /^\s*\{/.test(new TextDecoder().decode(bytes.subarray(0, 64)))
  if (isPack) await judgePack(file, bytes, options)
  else await judgeDocument(file, options)
}

async function judgePack(file: string, bytes: Uint8Array, { json, ...options }: Options) {
  const language = languageOf(options.language, process.env)
  const pack = readEvidencePack(bytes)
  if ('malformed' in pack)
    throw new CliError('usage', `${file}: it is no evidence pack: ${pack.malformed}`)
  if (options.statusList)
    throw new CliError(
      'usage',
      'An evidence pack brings its status history: leave out --status-list',
    )
  const environment = environmentOf(pack.document.jws)
  const lists = await Promise.all((options.trustList ?? []).map(readDocument))
  const { crls, ocsp } = await revocationOf(options)
  const { report, refused } = await validateEvidence({
    pack,
    given: { roots: options.anchor, lists, crls, ocsp, environment },
    day: options.at,
    policy: options.policy === undefined ? undefined : readPolicy(options.policy),
    presentedIn: options.in,
    declaration: await declarationOf(options),
    now: new Date(),
    id: randomUUID(),
  })
  for (const { state, refused: reason, detail } of refused)
    note(notBelievedText({ file: `trust list of ${state}`, reason, detail }, language))
  const text = reportText(report, language, environment)
  printResult(json, { ...report, environment, refusedTrustLists: refused }, text)
  process.exitCode = EXIT_CODES[REASONS[report.answer]]
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

async function judgeDocument(file: string, { json, ...options }: Options) {
  if (!options.trustList)
    throw new CliError('usage', 'Give --trust-list: a signed document does not bring its own')
  if (options.at !== undefined || options.policy !== undefined)
    throw new CliError('usage', '--at and --policy are for evidence packs (certex evidence)')
  const language = languageOf(options.language, process.env)
  const now = new Date()
  const lists = await Promise.all(
    options.trustList.map(async (path) => ({ file: path, jws: await readDocument(path) })),
  )
  const revocation = await revocationOf(options)
  const { trust, refused } = await offlineTrust(lists, options.anchor, revocation, now)
  for (const list of refused) note(notBelievedText(list, language))
  const statusTokens = await Promise.all((options.statusList ?? []).map(readDocument))
  const paths = createPathCache()
  const statusLists = await readStatusLists(statusTokens, trust, paths, now)
  for (const { index, refused: reason, detail } of statusLists.refused)
    note(notBelievedText({ file: options.statusList?.[index] ?? '', reason, detail }, language))
  const declaration = await declarationOf(options)
  const jws = await readDocument(file)
  const environment = environmentOf(jws)
  const report = await validateOffline({
    jws,
    trust,
    paths,
    statusLists: statusLists.lists,
    presentedIn: options.in,
    declaration,
    now,
    id: randomUUID(),
  })
  printResult(
    json,
    { ...report, environment, refusedTrustLists: refused },
    reportText(report, language, environment),
  )
  process.exitCode = EXIT_CODES[REASONS[report.answer]]
}
