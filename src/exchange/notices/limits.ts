import type { NoticeSubject } from './security-notice.ts'

/** Of one state about one seal, or about all CAs of a state, released ones counted: validations look through them. */
const MAX_NOTICES = 200
/** The same where the subject is another state's: what all others may say together has to be little. */
const MAX_FOREIGN_NOTICES = 50
/** Of one state about whatever there is. */
export const MAX_NOTICES_OF_STATE = 5000
/** Of one notice; it can still be released. */
const MAX_AMENDMENTS = 20
const MAX_FOREIGN_AMENDMENTS = 10

/** How many notices a state may declare about this subject. */
export function noticesPermitted(issuer: string, subject: NoticeSubject): number {
  return issuer === subject.state ? MAX_NOTICES : MAX_FOREIGN_NOTICES
}

/** How often a state may amend one notice about this subject. */
export function amendmentsPermitted(issuer: string, subject: NoticeSubject): number {
  return issuer === subject.state ? MAX_AMENDMENTS : MAX_FOREIGN_AMENDMENTS
}

/** For logs and records. */
export function subjectText(subject: NoticeSubject): string {
  return 'ski' in subject
    ? `CA ${subject.ski} of ${subject.state}`
    : `seal ${subject.x5tS256} of ${subject.body}`
}
