import { readFile } from 'node:fs/promises'
import { CliError } from './cli-error.ts'

/** The passphrase of the private keys, never from the command line, where every user could read it. */
export async function readPassphrase(
  file: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  if (file === undefined) {
    const given = environment['CERTEX_PASSPHRASE']
    if (given) return given
    throw new CliError(
      'usage',
      'Give the passphrase of the keys: --passphrase-file, or CERTEX_PASSPHRASE in the environment',
    )
  }
  const text = (await readFile(file, 'utf8')).trim()
  if (text === '') throw new CliError('usage', `${file}: the passphrase file is empty`)
  return text
}
