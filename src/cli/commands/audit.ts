import { type Command, Option } from 'commander'
import { statSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import manifest from '../../../package.json' with { type: 'json' }
import { type AuditReport, auditReport } from '../../exchange/audit/audit-report.ts'
import { formatInstant } from '../../encoding/time.ts'
import { type Anchor, collectAnchor, parseUrl } from '../arguments.ts'
import { auditText, progressLine, readSince, signedReport, stateFile } from '../audit-output.ts'
import { CliError } from '../cli-error.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { type Language, languageOf } from '../language.ts'
import { readPolicy } from '../input-files.ts'
import { clientOption, keyOption } from '../node-client.ts'
import { example, jsonOption, languageOption } from '../options.ts'
import { note, printResult } from '../print.ts'

interface Options {
  database?: string
  node?: string
  client?: string
  key?: string
  since?: string
  state?: string
  witness?: string[]
  policy?: string
  anchor?: Anchor[]
  sign?: string
  out?: string
  json?: boolean
  language?: Language
}

/** `certex audit`: does everything that a database or a node says follow from its log and its signatures? */
export function declare(program: Command): void {
  const command = program
    .command('audit')
    .description('audit a log: tree, signatures, sequences, and every table against them')
    .addOption(new Option('--database <file>', 'copy of a database; only read').conflicts(['node']))
    .addOption(
      new Option('--node <url>', 'public URL of a node: what it shows to auditors').argParser(
        parseUrl,
      ),
    )
    .addOption(clientOption())
    .addOption(keyOption())
    .option('--since <file>', 'checkpoint or earlier report to go on from')
    .option('--state <file>', 'where an interrupted audit leaves how far it came')
    .option('--witness <keys...>', 'keys of further witnesses, as C2SP writes verifier keys')
    .option('--policy <file>', 'C2SP tlog-policy: the witnesses that have to have cosigned the log')
    .option(
      '--anchor <fingerprint>',
      'SHA-256 of a root that you were told in person, or STATE=SHA-256; may be repeated: every pinned root is compared',
      collectAnchor,
    )
    .option('--sign <file>', 'private JWK of the auditor, to sign the report with')
    .option('--out <file>', 'file for the report')
    .addOption(jsonOption())
    .addOption(languageOption())
    .action(run)
  example(
    command,
    'certex audit --database by-2026-03-02.sqlite --policy by.policy \\\n      --anchor BY=3F:A0:…:9C --anchor UZ=77:1B:…:04 --sign auditor.jwk --out report.jws',
  )
}

async function run(options: Options): Promise<void> {
  const { since, sign, out, json } = options
  if (sign !== undefined && out === undefined)
    throw new CliError('usage', 'A signed report goes into a file: give --out')
  const start = since === undefined ? undefined : await readSince(since)
  const report =
    options.node === undefined ? await ofDatabase(options, start) : await ofNode(options, start)
  if (out !== undefined)
    await writeFile(
      out,
      sign === undefined
        ? `${JSON.stringify(report, undefined, 2)}\n`
        : `${await signedReport(report, sign)}\n`,
    )
  printResult(json, report, auditText(report, languageOf(options.language, process.env)))
  if (sign === undefined)
    note('The report is not signed: --sign KEY --out FILE signs it with the key of the auditor')
  process.exitCode = EXIT_CODES[EXITS[report.answer]]
}

const EXITS = { clean: 'done', findings: 'refused', 'cannot-tell': 'cannot-tell' } as const

async function ofDatabase(
  { database, state, witness = [], policy, anchor = [] }: Options,
  since: string | undefined,
): Promise<AuditReport> {
  if (database === undefined) throw new CliError('usage', 'Give --database FILE or --node URL')
  if (!statSync(database, { throwIfNoEntry: false })?.isFile())
    throw new CliError('usage', `${database}: there is no such file`)
  const { auditFile } = await import('../../node/audit-file.ts')
  const { notCovered } = await import('../../storage/audit/not-covered.ts')
  const kept = stateFile(state, `${resolve(database)} ${since ?? ''}`)
  const { epoch: _, ...audit } = await auditFile(database, {
    since,
    witnesses: witness,
    anchors: anchor,
    policy: policy === undefined ? undefined : readPolicy(policy),
    resume: await kept.read(),
    save: kept.save,
    progress: progressLine(),
  })
  if (state !== undefined) await rm(state, { force: true })
  const { unsignedExchanges, coveredLater, ...said } = audit
  return auditReport({
    ...ofToday('database'),
    ...present(said),
    rootsCompared: anchor.length > 0,
    notCovered: notCovered({ unsignedExchanges, coveredLater, uncovered: said.uncovered }),
  })
}

async function ofNode(options: Options, since: string | undefined): Promise<AuditReport> {
  if (options.policy !== undefined)
    throw new CliError('usage', '--policy is for --database: a node shows no lists of other states')
  const { auditNode } = await import('../audit-node.ts')
  const { notCovered, ...audit } = await auditNode(options, since, progressLine())
  if (options.state !== undefined) await rm(options.state, { force: true })
  const rootsCompared = (options.anchor ?? []).length > 0
  return auditReport({ ...ofToday('node'), ...present(audit), rootsCompared, notCovered })
}

function ofToday<T extends AuditReport['audited']>(audited: T) {
  const createdAt = formatInstant(new Date())
  return { createdAt, program: `certex ${manifest.version}`, audited }
}

/** Without the members that are not there. */
function present<T extends { checkpoint: string | undefined; since: number | undefined }>({
  checkpoint,
  since,
  ...audit
}: T) {
  return {
    ...audit,
    ...(checkpoint !== undefined && { checkpoint }),
    ...(since !== undefined && { since }),
  }
}
