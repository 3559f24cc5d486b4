import type { Command } from 'commander'
import { readFile, writeFile } from 'node:fs/promises'
import {
  type Answer,
  type Input,
  type Operation,
  type OperationId,
  OPERATIONS,
} from '../../../openapi/client.ts'
import type { Finding } from '../../certificate/rule.ts'
import { CliError } from '../cli-error.ts'
import { findingText } from '../finding-text.ts'
import { type Language, languageOf } from '../language.ts'
import {
  answerOf,
  clientOption,
  keyOption,
  nodeOption,
  type NodeOptions,
  openClient,
} from '../node-client.ts'
import { example, languageOption } from '../options.ts'
import { note } from '../print.ts'
import { problemFailure } from '../problem-failure.ts'

interface Options extends NodeOptions {
  body?: string
  mediaType?: string
  out?: string
  language?: Language
}

/** `certex call`: any operation of the contract, by its operationId. */
export function declare(program: Command): void {
  const command = program
    .command('call')
    .description('call an operation of a node and print its answer; certex operations names them')
    .argument('<operation>', 'operationId, as on the page /docs of the node')
    .argument('[parameters...]', 'path, query and header parameters, each name=value')
    .addOption(nodeOption())
    .addOption(clientOption())
    .addOption(keyOption())
    .option('--body <file>', 'what to send; - reads standard input')
    .option('--media-type <type>', 'of the body, where the operation takes several')
    .option('--out <file>', 'write the body of the answer there instead of standard output')
    .addOption(languageOption())
    .action(run)
  example(
    command,
    'certex call getCertificate state=BY type=origin.ct1 number=BYUZ6001000301 \\',
    '    Access-Officer=Karimov Access-Purpose=control \\',
    '    --node https://uz.example --client customs --key customs.jwk',
  )
}

async function run(name: string, parameters: readonly string[], options: Options): Promise<void> {
  const operation = operationNamed(name)
  const language = languageOf(options.language, process.env)
  const client = await openClient(options, { 'Accept-Language': language })
  if (operation.token && options.client === undefined)
    throw new CliError('usage', `${name} is not public: give --client and --key`)
  const input: Input = {
    ...placed(operation, parameters),
    ...(await bodyOf(operation, options)),
  }
  const call = client[name as OperationId] as (input: Input) => Promise<Answer<number, unknown>>
  const { status, body } = await answerOf(options.node, () => call(input))
  if (status >= 400) throw refusal(status, body, language)
  await print(body, options.out)
}

function operationNamed(name: string): Operation {
  if (!Object.hasOwn(OPERATIONS, name))
    throw new CliError('usage', `There is no operation ${name}: certex operations names them`)
  return OPERATIONS[name as OperationId]
}

/** Every `name=value` where the operation has a parameter of this name. */
function placed(operation: Operation, parameters: readonly string[]): Input {
  const input = {
    params: {} as Record<string, string>,
    query: {} as Record<string, string>,
    headers: {} as Record<string, string>,
  }
  const places = ['params', 'query', 'headers'] as const
  for (const parameter of parameters) {
    const end = parameter.indexOf('=')
    const [name, value] = [parameter.slice(0, end), parameter.slice(end + 1)]
    const place = end > 0 ? places.find((one) => operation[one].includes(name)) : undefined
    if (!place) {
      const names = places.flatMap((one) => operation[one]).join(', ') || 'none'
      throw new CliError('usage', `"${parameter}" is no parameter name=value: there are ${names}`)
    }
    // Header values hold ASCII only; the contract has these percent-encoded.
    input[place][name] = name.startsWith('Access-') ? encodeURIComponent(value) : value
  }
  const missing = operation.params.filter((name) => input.params[name] === undefined)
  if (missing.length > 0) throw new CliError('usage', `Missing: ${missing.join(', ')}`)
  return input
}

async function bodyOf(operation: Operation, { body, mediaType }: Options): Promise<Input> {
  const { body: accepted } = operation
  if (body === undefined) {
    if (accepted.length > 0) throw new CliError('usage', `It takes a body: give --body`)
    return {}
  }
  const contentType = mediaType ?? accepted[0]
  if (contentType === undefined) throw new CliError('usage', 'It takes no body')
  if (!accepted.includes(contentType))
    throw new CliError('usage', `It takes ${accepted.join(', ')}, not ${contentType}`)
  const bytes = await (body === '-' ? readInput() : readFile(body))
  // As it is: the node judges the text that was given, duplicate members and all.
  return { contentType, body: new Uint8Array(bytes) }
}

async function readInput(): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function refusal(status: number, body: unknown, language: Language): CliError {
  const { findings = [] } = (body ?? {}) as { findings?: readonly Finding[] }
  for (const finding of findings) note(findingText(finding, language))
  return problemFailure(status, body, language)
}

async function print(body: unknown, out: string | undefined): Promise<void> {
  const text = printed(body)
  if (out !== undefined) return writeFile(out, text)
  await new Promise((resolve) => process.stdout.write(text, resolve))
}

function printed(body: unknown): string | Uint8Array {
  if (body === undefined) return ''
  if (body instanceof Uint8Array) return body
  if (typeof body === 'string') return body.endsWith('\n') ? body : `${body}\n`
  if (Array.isArray(body)) return body.map((line) => `${JSON.stringify(line)}\n`).join('')
  return `${JSON.stringify(body, undefined, 2)}\n`
}
