import type { AdminAct } from '../trust/admin-act.ts'

export const CLIENT_ROLES = ['issuer', 'customs', 'authority', 'auditor'] as const
export type ClientRole = (typeof CLIENT_ROLES)[number]

/** A client system of the own state: one role, one PartyId, one public key. */
export interface Client {
  readonly id: string
  readonly role: ClientRole
  readonly party: string
  readonly jwk: Record<string, unknown>
  /** Whose calls these are, where one person answers for them: two of them decide on trust. */
  readonly person: string | undefined
  readonly disabledAt: string | undefined
}

export interface ClientStore {
  find(id: string): Promise<Client | undefined>
  all(): Promise<Client[]>
  /** `acts` are written in the same step, if it registers. */
  register(
    client: Omit<Client, 'disabledAt' | 'person'> & Partial<Pick<Client, 'person'>>,
    at: string,
    acts?: readonly AdminAct[],
  ): Promise<'registered' | 'exists'>
  /** From then on no token of the client is accepted. `acts` are written in the same step. */
  disable(id: string, at: string, acts?: readonly AdminAct[]): Promise<'disabled' | 'unknown'>
}

/** Access tokens by the SHA-256 of their text. */
export interface TokenStore {
  insert(sha256: string, clientId: string, expiresAt: string): Promise<void>
  /** The client of a token that is neither expired nor of a disabled client. */
  clientOf(sha256: string, now: string): Promise<Client | undefined>
  prune(now: string): Promise<void>
}

/** Values that count once within a window: `jti` of assertions, nonces of HTTP signatures. */
export interface UsedOnce {
  /** Of concurrent calls with one value exactly one gets `fresh`, across all processes. */
  insertOnce(scope: string, value: string, expiresAt: string): Promise<'fresh' | 'replayed'>
  prune(now: string): Promise<void>
}

export interface StoredReport {
  readonly id: string
  readonly client: string
  readonly party: string
  readonly createdAt: string
  readonly body: unknown
}

export interface ReportStore {
  /** Keeps reports and, in the same step, who read the certificates that they show. */
  insert(reports: readonly StoredReport[], accesses: readonly Access[]): Promise<void>
  find(id: string): Promise<StoredReport | undefined>
}

/** Who read which certificate, when, under which role and purpose. */
export interface Access {
  readonly at: string
  readonly client: string
  readonly party: string
  readonly role: string
  readonly operation: string
  readonly certificate: string
  /** Officer, post, purpose and declaration as the client system asserts them. */
  readonly context: unknown
}

export interface RecordedAccess extends Access {
  readonly n: number
  /** The entry of the log that covers it; none yet, of the last minute. */
  readonly idx?: number
}

export interface AccessQuery {
  readonly client?: string | undefined
  readonly officer?: string | undefined
  /** From this instant on, and before that one. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** The last one seen. */
  readonly after?: Pick<RecordedAccess, 'at' | 'n'> | undefined
}

export interface AccessLog {
  record(accesses: readonly Access[]): Promise<void>
  /** The oldest first, in the order in which they were recorded. */
  of(certificate: string, after: number, limit: number): Promise<RecordedAccess[]>
  /** Whatever the certificate, in the order of their instants. */
  search(query: AccessQuery, limit: number): Promise<RecordedAccess[]>
  /** Validations of a certificate by customs, the oldest first. */
  uses(certificate: string, limit: number): Promise<Access[]>
}
