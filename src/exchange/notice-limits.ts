import type { NoticeSubject } from './security-notice.ts'

/** Of one state about one seal, or about all CAs of a state, released ones counted: validations look through them. */
export const MAX_NOTICES = 200
/** Of one notice; it can still be released. */
export const MAX_AMENDMENTS = 100

/** For logs and records. */
export function subjectText(subject: NoticeSubject): string {
  return 'ski' in subject
    ? `CA ${subject.ski} of ${subject.state}`
    : `seal ${subject.x5tS256} of ${subject.body}`
}
