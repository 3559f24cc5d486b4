import { certificateKey } from '../../certificate/certificate-id.ts'
import { formatInstant } from '../../encoding/time.ts'
import type { Seal } from '../../jose/sign.ts'
import type { CurrentTrust, Trust } from '../../trust/trust.ts'
import { delaysEntry } from '../keep-trust/accept-list.ts'
import type { Effect } from '../effect.ts'
import { examine, type Examined, type Incoming } from './examine.ts'
import type { LostPlaces } from '../log/lost-documents.ts'
import type { InboxDocument } from './inbox.ts'
import type { Append, NewEntry } from '../journal.ts'
import { type IncomingDependencies, judgeIncoming } from './judge.ts'
import { positionKey } from './certificate.ts'
import type { PeerStore } from '../delivery/peer-store.ts'
import { decisionEffect } from '../projection.ts'
import type { Decision, ReceiptPayload } from '../delivery/receipt.ts'
import { signReceipt } from '../delivery/sign-receipt.ts'
import { keyOrNone, NoKeyInForce } from '../key-in-force.ts'
import type { Seals } from '../seals.ts'
import { type Verdict, waiting } from './verdict.ts'
import { takeLost } from './take-lost.ts'
import { WAITS_FOR_ITS_RECEIPT, WAITS_FOR_REGISTRY_SEAL } from './waiting-changes.ts'

export interface DecideDependencies extends IncomingDependencies {
  readonly lost: LostPlaces
  readonly append: Append
  readonly now: () => Date
  readonly trust: CurrentTrust
  readonly peers: PeerStore
  readonly seals: Seals
  /** Without it any number of documents may wait. */
  readonly limits?: { readonly waitingDocuments: number } | undefined
}

/**
 * Judges documents of one peer and appends every decision with its effects, each group in one step.
 * False when something of them was decided elsewhere in the meantime. Where too many of the peer's
 * documents wait, those that would wait as well are not kept; what they all wait for still comes in.
 * While no registry seal is in force everything waits: a decision that nobody believes is none.
 */
export async function decideIncoming(
  deps: DecideDependencies,
  arrived: readonly Incoming[],
  delivery: 'with-answer' | 'late',
): Promise<boolean> {
  if (arrived.length === 0) return true
  const now = deps.now()
  const found = await keyOrNone(deps.seals.registry())
  const seal = found instanceof NoKeyInForce ? undefined : found
  if (!seal && delivery === 'late') return true
  const documents = await takeLost(deps, arrived)
  if (documents.length === 0) return true
  const trust = await deps.trust()
  const mayWait = delivery === 'late' || !(await isFull(deps, documents[0]!.sender))
  const examined = await Promise.all(
    documents.map((document) => examine(document, deps, { trust, now })),
  )
  const inStep = (step: Examined['step']) => examined.filter((document) => document.step === step)
  const oneByOne = (step: Examined['step']) =>
    inStep(step)
      .sort((a, b) => a.seq - b.seq)
      .map((document) => [document])
  for (const group of [...oneByOne('first'), inStep('together'), ...oneByOne('last')])
    if (
      group.length > 0 &&
      !(await decideGroup(deps, group, { now, trust, seal, delivery, mayWait }))
    )
      return false
  return true
}

async function isFull({ inbox, limits }: DecideDependencies, sender: string): Promise<boolean> {
  return limits !== undefined && (await inbox.hasWaiting(sender, limits.waitingDocuments))
}

async function decideGroup(
  deps: DecideDependencies,
  examined: readonly Examined[],
  context: {
    now: Date
    trust: Trust
    /** Of the registry; none is in force if absent. */
    seal: Seal | undefined
    delivery: 'with-answer' | 'late'
    mayWait: boolean
  },
): Promise<boolean> {
  const { now, trust, seal, delivery, mayWait } = context
  const group = await Promise.all(examined.map((document) => withReasonOfLog(deps, document)))
  const sender = group[0]!.sender
  const { trustCheckedAt } = await deps.peers.find(sender)
  const forms = group.flatMap(({ otherForm }) => otherForm ?? [])
  const otherForms = forms.length > 0 ? await deps.inbox.find(sender, forms) : new Map()
  const message = group.flatMap(({ content }) => content?.content?.id ?? [])
  const accepted = new Map<string, string>()
  const judged: { document: Examined; verdict: Verdict }[] = []
  for (const document of group) {
    const judging = { trust, now, accepted, message, trustCheckedAt }
    const verdict = seal
      ? (decidedAlike(document, otherForms) ?? (await judgeIncoming(document, deps, judging)))
      : waiting(document.loggedAs ? WAITS_FOR_ITS_RECEIPT : WAITS_FOR_REGISTRY_SEAL)
    const content = document.content?.content
    if (content && verdict.verdict === 'decided' && verdict.effects.length > 0)
      for (const key of [
        certificateKey(content.id),
        positionKey(content.payload.status.status_list),
      ])
        accepted.set(key, document.sha256)
    if (mayWait || verdict.verdict === 'decided') judged.push({ document, verdict })
  }
  if (judged.length === 0) return true

  const at = formatInstant(now)
  const decisions = judged.flatMap(({ document: { sha256 }, verdict }): Decision[] =>
    verdict.verdict === 'decided'
      ? [{ sha256, outcome: verdict.outcome, findings: [...verdict.findings], at }]
      : [],
  )
  const unchanged =
    delivery === 'late' &&
    judged.every(
      ({ document, verdict }) =>
        verdict.verdict === 'wait' && verdict.waitsFor === document.waitsFor,
    )
  if (unchanged) return true
  const payload = receiptOf(deps, sender, decisions)
  const receipt = seal && decisions.length > 0 ? await signReceipt(payload, seal, now) : undefined
  const effects = judged.map(
    ({ document: { sha256, jws, seq, arrivedAt, target }, verdict }): Effect => ({
      effect: 'arrival',
      sha256,
      jws,
      sender,
      seq,
      arrivedAt,
      waitsFor: verdict.verdict === 'wait' ? verdict.waitsFor : undefined,
      target,
    }),
  )
  const entries: NewEntry[] = judged.flatMap(
    ({ document: { kind, sha256, jws, waitsFor }, verdict }) =>
      verdict.verdict === 'decided' &&
      waitsFor !== WAITS_FOR_ITS_RECEIPT &&
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
  entries.push(
    ...delaysEntry(
      entries.flatMap((entry) => entry.effects),
      at,
    ),
  )
  for (const { verdict } of judged)
    if (verdict.verdict === 'decided')
      for (const alarm of verdict.alarms ?? [])
        effects.push({ effect: 'alarm', alarm: { ...alarm, at, peer: sender } })
  return (await deps.append({ entries, effects })) !== 'duplicate'
}

/**
 * That a receipt alone is missing the log has to say: who can write to the row could have anything accepted
 * that nobody judged.
 */
async function withReasonOfLog(
  { certificates }: Pick<DecideDependencies, 'certificates'>,
  document: Examined,
): Promise<Examined> {
  const { waitsFor, ...others } = document
  const isSaid = waitsFor === WAITS_FOR_ITS_RECEIPT
  return isSaid && !(await certificates.isLogged(document.sha256)) ? others : document
}

/** What was decided on a document with the other form of its signature: it is no second word of its signer. */
function decidedAlike(
  { otherForm }: Examined,
  otherForms: ReadonlyMap<string, InboxDocument>,
): Verdict | undefined {
  const decision = otherForm === undefined ? undefined : otherForms.get(otherForm)?.decision
  if (!decision) return undefined
  const { outcome, findings } = decision
  return { verdict: 'decided', outcome, findings, effects: [] }
}

function receiptOf(
  { seals, state }: DecideDependencies,
  sender: string,
  decisions: Decision[],
): ReceiptPayload {
  const iss = seals.registryParty
  if (!iss.startsWith(`${state}.`)) throw new Error('The registry seal is of another state')
  return { schema: 'receipt/1', iss, aud: [sender], decisions }
}
