import type { Command } from 'commander'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { openWorkbench } from '../../node/bootstrap.ts'
import { type NodeConfig, readConfig } from '../../node/config.ts'
import { jsonLogger } from '../../node/logger.ts'
import { serveNode } from '../../node/serve.ts'
import { CliError } from '../cli-error.ts'
import { configOption, example } from '../options.ts'
import { openPki } from '../pki-folder.ts'

/** `certex serve`: runs a node until SIGINT or SIGTERM. */
export function declare(program: Command): void {
  const serve = program
    .command('serve')
    .description('run the node: HTTP, exchange with the peers; its log goes to standard error')
    .addOption(configOption())
    .action(async (options: { config: string }) => {
      const config = readConfig(options.config, process.env)
      await requireOwn(config)
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

/** Keys and database of another state are a mistake in the configuration and said as such. */
async function requireOwn(config: NodeConfig): Promise<void> {
  const { manifest } = await openPki(config.pki)
  if (manifest.state !== config.state)
    throw new CliError(
      'usage',
      `${config.pki} holds the keys of ${manifest.state}, the configuration is of ${config.state}`,
    )
  mkdirSync(dirname(config.database), { recursive: true })
  const bench = await openWorkbench(config)
  bench.close()
}
