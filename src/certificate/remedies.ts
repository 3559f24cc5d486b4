import { text } from './wording.ts'

/** What customs does about a certificate that the issuer should not have let through (rules.md §6). */
export const ASK_ISSUER = text(
  'Направьте мотивированный запрос органу, выдавшему документ.',
  'Send a reasoned request to the body that issued the document.',
)

/** For differences that are no ground for refusal (rules.md §6, harmless errors). */
export const NOTE_ONLY = text(
  'Само по себе это не основание для отказа; учтите при проверке.',
  'This alone is no ground for refusal; take it into account when checking.',
)
