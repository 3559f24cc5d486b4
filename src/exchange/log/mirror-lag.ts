import type { MirrorStore } from '../../tlog/mirror-store.ts'
import type { WitnessStore } from '../../tlog/witness-store.ts'

/** Whether the witness of this node has cosigned more of a log of this state than its mirror holds. */
export async function lagsBehindWitness(
  {
    mirror,
    witnessed,
  }: {
    readonly mirror: Pick<MirrorStore, 'head' | 'logsOf'>
    readonly witnessed: Pick<WitnessStore, 'newest'>
  },
  state: string,
): Promise<boolean> {
  for (const log of await mirror.logsOf(state)) {
    const [head, newest] = await Promise.all([mirror.head(log), witnessed.newest(log.origin)])
    if (head && newest?.state === state && newest.size > head.frontier.size) return true
  }
  return false
}
