import { parseJws } from '../jose/parse.ts'
import { OfficialsRegister } from '../trust/officials-register.ts'
import { TrustList } from '../trust/trust-list.ts'
import { CliError } from './cli-error.ts'

/** The list in a signed document, not yet believed; a file that holds none is a mistake of usage. */
export function claimedList(jws: string, file: string): TrustList {
  const parsed = parseJws(jws)
  const list = 'malformed' in parsed ? undefined : TrustList.safeParse(parsed.payload)
  if (list?.success) return list.data
  throw new CliError('usage', `${file}: it is no trust list`)
}

/** The same for a register of officials. */
export function claimedOfficials(jws: string, file: string): OfficialsRegister {
  const parsed = parseJws(jws)
  const register = 'malformed' in parsed ? undefined : OfficialsRegister.safeParse(parsed.payload)
  if (register?.success) return register.data
  throw new CliError('usage', `${file}: it is no register of officials`)
}
