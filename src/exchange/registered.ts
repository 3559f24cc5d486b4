import {
  parseCertificateId,
  certificateKey,
  type CertificateId,
} from '../certificate/certificate-id.ts'
import type { CertificateState } from '../certificate/certificate-state.ts'
import type { DocumentType } from '../certificate/document-type.ts'
import { documentTypeOf } from '../certificate/document-types.ts'
import type { CertificatePayload } from '../certificate/payload.ts'
import type { Policy } from '../certificate/policy.ts'
import type { RegisteredCertificate, RegistryView } from '../certificate/rule.ts'
import { StatusChange } from '../certificate/status-change.ts'
import { replay } from '../certificate/status-transition.ts'
import { parseJws } from '../jose/parse.ts'
import type { CertificateStore, StoredCertificate } from './certificate-store.ts'

/** A certificate of the log with its content and the state its changes led to. */
export interface LoadedCertificate {
  readonly stored: StoredCertificate
  readonly jws: string
  readonly type: DocumentType
  readonly payload: CertificatePayload
  readonly changes: readonly LoadedChange[]
  readonly state: CertificateState
}

export interface LoadedChange {
  readonly sha256: string
  readonly at: string
  readonly change: StatusChange
}

/** The status changes of a certificate in the order of the log. */
export async function loadChanges(
  store: CertificateStore,
  target: string,
): Promise<LoadedChange[]> {
  return (await store.statusChanges(target)).map(({ sha256, at, jws }) => ({
    sha256,
    at,
    change: StatusChange.parse(payloadOf(jws)),
  }))
}

/** How many certificates a chain of references may lead through before it is cut off. */
const MAX_REFERENCES = 50

export async function loadCertificate(
  store: CertificateStore,
  stored: StoredCertificate,
): Promise<LoadedCertificate> {
  const [jws, changes] = await Promise.all([
    store.document(stored.sha256),
    loadChanges(store, stored.sha256),
  ])
  if (jws === undefined) throw new Error(`The bytes of document ${stored.sha256} are missing`)
  const payload = payloadOf(jws) as CertificatePayload
  const type = documentTypeOf(payload.schema)
  if (!type) throw new Error(`Document ${stored.sha256} is of an unknown type`)
  const { state } = replay(
    type,
    payload.certificate,
    changes.map(({ change }) => change),
  )
  return { stored, jws, type, payload, changes, state }
}

/** The certificates that a certificate's rules look up, with those that these name in turn. */
export async function registryFor(
  store: CertificateStore,
  type: DocumentType,
  certificate: unknown,
  policy: Policy,
): Promise<RegistryView> {
  const found = new Map<string, RegisteredCertificate>()
  const queue: CertificateId[] = [...type.references(certificate, policy)]
  const asked = new Set<string>()
  for (let id = queue.shift(); id && asked.size < MAX_REFERENCES; id = queue.shift()) {
    const key = certificateKey(id)
    if (asked.has(key)) continue
    asked.add(key)
    const stored = await store.find(id)
    if (!stored) continue
    const loaded = await loadCertificate(store, stored)
    found.set(key, await registered(store, loaded))
    queue.push(...loaded.type.references(loaded.payload.certificate, policy))
  }
  return { find: (id) => found.get(certificateKey(id)) }
}

async function registered(
  store: CertificateStore,
  { payload, state }: LoadedCertificate,
): Promise<RegisteredCertificate> {
  const annulled = state.status === 'annulled' || state.status === 'replaced'
  const successor =
    state.status === 'replaced' ? await store.findByDigest(state.replacedBy) : undefined
  const replacedBy = successor && parseCertificateId(successor)
  return { certificate: payload.certificate, annulled, ...(replacedBy && { replacedBy }) }
}

/** The payload of a document of this node's own store, verified when it was appended. */
export function payloadOf(jws: string): unknown {
  const parsed = parseJws(jws)
  if ('malformed' in parsed) throw new Error(`A stored document is damaged: ${parsed.malformed}`)
  return parsed.payload
}
