import type { Command } from 'commander'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { readSettings } from '../../node/config.ts'
import { migrate } from '../../node/migrate.ts'
import { SqliteDatabase } from '../../node/sqlite-database.ts'
import { configOption, example, jsonOption } from '../options.ts'
import { printResult } from '../print.ts'

/** `certex migrate`: makes the database or brings it to the newest schema. */
export function declare(program: Command): void {
  const command = program
    .command('migrate')
    .description('make the database or bring it to the newest schema; serve does it as well')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(({ config, json }: { config: string; json?: boolean }) => {
      const { database: file } = readSettings(config)
      mkdirSync(dirname(file), { recursive: true })
      const database = new SqliteDatabase(file)
      try {
        const applied = migrate(database)
        const text = applied.map((name) => `Applied ${name}`).join('\n') || 'Nothing to apply'
        printResult(json, { database: file, applied }, text)
      } finally {
        database.close()
      }
    })
  example(command, 'certex migrate --config by/node.json')
}
