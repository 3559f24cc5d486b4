import { formatInstant } from '../encoding/time.ts'
import type { CurrentTrust } from '../trust/trust.ts'
import { askWitness, type CosignDependencies, type CosignOutcome, type Witness } from './cosign.ts'
import { listedKeys } from './log-keys.ts'

interface WitnessesDependencies extends CosignDependencies {
  readonly state: string
  readonly trust: CurrentTrust
}

/** Doubled with every failure in a row, up to the longest. */
const RETRY_MS = { first: 2_000, most: 5 * 60_000 }

/**
 * Brings the newest checkpoint to every witness that has not cosigned it: to the nodes of other states that
 * name a witness key in their trust list. Who does not answer is asked again later and holds nobody up.
 */
export function askWitnesses(deps: WitnessesDependencies) {
  const ask = askWitness(deps)
  const pauses = new Map<string, { failures: number; until: number }>()
  const alarmed = new Set<string>()

  async function askOne(witness: Witness): Promise<CosignOutcome | undefined> {
    const { name } = witness.key
    const pause = pauses.get(name)
    if (pause && deps.now().getTime() < pause.until) return undefined
    const result = await ask(witness)
    if (result.outcome === 'failed' || result.outcome === 'contradicted') {
      const failures = (pause?.failures ?? 0) + 1
      const wait = Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** Math.min(failures - 1, 20))
      pauses.set(name, { failures, until: deps.now().getTime() + wait })
    } else pauses.delete(name)
    if (result.outcome === 'contradicted') await tellContradiction(witness, result.size)
    return result
  }

  /** Once a process: it stays true until an operator has done something about it. */
  async function tellContradiction({ key, state }: Witness, size: bigint): Promise<void> {
    if (alarmed.has(key.name)) return
    alarmed.add(key.name)
    const at = formatInstant(deps.now())
    const detail = `${key.name} has cosigned ${size} entries of the own log that are not its beginning: this database is an old one`
    await deps.alarms.raise({ at, kind: 'own-log-rolled-back', peer: state, detail })
  }

  return async (): Promise<{ witness: string; result: CosignOutcome }[]> => {
    const { view } = await deps.trust()
    const witnesses = listedKeys(view, 'cosignature/v1', deps.now()).flatMap(
      ({ state, key }): Witness[] => {
        const url = view.list(state)?.nodes.find((node) => node.state === state)?.url
        return state === deps.state || url === undefined
          ? []
          : [{ key, state, url: `${url}/witness` }]
      },
    )
    const asked = await Promise.all(
      witnesses.map(async (witness) => {
        const result = await askOne(witness)
        return result ? [{ witness: witness.key.name, result }] : []
      }),
    )
    return asked.flat()
  }
}
