import { CommanderError } from 'commander'
import { failureOf } from './cli-error.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { note } from './print.ts'
import { createProgram } from './program.ts'

/** Does what a command line asks for; what became of it is `process.exitCode`. */
export async function run(args: readonly string[]): Promise<void> {
  try {
    const program = await createProgram(args)
    await program.parseAsync(args, { from: 'user' })
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
}
