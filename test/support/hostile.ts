import Sqlite from 'better-sqlite3'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { DocumentType } from '../../src/certificate/document-type.ts'
import { documentTypeNamed } from '../../src/certificate/document-types.ts'
import { demoCertificate, type DemoCertificate } from '../../src/cli/demo/documents.ts'
import type { SigningKey } from '../../src/crypto/suite.ts'
import { encodeBase64url } from '../../src/encoding/base64url.ts'
import type { Seal } from '../../src/jose/sign.ts'
import type { PreparedState } from '../../src/node/dev-state.ts'
import { openSeal } from '../../src/node/keyring.ts'
import { today } from './day.ts'

const utf8 = new TextEncoder()

/** The real seal of a body, or the key of a state for a purpose, in the hands of whoever asks. */
export async function sealOf(
  { pki, passphrase, state }: PreparedState,
  what: string,
): Promise<Seal> {
  const stored = pki.keys.find(
    ({ purpose, partyId }) => (purpose === 'document-seal' && partyId === what) || purpose === what,
  )
  if (!stored) throw new Error(`${state} has no key ${what}`)
  // A root signs no documents, and so has no path to send along.
  const x5c = stored.x5c.length > 0 ? stored.x5c : [stored.certificate]
  return openSeal(pki, { ...stored, x5c }, passphrase)
}

export interface Forgery {
  readonly typ?: string
  readonly payload?: unknown
  /** In place of the JSON of `payload`. */
  readonly payloadText?: string
  /** Laid over the header of the profile; `undefined` removes a member. */
  readonly header?: Readonly<Record<string, unknown>>
  /** In place of the whole header. */
  readonly headerText?: string
  readonly key?: SigningKey
}

/** A compact JWS with a signature that holds and anything whatever in it. */
export async function forge(seal: Seal, forgery: Forgery): Promise<string> {
  const { typ = 'product-certificate+jwt', payload, header = {}, key = seal.key } = forgery
  const members = {
    alg: seal.key.alg,
    typ,
    cty: 'application/json',
    iat: Math.floor(Date.now() / 1000),
    'x5t#S256': seal.x5tS256,
    x5c: seal.x5c,
    ...header,
  }
  const parts = [
    forgery.headerText ?? JSON.stringify(members),
    forgery.payloadText ?? JSON.stringify(payload),
  ]
  const signingInput = parts.map((text) => encodeBase64url(utf8.encode(text))).join('.')
  return `${signingInput}.${encodeBase64url(await key.sign(utf8.encode(signingInput)))}`
}

export function digest(jws: string): string {
  return createHash('sha256').update(jws).digest('base64url')
}

let serial = 500_000
let position = 0

/** A certificate that breaks no rule, under a number of its own. */
export function freshCertificate(name = 'origin-ct1-tractors'): Promise<DemoCertificate> {
  return demoCertificate(name, today, ++serial)
}

/** What a seal signs around a certificate; the status position is one that nobody else has. */
export function claimsFor(
  { url, state }: PreparedState,
  certificate: DemoCertificate,
  overrides: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const type = documentTypeNamed(certificate.type) as DocumentType
  return {
    schema: type.schemaId,
    iss: state === 'BY' ? 'BY.CCI.001' : 'UZ.EXPERTIZA.001',
    aud: type.addressees(certificate) ?? [state === 'BY' ? 'UZ' : 'BY'],
    status: { status_list: { uri: `${url}/status/900`, idx: ++position } },
    certificate,
    ...overrides,
  }
}

/** Working state, which any request may touch. */
const VOLATILE = new Set([
  'used_once',
  'access_tokens',
  'exchange_archive',
  'peers',
  'status_list_revisions',
  // What each node sees of the other's log, and it of its own.
  'checkpoints',
  'checkpoint_signatures',
  'cosignatures',
  'witnessed',
  'mirrors',
  'mirrored_bundles',
  'mirror_looks',
  'peer_log_bytes',
  'addressed',
  'mirror_looks',
  'checkpoint_signatures',
  // Leaves over what was read and done before, once a minute.
  'log_head',
  'log_tiles',
  'administrative_records',
])

/** Rows and a digest of the content of every table that only an accepted request may change. */
export function stateOf(node: { readonly data: string }): Record<string, string> {
  const database = new Sqlite(join(node.data, 'node.sqlite'), { readonly: true })
  try {
    const tables = database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .pluck()
      .all() as string[]
    return Object.fromEntries(
      tables
        .filter((table) => !VOLATILE.has(table))
        .map((table) => {
          const where = table === 'entries' ? "WHERE kind <> 'administrative'" : ''
          const rows = database.prepare(`SELECT * FROM ${table} ${where}`).raw().all()
          const content = createHash('sha256').update(JSON.stringify(rows)).digest('base64url')
          return [table, `${rows.length} ${content}`]
        }),
    )
  } finally {
    database.close()
  }
}

export function rowsOf(node: { readonly data: string }, table: string): Record<string, unknown>[] {
  const database = new Sqlite(join(node.data, 'node.sqlite'), { readonly: true })
  try {
    return database.prepare(`SELECT * FROM ${table}`).all() as Record<string, unknown>[]
  } finally {
    database.close()
  }
}
