/** Structured log lines on standard error; never keys, tokens or content of certificates. */
export interface Logger {
  info(message: string, facts?: Readonly<Record<string, unknown>>): void
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void
  error(message: string, facts?: Readonly<Record<string, unknown>>): void
}

export function jsonLogger(write: (line: string) => void): Logger {
  const at =
    (level: string) =>
    (message: string, facts: Readonly<Record<string, unknown>> = {}) =>
      write(
        `${JSON.stringify({ time: new Date().toISOString(), level, message, ...facts }, errorsAsText)}\n`,
      )
  return { info: at('info'), warn: at('warn'), error: at('error') }
}

function errorsAsText(_: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value
  return { name: value.name, message: value.message, stack: value.stack, cause: value.cause }
}
