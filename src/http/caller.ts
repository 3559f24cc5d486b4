/** Who may call: every client has one role, `public` is everyone without credentials. */
export const ROLES = ['issuer', 'customs', 'authority', 'auditor', 'peer', 'public'] as const

export type Role = (typeof ROLES)[number]

/** Who calls, as authentication established it; nothing in here comes from the request's content. */
export interface Caller {
  role: Role
  clientId?: string
  /** The PartyId that a client system is bound to. */
  party?: string
  /** The state of a peer node. */
  state?: string
}
