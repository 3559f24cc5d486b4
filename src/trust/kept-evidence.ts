import { decodeBase64 } from '../encoding/base64url.ts'
import type { Malformed } from '../encoding/der.ts'
import { type Crl, parseCrl } from '../x509/crl.ts'
import type { KeptCrl } from '../x509/crl-source.ts'
import { type OcspResponse, parseOcspResponse } from '../x509/ocsp-response.ts'
import type { KeptOcspResponse } from '../x509/ocsp-source.ts'
import type { HeldOcspResponse } from './ocsp-store.ts'
import type { TrustStore } from './trust-store.ts'

/** What was read before, by what tells one stored item from another. */
export interface EvidenceMemory {
  crls: ReadonlyMap<string, Crl | Malformed>
  ocsp: ReadonlyMap<string, OcspResponse | Malformed>
}

export interface KeptEvidence {
  readonly crls: readonly KeptCrl[]
  readonly ocsp: readonly KeptOcspResponse[]
}

type Store = Pick<TrustStore, 'crls' | 'ocspResponses' | 'heldOcspResponses' | 'ocspResponse'>

/** More new ones than that are read in one query with all others. */
const MAX_SINGLE_READS = 8

/**
 * Reads the stored CRLs and OCSP responses; each is parsed once as long as `memory` lives. Of an authority of
 * which one item cannot be read nothing counts: that item may be the one that revokes. All others do.
 */
export async function readEvidence(store: Store, memory: EvidenceMemory): Promise<KeptEvidence> {
  const [crls, ocsp] = await Promise.all([readCrls(store, memory), readOcsp(store, memory)])
  const damaged = [...crls, ...ocsp].filter(({ read }) => 'malformed' in read)
  const unreadable = new Set(damaged.map(authorityOf))
  const counts = (one: { state: string; ski: string }) => !unreadable.has(authorityOf(one))
  return {
    crls: crls.filter(counts).map(({ state, read }) => ({ state, crl: read as Crl })),
    ocsp: ocsp.filter(counts).map(({ state, ski, serial, read }) => ({
      state,
      issuerSki: ski,
      serialNumber: serial,
      response: read as OcspResponse,
    })),
  }
}

async function readCrls(store: Store, memory: EvidenceMemory) {
  // A list is replaced by one with a higher number alone.
  const rows = (await store.crls()).map(({ state, ski, number, der }) => {
    const name = `${state} ${ski} ${number}`
    const read = memory.crls.get(name) ?? parseCrl(decodeBase64(der) ?? new Uint8Array())
    return { state, ski, name, read }
  })
  memory.crls = new Map(rows.map(({ name, read }) => [name, read]))
  return rows
}

async function readOcsp(store: Store, memory: EvidenceMemory) {
  const held = await store.heldOcspResponses()
  const fresh = held.filter((row) => !memory.ocsp.has(nameOf(row)))
  const stored =
    fresh.length > MAX_SINGLE_READS
      ? await store.ocspResponses()
      : (
          await Promise.all(fresh.map(({ state, serial }) => store.ocspResponse(state, serial)))
        ).flat()
  const byPlace = new Map(stored.map((row) => [placeOf(row), row]))
  const rows = held.map((row) => {
    // One that was replaced since then is read as what it is now.
    const now = byPlace.get(placeOf(row))
    const { state, ski, serial } = row
    const name = nameOf(now ?? row)
    const read = memory.ocsp.get(name) ?? parseOcspResponse(decodeBase64(now?.der ?? '') ?? EMPTY)
    return { state, ski, serial, name, read }
  })
  memory.ocsp = new Map(rows.map(({ name, read }) => [name, read]))
  return rows
}

const EMPTY = new Uint8Array()

function placeOf({ state, ski, serial }: HeldOcspResponse): string {
  return `${state} ${ski} ${serial}`
}

/** A response is replaced by one of another time, or of the same second that says something else. */
function nameOf(held: HeldOcspResponse): string {
  return `${placeOf(held)} ${held.thisUpdate} ${held.status}`
}

function authorityOf({ state, ski }: { readonly state: string; readonly ski: string }): string {
  return `${state} ${ski}`
}
