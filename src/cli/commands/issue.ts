import type { Command } from 'commander'
import { writeFile } from 'node:fs/promises'
import type { Finding } from '../../certificate/rule.ts'
import type { CertificateContent, Judged } from '../../../openapi/client.ts'
import { parseState } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import { findingText } from '../finding-text.ts'
import { readJson } from '../input-files.ts'
import { type Language, languageOf } from '../language.ts'
import {
  answerOf,
  clientOption,
  keyOption,
  nodeOption,
  type NodeOptions,
  openClient,
} from '../node-client.ts'
import { example, jsonOption, languageOption } from '../options.ts'
import { note, printResult } from '../print.ts'
import { problemFailure } from '../problem-failure.ts'

interface Options extends NodeOptions {
  to?: string[]
  check?: boolean
  out?: string
  language?: Language
  json?: boolean
}

/** `certex issue`: asks a node to judge, seal and deliver a certificate. */
export function declare(program: Command): void {
  const command = program
    .command('issue')
    .description('issue a certificate at a node; prints the signed document')
    .argument('<file>', 'content of the certificate, JSON')
    .addOption(nodeOption())
    .addOption(clientOption().makeOptionMandatory())
    .addOption(keyOption().makeOptionMandatory())
    .option(
      '--to <state>',
      'a state it is for, may be repeated; a CT-1 names its own',
      collectState,
    )
    .option('--check', 'only judge; nothing is signed')
    .option('--out <file>', 'write the document there instead of standard output')
    .addOption(languageOption())
    .addOption(jsonOption())
    .action(run)
  example(
    command,
    'certex issue ct1.json --node https://by.example --client chamber --key chamber.jwk',
  )
}

function collectState(text: string, before: readonly string[] = []): string[] {
  return [...before, parseState(text)]
}

async function run(file: string, { node, to, check = false, out, json, ...options }: Options) {
  const language = languageOf(options.language, process.env)
  // The node judges it: what stands in the file goes there as it is.
  const certificate = (await readJson(file)) as CertificateContent
  const client = await openClient({ node, ...options }, { 'Accept-Language': language })
  const { status, body } = await answerOf(node, () =>
    client.issueCertificate({
      query: { check: check ? 'true' : 'false' },
      body: { certificate, ...(to && { to }) },
    }),
  )
  const { findings = [] } = body as { findings?: readonly Finding[] }
  for (const finding of findings) note(findingText(finding, language))
  if (status !== 200 && status !== 201) throw problemFailure(status, body, language)
  if ('issuable' in body) return printJudged(body, json)
  if (check) return printResult(json, body, 'It was issued before, with the same content')

  if (out === undefined) return printResult(json, body, body.document)
  await writeFile(out, `${body.document}\n`)
  if (json) printResult(json, body, '')
}

function printJudged(judged: Judged, json: boolean | undefined): void {
  const { issuable, issuer, to } = judged
  const parties = `by ${issuer} for ${to.join(', ')}`
  printResult(
    json,
    judged,
    issuable ? `It can be issued ${parties}` : `It cannot be issued ${parties}`,
  )
  if (!issuable) throw new CliError('refused', 'The findings above stand against it')
}
