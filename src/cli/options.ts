import { type Command, Option } from 'commander'
import { parseActor } from './arguments.ts'

/** Options and texts that several commands share. */

export const configOption = () =>
  new Option(
    '--config <file>',
    'configuration of the node; CERTEX_… variables may give all or part of it',
  ).env('CERTEX_CONFIG')

export const pkiOption = () =>
  new Option('--pki <folder>', 'keys of the state, made by certex pki init').makeOptionMandatory()

export const passphraseOption = () =>
  new Option(
    '--passphrase-file <file>',
    'file with the passphrase of the private keys; else CERTEX_PASSPHRASE is read',
  )

export const algorithmOption = () =>
  new Option('--algorithm <name>', 'algorithm of seals and node keys')
    .choices(['ES256', 'Ed25519'])
    .default('ES256')

export const jsonOption = () => new Option('--json', 'print the result as JSON')

export const asOption = () =>
  new Option(
    '--as <name>',
    'who does this, for the record of administrative acts; else the login name',
  ).argParser(parseActor)

export const languageOption = () =>
  new Option('--language <code>', 'language of findings; else that of LANG').choices(['en', 'ru'])

/** Adds an example to the help of a command; an indented line continues the one above it. */
export function example(command: Command, ...lines: readonly string[]): void {
  const shown = lines.map((line) => (line.startsWith(' ') ? `  ${line}` : `  $ ${line}`))
  command.addHelpText('after', `\nExample:\n${shown.join('\n')}`)
}
