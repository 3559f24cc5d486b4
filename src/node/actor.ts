import { userInfo } from 'node:os'

/** Who changes something from the command line, as the record of administrative acts names them. */
export function commandLineActor(as?: string): string {
  return `user:${as ?? loginName()}`
}

function loginName(): string {
  try {
    return userInfo().username
  } catch {
    // In a container the user may have a number and no name.
    return `uid-${process.getuid?.() ?? 'unknown'}`
  }
}
