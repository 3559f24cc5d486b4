import { text } from '../../certificate/wording.ts'
import type { LogStore } from '../../tlog/log-store.ts'
import type { CurrentTrust } from '../../trust/trust.ts'
import { witnessName } from '../log/cosign.ts'
import {
  type AppliedPolicy,
  appliedPolicy,
  isMetWithoutStates,
  NO_STATE,
  type WitnessSettings,
} from '../log/policy.ts'
import { missingAt, newestByQuorum } from '../log/quorum-checkpoints.ts'
import type { Warning } from './warning.ts'
import { askedWitnesses } from '../log/witnesses.ts'

export interface WitnessWarningDependencies {
  readonly state: string
  readonly trust: CurrentTrust
  readonly witnessing: WitnessSettings
  readonly log: Pick<
    LogStore,
    'cosignedFrom' | 'cosignedUpTo' | 'checkpointOf' | 'checkpoint' | 'cosignedSize' | 'signedSince'
  >
}

/** A witness that can be reached cosigns within seconds. */
const LATE_MS = 15 * 60_000

/** The quorum that evidence lacks, each witness that stays behind, and a policy that asks too little. */
export async function warningsOfWitnesses(
  deps: WitnessWarningDependencies,
  now: Date,
): Promise<Warning[]> {
  const { view } = await deps.trust()
  const applied = appliedPolicy(view, deps.state, deps.witnessing)
  const parts = await Promise.all([quorumLacking(deps, applied, now), behind(deps, now)])
  return [...parts.flat(), ...withoutStates(deps, applied)]
}

async function quorumLacking(
  { state, log }: WitnessWarningDependencies,
  applied: AppliedPolicy | undefined,
  now: Date,
): Promise<Warning[]> {
  const reached = applied && (await newestByQuorum(log, applied))
  const since = await log.signedSince(reached?.size ?? 0n)
  if (!isLate(since, now)) return []
  const newest = await log.checkpoint()
  const lacks = applied && newest ? await missingAt(log, applied, newest.size) : undefined
  const message =
    lacks === undefined
      ? text(
          `Собственный журнал с ${since} никто не заверяет: ни один доверенный список другого государства не называет свидетеля. Доказательства за это время неполны; ничего не потеряно.`,
          `Nobody cosigns the own log since ${since}: no trust list of another state names a witness. Evidence of that time is incomplete; nothing is lost.`,
        )
      : text(
          `Кворум свидетелей собственного журнала не собран с ${since}: доказательства за это время неполны. Не хватает: ${lacks}. Ничего не потеряно; выясните, почему они не отвечают (certex log policy показывает политику).`,
          `The quorum of witnesses of the own log is not reached since ${since}: evidence of that time is incomplete. It lacks ${lacks}. Nothing is lost; find out why they do not answer (certex log policy prints the policy).`,
        )
  return [{ kind: 'log-not-witnessed', subject: state, overdue: true, at: since, message }]
}

async function behind(
  deps: WitnessWarningDependencies & { readonly state: string },
  now: Date,
): Promise<Warning[]> {
  const asked = await askedWitnesses({ ...deps, now: () => now })
  const found = await Promise.all(
    asked.map(async (witness): Promise<Warning[]> => {
      const since = await deps.log.signedSince(await deps.log.cosignedSize(witnessName(witness)))
      if (!isLate(since, now)) return []
      const { name } = witness.key
      const subject = witness.state === NO_STATE ? name : witness.state
      const message = text(
        `Свидетель ${name} (${witness.url}) не заверил ничего из того, что подписано с ${since}. Другие свидетели работают независимо от него; узнайте у его оператора, почему он не отвечает.`,
        `The witness ${name} (${witness.url}) has cosigned nothing of what was signed since ${since}. The others do not wait for it; ask its operator why it does not answer.`,
      )
      return [{ kind: 'witness-behind', subject, overdue: true, at: since, message }]
    }),
  )
  return found.flat()
}

/** Then nobody would notice what one side alone arranges with a witness of its choice. */
function withoutStates(
  { state }: WitnessWarningDependencies,
  applied: AppliedPolicy | undefined,
): Warning[] {
  if (!applied || !isMetWithoutStates(applied)) return []
  const message = text(
    'По настроенной политике журнала доказательство считается полным и без свидетеля другого государства. Проверьте файл logPolicyFile: другое государство такому доказательству может не поверить.',
    'By the configured policy of the log evidence counts as complete without a witness of another state. Check logPolicyFile: the other state may not believe such evidence.',
  )
  return [{ kind: 'log-policy-weak', subject: state, overdue: false, at: undefined, message }]
}

function isLate(since: string | undefined, now: Date): since is string {
  return since !== undefined && now.getTime() - Date.parse(since) > LATE_MS
}
