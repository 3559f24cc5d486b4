import { Command, CommanderError } from 'commander'
import version from '../../package.json' with { type: 'json' }
import { failureOf } from './cli-error.ts'
import { declareCommands } from './commands.ts'
import { EXIT_CODES, EXIT_HELP } from './exit-codes.ts'
import { note } from './print.ts'

const program = new Command('certex')
  .description('Electronic certificate exchange between states')
  .version(version.version)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'certex: ')) })
  .showHelpAfterError('(--help says what it takes)')
  .addHelpText('after', EXIT_HELP)

// A reader that has seen enough, such as `head`, closes the pipe.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') process.exit()
})

try {
  const words = process.argv.slice(2)
  await declareCommands(program, words)
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage
  } else {
    const { reason, message, stack } = failureOf(error)
    note(`certex: ${message}`)
    if (stack !== undefined) note(stack)
    process.exitCode = EXIT_CODES[reason]
  }
}
