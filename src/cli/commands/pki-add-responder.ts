import type { Command } from 'commander'
import { loadIssuer, type StoredKey } from '../../node/pki/pki-directory.ts'
import { storeResponder } from '../../node/pki/pki-store.ts'
import { createResponder } from '../../node/pki/state-pki.ts'
import { parseX509Certificate } from '../../x509/x509-certificate.ts'
import { CliError } from '../cli-error.ts'
import { example, jsonOption, passphraseOption, pkiOption } from '../options.ts'
import { readPassphrase } from '../passphrase.ts'
import { openPki } from '../pki-folder.ts'
import { printResult } from '../print.ts'

/** `certex pki add-responder`: keys that sign OCSP responses while the authorities stay offline. */
export function declare(pki: Command): void {
  const command = pki
    .command('add-responder')
    .description(
      'make a key that signs OCSP responses for every authority that issues keys; yearly',
    )
    .addOption(pkiOption())
    .addOption(passphraseOption())
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex pki add-responder --pki keys --passphrase-file passphrase')
}

async function run(options: { pki: string; passphraseFile?: string; json?: boolean }) {
  const passphrase = await readPassphrase(options.passphraseFile, process.env)
  const { keys } = await openPki(options.pki)
  const authorities = keys.filter(({ purpose }) => purpose === 'state-ca' || purpose === 'body-ca')
  const responders = []
  for (const ca of authorities) {
    const pki = await openPki(options.pki)
    const { state, environment } = pki.manifest
    const subject = subjectOf(ca)
    const issuer = await loadIssuer(pki, ca, passphrase)
    const responder = await createResponder(issuer, {
      state,
      environment,
      now: new Date(),
      ...subject,
    })
    await storeResponder(pki, ca, responder, passphrase)
    responders.push({ authority: ca.certificateFile, name: subject.name })
  }
  const text = [
    ...responders.map(({ authority }) => `Made a key that signs OCSP responses for ${authority}`),
    'Sign with them: certex pki sign-ocsp. They work for a year; then make new ones.',
  ].join('\n')
  printResult(options.json, { responders }, text)
}

function subjectOf(ca: StoredKey): { organization: string; name: string } {
  const certificate = parseX509Certificate(ca.certificate)
  const values = 'malformed' in certificate ? [] : certificate.subject.attributes
  const [, organization, name] = values.map(({ value }) => value)
  if (organization === undefined || name === undefined)
    throw new CliError('usage', `${ca.certificateFile} is not a certificate of this program`)
  return { organization, name }
}
