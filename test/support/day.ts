import { dayAt } from '../../src/certificate/day.ts'

/**
 * The day on which this process began, in Minsk. Tests date everything so: whatever midnight passes
 * meanwhile, no change takes effect before the day of its certificate.
 */
export const today = dayAt(new Date(), 180)
