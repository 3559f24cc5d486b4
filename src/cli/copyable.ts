import { QUOTED_FOREIGN } from '../exchange/texts/foreign-text.ts'

/**
 * Commands on the database of this node, by its configuration: those that are given with their options, and
 * those that need none. What is only named needs none either, and is easier to read so.
 */
const ON_A_NODE =
  /\bcertex (?:(?:(?:trust (?!issue)|lost |log |peer |client (?!generate))[a-z-]+|backup|serve|migrate)(?= --(?!config))|(?:lost list|trust show|trust versions|peer list|log policy|admin-acts|status)(?! --config)(?![a-z-]))/
const FOREIGN_OR_COMMAND = new RegExp(`${QUOTED_FOREIGN}|${ON_A_NODE.source}`, 'g')
/** Those that are one person's word. */
const BY_A_PERSON =
  /^certex (?:trust (?:approve|hasten|pin|settle-fork|withdraw-root)|log set-aside)$/

/**
 * A text whose commands can be copied as they stand: with the configuration that this command was given.
 * Where it was given a name, they ask for the next person's; the shell refuses it unless it is filled in,
 * because whatever is given counts as a name. Text of others is left alone where `foreignText` has quoted it.
 */
export function copyable(
  text: string,
  { config, as }: { readonly config?: string | undefined; readonly as?: string | undefined },
): string {
  const options = config === undefined ? '' : ` --config ${quoted(config)}`
  return text.replaceAll(FOREIGN_OR_COMMAND, (command) => {
    if (!command.startsWith('certex')) return command
    const person = as !== undefined && BY_A_PERSON.test(command) ? ' --as <NAME>' : ''
    return `${command}${options}${person}`
  })
}

/** One argument as the shell reads it, whatever stands in it. */
export function quoted(argument: string): string {
  return /^[\w./:@+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`
}
