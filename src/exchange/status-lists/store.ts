import type { Status } from '../../certificate/certificate-state.ts'
import { STATUS_TYPE, type StatusType } from '../../status-list/status-list.ts'

/** How a status list shows each state (trust profile §9). The end of validity is the document's own. */
export const LISTED_AS: Readonly<Record<Status, StatusType>> = {
  issued: STATUS_TYPE.valid,
  active: STATUS_TYPE.valid,
  resumed: STATUS_TYPE.valid,
  extended: STATUS_TYPE.valid,
  expired: STATUS_TYPE.valid,
  suspended: STATUS_TYPE.suspended,
  annulled: STATUS_TYPE.invalid,
  replaced: STATUS_TYPE.invalid,
  terminated: STATUS_TYPE.invalid,
  archived: STATUS_TYPE.invalid,
}

/** Reads this node's own status lists from the projection of certificates. */
export interface StatusListStore {
  /** Undefined: this node has no such list. Cheap. */
  find(list: { id: number; uri: string }): Promise<
    | {
        readonly size: number
        /** Grows in the atomic step of every change that the list shows, whichever process makes it. */
        readonly revision: number
        /** No: a restore lost certificates or changes that it should show, and nobody has said what they were. */
        readonly isComplete: boolean
      }
    | undefined
  >
  /** Positions of the list that are not VALID. */
  listed(uri: string): Promise<{ readonly idx: number; readonly status: StatusType }[]>
}
