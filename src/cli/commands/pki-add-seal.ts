import type { Command } from 'commander'
import { thumbprint } from '../../crypto/suite.ts'
import { loadIssuer, storeSeal } from '../../node/pki/pki-directory.ts'
import { createSeal, DEFAULT_VALIDITY_DAYS } from '../../node/pki/state-pki.ts'
import { CliError } from '../cli-error.ts'
import { algorithmOption, example, jsonOption, passphraseOption, pkiOption } from '../options.ts'
import { readPassphrase } from '../passphrase.ts'
import { openPki } from '../pki-folder.ts'
import { printResult } from '../print.ts'

interface Options {
  pki: string
  body: string
  algorithm: 'ES256' | 'Ed25519'
  passphraseFile?: string
  json?: boolean
}

/** `certex pki add-seal`: a further seal of a body, before the old one ends or after it was revoked. */
export function declare(pki: Command): void {
  const command = pki
    .command('add-seal')
    .description('make a further seal of a body, before the old one ends or after it was revoked')
    .addOption(pkiOption())
    .requiredOption('--body <id>', 'the body, such as BY.CCI.001')
    .addOption(algorithmOption())
    .addOption(passphraseOption())
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex pki add-seal --pki keys --body BY.CCI.001 --passphrase-file passphrase')
}

async function run({ pki: folder, body: id, algorithm, passphraseFile, json }: Options) {
  const passphrase = await readPassphrase(passphraseFile, process.env)
  const pki = await openPki(folder)
  const { state, bodies } = pki.manifest
  const body = bodies.find(({ partyId }) => partyId === id)
  const ca = pki.keys.find(({ purpose, partyId }) => purpose === 'body-ca' && partyId === id)
  if (!body || !ca)
    throw new CliError(
      'usage',
      `${folder} holds no keys of ${id}: make them with certex pki add-body`,
    )
  const seal = await createSeal(body, await loadIssuer(pki, ca, passphrase), {
    state,
    now: new Date(),
    sealAlgorithm: algorithm,
    validity: DEFAULT_VALIDITY_DAYS,
  })
  await storeSeal(pki, id, seal, passphrase)
  const x5tS256 = await thumbprint(seal.certificate)
  printResult(
    json,
    { body: id, x5tS256 },
    `Made a seal of ${id}, x5t#S256 ${x5tS256}; sign the next trust list to register it`,
  )
}
