import type { Command } from 'commander'
import { resolve } from 'node:path'
import { runDemo } from '../demo/demo.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { example } from '../options.ts'

/** `certex demo`: two nodes on this machine and the whole way of a certificate. */
export function declare(program: Command): void {
  const demo = program
    .command('demo')
    .description('run two nodes on this machine: issue, deliver, validate and annul a certificate')
    .option('--once', 'stop when the walk is over, instead of serving on')
    .option('--folder <folder>', 'where keys/dev and data are kept', '.')
    .action(async ({ once = false, folder }: { once?: boolean; folder: string }) => {
      const ok = await runDemo({ folder: resolve(folder), once, say: (line) => console.log(line) })
      process.exitCode = ok ? EXIT_CODES.done : EXIT_CODES.refused
    })
  example(demo, 'certex demo --once --folder /tmp/certex-demo')
}
