export type Language = 'en' | 'ru'

/** The language asked for, else the one that the locale names (POSIX XBD 8.2), else English. */
export function languageOf(asked: Language | undefined, environment: NodeJS.ProcessEnv): Language {
  if (asked) return asked
  const locale = environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'] || ''
  return locale.toLowerCase().startsWith('ru') ? 'ru' : 'en'
}
