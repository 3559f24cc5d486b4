import type { ValidateAll } from '../exchange/validation/validate.ts'
import type { ValidationReport } from '../exchange/validation/validation-report.ts'
import { startThreads } from './threads.ts'
import type { ValidationQuestion, ValidationThreadData } from './validation-thread.ts'

/** Validation beside the thread that serves. */
export interface ValidationThreads {
  readonly validateAll: ValidateAll
  close(): Promise<void>
}

/** Longer than any peer is waited for; what takes more never ends. */
const LIMIT_MS = 30_000

/** As many as share their look-ups of status lists, and few enough for every thread to get its part. */
const MOST_AT_ONCE = 16

export function validationThreads(
  count: number,
  data: ValidationThreadData,
  { now, ended }: { now: () => Date; ended: (reason: Error) => void },
): ValidationThreads {
  const threads = startThreads<ValidationQuestion, readonly ValidationReport[]>(
    new URL('./validation-thread.ts', import.meta.url),
    { count, limitMs: LIMIT_MS, data, ended },
  )
  return {
    async validateAll(requests) {
      const size = Math.min(MOST_AT_ONCE, Math.ceil(requests.length / count))
      const parts = Array.from({ length: Math.ceil(requests.length / size) }, (_, n) => ({
        now: now(),
        requests: requests.slice(n * size, (n + 1) * size),
      }))
      return (await threads.askAll(parts)).flat()
    },
    close: () => threads.close(),
  }
}
