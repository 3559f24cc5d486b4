import type { Command } from 'commander'
import { loadPkiDirectory } from '../../node/pki/pki-directory.ts'
import { writePkiDirectory } from '../../node/pki/pki-store.ts'
import { createStatePki } from '../../node/pki/state-pki.ts'
import { parseState, parseUrl } from '../arguments.ts'
import { noteForeignCustody, readBodies } from '../bodies-file.ts'
import { CliError } from '../cli-error.ts'
import { fingerprintText } from '../fingerprint-text.ts'
import { algorithmOption, example, jsonOption, passphraseOption } from '../options.ts'
import { readPassphrase } from '../passphrase.ts'
import { hasPki, rootOf } from '../pki-folder.ts'
import { printResult } from '../print.ts'

interface Options {
  state: string
  organization: string
  bodies: string
  out: string
  algorithm: 'ES256' | 'Ed25519'
  training?: boolean
  ocspUrl?: string
  passphraseFile?: string
  json?: boolean
}

const MIN_PASSPHRASE_LENGTH = 12

/** `certex pki init`: every key of a state, from the root to the log key. */
export function declare(pki: Command): void {
  const init = pki
    .command('init')
    .description('make every key of a state: root, authorities, seals, node and log keys')
    .requiredOption('--state <code>', 'ISO 3166-1 alpha-2 code of the state', parseState)
    .requiredOption('--organization <name>', 'who runs the exchange for the state')
    .requiredOption('--bodies <file>', 'JSON list of the bodies that issue')
    .requiredOption('--out <folder>', 'new folder for the keys')
    .option('--training', 'for a training environment: everything these keys sign is marked so')
    .option(
      '--ocsp-url <url>',
      'name this OCSP responder in the seals and the keys of the node; without it CRLs alone say what is revoked',
      parseUrl,
    )
    .addOption(algorithmOption())
    .addOption(passphraseOption())
    .addOption(jsonOption())
    .action(run)
  example(
    init,
    'certex pki init --state BY --organization "Chamber of Commerce" --bodies bodies.json \\',
    '    --out keys --passphrase-file passphrase',
  )
}

async function run(options: Options) {
  const { state, organization, out, algorithm, training, ocspUrl, json, ...files } = options
  const environment = training ? 'training' : 'production'
  const passphrase = await readPassphrase(files.passphraseFile, process.env)
  if (passphrase.length < MIN_PASSPHRASE_LENGTH)
    throw new CliError(
      'usage',
      `Choose a passphrase of ${MIN_PASSPHRASE_LENGTH} characters or more`,
    )
  if (hasPki(out)) throw new CliError('refused', `${out} holds keys already: choose another folder`)
  const bodies = await readBodies(files.bodies, state)
  const made = await createStatePki({
    state,
    organization,
    bodies: bodies.map(({ id, name, code, custody }) => ({ partyId: id, name, code, custody })),
    now: new Date(),
    sealAlgorithm: algorithm,
    environment,
    ocspUrl,
  })
  await writePkiDirectory(out, made, passphrase)
  const pki = await loadPkiDirectory(out)
  const rootSha256 = await rootOf(pki)
  noteForeignCustody(bodies)
  const text = [
    `Made ${pki.keys.length + pki.manifest.bareKeys.length} keys of ${state} (${environment}) in ${out}`,
    `Root, SHA-256: ${fingerprintText(rootSha256)}`,
    `Tell this fingerprint to the other states in person: they pin it with certex trust pin.`,
    `${out}/offline holds the authorities and the list signer: keep it away from the node.`,
  ].join('\n')
  printResult(json, { state, environment, folder: out, rootSha256, keys: pki.manifest.keys }, text)
}
