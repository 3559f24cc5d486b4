import { formatInstant } from '../../encoding/time.ts'

/** How asking one URL for CRLs or OCSP responses goes. */
export interface RevocationFetch {
  readonly url: string
  readonly state: string
  readonly succeededAt: string | undefined
  readonly failedAt: string | undefined
  /** Why it failed the last time. */
  readonly failure: string | undefined
  /** Failures in a row. */
  readonly attempts: number
  /** Only where the URL itself is held back. */
  readonly nextAttemptAt: string | undefined
}

const FORGET_MS = 30 * 86_400_000

/** An address that was not asked for so long is history: a CA that ended, a node that moved. */
export function fetchesForgottenBefore(now: Date): string {
  return formatInstant(new Date(now.getTime() - FORGET_MS))
}

/** What became of each URL that was asked about revocation; survives restarts. */
export interface RevocationFetches {
  all(): Promise<RevocationFetch[]>
  succeeded(state: string, urls: readonly string[], at: string): Promise<void>
  failed(
    state: string,
    url: string,
    failure: { at: string; failure: string; nextAttemptAt?: string },
  ): Promise<void>
  /** Forgets URLs that were not asked since an instant. */
  prune(before: string): Promise<void>
}
