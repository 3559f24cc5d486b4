import { resolve } from 'node:path'
import { Command } from 'commander'
import { readConfig } from '../node/config.ts'
import { jsonLogger } from '../node/logger.ts'
import { serveNode } from '../node/serve.ts'
import { runDemo } from './demo/demo.ts'

const program = new Command('certex').description('Electronic certificate exchange between states')

program
  .command('serve')
  .requiredOption('--config <file>')
  .action(async ({ config }: { config: string }) => {
    const log = jsonLogger((line) => process.stderr.write(line))
    const node = await serveNode(readConfig(config, process.env), log)
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => void node.stop().then(() => process.exit(0)))
  })

program
  .command('demo')
  .option('--once')
  .action(async ({ once = false }: { once?: boolean }) => {
    const ok = await runDemo({ folder: resolve('.'), once, say: (line) => console.log(line) })
    process.exitCode = ok ? 0 : 1
  })

await program.parseAsync()
