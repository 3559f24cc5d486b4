import type { Policy } from '../../certificate/policy.ts'
import type { LogStore } from '../../tlog/log-store.ts'
import type { TrustStore } from '../../trust/trust-store.ts'
import type { TrustView } from '../../trust/trust-view.ts'
import type { CurrentTrust } from '../../trust/trust.ts'
import type { StoredCertificate } from '../certificate-store.ts'
import { type EvidenceDocumentDependencies, evidenceDocuments, type MaySee } from './documents.ts'
import {
  EVIDENCE_SCHEMA,
  type EvidencePack,
  type LoggedPart,
  type Missing,
  MOST_PARTS,
  partDigests,
} from './pack.ts'
import { gatherProofs, type ProofsGathered } from './proofs.ts'
import { revocationOf } from './revocation.ts'
import { rulesOf } from './rules.ts'
import { fittingParts } from './size.ts'
import { stateEvidence } from './statement.ts'
import { byStateAndVersion, listsForPack, type ListsForPack, listsLeftOut } from './trust-lists.ts'
import { appliedPolicy, type WitnessSettings } from '../log/policy.ts'
import { logPolicyText } from '../log/policy-text.ts'
import { proveEarliest } from '../log/prove-logged.ts'
import { payloadOf } from '../registered.ts'
import type { RulesStore } from '../rules-in-force.ts'
import type { Seals } from '../seals.ts'

export interface EvidenceDependencies extends EvidenceDocumentDependencies {
  readonly state: string
  readonly now: () => Date
  readonly policy: Policy
  readonly trust: CurrentTrust
  readonly witnessing: WitnessSettings
  readonly trustStore: Pick<TrustStore, 'version' | 'versions' | 'crl' | 'ocspResponse'>
  readonly log: LogStore
  readonly rules: RulesStore
  readonly seals: Pick<Seals, 'registry' | 'registryParty'>
}

/**
 * Puts together what proves a certificate of this node and its history. For one state of the node and one
 * reader it is the same to the byte, but for the statement, which is signed anew.
 *
 * @throws {NoKeyInForce} there is no registry seal to sign it with
 */
export function composeEvidence(deps: EvidenceDependencies) {
  return async (stored: StoredCertificate, maySee: MaySee = 'all'): Promise<EvidencePack> => {
    const { x5c } = await deps.seals.registry()
    const documents = await evidenceDocuments(deps, stored, maySee)
    const { view } = await deps.trust()
    const quorum = appliedPolicy(view, deps.state, deps.witnessing)
    const proofs = gatherProofs(proveEarliest(deps.log, quorum))
    const document = await proofs.logged(documents.certificate, true)
    const logged = {
      statusChanges: await proofs.all('statusChanges', documents.statusChanges, true),
      secondSignatures: await proofs.all('secondSignatures', documents.secondSignatures),
      attestations: await proofs.all('attestations', documents.attestations),
      securityNotices: await proofs.all('securityNotices', documents.securityNotices, true),
      receipts: await proofs.all('receipts', documents.receipts),
    }
    const own = documents.receipts.filter((jws) => signerState({ jws }) === deps.state)
    const judged = [documents.certificate, ...documents.statusChanges, ...own]
    const rules = await rulesOf(deps, judged, proofs)
    const { times, signers } = proofs.gathered()
    const states = concerned(view, {
      known: [deps.state, stored.state, ...Object.values(logged).flat().map(signerState)],
      signers,
    })
    const chosen = await listsForPack(deps.trustStore, states, times)
    const lists = chosen.lists.slice(0, MOST_PARTS.trustLists)
    const trustLists = await Promise.all(lists.map(({ jws }) => proofs.logged(jws)))
    const signed = [document, ...Object.values(logged).flat(), ...trustLists].map((one) => one.jws)
    const revocation = await revocationOf(
      deps.trustStore,
      { documents: signed, paths: [x5c] },
      states,
    )
    const policy = { ...deps.policy, ...(quorum && { log: logPolicyText(quorum.policy) }) }
    const { parts, cut } = fittingParts(
      {
        ...logged,
        rules: [...rules.parts],
        trustLists,
        crls: revocation.crls.slice(0, MOST_PARTS.crls),
        ocspResponses: revocation.ocspResponses.slice(0, MOST_PARTS.ocspResponses),
      },
      [document, policy],
    )
    const missing: Missing[] = [
      ...documents.missing,
      ...proofs.gathered().missing,
      ...rules.missing,
      ...revocation.uncovered.map((subject) => ({ what: 'revocation', subject }) as const),
      ...cut.filter((kind) => kind !== 'trustLists').map(tooMany),
      ...listsLeftOut(chosen, parts.trustLists.length),
    ]
    const bound = {
      ...parts,
      trustLists: inTheirOrder(parts.trustLists, chosen),
      policy,
      missing: distinct(missing),
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

const tooMany = (subject: string): Missing => ({ what: 'too-many', subject })

/** States whose lists it takes: of all that signed something, and of those that witnessed it. */
function concerned(
  view: TrustView,
  by: { readonly known: readonly string[]; readonly signers: ProofsGathered['signers'] },
): string[] {
  const isWitness = (state: string) =>
    view.list(state)!.logs.some(({ origin }) => by.signers.has(origin))
  return view
    .states()
    .filter((state) => by.known.includes(state) || isWitness(state))
    .toSorted()
}

/** Lists that were taken by need, as readers expect them: by state, the oldest first. */
function inTheirOrder(taken: readonly LoggedPart[], { lists }: ListsForPack): LoggedPart[] {
  return lists
    .slice(0, taken.length)
    .map((list, i) => ({ ...list, part: taken[i]! }))
    .toSorted(byStateAndVersion)
    .map(({ part }) => part)
}

/** In an order of their own, none twice. */
function distinct(missing: readonly Missing[]): Missing[] {
  const byName = new Map(missing.map((one) => [`${one.what} ${one.subject}`, one]))
  return [...byName.keys()].toSorted().map((name) => byName.get(name)!)
}

/** The state whose party a stored document names as its issuer. */
function signerState({ jws }: LoggedPart): string {
  const { iss } = payloadOf(jws) as { iss?: unknown }
  return typeof iss === 'string' ? iss.slice(0, 2) : ''
}
