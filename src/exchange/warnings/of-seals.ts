import { text, type Text } from '../../certificate/wording.ts'
import { formatInstant } from '../../encoding/time.ts'
import type { Trust } from '../../trust/trust.ts'
import type { PendingAdditions } from '../keep-trust/undecided-trust.ts'
import { keyFaults, type ObstructedKey } from '../key-in-force.ts'
import { listedPaths } from '../listed-paths.ts'
import type { Seals } from '../seals.ts'
import {
  faultWords,
  hastenText,
  versionWith,
  type WorkingKeyDependencies,
} from './of-working-keys.ts'
import type { Warning } from './warning.ts'

export interface SealDependencies extends Pick<WorkingKeyDependencies, 'trust' | 'paths'> {
  readonly state: string
  /** Of a node that runs; whoever has no keys in hand judges those that the trust list names. */
  readonly seals?: Pick<Seals, 'bodies'> | undefined
}

/**
 * Bodies whose seals this node keeps and that may issue, but for which nothing can be sealed: each seal is
 * removed, ended or revoked, or waits. A hold is no such thing: `security-notice` tells of it.
 *
 * @param pending what trust lists add and does not count yet
 */
export async function warningsOfSeals(
  deps: SealDependencies,
  now: Date,
  pending: readonly PendingAdditions[],
): Promise<Warning[]> {
  const { state } = deps
  const trust = await deps.trust()
  const list = trust.view.list(state)
  const instant = formatInstant(now)
  const bodies = (list?.bodies ?? []).filter(
    ({ custody, scopes }) =>
      custody === 'node' &&
      scopes.some(
        ({ from, until }) => from <= instant && !(until !== undefined && until < instant),
      ),
  )
  const found = await Promise.all(
    bodies.map(async ({ id }): Promise<Warning[]> => {
      const obstructed = await withoutSeal(deps, trust, { body: id, now })
      if (!obstructed) return []
      const version =
        obstructed.fault === 'pending' ? versionWith(obstructed, state, pending) : undefined
      const at = version?.countsFrom
      const message = version ? waitsText(id, version) : noSealText(id, obstructed)
      return [{ kind: 'no-seal-in-force', subject: id, overdue: true, at, message }]
    }),
  )
  return found.flat()
}

type WithoutSeal = ObstructedKey | { readonly key: undefined; readonly fault: 'none' }

/** Why no seal of a body signs here now: of one that waits, if there is one; undefined: one does. */
async function withoutSeal(
  { state, paths, seals }: SealDependencies,
  trust: Trust,
  { body, now }: { readonly body: string; readonly now: Date },
): Promise<WithoutSeal | undefined> {
  const list = trust.view.list(state)!
  const held = seals && new Map(seals.bodies.map(({ x5tS256, path }) => [x5tS256, path]))
  const faultOf = keyFaults(paths)
  let obstructed: ObstructedKey | undefined
  for (const { x5tS256, usage, body: owner } of list.keys) {
    const key = trust.view.key(x5tS256, state)?.key
    if (usage !== 'seal' || owner !== body || !key || (held && !held.has(x5tS256))) continue
    const path = held?.get(x5tS256)
    let fault: string | undefined = 'no-anchor'
    for (const candidate of path ? [path] : listedPaths(list, key)) {
      const as = { purpose: 'document-seal', trust, now } as const
      fault = await faultOf({ x5tS256, path: candidate }, key, as)
      if (fault === undefined) return undefined
    }
    if (obstructed?.fault !== 'pending') obstructed = { key: x5tS256, fault }
  }
  return obstructed ?? { key: undefined, fault: 'none' }
}

function waitsText(body: string, version: PendingAdditions): Text {
  const { ru, en } = hastenText(version)
  return text(
    `Орган ${body} не может ничего подписать: его новая печать (версия ${version.version} списка доверия) ещё не действует. ${ru}`,
    `${body} cannot issue or change anything: its new seal (version ${version.version} of the trust list) does not count yet. ${en}`,
  )
}

function noSealText(body: string, { key, fault }: WithoutSeal): Text {
  const why =
    key === undefined
      ? text(
          'список доверия не называет печати этого органа, которая есть у узла',
          'the trust list names no seal of it that the node holds',
        )
      : faultWords(fault)
  const which = key === undefined ? '' : ` (${key})`
  const renew = `certex pki renew document-seal --body ${body} --at-once`
  return text(
    `Орган ${body} не может ничего подписать, действующей печати у него нет${which}: ${why.ru}. Выпустите новую (${renew}), опубликуйте список, который её называет (certex trust issue, certex trust publish), положите ключ на узел и перезапустите его; если дополнения списка ещё ждут — certex trust hasten здесь и у соседей.`,
    `${body} cannot issue or change anything, it has no seal in force${which}: ${why.en}. Make a new one (${renew}), publish the list that names it (certex trust issue, certex trust publish), put the key on the node and restart it; where additions of a list wait, certex trust hasten, here and at the peers.`,
  )
}
