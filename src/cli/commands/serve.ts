import type { Command } from 'commander'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { readConfig } from '../../node/config.ts'
import { jsonLogger } from '../../node/logger.ts'
import { serveNode } from '../../node/serve.ts'
import { configOption, example } from '../options.ts'
import { openPki } from '../pki-folder.ts'

/** `certex serve`: runs a node until SIGINT or SIGTERM. */
export function declare(program: Command): void {
  const serve = program
    .command('serve')
    .description('run the node: HTTP, exchange with the peers; its log goes to standard error')
    .addOption(configOption())
    .action(async (options: { config?: string }) => {
      const config = readConfig(options.config, process.env)
      await openPki(config.pki)
      mkdirSync(dirname(config.database), { recursive: true })
      const node = await serveNode(
        config,
        jsonLogger((line) => process.stderr.write(line)),
      )
      await new Promise<void>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
      })
      await node.stop()
    })
  example(serve, 'certex serve --config by/node.json')
}
