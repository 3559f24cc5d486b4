import { type RawBuilder, sql as raw } from 'kysely'
import { REPLACED_CHANGE, UNMIRRORED } from '../exchange/log/lost-documents.ts'

// What is asked of a row `l` of `lost_documents`, and of the entry `e` in its place.

/** Its bytes are not here. */
const IS_GONE = raw`NOT EXISTS (SELECT 1 FROM documents AS here WHERE here.sha256 = l.sha256)`
/** Its bytes came, and it takes no effect. */
export const IS_LATE = raw`EXISTS (SELECT 1 FROM late_documents AS late WHERE late.sha256 = l.sha256)`
/** Listed, and not found since. */
export const IS_LOST = raw`(${IS_GONE} OR ${IS_LATE})`
/** Nothing here bears its number: it is not here, or is without effect for its place in the log. */
const HIDES_NUMBER = raw`(${IS_GONE} OR EXISTS
  (SELECT 1 FROM late_documents AS late WHERE late.sha256 = l.sha256 AND late.reason = 'order'))`
/** What others sent here goes to nobody from here. */
export const IS_OWN = raw`e.leaf NOT LIKE '%"to":{}%'`
/** Behind an end that nobody mirrored anything may stand. */
const IS_END = raw`l.kind = ${raw.lit(UNMIRRORED)}`

/** It may bear a number of this state that nobody has named yet. */
export const AWAITS_NUMBER = raw`((${IS_END} OR l.kind = 'certificate' AND ${IS_OWN}) AND ${HIDES_NUMBER}
  AND NOT EXISTS (SELECT 1 FROM lost_numbers AS settled WHERE settled.sha256 = l.sha256))`
/** It may have changed a certificate of this state, and nobody has said yet that this is made up for. */
export const AWAITS_CHANGE = raw`((${IS_END} OR l.kind = ${raw.lit(REPLACED_CHANGE)}
    OR l.kind = 'status-change' AND ${IS_OWN}) AND ${IS_LOST}
  AND NOT EXISTS (SELECT 1 FROM settled_changes AS settled WHERE settled.sha256 = l.sha256))`

/** Whether this state may have issued certificates of which nobody has said yet what they were. */
export const HAS_UNSETTLED = hasAwaiting('certificate', AWAITS_NUMBER)
/** Whether this state may have changed certificates that nobody has changed again yet. */
export const HAS_LOST_CHANGES = hasAwaiting('status-change', AWAITS_CHANGE)

/** Each of the two by an index of its own. */
function hasAwaiting(kind: string, awaits: RawBuilder<unknown>) {
  return raw<0 | 1>`(EXISTS (SELECT 1 FROM lost_documents AS l
      JOIN entries AS e ON e.idx = l.idx WHERE l.kind = ${raw.lit(kind)} AND ${awaits})
    OR EXISTS (SELECT 1 FROM lost_documents AS l LEFT JOIN entries AS e ON e.idx = l.idx
      WHERE l.idx IS NULL AND ${awaits}))`
}
