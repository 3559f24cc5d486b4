/**
 * Remembers which nonces a key has used (EXC-HTTPSIG-1 H5). The caller records a request only after
 * `verifyRequest` accepted it, with `acceptableUntil` of that answer, so that a forger cannot burn nonces.
 */
export interface ReplayStore {
  /** Records the pair once. Of any number of concurrent calls with one pair exactly one gets `fresh`. */
  insertOnce(keyid: string, nonce: string, expiresAt: Date): Promise<'fresh' | 'replayed'>
}
