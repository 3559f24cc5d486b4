import { type Command, Option } from 'commander'
import { PartyId, stateOf } from '../../certificate/party-id.ts'
import { CLIENT_ROLES, type ClientRole } from '../../http/stores.ts'
import { clientAddedDetail } from '../../exchange/client-added.ts'
import { parseClientId, parsePerson } from '../arguments.ts'
import { withBench } from '../bench.ts'
import { CliError } from '../cli-error.ts'
import { readPublicJwk } from '../client-key.ts'
import { asOption, configOption, example, jsonOption } from '../options.ts'
import { printResult } from '../print.ts'

interface Options {
  config?: string
  id: string
  role: ClientRole
  party: string
  jwk: string
  person?: string
  as?: string
  json?: boolean
}

/** `certex client add`: lets a client system in, with one role, one organisation and its public key. */
export function declare(client: Command): void {
  const command = client
    .command('add')
    .description('register a client system with its role, its organisation and its public key')
    .addOption(configOption())
    .requiredOption('--id <id>', 'under which it asks for access', parseClientId)
    .addOption(
      new Option('--role <role>', 'what it may do').choices(CLIENT_ROLES).makeOptionMandatory(),
    )
    .requiredOption('--party <id>', 'its organisation, such as BY.CCI')
    .requiredOption('--jwk <file>', 'its public key, JSON Web Key')
    .option(
      '--person <name>',
      'who alone calls by it; for the role authority, which decides on trust as one of two persons',
      parsePerson,
    )
    .addOption(asOption())
    .addOption(jsonOption())
    .action(run)
  example(
    command,
    'certex client add --config by/node.json --id chamber --role issuer --party BY.CCI \\',
    '    --jwk chamber-public.jwk',
  )
}

async function run({ config, id, role, party, jwk: file, person, as, json }: Options) {
  if (role === 'authority' && person === undefined)
    throw new CliError(
      'usage',
      'Name with --person who alone calls by it: decisions on trust take two persons',
    )
  const jwk = await readPublicJwk(file)
  await withBench(config, { create: true, as }, async ({ clients, act }, { state }) => {
    if (!PartyId.safeParse(party).success || stateOf(party) !== state)
      throw new CliError(
        'usage',
        `${party} names no organisation of ${state}, such as ${state}.CCI`,
      )
    const client = { id, role, party, jwk, ...(person !== undefined && { person }) }
    const added = act('client-added', id, await clientAddedDetail(client))
    if ((await clients.register(client, added.at, [added])) === 'exists') {
      const { disabledAt, ...known } = (await clients.find(id))!
      if (disabledAt !== undefined || !isSame(known, { ...client, person }))
        throw new CliError('refused', `The id ${id} is taken for ever by another client or key`)
    }
    printResult(json, client, `Registered ${id}: ${role} for ${party}`)
  })
}

function isSame(a: object, b: object): boolean {
  const ordered = (value: unknown): string =>
    typeof value === 'object' && value !== null
      ? `{${Object.entries(value)
          .map(([name, member]) => `${name}:${ordered(member)}`)
          .sort()
          .join()}}`
      : JSON.stringify(value)
  return ordered(a) === ordered(b)
}
