import { readFileSync } from 'node:fs'
import { type LogPolicy, readLogPolicy } from '../exchange/log/policy.ts'

/** Reads a C2SP tlog-policy that says which quorum makes evidence complete; what is wrong, by the line. */
export function readFileAsPolicy(file: string): LogPolicy | { readonly fault: string } {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(file)
  } catch {
    return { fault: `${file} cannot be read` }
  }
  const policy = readLogPolicy(bytes)
  return 'malformed' in policy ? { fault: `${file}: ${policy.malformed}` } : policy
}
