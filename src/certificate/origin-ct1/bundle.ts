import { type CertificateId, certificateKey } from '../certificate-id.ts'
import { judge, type Judgement } from '../judge.ts'
import type { Facts, RegistryView } from '../rule.ts'
import { ORIGIN_CT1 } from './origin-ct1.ts'
import { siblingId } from './reading.ts'
import type { OriginCt1 } from './schema.ts'

/** One certificate of a bundle with its place in the registry (rules.md §9, OriginBundle). */
export interface BundleEntry {
  readonly certificate: OriginCt1
  readonly enteredAt?: Date
  readonly annulled: boolean
  /** Number of the certificate that replaced it. */
  readonly replacedBy?: string
}

/**
 * Judges certificates that belong together, a 1993 series or a chain of replacements, each with the
 * others as its registry: what no single document shows.
 */
export function judgeBundle(
  entries: readonly BundleEntry[],
  facts: Omit<Facts, 'registry' | 'enteredAt'>,
): Judgement[] {
  const registry = registryOf(entries)
  return entries.map(({ certificate, enteredAt }) =>
    judge(ORIGIN_CT1, certificate, { ...facts, registry, ...(enteredAt && { enteredAt }) }),
  )
}

function registryOf(entries: readonly BundleEntry[]): RegistryView {
  const known = new Map(
    entries.flatMap((entry) => {
      const { certificate, annulled, replacedBy } = entry
      const id = siblingId(certificate, certificate.number)
      const successor = replacedBy === undefined ? undefined : siblingId(certificate, replacedBy)
      if (!id) return []
      return [[certificateKey(id), { certificate, annulled, ...withSuccessor(successor) }] as const]
    }),
  )
  return { find: (id) => known.get(certificateKey(id)) }
}

function withSuccessor(successor: CertificateId | undefined) {
  return successor ? { replacedBy: successor } : {}
}
