import type { Command } from 'commander'
import { formatInstant } from '../../encoding/time.ts'
import { signOcspResponses } from '../../node/pki/ocsp-sign.ts'
import { CliError } from '../cli-error.ts'
import { example, jsonOption, passphraseOption, pkiOption } from '../options.ts'
import { readPassphrase } from '../passphrase.ts'
import { openPki } from '../pki-folder.ts'
import { printResult, table } from '../print.ts'

/** `certex pki sign-ocsp`: OCSP responses by what the CRLs of the folder say. */
export function declare(pki: Command): void {
  const command = pki
    .command('sign-ocsp')
    .description(
      'sign an OCSP response about every key, valid for a week, by the CRLs of the folder',
    )
    .addOption(pkiOption())
    .addOption(passphraseOption())
    .addOption(jsonOption())
    .action(run)
  example(
    command,
    'certex pki sign-ocsp --pki keys --passphrase-file passphrase',
    'certex trust publish --config by/node.json --ocsp keys/ocsp',
  )
}

async function run(options: { pki: string; passphraseFile?: string; json?: boolean }) {
  const passphrase = await readPassphrase(options.passphraseFile, process.env)
  const signed = await signOcspResponses(await openPki(options.pki), passphrase, new Date())
  if (signed.length === 0)
    throw new CliError(
      'usage',
      `${options.pki} holds no key that signs OCSP responses: certex pki add-responder`,
    )
  const responses = signed.map(({ nextUpdate, ...response }) => ({
    ...response,
    nextUpdate: formatInstant(nextUpdate),
  }))
  const rows = responses.map(({ certificateFile, status, nextUpdate, file }) => [
    certificateFile,
    status,
    nextUpdate,
    file,
  ])
  printResult(options.json, { responses }, table(['key', 'status', 'next update', 'file'], rows))
}
