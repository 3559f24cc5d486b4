import type { Policy } from '../certificate/policy.ts'
import type { LogStore } from '../tlog/log-store.ts'
import { parseLogProof } from '../tlog/proof.ts'
import type { TrustStore } from '../trust/trust-store.ts'
import type { CurrentTrust } from '../trust/trust.ts'
import { digestOf } from './authenticate.ts'
import type { CertificateStore, StoredCertificate } from './certificate-store.ts'
import {
  EVIDENCE_SCHEMA,
  type EvidencePack,
  type LoggedPart,
  type Missing,
  MOST_PARTS,
  partDigests,
  type PartKind,
} from './evidence-pack.ts'
import { revocationOf } from './evidence-revocation.ts'
import { stateEvidence } from './evidence-statement.ts'
import { listsInForce } from './evidence-trust-lists.ts'
import type { Inbox } from './inbox.ts'
import type { NoticeStore } from './notice-store.ts'
import type { Outbox } from './outbox.ts'
import { proveEarliest } from './prove-logged.ts'
import { payloadOf, signatureOf } from './registered.ts'
import type { Seals } from './seals.ts'
import type { SecondSignatureStore } from './second-signature-store.ts'

export interface EvidenceDependencies {
  readonly state: string
  readonly now: () => Date
  readonly policy: Policy
  readonly trust: CurrentTrust
  readonly trustStore: Pick<TrustStore, 'version' | 'versions' | 'crls' | 'ocspResponses'>
  readonly log: LogStore
  readonly certificates: Pick<CertificateStore, 'document' | 'documents' | 'statusChanges'>
  readonly secondSignatures: SecondSignatureStore
  readonly notices: Pick<NoticeStore, 'about'>
  readonly outbox: Pick<Outbox, 'deliveries'>
  readonly inbox: Pick<Inbox, 'find'>
  readonly seals: Pick<Seals, 'registry' | 'registryParty'>
}

/**
 * Puts together what proves a certificate of this node and its history. For one state of the node it is
 * the same to the byte, but for the statement, which is signed anew.
 */
export function composeEvidence(deps: EvidenceDependencies) {
  return async (stored: StoredCertificate): Promise<EvidencePack> => {
    const missing: Missing[] = []
    const times: string[] = []
    const witnesses = new Set<string>()
    const prove = proveEarliest(deps.log, deps.policy.evidence.witnesses)

    const logged = async (jws: string, isNeeded = false): Promise<LoggedPart> => {
      const sha256 = await digestOf(jws)
      const found = await prove(sha256)
      if (isNeeded && !found) missing.push({ what: 'proof', subject: sha256 })
      if (isNeeded && found && !found.witnessed) missing.push({ what: 'quorum', subject: sha256 })
      if (!found) return { jws }
      times.push(found.at)
      for (const name of signersOf(found.proof)) witnesses.add(name)
      return { jws, proof: found.proof }
    }
    const some = async (kind: PartKind, documents: readonly string[], isNeeded = false) => {
      if (documents.length > MOST_PARTS[kind]) missing.push({ what: 'too-many', subject: kind })
      const taken = documents.slice(0, MOST_PARTS[kind])
      return Promise.all(taken.map((jws) => logged(jws, isNeeded)))
    }

    const jws = await deps.certificates.document(stored.sha256)
    if (jws === undefined) throw new Error(`The bytes of document ${stored.sha256} are missing`)
    const changes = await deps.certificates.statusChanges(stored.sha256)
    const second = await deps.secondSignatures.of(stored.sha256)
    const attested = await Promise.all(
      second.map(({ sha256 }) => deps.secondSignatures.attestations(sha256)),
    )
    const texts = (of: readonly { readonly jws: string }[]) => of.map((one) => one.jws)
    const document = await logged(jws, true)
    const statusChanges = await some('statusChanges', texts(changes), true)
    const receipts = await receiptsOf(deps, stored, changes)
    const notices = await noticesOf(deps, stored.state, signatureOf(jws).seal)
    for (const subject of [...receipts.lost, ...notices.lost])
      missing.push({ what: 'bytes', subject })
    const parts = {
      statusChanges,
      secondSignatures: await some('secondSignatures', texts(second)),
      attestations: await some('attestations', texts(attested.flat())),
      securityNotices: await some('securityNotices', notices.documents),
      receipts: await some('receipts', receipts.documents),
    }

    const { view } = await deps.trust()
    const ofWitness = (state: string) =>
      view.list(state)!.logs.some(({ origin }) => witnesses.has(origin))
    const signers = new Set(Object.values(parts).flat().map(signerState))
    const concerned = (state: string) =>
      state === deps.state || state === stored.state || signers.has(state) || ofWitness(state)
    const states = view.states().filter(concerned).toSorted()
    const instants = [...times]
    const lists = await Promise.all(
      states.map((state) => listsInForce(deps.trustStore, state, instants)),
    )
    const trustLists = await some('trustLists', lists.flat())
    const { x5c } = await deps.seals.registry()
    const signed = [document, ...Object.values(parts).flat(), ...trustLists].map((one) => one.jws)
    const paths = { documents: signed, paths: [x5c] }
    const revocation = await revocationOf(deps.trustStore, paths, states)
    for (const subject of revocation.uncovered) missing.push({ what: 'revocation', subject })

    const bound = {
      ...parts,
      trustLists,
      crls: revocation.crls.slice(0, MOST_PARTS.crls),
      ocspResponses: revocation.ocspResponses.slice(0, MOST_PARTS.ocspResponses),
      policy: { ...deps.policy },
      missing: missing.toSorted(byName),
    }
    const statement = await stateEvidence(deps.seals, {
      document: stored.sha256,
      parts: await partDigests(bound),
      now: deps.now(),
    })
    return {
      schema: EVIDENCE_SCHEMA,
      state: deps.state,
      document,
      ...bound,
      timestamps: [],
      complete: missing.length === 0,
      statement,
    }
  }
}

function byName(a: Missing, b: Missing): number {
  const [x, y] = [`${a.what} ${a.subject}`, `${b.what} ${b.subject}`]
  return x < y ? -1 : x > y ? 1 : 0
}

/** The state whose party a stored document names as its issuer. */
function signerState({ jws }: LoggedPart): string {
  const { iss } = payloadOf(jws) as { iss?: unknown }
  return typeof iss === 'string' ? iss.slice(0, 2) : ''
}

/** The names of all keys under the checkpoint of a proof. */
function signersOf(proof: string): string[] {
  const parsed = parseLogProof(new TextEncoder().encode(proof))
  return 'malformed' in parsed ? [] : parsed.signed.note.signatures.map(({ name }) => name)
}

/** Decisions of the recipients on what this node sent, and its own on what came to it. */
async function receiptsOf(
  deps: EvidenceDependencies,
  stored: StoredCertificate,
  changes: readonly { readonly sha256: string }[],
) {
  const documents = [stored.sha256, ...changes.map(({ sha256 }) => sha256)]
  const [delivered, received] = await Promise.all([
    Promise.all(documents.map((sha256) => deps.outbox.deliveries(sha256))),
    deps.inbox.find(stored.state, documents),
  ])
  const digests = [
    ...delivered.flat().map(({ decision }) => decision?.receipt),
    ...documents.map((sha256) => received.get(sha256)?.decision?.receipt),
  ]
  return bytesOf(
    deps,
    digests.filter((digest) => digest !== undefined && digest !== ''),
  )
}

/** The chains of notices that name the seal of the certificate or any CA of its state. */
async function noticesOf(deps: EvidenceDependencies, state: string, seal: string | undefined) {
  const notices = seal === undefined ? [] : await deps.notices.about(state, seal)
  return bytesOf(
    deps,
    notices.flatMap(({ documents }) => documents),
  )
}

async function bytesOf(
  { certificates }: Pick<EvidenceDependencies, 'certificates'>,
  digests: readonly (string | undefined)[],
): Promise<{ documents: string[]; lost: string[] }> {
  const wanted = [...new Set(digests.filter((digest) => digest !== undefined))]
  const found = await certificates.documents(wanted)
  return {
    documents: wanted.flatMap((digest) => found.get(digest) ?? []),
    lost: wanted.filter((digest) => !found.has(digest)),
  }
}
