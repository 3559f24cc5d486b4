import type { Command } from 'commander'
import { currentKey, loadIssuer } from '../../node/pki/pki-directory.ts'
import { storeBody } from '../../node/pki/pki-store.ts'
import {
  createBodyAuthority,
  createBodyPki,
  DEFAULT_VALIDITY_DAYS,
} from '../../node/pki/state-pki.ts'
import { noteForeignCustody, readBodies } from '../bodies-file.ts'
import { CliError } from '../cli-error.ts'
import { algorithmOption, example, jsonOption, passphraseOption, pkiOption } from '../options.ts'
import { readPassphrase } from '../passphrase.ts'
import { openPki } from '../pki-folder.ts'
import { printResult } from '../print.ts'

interface Options {
  pki: string
  bodies: string
  algorithm: 'ES256' | 'Ed25519'
  passphraseFile?: string
  json?: boolean
}

/**
 * `certex pki add-body`: an authority and a first seal for every body that has none yet; the authority
 * alone for one that signs itself.
 */
export function declare(pki: Command): void {
  const command = pki
    .command('add-body')
    .description('make authority and seal for every body of the file that has none yet')
    .addOption(pkiOption())
    .requiredOption('--bodies <file>', 'JSON list of the bodies that issue')
    .addOption(algorithmOption())
    .addOption(passphraseOption())
    .addOption(jsonOption())
    .action(run)
  example(
    command,
    'certex pki add-body --pki keys --bodies bodies.json --passphrase-file passphrase',
  )
}

async function run({ pki: folder, algorithm, json, ...files }: Options) {
  const passphrase = await readPassphrase(files.passphraseFile, process.env)
  const { state, environment, ocspUrl, bodies: known } = (await openPki(folder)).manifest
  const bodies = await readBodies(files.bodies, state)
  const missing = bodies.filter(({ id }) => !known.some(({ partyId }) => partyId === id))
  for (const { id, name, code, custody } of missing) {
    const pki = await openPki(folder)
    const stateCa = currentKey(pki, 'state-ca')
    if (!stateCa) throw new CliError('usage', `${folder} holds no authority of the state`)
    const create = custody === 'body' ? createBodyAuthority : createBodyPki
    const body = await create(
      { partyId: id, name, code },
      await loadIssuer(pki, stateCa, passphrase),
      {
        state,
        environment,
        ocspUrl,
        now: new Date(),
        sealAlgorithm: algorithm,
        validity: DEFAULT_VALIDITY_DAYS,
      },
    )
    await storeBody(pki, body, passphrase)
  }
  noteForeignCustody(missing)
  const added = missing.map(({ id }) => id)
  const text =
    added.length === 0
      ? 'Every body of the file has its keys already'
      : `Made the keys of ${added.join(', ')}; sign the next trust list to register them`
  printResult(json, { added }, text)
}
