/** An instant as the tables write it; undefined: it is none. */
export function instantIn(text: string): Date | undefined {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text) && !Number.isNaN(Date.parse(text))
    ? new Date(text)
    : undefined
}

/** The same as a condition of SQL. */
export function isInstant(column: string): string {
  return `${column} GLOB '${'####-##-##T##:##:##Z'.replaceAll('#', '[0-9]')}' AND julianday(${column}) IS NOT NULL`
}
