import type { Command } from 'commander'
import { OPERATIONS } from '../../../openapi/client.ts'
import { example } from '../options.ts'
import { table } from '../print.ts'

/** `certex operations`: what `certex call` can call. */
export function declare(program: Command): void {
  const command = program
    .command('operations')
    .description('list the operations of a node, for certex call')
    .action(() => {
      const rows = Object.entries(OPERATIONS).map(([id, { method, path, summary }]) => [
        id,
        `${method} ${path}`,
        summary,
      ])
      process.stdout.write(`${table(['operation', 'address', 'what it does'], rows)}\n`)
    })
  example(command, 'certex operations')
}
