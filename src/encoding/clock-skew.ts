/** As far as the clocks of two nodes may be apart (wire.md, Exchange). */
export const CLOCK_SKEW_MS = 60_000
