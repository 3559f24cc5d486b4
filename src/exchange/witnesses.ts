import { formatInstant } from '../encoding/time.ts'
import type { LogDoubt, LogStore } from '../tlog/log-store.ts'
import type { CurrentTrust } from '../trust/trust.ts'
import {
  askWitness,
  type CosignDependencies,
  type CosignOutcome,
  type Witness,
  witnessName,
} from './cosign.ts'
import { listedKeys } from './log-keys.ts'
import type { AlarmLog } from './records.ts'

interface ListedDependencies {
  readonly state: string
  readonly now: () => Date
  readonly trust: CurrentTrust
}

export interface WitnessesDependencies extends ListedDependencies, CosignDependencies {
  readonly alarms: AlarmLog
}

/** Doubled with every failure in a row, up to the longest. */
const RETRY_MS = { first: 2_000, most: 5 * 60_000 }

/** The nodes of other states that name a witness key in their trust list. */
export async function listedWitnesses({
  state: self,
  now,
  trust,
}: ListedDependencies): Promise<Witness[]> {
  const { view } = await trust()
  return listedKeys(view, 'cosignature/v1', now()).flatMap(({ state, key }): Witness[] => {
    const url = view.nodes(state, now()).find((node) => node.state === state)?.url
    return state === self || url === undefined ? [] : [{ key, state, url: `${url}/witness` }]
  })
}

/** One witness among all: its key under the state that lists it. */
export function witnessId(witness: Witness): string {
  const { state, name, keyId } = witnessName(witness)
  return `${state} ${name} ${keyId}`
}

/**
 * Brings the newest checkpoint to a witness that has not cosigned it. One that does not answer is asked
 * again later. While there is a doubt whether this log is the newest, every answer counts for or against.
 */
export function askListedWitness(deps: WitnessesDependencies) {
  const ask = askWitness(deps)
  const pauses = new Map<string, { failures: number; until: number }>()

  return async (witness: Witness): Promise<CosignOutcome | undefined> => {
    const id = witnessId(witness)
    const pause = pauses.get(id)
    if (pause && deps.now().getTime() < pause.until) return undefined
    const doubt = await deps.log.doubt()
    const hasAccepted = doubt?.answers.some(
      ({ witness: one, answer }) => answer === 'accepted' && isSame(one, witness),
    )
    const result = await ask(witness, { again: doubt !== undefined && !hasAccepted })
    if (result.outcome === 'failed' || result.outcome === 'contradicted') {
      const failures = (pause?.failures ?? 0) + 1
      const wait = Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** Math.min(failures - 1, 20))
      pauses.set(id, { failures, until: deps.now().getTime() + wait })
    } else pauses.delete(id)
    if (result.outcome === 'contradicted') await contradicted(deps, witness, result.size)
    if (doubt && result.outcome === 'cosigned') {
      const size = await deps.log.cosignedSize(witnessName(witness))
      await deps.log.confirm(witnessName(witness), size, formatInstant(deps.now()))
    }
    return result
  }
}

const isSame = (one: LogDoubt['answers'][number]['witness'], witness: Witness) =>
  one.state === witness.state && one.name === witness.key.name && one.keyId === witness.key.keyId

/** Once a day: a witness may say it without end. */
async function contradicted(
  { log, alarms, now }: WitnessesDependencies,
  witness: Witness,
  size: bigint,
): Promise<void> {
  const at = formatInstant(now())
  await log.contradict(witnessName(witness), size, at)
  await alarms.raiseOnce(`own-log-rolled-back ${witnessId(witness)} ${at.slice(0, 10)}`, {
    at,
    kind: 'own-log-rolled-back',
    peer: witness.state,
    detail: `${witness.key.name} claims to have cosigned ${size} entries of the own log that are not its beginning: if so, this database is an old one, and what is missing must come from the mirrors of the peers. No checkpoint is signed until the witnesses confirm this log; certificates keep flowing`,
  })
}

/**
 * Ends a doubt when every witness that must has confirmed the newest checkpoint: those listed now that
 * have ever cosigned, or have contradicted. If there is none of them, at once.
 */
export async function settleDoubt(
  log: Pick<LogStore, 'doubt' | 'endDoubt' | 'cosignedSize'>,
  witnesses: readonly Witness[],
): Promise<void> {
  const doubt = await log.doubt()
  if (!doubt) return
  for (const witness of witnesses) {
    const said = doubt.answers.find(({ witness: one }) => isSame(one, witness))?.answer
    if (said === 'accepted') continue
    if (said === 'contradicted' || (await log.cosignedSize(witnessName(witness))) > 0n) return
  }
  await log.endDoubt(doubt)
}
