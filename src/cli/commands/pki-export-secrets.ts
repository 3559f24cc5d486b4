import type { Command } from 'commander'
import { encodeBase64 } from '../../encoding/base64url.ts'
import { bareKeyOf, privateKeyOf, workingKeysOf } from '../../node/keyring.ts'
import { loadPkiDirectory } from '../../node/pki/pki-directory.ts'
import { CliError } from '../cli-error.ts'
import { example, passphraseOption, pkiOption } from '../options.ts'
import { readPassphrase } from '../passphrase.ts'
import { note } from '../print.ts'

/** `certex pki export-secrets`: the keys a node on Workers works with, for `wrangler secret bulk`. */
export function declare(pki: Command): void {
  const command = pki
    .command('export-secrets')
    .description('write the private keys of a node on Workers, unencrypted, into a pipe')
    .addOption(pkiOption())
    .addOption(passphraseOption())
    .action(run)
  example(
    command,
    'certex pki export-secrets --pki keys --passphrase-file keys/passphrase \\',
    '    | npx wrangler secret bulk --config by/wrangler.toml',
  )
}

async function run({ pki: folder, passphraseFile }: { pki: string; passphraseFile?: string }) {
  if (process.stdout.isTTY)
    throw new CliError(
      'usage',
      'Private keys are not shown on a terminal: pipe them into npx wrangler secret bulk',
    )
  const pki = await loadPkiDirectory(folder)
  const passphrase = await readPassphrase(passphraseFile, process.env)
  const secrets: Record<string, string> = {}
  const { state } = pki.manifest
  for (const stored of workingKeysOf(pki)) {
    const { pkcs8, path, environment } = await privateKeyOf(pki, stored, passphrase)
    const { purpose, keyFile } = stored
    const key = { state, environment, purpose, pkcs8: encodeBase64(pkcs8) }
    secrets[nameOf(keyFile)] = JSON.stringify({ ...key, x5c: path.map(encodeBase64) })
  }
  for (const stored of pki.manifest.bareKeys) {
    const { pkcs8, publicKey } = await bareKeyOf(pki, stored, passphrase)
    const { environment } = pki.manifest
    const key = { state, environment, purpose: stored.purpose, pkcs8: encodeBase64(pkcs8) }
    secrets[nameOf(stored.keyFile)] = JSON.stringify({ ...key, publicKey: encodeBase64(publicKey) })
  }
  process.stdout.write(`${JSON.stringify(secrets)}\n`)
  note(`${Object.keys(secrets).length} secrets of ${state}: ${Object.keys(secrets).join(', ')}`)
}

/** `BY.CCI.001.seal-1.key.pem` → `CERTEX_KEY_BY_CCI_001_SEAL_1`: the same key, the same name. */
function nameOf(keyFile: string): string {
  const name = keyFile.replace(/\.key\.pem$/, '').replaceAll(/[^A-Za-z0-9]/g, '_')
  return `CERTEX_KEY_${name.toUpperCase()}`
}
