/** What the exit codes mean; scripts rely on them. */
export const EXIT_CODES = {
  done: 0,
  refused: 1,
  usage: 2,
  'cannot-tell': 3,
  failed: 4,
} as const

export type ExitReason = keyof typeof EXIT_CODES

export const EXIT_HELP = `
Exit codes:
  0  done; the certificate is usable
  1  refused; the certificate is not usable, or cannot be read
  2  the command line, a file named in it or the configuration is wrong
  3  cannot tell
  4  the node could not be reached, or something unexpected happened`

/** Of a validation, where they are the answer. */
export const ANSWER_EXIT_HELP = `
Exit codes:
  0  usable
  1  not usable; also what cannot be read as a document or an evidence pack
  2  the command line or a file named in an option is wrong
  3  cannot tell: something is missing, such as the root (--anchor)`
