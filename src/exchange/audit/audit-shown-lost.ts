import type { Report } from './finding.ts'
import type { ShownLog } from './shown-log.ts'

/** Entries that a node lists as lost, with the restore that listed each. */
export type ShownLost = ReadonlyMap<number, string>

/** Reads the list as far as the log goes; where it does not go on it ends. */
export async function readLost(log: Pick<ShownLog, 'lost'>, size: number): Promise<ShownLost> {
  const lost = new Map<number, string>()
  let last = -1
  for await (const { idx, epoch } of log.lost()) {
    if (!(idx > last && idx < size)) break
    last = idx
    lost.set(idx, epoch)
  }
  return lost
}

/** What the acts of restores say of what they could not bring back. */
export interface LossActs {
  /** An act that stands behind this entry of the log, as it was hashed. */
  take(idx: number, text: string): void
  /** Tells of entries that are listed as lost, and of which no act behind them says so. */
  tell(lost: ShownLost, report: Report): void
}

/** A node that lists what it only withholds must have said so in its log, and for how many entries. */
export function lossActs(): LossActs {
  const acts = new Map<string, { readonly idx: number; readonly count: number }>()
  return {
    take(idx, text) {
      const act = readAct(text)
      if (act && !acts.has(act.epoch)) acts.set(act.epoch, { idx, count: act.count })
    },
    tell(lost, report) {
      const listed = new Map<string, number>()
      for (const [idx, epoch] of lost) {
        const act = acts.get(epoch)
        const place = (listed.get(epoch) ?? 0) + 1
        listed.set(epoch, place)
        const where = `entry ${idx}`
        if (!act || act.idx < idx)
          report('record-missing', where, 'it is listed as lost, and no act behind it says so')
        else if (place > act.count)
          report(
            'record-missing',
            where,
            `it is listed as lost, and the act of that restore counts ${act.count}`,
          )
      }
    },
  }
}

function readAct(text: string): { readonly epoch: string; readonly count: number } | undefined {
  if (!text.includes('"documents-lost"')) return undefined
  try {
    const { act, subject, detail } = JSON.parse(text) as Record<string, unknown>
    const [, count] = /^(\d{1,15}) listed; /.exec(String(detail)) ?? []
    if (act !== 'documents-lost' || count === undefined) return undefined
    return { epoch: String(subject), count: Number(count) }
  } catch {
    return undefined
  }
}
