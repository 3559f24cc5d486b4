import { isSameOctets } from '../../encoding/octets.ts'
import { formatInstant } from '../../encoding/time.ts'
import type { LogDoubt, LogStore, WitnessName } from '../../tlog/log-store.ts'
import { parseVerifierKey } from '../../tlog/verifier-key.ts'
import { keyObstacle } from '../../trust/trust-view.ts'
import type { CurrentTrust } from '../../trust/trust.ts'
import {
  askWitness,
  type CosignDependencies,
  type CosignOutcome,
  type Witness,
  witnessName,
} from './cosign.ts'
import { listedKeys } from './keys.ts'
import { NO_STATE } from './policy.ts'
import type { AlarmLog } from '../records.ts'
import { type SetAsideDependencies, setAsideWitnesses } from './set-aside-witness.ts'
import { inTurn } from '../signing-keys.ts'
import {
  type NamedPeersDependencies,
  signedElsewhere,
  type SignedElsewhereDependencies,
  statesOfOldLists,
  unknownPeers,
} from './unconfirmed-log.ts'

export interface ListedDependencies {
  readonly state: string
  readonly now: () => Date
  readonly trust: CurrentTrust
}

export interface WitnessesDependencies
  extends ListedDependencies, CosignDependencies, SetAsideDependencies {
  readonly alarms: AlarmLog
  readonly log: LogStore
}

interface AskedDependencies
  extends ListedDependencies, Pick<NamedPeersDependencies, 'witnessing' | 'peers'> {}

/** Doubled with every failure in a row, up to the longest. */
const RETRY_MS = { first: 2_000, most: 5 * 60_000 }

/**
 * The nodes of other states that name a witness key in their trust list. One for each state, under the key
 * with which it signs today: a list may name a hundred.
 */
export async function listedWitnesses({
  state: self,
  now,
  trust,
}: ListedDependencies): Promise<Witness[]> {
  const { view } = await trust()
  const at = now()
  const keys = listedKeys(view, 'cosignature/v1', at)
  return view.states().flatMap((state): Witness[] => {
    const own = keys.filter((each) => each.state === state)
    const [today] = inTurn(own, ({ listed }) => listed, at)
    const url = view.nodes(state, at).find((node) => node.state === state)?.url
    if (state === self || !today || url === undefined) return []
    return [{ key: today.key, state, url: `${url}/witness` }]
  })
}

/**
 * The other states whose lists name a witness, in force now or to come: one whose next key does not count
 * yet is waited for all the same.
 */
export async function witnessStates({ state: self, now, trust }: ListedDependencies) {
  const { view } = await trust()
  return view.states().filter(
    (state) =>
      state !== self &&
      view.logs(state).some((listed) => {
        const obstacle = keyObstacle(listed, now())
        if (obstacle === 'ended' || obstacle === 'removed') return false
        return !('malformed' in parseVerifierKey(listed.key, 'cosignature/v1'))
      }),
  )
}

/** Whom a node asks: the witnesses of the trust lists, and those that its operator has chosen. */
export async function askedWitnesses(deps: AskedDependencies): Promise<Witness[]> {
  const listed = await listedWitnesses(deps)
  const chosen = deps.witnessing.further.map(({ key, url }) => ({ key, url, state: NO_STATE }))
  // A list that names the same key may be that of a state which has no such witness.
  const isListed = ({ key, url }: Witness) =>
    listed.some((one) => isSameOctets(one.key.publicKey, key.publicKey) && one.url === url)
  return [...listed, ...chosen.filter((one) => !isListed(one))]
}

/**
 * Whose word counts while it is in doubt whether the own log is the newest; see `voiceOf`. After a restore
 * also theirs who cannot be asked yet, or of whom nobody has asked yet whether they have a witness.
 */
export async function voices(
  deps: AskedDependencies,
  doubt: Pick<LogDoubt, 'reason' | 'since'>,
): Promise<string[]> {
  const asked = await askedWitnesses(deps)
  const chosen = asked.filter(({ state }) => state === NO_STATE)
  const unknown =
    doubt.reason === 'restored'
      ? [...(await unknownPeers(deps)), ...(await statesOfOldLists(deps, doubt))]
      : []
  return [
    ...(await witnessStates(deps)),
    ...unknown,
    ...chosen.map((one) => voiceOf(witnessName(one))),
  ]
}

/** Who speaks: a state, whatever its key of the day, or a witness of no state. */
function voiceOf({ state, name, keyId }: WitnessName): string {
  return state === NO_STATE ? `${name} ${keyId}` : state
}

/** One witness among all: its key under the state that lists it. */
export function witnessId(witness: Witness): string {
  const { state, name, keyId } = witnessName(witness)
  return `${state} ${name} ${keyId}`
}

/**
 * Brings the newest checkpoint to a witness that has not cosigned it. One that does not answer is asked
 * again later, or `atOnce`: it answers again. While there is a doubt whether this log is the newest, every
 * answer counts for or against.
 */
export function askWitnessInTurn(deps: WitnessesDependencies) {
  const ask = askWitness(deps)
  const pauses = new Map<string, { failures: number; until: number }>()

  return async (witness: Witness, { atOnce = false } = {}): Promise<CosignOutcome | undefined> => {
    const id = witnessId(witness)
    const pause = pauses.get(id)
    if (pause && !atOnce && deps.now().getTime() < pause.until) return undefined
    const doubt = await deps.log.doubt()
    const again =
      doubt !== undefined && lastAnswer(doubt.answers, voiceOf(witnessName(witness))) !== 'accepted'
    const result = await ask(witness, { again })
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

/** What a state has said last, under whatever key: its next key does not unsay what the one before said. */
function lastAnswer(
  answers: LogDoubt['answers'],
  voice: string,
): LogDoubt['answers'][number]['answer'] | undefined {
  const said = answers.filter(({ witness }) => voiceOf(witness) === voice)
  const lastAt = said
    .map(({ at }) => at)
    .toSorted()
    .at(-1)
  const last = said.filter(({ at }) => at === lastAt).map(({ answer }) => answer)
  return last.includes('contradicted') ? 'contradicted' : last[0]
}

/** Once a day: a witness may say it without end. */
async function contradicted(
  deps: WitnessesDependencies,
  witness: Witness,
  size: bigint,
): Promise<void> {
  const { log, alarms, now } = deps
  const at = formatInstant(now())
  const isSetAside = (await setAsideWitnesses(deps)).some(isOf(witnessName(witness)))
  if (!isSetAside) await log.contradict(witnessName(witness), size, at)
  await alarms.raiseOnce(`own-log-rolled-back ${witnessId(witness)} ${at.slice(0, 10)}`, {
    at,
    kind: 'own-log-rolled-back',
    peer: witness.state === NO_STATE ? undefined : witness.state,
    detail: `${claimOf(witness, size, (await log.frontier()).size)}. ${isSetAside ? 'Two persons have set its claim aside: checkpoints are signed' : 'No checkpoint is signed until the witnesses confirm this log; certificates keep flowing'}`,
  })
}

/** What a contradiction can mean, for people: more than stands here, or another history of it. */
function claimOf({ key: { name } }: Witness, size: bigint, own: bigint): string {
  const claim = `${name} claims to have cosigned ${size} entries of the own log`
  return size > own
    ? `${claim}, which has ${own}: if so, this database is an old one, and what is missing must come from the mirrors of the peers`
    : `${claim} that are not its first ${size}, or has seen two histories of it and waits until its operators settle that (certex trust settle-fork there). Ask them which: after settling it confirms this log by itself, and nothing is to be restored; in the first case this database is an old one, and is to be restored with the mirrors of the peers`
}

/**
 * Whose word a doubt still waits for: of the states that list a witness now all that have not accepted
 * the newest checkpoint, whether they have cosigned here before or not, because an old database does not
 * know who has; and whoever has contradicted and not taken it back, listed or not. Nobody waits for a
 * witness whose claim two persons have set aside.
 */
export function awaited(
  doubt: LogDoubt,
  all: readonly string[],
  setAside: readonly WitnessName[],
): string[] {
  const answers = doubt.answers.filter(({ witness }) => !setAside.some(isOf(witness)))
  const said = answers.map(({ witness }) => voiceOf(witness))
  const excused = setAside.map(voiceOf).filter((voice) => !said.includes(voice))
  return [...new Set([...all, ...said])].filter(
    (voice) => !excused.includes(voice) && lastAnswer(answers, voice) !== 'accepted',
  )
}

const isOf = (a: WitnessName) => (b: WitnessName) =>
  voiceOf(a) === voiceOf(b) && a.name === b.name && a.keyId === b.keyId

/**
 * Ends a doubt that waits for nobody's word; never while a checkpoint is known that this log has signed over
 * another tree than the one here, whoever confirms what stands here.
 */
export async function settleDoubt(
  deps: AskedDependencies & SetAsideDependencies & SignedElsewhereDependencies,
): Promise<void> {
  const doubt = await deps.log.doubt()
  if (!doubt) return
  const [all, setAside] = await Promise.all([voices(deps, doubt), setAsideWitnesses(deps)])
  if (awaited(doubt, all, setAside).length > 0 || (await signedElsewhere(deps))) return
  await deps.log.endDoubt(doubt)
}
