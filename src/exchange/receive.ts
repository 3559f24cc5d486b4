import { certificateKey } from '../certificate/certificate-id.ts'
import { formatInstant } from '../encoding/time.ts'
import { signJws } from '../jose/sign.ts'
import type { CurrentTrust, Trust } from '../trust/trust.ts'
import { digestOf } from './authenticate.ts'
import type { Effect } from './effect.ts'
import type { Inbox, WaitingDocument } from './inbox.ts'
import type { Append, NewEntry } from './journal.ts'
import {
  examine,
  type Examined,
  type Incoming,
  type IncomingDependencies,
  judgeIncoming,
  positionKey,
  TARGET_PREFIX,
  type Verdict,
} from './judge-incoming.ts'
import type { PeerStore } from './peer-store.ts'
import { decisionEffect } from './projection.ts'
import type { Decision, ReceiptPayload } from './receipt.ts'
import type { Seals } from './seals.ts'
import type { EntryKind } from '../tlog/leaf.ts'

export interface ReceiveDependencies extends IncomingDependencies {
  readonly now: () => Date
  readonly trust: CurrentTrust
  readonly inbox: Inbox
  readonly peers: PeerStore
  readonly seals: Seals
  readonly append: Append
}

export interface Message {
  readonly seq: number
  readonly document: string
}

export interface Reception {
  /** Every document of the batch is durable; `decided` ones have their receipt below. */
  readonly received: readonly { sha256: string; state: 'decided' | 'received' }[]
  readonly receipts: readonly string[]
}

const MAX_RACES = 10

/**
 * Takes a batch from a peer. Whatever the batch looks like and however often it comes, every document
 * gets one decision, and that decision always has the same bytes.
 */
export function receiveMessages(deps: ReceiveDependencies) {
  return async (sender: string, messages: readonly Message[]): Promise<Reception> => {
    const arrivedAt = formatInstant(deps.now())
    const batch = new Map<string, Incoming & { seq: number }>()
    const digests = await Promise.all(messages.map(({ document }) => digestOf(document)))
    for (const [i, { seq, document }] of messages.entries()) {
      const sha256 = digests[i]!
      if (!batch.has(sha256)) batch.set(sha256, { sha256, jws: document, sender, arrivedAt, seq })
    }
    for (let race = 0; race < MAX_RACES; race++) {
      const known = await deps.inbox.find(sender, [...batch.keys()])
      const fresh = [...batch.values()].filter(({ sha256 }) => !known.has(sha256))
      if (await decide(deps, fresh, 'with-answer')) {
        await decideFollowers(deps, sender, new Set(fresh.map(({ sha256 }) => sha256)))
        await deps.peers.heard(sender, arrivedAt, messages.length === 0)
        return answer(deps, sender, [...batch.keys()])
      }
    }
    throw new Error(`Decisions on one batch collided ${MAX_RACES} times`)
  }
}

const WAITING_PAGE = 200

/** Decides what can be decided by now of the documents that wait; how many were. */
export function decideWaiting(deps: ReceiveDependencies) {
  return async (): Promise<number> => {
    let decided = 0
    let page = await deps.inbox.waiting(undefined, WAITING_PAGE)
    while (page.length > 0) {
      for (const sender of new Set(page.map((document) => document.sender)))
        decided += await decideLate(
          deps,
          sender,
          page.filter((document) => document.sender === sender),
        )
      page = await deps.inbox.waiting(page.at(-1), WAITING_PAGE)
    }
    return decided
  }
}

/** Decides the changes that waited for one of these certificates: an annulment must not lag behind. */
async function decideFollowers(
  deps: ReceiveDependencies,
  sender: string,
  arrived: ReadonlySet<string>,
): Promise<void> {
  if (arrived.size === 0) return
  // Of a longer queue the schedule takes care.
  const waiting = await deps.inbox.waiting(undefined, WAITING_PAGE, sender)
  const followers = waiting.filter((document) =>
    arrived.has(document.waitsFor.replace(TARGET_PREFIX, '')),
  )
  if (followers.length > 0) await decideLate(deps, sender, followers)
}

/** How many of one peer's waiting documents were decided. */
async function decideLate(
  deps: ReceiveDependencies,
  sender: string,
  documents: readonly WaitingDocument[],
): Promise<number> {
  // Decided elsewhere in the meantime: the next call sees what is left.
  if (!(await decide(deps, documents, 'late'))) return 0
  const after = await deps.inbox.find(
    sender,
    documents.map(({ sha256 }) => sha256),
  )
  return [...after.values()].filter(({ decision }) => decision).length
}

/** False when something of the batch was decided elsewhere in the meantime. */
async function decide(
  deps: ReceiveDependencies,
  documents: readonly (Incoming & { seq: number })[],
  delivery: 'with-answer' | 'late',
): Promise<boolean> {
  if (documents.length === 0) return true
  const now = deps.now()
  const trust = await deps.trust()
  const examined = await Promise.all(
    documents.map(async (document) => ({
      ...(await examine(document, deps, { trust, now })),
      seq: document.seq,
    })),
  )
  // A trust list is judged against the version before it, a change against the stored state of its
  // target: each takes a step of its own, changes after the certificates that came with them.
  const alone = (kind: EntryKind) =>
    examined.filter((document) => document.kind === kind).map((document) => [document])
  const others = examined.filter(({ kind }) => kind !== 'status-change' && kind !== 'trust-list')
  for (const group of [...alone('trust-list'), others, ...alone('status-change')])
    if (group.length > 0 && !(await decideGroup(deps, group, { now, trust, delivery })))
      return false
  return true
}

async function decideGroup(
  deps: ReceiveDependencies,
  group: readonly (Examined & { seq: number })[],
  context: { now: Date; trust: Trust; delivery: 'with-answer' | 'late' },
): Promise<boolean> {
  const { now, trust, delivery } = context
  const sender = group[0]!.sender
  const { trustCheckedAt } = await deps.peers.find(sender)
  const message = group.flatMap(({ content }) => content?.content?.id ?? [])
  const accepted = new Map<string, string>()
  const judged: { document: Examined & { seq: number }; verdict: Verdict }[] = []
  for (const document of group) {
    const judging = { trust, now, accepted, message, trustCheckedAt }
    const verdict = await judgeIncoming(document, deps, judging)
    const content = document.content?.content
    if (content && verdict.verdict === 'decided' && verdict.effects.length > 0)
      for (const key of [
        certificateKey(content.id),
        positionKey(content.payload.status.status_list),
      ])
        accepted.set(key, document.sha256)
    judged.push({ document, verdict })
  }

  const at = formatInstant(now)
  const decisions = judged.flatMap(({ document: { sha256 }, verdict }): Decision[] =>
    verdict.verdict === 'decided'
      ? [{ sha256, outcome: verdict.outcome, findings: [...verdict.findings], at }]
      : [],
  )
  if (decisions.length === 0 && delivery === 'late') return true
  const receipt = decisions.length > 0 ? await signReceipt(deps, sender, decisions, now) : undefined
  const effects = judged.map(({ document: { sha256, jws, seq, arrivedAt }, verdict }): Effect => ({
    effect: 'arrival',
    sha256,
    jws,
    sender,
    seq,
    arrivedAt,
    waitsFor: verdict.verdict === 'wait' ? verdict.waitsFor : undefined,
  }))
  const entries: NewEntry[] = judged.flatMap(({ document: { kind, sha256, jws }, verdict }) =>
    verdict.verdict === 'decided' &&
    (verdict.effects.length > 0 || verdict.outcome === 'not-readable')
      ? [
          {
            kind: verdict.outcome === 'not-readable' ? 'unknown' : kind,
            sha256,
            jws,
            to: [],
            effects: verdict.effects,
          },
        ]
      : [],
  )
  if (receipt)
    entries.push({
      kind: 'receipt',
      sha256: receipt.sha256,
      jws: receipt.jws,
      to: [],
      effects: [
        ...decisions.map((decision) => decisionEffect(receipt, decision, deps.state)),
        ...(delivery === 'late'
          ? [{ effect: 'late-receipt' as const, sha256: receipt.sha256, recipient: sender }]
          : []),
      ],
    })
  for (const { document, verdict } of judged)
    if (verdict.verdict === 'decided' && verdict.conflictsWith !== undefined) {
      const detail = `${document.sha256} bears identity or status position of ${verdict.conflictsWith}`
      const alarm = { at, kind: 'identity-conflict', peer: sender, detail } as const
      effects.push({ effect: 'alarm', alarm })
    }
  return (await deps.append({ entries, effects })) !== 'duplicate'
}

async function signReceipt(
  { seals, state: iss }: ReceiveDependencies,
  sender: string,
  decisions: Decision[],
  now: Date,
): Promise<{ sha256: string; jws: string; payload: ReceiptPayload }> {
  if (!seals.registryParty.startsWith(`${iss}.`))
    throw new Error('The registry seal is of another state')
  const payload: ReceiptPayload = {
    schema: 'receipt/1',
    iss: seals.registryParty,
    aud: [sender],
    decisions,
  }
  const jws = await signJws({ typ: 'receipt+jwt', payload, seal: seals.registry, signedAt: now })
  return { sha256: await digestOf(jws), jws, payload }
}

async function answer(
  deps: ReceiveDependencies,
  sender: string,
  sha256s: readonly string[],
): Promise<Reception> {
  const known = await deps.inbox.find(sender, sha256s)
  const receipts = new Set<string>()
  const received = sha256s.map((sha256) => {
    const decision = known.get(sha256)?.decision
    if (decision) receipts.add(decision.receipt)
    return { sha256, state: decision ? ('decided' as const) : ('received' as const) }
  })
  const documents = await deps.certificates.documents([...receipts])
  return { received, receipts: [...documents.values()] }
}
