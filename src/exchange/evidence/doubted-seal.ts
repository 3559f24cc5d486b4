import { decodeBase64 } from '../../encoding/base64url.ts'
import type { Trust } from '../../trust/trust.ts'
import type { CrlReason } from '../../x509/crl.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import { type AuthenticDocument } from '../validation/authenticate.ts'
import { validatePath } from '../validation/path-to-root.ts'

/** Why a key ended that nobody else has had. */
const HARMLESS: readonly CrlReason[] = ['affiliationChanged', 'superseded', 'cessationOfOperation']

/**
 * Why a signature that no log has dated may be that of a thief, by all evidence at hand at the clock of
 * whoever verifies: its key, or one above it, was revoked and not for a harmless reason, or a list removed
 * it while it was in force. A thief writes any date that he likes; that a key has ended, or that nothing new
 * is known of it, takes nothing away.
 */
export async function whyDoubted(
  { x5c, x5tS256, state }: Pick<AuthenticDocument, 'x5c' | 'x5tS256' | 'state'>,
  question: {
    readonly trust: Trust
    readonly paths: PathCache
    readonly purpose: 'registry-seal' | 'document-seal'
    readonly clock: Date
  },
): Promise<string | undefined> {
  const { trust, paths, purpose, clock } = question
  const key = trust.view.key(x5tS256, state)?.key
  if (key?.removedAt !== undefined && !(key.until !== undefined && key.until < key.removedAt))
    return `registration: key-removed ${key.removedAt}`
  const ders = x5c.map((text) => decodeBase64(text)!)
  const { path } = await validatePath(ders, { trust, paths, purpose, at: clock, now: clock })
  if (path.result === 'valid') return undefined
  // Also where it has expired since, from when on lists may leave it out (RFC 5280 §3.3).
  const isRevoked =
    ('revokes' in path && path.revokes) ||
    (path.code === 'revoked' && !HARMLESS.includes(path.reason))
  return isRevoked ? `revocation: ${path.code} ${path.detail}` : undefined
}
