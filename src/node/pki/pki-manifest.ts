import { z } from 'zod'
import { Instant, State } from '../../certificate/fields.ts'
import { PartyId } from '../../certificate/party-id.ts'
import { ENVIRONMENTS } from '../../jose/environment.ts'

/** A relative path that stays inside the directory. */
const File = z.string().regex(/^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*[A-Za-z0-9_-][A-Za-z0-9._-]*$/)

const Key = z.strictObject({
  purpose: z.enum([
    'root',
    'state-ca',
    'body-ca',
    'document-seal',
    'registry-seal',
    'node',
    'status-signer',
    'attestation',
    'trust-list-signer',
    'ocsp-responder',
  ]),
  /** Present for the keys of a body. */
  partyId: PartyId.optional(),
  certificateFile: File,
  /** Absent where its owner keeps the private key and this folder never held it. */
  keyFile: File.optional(),
  /** Certificate files of x5c: this key's first, without the root; empty for the root. */
  chain: z.array(File),
  /** The list this authority keeps, only for authorities. */
  crlFile: File.optional(),
  /** When a key that another follows ends in good order, before its X.509 certificate does. */
  until: Instant.optional(),
})

const BareKey = z.strictObject({
  purpose: z.enum(['log', 'witness']),
  keyFile: File,
  /** 32 octets, base64url. */
  publicKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  /** From when on a key that follows another signs; absent: from the first trust list on. */
  from: Instant.optional(),
  until: Instant.optional(),
})

/** manifest.json: what lies where in the directory of a state's keys. It holds no secret. */
export const PkiManifest = z.strictObject({
  version: z.literal(1),
  state: State,
  /** What its keys sign is of this environment. */
  environment: z.enum(ENVIRONMENTS).default('production'),
  organization: z.string(),
  /** Named in the X.509 certificates of the keys that sign. */
  ocspUrl: z.url().optional(),
  bodies: z.array(z.strictObject({ partyId: PartyId, name: z.string(), code: z.string() })),
  /** Of several keys of one purpose and party the last is the current one. */
  keys: z.array(Key),
  /** X.509 certificates of one root over another: new with old and old with new (RFC 4210 §4.4). */
  links: z.array(File).default([]),
  bareKeys: z.array(BareKey),
})

export type PkiManifest = z.infer<typeof PkiManifest>
export type ManifestKey = z.infer<typeof Key>
export type ManifestBareKey = z.infer<typeof BareKey>
