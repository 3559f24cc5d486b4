import type { CertificateStore, StoredCertificate } from '../certificate-store.ts'
import type { Missing } from './pack.ts'
import type { Inbox } from '../incoming/inbox.ts'
import type { LostDocuments } from '../log/lost-documents.ts'
import type { NoticeStore } from '../notices/store.ts'
import type { Outbox } from '../delivery/outbox.ts'
import { ReceiptPayload } from '../delivery/receipt.ts'
import { payloadOf, signatureOf } from '../registered.ts'
import type { SecondSignatureStore } from '../second-signatures/store.ts'

export interface EvidenceDocumentDependencies {
  readonly certificates: Pick<
    CertificateStore,
    'document' | 'documents' | 'statusChanges' | 'findByDigests'
  >
  readonly secondSignatures: SecondSignatureStore
  readonly notices: Pick<NoticeStore, 'about'>
  readonly outbox: Pick<Outbox, 'deliveries'>
  readonly inbox: Pick<Inbox, 'find'>
  readonly lost: Pick<LostDocuments, 'changesOf'>
}

/** Which other certificates whoever asks for a pack may see, where a document in it speaks of them. */
export type MaySee = 'all' | ((certificate: StoredCertificate) => boolean)

/** What a certificate of this node and its history consist of, as signed, each kind in its order. */
export interface EvidenceDocuments {
  readonly certificate: string
  readonly statusChanges: readonly string[]
  readonly securityNotices: readonly string[]
  readonly secondSignatures: readonly string[]
  readonly attestations: readonly string[]
  readonly receipts: readonly string[]
  /** What belongs to it and cannot be given. */
  readonly missing: readonly Missing[]
}

/** Reads them. A receipt that decides on what the reader may not see is left out and named. */
export async function evidenceDocuments(
  deps: EvidenceDocumentDependencies,
  stored: StoredCertificate,
  maySee: MaySee,
): Promise<EvidenceDocuments> {
  const certificate = await deps.certificates.document(stored.sha256)
  if (certificate === undefined)
    throw new Error(`The bytes of document ${stored.sha256} are missing`)
  const changes = await deps.certificates.statusChanges(stored.sha256)
  const second = await deps.secondSignatures.of(stored.sha256)
  const attested = await Promise.all(
    second.map(({ sha256 }) => deps.secondSignatures.attestations(sha256)),
  )
  const history = [stored.sha256, ...changes.map(({ sha256 }) => sha256)]
  const receipts = await receiptsOf(deps, stored, history, maySee)
  const notices = await noticesOf(deps, stored.state, signatureOf(certificate).seal)
  const lostChanges = await deps.lost.changesOf(stored)
  return {
    certificate,
    statusChanges: changes.map(({ jws }) => jws),
    securityNotices: notices.documents,
    secondSignatures: second.map(({ jws }) => jws),
    attestations: attested.flat().map(({ jws }) => jws),
    receipts: receipts.documents,
    missing: [
      ...lostChanges.map((subject) => ({ what: 'bytes', subject }) as const),
      ...notices.lost.map((subject) => ({ what: 'bytes', subject }) as const),
      ...receipts.lost.map((subject) => ({ what: 'receipt', subject }) as const),
    ],
  }
}

interface Found {
  readonly documents: readonly string[]
  /** Digests of those that cannot be given. */
  readonly lost: readonly string[]
}

/** Decisions of the recipients on what this node sent, and its own on what came to it. */
async function receiptsOf(
  deps: EvidenceDocumentDependencies,
  stored: StoredCertificate,
  history: readonly string[],
  maySee: MaySee,
): Promise<Found> {
  const [delivered, received] = await Promise.all([
    Promise.all(history.map((sha256) => deps.outbox.deliveries(sha256))),
    deps.inbox.find(stored.state, history),
  ])
  const digests = [
    ...delivered.flat().map(({ decision }) => decision?.receipt),
    ...history.map((sha256) => received.get(sha256)?.decision?.receipt),
  ]
  const found = await bytesOf(
    deps,
    digests.filter((digest) => digest !== ''),
  )
  const isShown = await Promise.all(
    found.documents.map((jws) => speaksOfNoOther(deps, jws, new Set(history), maySee)),
  )
  return {
    documents: found.documents.filter((_, i) => isShown[i]),
    lost: [...found.lost, ...found.digests.filter((_, i) => !isShown[i])],
  }
}

/** One receipt may decide on a thousand documents: how those of others fared is not everybody's. */
async function speaksOfNoOther(
  { certificates }: EvidenceDocumentDependencies,
  jws: string,
  history: ReadonlySet<string>,
  maySee: MaySee,
): Promise<boolean> {
  if (maySee === 'all') return true
  const { decisions } = ReceiptPayload.parse(payloadOf(jws))
  const others = decisions.map(({ sha256 }) => sha256).filter((sha256) => !history.has(sha256))
  if (others.length === 0) return true
  const known = await certificates.findByDigests(others)
  return known.length === others.length && known.every(maySee)
}

/** The chains of notices that name the seal of the certificate or any CA of its state. */
async function noticesOf(
  deps: EvidenceDocumentDependencies,
  state: string,
  seal: string | undefined,
): Promise<Found> {
  const notices = seal === undefined ? [] : await deps.notices.about(state, seal)
  return bytesOf(
    deps,
    notices.flatMap(({ documents }) => documents),
  )
}

/** `digests`: those of the documents that were found, in their order. */
async function bytesOf(
  { certificates }: EvidenceDocumentDependencies,
  digests: readonly (string | undefined)[],
): Promise<Found & { readonly digests: readonly string[] }> {
  const wanted = [...new Set(digests.filter((digest) => digest !== undefined))]
  const found = await certificates.documents(wanted)
  const held = wanted.filter((digest) => found.has(digest))
  return {
    documents: held.map((digest) => found.get(digest)!),
    digests: held,
    lost: wanted.filter((digest) => !found.has(digest)),
  }
}
