import type { Command } from 'commander'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { commandLineActor } from '../../node/actor.ts'
import { readSettings } from '../../node/config.ts'
import { migrate } from '../../node/migrate.ts'
import { SqliteDatabase } from '../../node/sqlite-database.ts'
import { asOption, configOption, example, jsonOption } from '../options.ts'
import { printResult } from '../print.ts'

/** `certex migrate`: makes the database or brings it to the newest schema. */
export function declare(program: Command): void {
  const command = program
    .command('migrate')
    .description('make the database or bring it to the newest schema; serve does it as well')
    .addOption(configOption())
    .addOption(asOption())
    .addOption(jsonOption())
    .action(({ config, as, json }: { config?: string; as?: string; json?: boolean }) => {
      const { database: file } = readSettings(config, process.env)
      mkdirSync(dirname(file), { recursive: true })
      const database = new SqliteDatabase(file)
      try {
        const applied = migrate(database, commandLineActor(as))
        const text = applied.map((name) => `Applied ${name}`).join('\n') || 'Nothing to apply'
        printResult(json, { database: file, applied }, text)
      } finally {
        database.close()
      }
    })
  example(command, 'certex migrate --config by/node.json')
}
