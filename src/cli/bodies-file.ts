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

/** Says what is still to be done for bodies that keep their own keys: nothing is made for them here. */
export function noteForeignCustody(bodies: BodiesFile): void {
  for (const { id } of bodies.filter(({ custody }) => custody === 'body'))
    note(`${id} signs itself: certify its key with certex pki add-seal --body ${id} --csr FILE`)
}
