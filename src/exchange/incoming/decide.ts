import { certificateKey } from '../../certificate/certificate-id.ts'
import { formatInstant } from '../../encoding/time.ts'
import { signJws } from '../../jose/sign.ts'
import type { CurrentTrust, Trust } from '../../trust/trust.ts'
import { delaysEntry } from '../keep-trust/accept-list.ts'
import { digestOf } from '../validation/authenticate.ts'
import type { Effect } from '../effect.ts'
import { examine, type Examined, type Incoming } from './examine.ts'
import type { InboxDocument } from './inbox.ts'
import type { Append, NewEntry } from '../journal.ts'
import { type IncomingDependencies, judgeIncoming } from './judge.ts'
import { positionKey } from './certificate.ts'
import type { PeerStore } from '../delivery/peer-store.ts'
import { decisionEffect } from '../projection.ts'
import type { Decision, ReceiptPayload } from '../delivery/receipt.ts'
import type { Seals } from '../seals.ts'
import type { Verdict } from './verdict.ts'

export interface DecideDependencies extends IncomingDependencies {
  readonly now: () => Date
  readonly trust: CurrentTrust
  readonly peers: PeerStore
  readonly seals: Seals
  readonly append: Append
  /** Without it any number of documents may wait. */
  readonly limits?: { readonly waitingDocuments: number } | undefined
}

/**
 * Judges documents of one peer and appends every decision with its effects, each group in one step.
 * False when something of them was decided elsewhere in the meantime. Where too many of the peer's
 * documents wait, those that would wait as well are not kept; what they all wait for still comes in.
 */
export async function decideIncoming(
  deps: DecideDependencies,
  documents: readonly Incoming[],
  delivery: 'with-answer' | 'late',
): Promise<boolean> {
  if (documents.length === 0) return true
  const now = deps.now()
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
    if (group.length > 0 && !(await decideGroup(deps, group, { now, trust, delivery, mayWait })))
      return false
  return true
}

async function isFull({ inbox, limits }: DecideDependencies, sender: string): Promise<boolean> {
  return limits !== undefined && (await inbox.hasWaiting(sender, limits.waitingDocuments))
}

async function decideGroup(
  deps: DecideDependencies,
  group: readonly Examined[],
  context: { now: Date; trust: Trust; delivery: 'with-answer' | 'late'; mayWait: boolean },
): Promise<boolean> {
  const { now, trust, delivery, mayWait } = context
  const sender = group[0]!.sender
  const { trustCheckedAt } = await deps.peers.find(sender)
  const forms = group.flatMap(({ otherForm }) => otherForm ?? [])
  const otherForms = forms.length > 0 ? await deps.inbox.find(sender, forms) : new Map()
  const message = group.flatMap(({ content }) => content?.content?.id ?? [])
  const accepted = new Map<string, string>()
  const judged: { document: Examined; verdict: Verdict }[] = []
  for (const document of group) {
    const judging = { trust, now, accepted, message, trustCheckedAt }
    const verdict =
      decidedAlike(document, otherForms) ?? (await judgeIncoming(document, deps, judging))
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
  const unchanged = judged.every(
    ({ document, verdict }) => verdict.verdict === 'wait' && verdict.waitsFor === document.waitsFor,
  )
  if (unchanged) return true
  const receipt = decisions.length > 0 ? await signReceipt(deps, sender, decisions, now) : undefined
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

async function signReceipt(
  { seals, state: iss }: DecideDependencies,
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
  const seal = await seals.registry()
  const jws = await signJws({ typ: 'receipt+jwt', payload, seal, signedAt: now })
  return { sha256: await digestOf(jws), jws, payload }
}
