import type { Command } from 'commander'
import { writeFile } from 'node:fs/promises'
import { type Missing, readEvidencePack } from '../../exchange/evidence/pack.ts'
import { lackingByPolicy } from '../../exchange/evidence/quorum.ts'
import { parseState } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { readPolicy } from '../input-files.ts'
import {
  answerOf,
  clientOption,
  keyOption,
  nodeOption,
  type NodeOptions,
  openClient,
} from '../node-client.ts'
import { example } from '../options.ts'
import { note } from '../print.ts'
import { problemFailure } from '../problem-failure.ts'

interface Options extends NodeOptions {
  state: string
  type: string
  number: string
  officer?: string
  purpose?: string
  out?: string
  policy?: string
}

/** `certex evidence`: one file that proves a certificate and its history without any node. */
export function declare(program: Command): void {
  const command = program
    .command('evidence')
    .description('get the evidence pack of a certificate; certex validate answers by it offline')
    .requiredOption('--state <code>', 'the issuing state', parseState)
    .requiredOption('--type <type>', 'the type of the certificate, such as origin.ct1')
    .requiredOption('--number <number>', 'its number, as written')
    .addOption(nodeOption())
    .addOption(clientOption().makeOptionMandatory())
    .addOption(keyOption().makeOptionMandatory())
    .option('--officer <name>', 'who asks; required of customs')
    .option('--purpose <text>', 'what for; required of customs')
    .option('--out <file>', 'write the pack there instead of standard output')
    .option(
      '--policy <file>',
      'C2SP tlog-policy with the witnesses that you need: what the pack lacks by it is named, exit code 3',
    )
    .action(run)
  example(
    command,
    'certex evidence --state BY --type origin.ct1 --number BYUZ6001000301 --out pack.json \\',
    '    --node https://by.example --client auditor --key auditor.jwk',
  )
}

async function run({ state, type, number, officer, purpose, out, ...options }: Options) {
  const policy = options.policy === undefined ? undefined : readPolicy(options.policy)
  const person = { 'Access-Officer': officer, 'Access-Purpose': purpose }
  const headers = Object.fromEntries(
    Object.entries(person).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, encodeURIComponent(value)]],
    ),
  )
  const client = await openClient(options, headers)
  const { status, body } = await answerOf(options.node, () =>
    client.getEvidenceByNumber({ query: { state, type, number } }),
  )
  if (status !== 200) throw problemFailure(status, body, 'en')
  const pack = readEvidencePack(new TextEncoder().encode(body))
  if ('malformed' in pack)
    throw new CliError('failed', `What ${options.node} sent is no evidence pack: ${pack.malformed}`)
  for (const one of pack.missing) note(`certex: the pack lacks: ${told(one)}`)
  const lacking = policy ? await lackingByPolicy(pack, policy) : []
  for (const one of lacking) note(`certex: by --policy the pack lacks: ${told(one)}`)
  if (out === undefined) process.stdout.write(`${body}\n`)
  else await writeFile(out, `${body}\n`)
  if (lacking.length > 0) process.exitCode = EXIT_CODES['cannot-tell']
}

const told = ({ what, subject, detail }: Missing) =>
  `${what} ${subject}${detail === undefined ? '' : `: ${detail}`}`
