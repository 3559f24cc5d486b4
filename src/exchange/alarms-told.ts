import type { Append } from './journal.ts'
import type { Alarm, AlarmLog } from './records.ts'

/** What is appended or raised, told to an operator as well: in the log of the process. */
export function alarmsTold<D extends { readonly append: Append; readonly alarms: AlarmLog }>(
  deps: D,
  tell: (alarm: Alarm) => void,
): Pick<D, 'append' | 'alarms'> {
  const append: Append = async (step) => {
    const result = await deps.append(step)
    if (result !== 'duplicate')
      for (const effect of [...(step.effects ?? []), ...step.entries.flatMap((one) => one.effects)])
        if (effect.effect === 'alarm') tell(effect.alarm)
    return result
  }
  return {
    append,
    alarms: {
      ...deps.alarms,
      raise: async (alarm) => {
        tell(alarm)
        await deps.alarms.raise(alarm)
      },
      raiseOnce: async (key, alarm) => {
        const isNew = await deps.alarms.raiseOnce(key, alarm)
        if (isNew) tell(alarm)
        return isNew
      },
    },
  }
}
