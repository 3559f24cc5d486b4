import { CommanderError } from 'commander'
import { failureOf } from './cli-error.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { note } from './print.ts'
import { createProgram } from './program.ts'

// A reader that has seen enough, such as `head`, closes the pipe.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') process.exit()
})

try {
  const program = await createProgram(process.argv.slice(2))
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
