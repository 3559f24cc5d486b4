import type { PeerStore } from './peer-store.ts'

/** Differences below this are not worth a write. */
const CHANGED_MS = 2_000
/** What is signed bears whole seconds: on average it was signed half a second later than it says. */
const HALF_SECOND_MS = 500

/** Keeps by how much the clock of a peer is ahead of ours, by what it signed just now. */
export function peerClock(peers: Pick<PeerStore, 'clockSeen'>) {
  const last = new Map<string, number>()
  return async (peer: string, signedAt: Date, now: Date): Promise<void> => {
    const aheadMs = signedAt.getTime() + HALF_SECOND_MS - now.getTime()
    const before = last.get(peer)
    if (before !== undefined && Math.abs(before - aheadMs) < CHANGED_MS) return
    last.set(peer, aheadMs)
    await peers.clockSeen(peer, aheadMs)
  }
}

/**
 * What the Date of an answer (RFC 9110 §6.6.1) hints at when its signature was not accepted. Nobody has
 * signed it: it helps a person and decides nothing.
 */
export function clockHint(headers: Headers, now: Date): string {
  const seconds = Math.round((Date.parse(headers.get('date') ?? '') - now.getTime()) / 1000)
  if (!(Math.abs(seconds) >= 20)) return ''
  const where = seconds > 0 ? 'ahead of' : 'behind'
  return `; its clock is ${Math.abs(seconds)} s ${where} ours: check the time synchronisation`
}
