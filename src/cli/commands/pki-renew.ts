import { Argument, type Command, Option } from 'commander'
import {
  LEAD_DAYS,
  OVERLAP_DAYS,
  type RenewablePurpose,
  RENEWABLE_PURPOSES,
  type RenewalObstacle,
  type RenewedKey,
  renewKey,
} from '../../node/pki/renew.ts'
import { parseDays, parseInstant } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import { algorithmOption, example, jsonOption, passphraseOption, pkiOption } from '../options.ts'
import { readPassphrase } from '../passphrase.ts'
import { openPki } from '../pki-folder.ts'
import { printResult } from '../print.ts'

interface Options {
  pki: string
  body?: string
  from?: Date
  overlapDays: number
  atOnce?: boolean
  algorithm: 'ES256' | 'Ed25519'
  passphraseFile?: string
  json?: boolean
}

/** `certex pki renew`: the key that follows the current one of a purpose; keys/README.md has the ceremonies. */
export function declare(pki: Command): void {
  const command = pki
    .command('renew')
    .description('make the key that follows the current one, and keep that one')
    .addArgument(new Argument('<purpose>', 'which key').choices(RENEWABLE_PURPOSES))
    .addOption(pkiOption())
    .option('--body <id>', 'the body, of a document-seal or body-ca')
    .option(
      '--from <time>',
      `from when on it signs; else ${LEAD_DAYS} days from now, or now if the one before ends sooner`,
      parseInstant,
    )
    .option(
      '--overlap-days <n>',
      'how long the key before goes on after that',
      parseDays,
      OVERLAP_DAYS,
    )
    .addOption(
      new Option(
        '--at-once',
        'it signs from now on and the key before ends now: when that one is in wrong hands',
      ).conflicts(['from', 'overlapDays']),
    )
    .addOption(algorithmOption())
    .addOption(passphraseOption())
    .addOption(jsonOption())
    .action(run)
  example(
    command,
    'certex pki renew document-seal --pki keys --body BY.CCI.001 --passphrase-file passphrase',
    'certex pki renew root --pki keys --passphrase-file passphrase',
    'certex pki renew node --at-once --pki keys --passphrase-file passphrase',
  )
}

/** Authorities and list signers begin at once. */
const WITHOUT_START: readonly RenewablePurpose[] = [
  'root',
  'state-ca',
  'body-ca',
  'trust-list-signer',
]

async function run(purpose: RenewablePurpose, options: Options) {
  const { body: partyId, atOnce, algorithm: sealAlgorithm, json } = options
  const now = new Date()
  if ((options.from || atOnce) && WITHOUT_START.includes(purpose))
    throw new CliError(
      'usage',
      `A ${purpose} works at once: leave out ${atOnce ? '--at-once' : '--from'}`,
    )
  if (options.from && options.from < now) throw new CliError('usage', '--from lies in the past')
  const { from, overlapDays } = atOnce ? { from: now, overlapDays: 0 } : options
  const ofBody = purpose === 'document-seal' || purpose === 'body-ca'
  if (ofBody !== (partyId !== undefined))
    throw new CliError(
      'usage',
      ofBody ? `Name the body: --body ID` : `A ${purpose} is not a body's: leave out --body`,
    )
  const passphrase = await readPassphrase(options.passphraseFile, process.env)
  const pki = await openPki(options.pki)
  const renewed = await renewKey(
    pki,
    { purpose, partyId, now, from, overlapDays, sealAlgorithm },
    passphrase,
  )
  if ('obstacle' in renewed)
    throw new CliError('refused', told(renewed.obstacle, options.pki, partyId))
  const text = [
    `Made ${renewed.file}${partyId === undefined ? '' : ` of ${partyId}`}, ${renewed.id}`,
    ...nextSteps(renewed, options.pki),
  ].join('\n')
  printResult(json, renewed, text)
}

function told(obstacle: RenewalObstacle, folder: string, partyId = ''): string {
  switch (obstacle) {
    case 'unknown-body':
      return `${folder} holds no keys of ${partyId}: make them with certex pki add-body`
    case 'kept-by-its-body':
      return `${partyId} keeps its own key: it makes a request for the next one, certex pki add-seal --csr certifies it`
    case 'no-former-key':
      return `${folder} holds no key of this purpose that another could follow`
    case 'starts-too-late':
      return 'The key before ends earlier than that: choose an earlier --from, or nothing signs between them'
    case 'authority-ends':
      return 'The authority above has ended by then: renew it first'
    case 'former-ended':
      return 'The root has ended and cannot vouch for another: make new keys with certex pki init and meet the other states'
  }
}

function nextSteps({ purpose, from, formerUntil }: RenewedKey, folder: string): string[] {
  const publish = `Sign and publish the next trust list now: certex trust issue, certex trust publish --crls ${folder}/crls`
  switch (purpose) {
    case 'root':
      return [
        publish,
        `Tell the other states the new fingerprint in person: certex pki show --pki ${folder}`,
        `Until they have pinned it they believe the new root by the X.509 certificate of the old one, for a year at most`,
        `Then renew what the old root issued: certex pki renew trust-list-signer, certex pki renew state-ca`,
      ]
    case 'state-ca':
      return [
        publish,
        `Then renew what it issues, when each is due: body-ca, node, registry-seal, status-signer`,
        `The one before goes on with its CRLs until ${formerUntil}: certex pki renew-crls signs both`,
      ]
    case 'body-ca':
      return [
        publish,
        'Seals made from now on are below it: certex pki renew document-seal',
        `The one before goes on with its CRLs until ${formerUntil}: certex pki renew-crls signs both`,
      ]
    case 'trust-list-signer':
      return ['The next trust list is signed with it; nothing else is to be done']
    default:
      return [
        publish,
        'Restart the node so that it holds the new key; it signs with it when its time has come',
        `It signs from ${from} on, the one before ends at ${formerUntil}`,
      ]
  }
}
