import type { Command } from 'commander'
import { withBench } from '../bench.ts'
import { CliError } from '../cli-error.ts'
import { readDocument } from '../input-files.ts'
import { asOption, configOption, example, jsonOption } from '../options.ts'
import { printResult } from '../print.ts'

/** `certex trust publish-officials`: the own register into the database; it goes to the peers. */
export function declare(trust: Command): void {
  const command = trust
    .command('publish-officials')
    .description('take the register of officials into the database; peers get it, nobody else')
    .argument('<register>', 'the signed register')
    .addOption(configOption())
    .addOption(asOption())
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex trust publish-officials --config by/node.json officials-1.jws')
}

async function run(
  file: string,
  { config, as, json }: { config?: string; as?: string; json?: boolean },
) {
  await withBench(config, { as }, async (bench, { state }) => {
    const published = await bench.publishOfficials(await readDocument(file))
    if (published.outcome === 'refused') {
      const { refused, detail } = published.refusal
      throw new CliError('refused', `${file}: ${refused}: ${detail}`)
    }
    printResult(
      json,
      published,
      `Register of officials of ${state}, version ${published.version}: published`,
    )
  })
}
