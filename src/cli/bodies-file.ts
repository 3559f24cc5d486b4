import { stateOf } from '../certificate/party-id.ts'
import { BodiesFile } from '../node/trust-list-maker.ts'
import { CliError } from './cli-error.ts'
import { readJsonAs } from './input-files.ts'
import { note } from './print.ts'

/** Reads the authority's decisions on its bodies; all must stand in the tree of the state. */
export async function readBodies(file: string, state: string): Promise<BodiesFile> {
  const bodies = await readJsonAs(file, BodiesFile)
  const seen = new Set<string>()
  for (const { id } of bodies) {
    if (stateOf(id) !== state) throw new CliError('usage', `${file}: ${id} is no body of ${state}`)
    if (seen.has(id)) throw new CliError('usage', `${file}: ${id} stands twice`)
    seen.add(id)
  }
  return bodies
}

/** Says what the operator would not expect: the seal of a body that keeps its own key is made here too. */
export function noteForeignCustody(bodies: BodiesFile): void {
  for (const { id } of bodies.filter(({ custody }) => custody === 'body'))
    note(`${id} signs itself: hand its seal over; the copy here is not used, but the node opens it`)
}
