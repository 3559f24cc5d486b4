import type { Command } from 'commander'
import { join } from 'node:path'
import { renewCrls } from '../../node/pki/next-crl.ts'
import { formatInstant } from '../../encoding/time.ts'
import { example, jsonOption, passphraseOption, pkiOption } from '../options.ts'
import { readPassphrase } from '../passphrase.ts'
import { nextCrlInstant, openPki, readCrl } from '../pki-folder.ts'
import { printResult, table } from '../print.ts'

/** `certex pki renew-crls`: the next CRL of every authority. */
export function declare(pki: Command): void {
  const command = pki
    .command('renew-crls')
    .description('sign the next CRL of every authority: monthly, or those below lapse')
    .addOption(pkiOption())
    .addOption(passphraseOption())
    .addOption(jsonOption())
    .action(run)
  example(
    command,
    'certex pki renew-crls --pki keys --passphrase-file passphrase',
    'certex trust publish --config by/node.json --crls keys/crls',
  )
}

async function run(options: { pki: string; passphraseFile?: string; json?: boolean }) {
  const passphrase = await readPassphrase(options.passphraseFile, process.env)
  const pki = await openPki(options.pki)
  await renewCrls(pki, passphrase, await nextCrlInstant(pki))
  const renewed = await openPki(options.pki)
  const authorities = renewed.keys.filter(({ crlFile }) => crlFile !== undefined)
  const crls = authorities.map(({ certificateFile, crlFile }, i) => {
    const { crlNumber, nextUpdate, entries } = readCrl(renewed.crls[i]!)
    return {
      authority: certificateFile,
      file: join(options.pki, crlFile!),
      number: String(crlNumber),
      nextUpdate: nextUpdate && formatInstant(nextUpdate),
      revoked: entries.size,
    }
  })
  const rows = crls.map(({ authority, number, nextUpdate = '', revoked }) => [
    authority,
    number,
    nextUpdate,
    String(revoked),
  ])
  printResult(options.json, { crls }, table(['authority', 'CRL', 'next update', 'revoked'], rows))
}
