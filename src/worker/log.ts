/** Structured lines in the log of the platform; never keys, tokens or content of certificates. */
export interface WorkerLog {
  warn(message: string, facts: Readonly<Record<string, unknown>>): void
  error(message: string, facts: Readonly<Record<string, unknown>>): void
}

/** The platform adds the time. */
export const consoleLog: WorkerLog = {
  warn: (message, facts) => console.warn(line('warn', message, facts)),
  error: (message, facts) => console.error(line('error', message, facts)),
}

function line(level: string, message: string, facts: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ level, message, ...facts }, (_, value: unknown) =>
    value instanceof Error
      ? { name: value.name, message: value.message, stack: value.stack, cause: value.cause }
      : value,
  )
}
