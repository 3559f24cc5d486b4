import { Option } from 'commander'
import { UnexpectedAnswer } from '../../openapi/client.ts'
import { type ApiClient, apiClient, publicClient, TokenError } from '../node/api-client.ts'
import { parseClientId, parseUrl } from './arguments.ts'
import { CliError } from './cli-error.ts'
import { readPrivateJwk } from './client-key.ts'

/** How commands that call a node name it and themselves; the environment says it once for many. */
export const nodeOption = () =>
  new Option('--node <url>', 'public URL of the node')
    .env('CERTEX_NODE')
    .argParser(parseUrl)
    .makeOptionMandatory()

export const clientOption = () =>
  new Option('--client <id>', 'id of this client system')
    .env('CERTEX_CLIENT')
    .argParser(parseClientId)

export const keyOption = () => new Option('--key <file>', 'its private JWK').env('CERTEX_KEY')

export interface NodeOptions {
  readonly node: string
  readonly client?: string
  readonly key?: string
}

/** The operations of a node for this client system, or only the public ones for nobody in particular. */
export async function openClient(
  { node: url, client: clientId, key }: NodeOptions,
  headers: Readonly<Record<string, string>>,
): Promise<ApiClient['api']> {
  if (clientId === undefined && key === undefined) return publicClient(url, headers)
  if (clientId === undefined || key === undefined)
    throw new CliError('usage', 'A client system is named by both: give --client and --key')
  return apiClient({ url, clientId, privateJwk: await readPrivateJwk(key), headers }).api
}

/** What came back, or one sentence on why nothing did. */
export async function answerOf<A>(node: string, ask: () => Promise<A>): Promise<A> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof TokenError)
      throw new CliError(
        'usage',
        `${error.message}; check --node, --client and --key against certex client list`,
      )
    if (error instanceof UnexpectedAnswer)
      throw new CliError('failed', `What answers at ${node} is no certex node of this version`)
    if (error instanceof RangeError) throw new CliError('usage', error.message)
    if (error instanceof DOMException && error.name === 'TimeoutError')
      throw new CliError('failed', `${node} does not answer in time: try again`)
    if (!(error instanceof TypeError)) throw error
    const { cause } = error as { cause?: { code?: string; message?: string } }
    const why = cause?.code ?? cause?.message ?? error.message
    throw new CliError('failed', `${node} cannot be reached (${why}): is the node running?`)
  }
}
