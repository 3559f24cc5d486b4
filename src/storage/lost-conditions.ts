import { sql as raw } from 'kysely'
import { WAITS_FOR_ITS_PLACE } from '../exchange/incoming/waiting-changes.ts'
import { UNMIRRORED } from '../exchange/log/lost-documents.ts'

// What is asked of a row `l` of `lost_documents`, and of the entry `e` in its place.

/** Its bytes came, and too late to take effect. */
export const IS_LATE = raw`EXISTS (SELECT 1 FROM inbox WHERE inbox.sha256 = l.sha256
  AND inbox.waits_for = ${raw.lit(WAITS_FOR_ITS_PLACE)})`
/** Listed, and not found since. */
export const IS_LOST = raw`(NOT EXISTS (SELECT 1 FROM documents AS found WHERE found.sha256 = l.sha256) OR ${IS_LATE})`
/** Received ones were numbered by others; behind an end that nobody mirrored any may stand. */
const MAY_HIDE_NUMBER = raw`(l.kind = ${raw.lit(UNMIRRORED)}
  OR l.kind = 'certificate' AND e.leaf NOT LIKE '%"to":{}%')`
export const IS_UNSETTLED = raw`${MAY_HIDE_NUMBER} AND ${IS_LOST}
  AND NOT EXISTS (SELECT 1 FROM lost_numbers AS settled WHERE settled.sha256 = l.sha256)`

/** Whether this state may have issued certificates of which nobody has said yet what they were. */
export const HAS_UNSETTLED = raw<0 | 1>`(EXISTS (SELECT 1 FROM lost_documents AS l
    JOIN entries AS e ON e.idx = l.idx WHERE l.kind = 'certificate' AND ${IS_UNSETTLED})
  OR EXISTS (SELECT 1 FROM lost_documents AS l LEFT JOIN entries AS e ON e.idx = l.idx
    WHERE l.idx IS NULL AND ${IS_UNSETTLED}))`
