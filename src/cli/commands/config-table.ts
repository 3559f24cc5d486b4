import type { Command } from 'commander'
import { VARIABLES } from '../../node/config.ts'
import { OTHER_VARIABLES } from '../../node/config-variables.ts'
import { example, jsonOption } from '../options.ts'
import { printResult, table } from '../print.ts'

/** `certex config table`: every setting with its variable, made from the schema. */
export function declare(config: Command): void {
  const command = config
    .command('table')
    .description('every setting, by its name in the file and in the environment')
    .addOption(jsonOption())
    .action(({ json }: { json?: boolean }) => {
      const settings = VARIABLES.map(
        ({ name, path, form, isRequired, byDefault, description }) => ({
          setting: path.join('.'),
          variable: name,
          form,
          byDefault: isRequired
            ? 'required'
            : byDefault === undefined
              ? ''
              : JSON.stringify(byDefault),
          description,
        }),
      )
      const rows = settings.map(({ setting, variable, form, byDefault, description }) => [
        setting,
        variable,
        form,
        byDefault,
        description,
      ])
      for (const [variable, description] of Object.entries(OTHER_VARIABLES))
        rows.push(['', variable, 'text', '', description])
      const text = table(['setting', 'variable', 'form', 'default', 'meaning'], rows)
      printResult(json, { settings, others: OTHER_VARIABLES }, text)
    })
  example(command, 'certex config table')
}
