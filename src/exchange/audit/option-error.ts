/** What the auditor gave beside the log, such as an earlier checkpoint or a key of a witness, is none. */
export class AuditOptionError extends Error {
  override name = 'AuditOptionError'
}
