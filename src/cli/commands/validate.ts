import type { Command } from 'commander'
import { randomUUID } from 'node:crypto'
import { readStatusLists } from '../../exchange/status-list-source.ts'
import type { Answer } from '../../exchange/validation-report.ts'
import { createPathCache } from '../../x509/path-cache.ts'
import { type Anchor, collectAnchor, parseState } from '../arguments.ts'
import { DeclarationFile } from '../declaration-file.ts'
import { EXIT_CODES, type ExitReason } from '../exit-codes.ts'
import { readCrls, readDocument, readJsonAs } from '../input-files.ts'
import { type Language, languageOf } from '../language.ts'
import { environmentOf, offlineTrust } from '../offline-trust.ts'
import { validateOffline } from '../offline-validation.ts'
import { example, jsonOption, languageOption } from '../options.ts'
import { note, printResult } from '../print.ts'
import { notBelievedText, reportText } from '../report-text.ts'

interface Options {
  trustList: string[]
  anchor: Anchor[]
  crl?: string[]
  statusList?: string[]
  in?: string
  declaration?: string
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
    .description('check a signed document offline: by trust lists, CRLs and pinned roots at hand')
    .argument('<file>', 'the signed document, compact JWS')
    .requiredOption('--trust-list <file...>', 'signed trust lists')
    .requiredOption(
      '--anchor <fingerprint>',
      'SHA-256 of a root that was told in person, or STATE=SHA-256; may be repeated',
      collectAnchor,
    )
    .option(
      '--crl <path...>',
      'CRLs, or folders with .crl files; without them revocation is unknown',
    )
    .option(
      '--status-list <file...>',
      'signed status lists; without the one of the certificate its status is unknown',
    )
    .option('--in <state>', 'the state in which the certificate is presented', parseState)
    .option('--declaration <file>', 'goods declaration to compare with, JSON')
    .addOption(languageOption())
    .addOption(jsonOption())
    .action(run)
  example(
    command,
    'certex validate ct1.jws --trust-list by-list.jws --crl by-crls --anchor BY=3F:A0:…:9C \\\n      --status-list by-status-1.jws --in UZ',
  )
}

async function run(file: string, { json, ...options }: Options) {
  const language = languageOf(options.language, process.env)
  const now = new Date()
  const lists = await Promise.all(
    options.trustList.map(async (path) => ({ file: path, jws: await readDocument(path) })),
  )
  const crls = (await readCrls(options.crl ?? [])).map(({ crl }) => crl)
  const { trust, refused } = await offlineTrust(lists, options.anchor, crls, now)
  for (const list of refused) note(notBelievedText(list, language))
  const statusTokens = await Promise.all((options.statusList ?? []).map(readDocument))
  const paths = createPathCache()
  const statusLists = await readStatusLists(statusTokens, trust, paths, now)
  for (const { index, refused: reason, detail } of statusLists.refused)
    note(notBelievedText({ file: options.statusList?.[index] ?? '', reason, detail }, language))
  const declaration =
    options.declaration === undefined
      ? undefined
      : await readJsonAs(options.declaration, DeclarationFile)
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
