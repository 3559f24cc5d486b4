import type { Command } from 'commander'
import { writeFile } from 'node:fs/promises'
import type { Finding } from '../../certificate/rule.ts'
import { type ApiAnswer, apiClient, TokenError } from '../../node/api-client.ts'
import { parseClientId, parseState, parseUrl } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import { readPrivateJwk } from '../client-key.ts'
import { findingText } from '../finding-text.ts'
import { readJson } from '../input-files.ts'
import { type Language, languageOf } from '../language.ts'
import { example, jsonOption, languageOption } from '../options.ts'
import { note, printResult } from '../print.ts'
import { problemFailure } from '../problem-failure.ts'

interface Options {
  node: string
  client: string
  key: string
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
    .requiredOption('--node <url>', 'public URL of the node', parseUrl)
    .requiredOption('--client <id>', 'id of this client system', parseClientId)
    .requiredOption('--key <file>', 'its private JWK')
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
  const certificate = await readJson(file)
  const client = apiClient({
    url: node,
    clientId: options.client,
    privateJwk: await readPrivateJwk(options.key),
    headers: { 'Accept-Language': language },
  })
  const path = check ? '/v1/certificates?check=true' : '/v1/certificates'
  const { status, body } = await answerOf(node, () => client.post(path, { certificate, to }))
  const { findings = [] } = (body ?? {}) as { findings?: readonly Finding[] }
  for (const finding of findings) note(findingText(finding, language))
  if (status !== 200 && status !== 201) throw problemFailure(status, body)
  if (check) return printJudged(body as Judged, json)

  const { document } = body as { document: string }
  if (out === undefined) return printResult(json, body, document)
  await writeFile(out, `${document}\n`)
  if (json) printResult(json, body, '')
}

interface Judged {
  readonly issuable: boolean
  readonly issuer: string
  readonly to: readonly string[]
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

/** What came back, or one sentence on why nothing did. */
async function answerOf(node: string, ask: () => Promise<ApiAnswer>): Promise<ApiAnswer> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof TokenError)
      throw new CliError(
        'usage',
        `${error.message}; check --node, --client and --key against certex client list`,
      )
    if (error instanceof SyntaxError)
      throw new CliError('failed', `What answers at ${node} is no certex node`)
    if (!(error instanceof TypeError)) throw error
    const { cause } = error as { cause?: { code?: string; message?: string } }
    const why = cause?.code ?? cause?.message ?? error.message
    throw new CliError('failed', `${node} cannot be reached (${why}): is the node running?`)
  }
}
