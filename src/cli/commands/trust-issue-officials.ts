import type { Command } from 'commander'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { stateOf } from '../../certificate/party-id.ts'
import { formatInstant } from '../../encoding/time.ts'
import { digestOf } from '../../exchange/validation/authenticate.ts'
import { signByListSigner } from '../../node/trust-list-maker.ts'
import {
  droppedOfficial,
  OfficialsFile,
  type OfficialsRegister,
  repeatedOfficial,
} from '../../trust/officials-register.ts'
import { claimedOfficials } from '../claimed-list.ts'
import { CliError } from '../cli-error.ts'
import { readDocument, readJsonAs } from '../input-files.ts'
import { example, jsonOption, passphraseOption, pkiOption } from '../options.ts'
import { readPassphrase } from '../passphrase.ts'
import { openPki } from '../pki-folder.ts'
import { printResult } from '../print.ts'

interface Options {
  pki: string
  officials: string
  previous?: string
  out: string
  passphraseFile?: string
  json?: boolean
}

/** `certex trust issue-officials`: the next register of officials, signed offline. */
export function declare(trust: Command): void {
  const command = trust
    .command('issue-officials')
    .description('sign the next register of officials with the offline list signer')
    .addOption(pkiOption())
    .requiredOption('--officials <file>', 'JSON with the officials and their dated deputies')
    .option('--previous <file>', 'the register before; without it version 1 is made')
    .requiredOption('--out <file>', 'new file for the signed register; it holds personal data')
    .addOption(passphraseOption())
    .addOption(jsonOption())
    .action(run)
  example(
    command,
    'certex trust issue-officials --pki keys --officials officials.json --out officials-1.jws',
  )
}

async function run({ pki: folder, officials: file, previous, out, passphraseFile, json }: Options) {
  if (existsSync(out)) throw new CliError('usage', `${out} exists already: choose another file`)
  const passphrase = await readPassphrase(passphraseFile, process.env)
  const pki = await openPki(folder)
  const { state } = pki.manifest
  const entries = await readJsonAs(file, OfficialsFile)
  const stranger = entries.officials.find(({ body }) => stateOf(body) !== state)
  if (stranger) throw new CliError('usage', `${file}: ${stranger.body} is no body of ${state}`)
  const before = previous === undefined ? undefined : await readDocument(previous)
  const known = before === undefined ? undefined : claimedOfficials(before, previous!)
  const register: OfficialsRegister = {
    schema: 'officials-register/1',
    state,
    version: (known?.version ?? 0) + 1,
    previous: before === undefined ? null : await digestOf(before),
    issuedAt: formatInstant(new Date()),
    ...entries,
  }
  const fault = repeatedOfficial(register) ?? (known && droppedOfficial(known, register))
  if (fault !== undefined)
    throw new CliError('refused', `Nodes would refuse this register: ${fault}`)
  const jws = await signByListSigner('officials-register+jwt', register, pki, passphrase)
  await writeFile(out, `${jws}\n`, { flag: 'wx', mode: 0o600 })
  const { version, officials, deputies } = register
  printResult(
    json,
    { state, version, sha256: await digestOf(jws), file: out },
    `Signed version ${version} of the register of officials of ${state}, ${officials.length} officials, ${deputies.length} deputies: ${out}`,
  )
}
