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
import { type SignatureFacts, signatureFacts } from './projection.ts'

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
  /** The earliest by which it is proven to exist; `at` or before it. */
  readonly provenAt: string
  readonly change: StatusChange
}

/** The status changes of a certificate in the order of the log. */
export async function loadChanges(
  store: CertificateStore,
  target: string,
): Promise<LoadedChange[]> {
  return (await store.statusChanges(target)).map(({ sha256, at, provenAt, jws }) => ({
    sha256,
    at,
    provenAt,
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

/** The certificate whose rules are asked, as far as it is known yet. */
export interface Judged {
  readonly type: DocumentType
  readonly certificate: unknown
  /** The very document: a change that was decided before it came may name it as successor. */
  readonly document?: { readonly sha256: string; readonly id: CertificateId }
  /** A certificate that ends in the step that issues this one, which stands in its place. */
  readonly replaces?: { readonly id: CertificateId; readonly by: CertificateId }
  /** Certificates of which whoever asks must not hear; they are as if they were not here. */
  readonly hidden?: (certificate: StoredCertificate) => boolean
}

/** The certificates that a certificate's rules look up, with those that these name in turn. */
export async function registryFor(
  store: CertificateStore,
  judged: Judged,
  policy: Policy,
): Promise<RegistryView> {
  const found = new Map<string, RegisteredCertificate>()
  const queue: CertificateId[] = [...judged.type.references(judged.certificate, policy)]
  const asked = new Set<string>()
  for (let id = queue.shift(); id && asked.size < MAX_REFERENCES; id = queue.shift()) {
    const key = certificateKey(id)
    if (asked.has(key)) continue
    asked.add(key)
    const stored = await store.find(id)
    if (!stored || judged.hidden?.(stored)) continue
    const loaded = await loadCertificate(store, stored)
    found.set(key, await registered(store, loaded, judged.document))
    queue.push(...loaded.type.references(loaded.payload.certificate, policy))
  }
  const { replaces } = judged
  const ending = replaces && found.get(certificateKey(replaces.id))
  if (ending)
    found.set(certificateKey(replaces.id), { ...ending, annulled: true, replacedBy: replaces.by })
  return { find: (id) => found.get(certificateKey(id)) }
}

async function registered(
  store: CertificateStore,
  { payload, state }: LoadedCertificate,
  document: Judged['document'],
): Promise<RegisteredCertificate> {
  const annulled = state.status === 'annulled' || state.status === 'replaced'
  const replacedBy =
    state.status === 'replaced' ? await successorId(store, state.replacedBy, document) : undefined
  return { certificate: payload.certificate, annulled, ...(replacedBy && { replacedBy }) }
}

async function successorId(
  store: CertificateStore,
  sha256: string,
  document: Judged['document'],
): Promise<CertificateId | undefined> {
  if (document?.sha256 === sha256) return document.id
  const successor = await store.findByDigest(sha256)
  return successor && parseCertificateId(successor)
}

/** Who signed a document of this node's own store, and when by its own word. */
export function signatureOf(jws: string): SignatureFacts {
  return readStored(parseJws(jws)).signature
}

/** What a document of this node's own store says and who signed it, once it is parsed. */
export function readStored(parsed: ReturnType<typeof parseJws>): {
  payload: unknown
  signature: SignatureFacts
} {
  if ('malformed' in parsed) throw new Error(`A stored document is damaged: ${parsed.malformed}`)
  const { iat, 'x5t#S256': x5tS256 } = parsed.header
  return { payload: parsed.payload, signature: signatureFacts({ x5tS256, iat }) }
}

/** The payload of a document of this node's own store, verified when it was appended. */
export function payloadOf(jws: string): unknown {
  const parsed = parseJws(jws)
  if ('malformed' in parsed) throw new Error(`A stored document is damaged: ${parsed.malformed}`)
  return parsed.payload
}
