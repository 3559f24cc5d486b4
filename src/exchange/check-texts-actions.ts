import { type Text, text } from '../certificate/wording.ts'

/** What a result code tells the officer: what was found, and what to do about it. */
export interface CodeText {
  readonly text: Text
  readonly action: Text
}

export function found(ru: string, en: string, action: Text): CodeText {
  return { text: text(ru, en), action }
}

/** The document as presented is of no use, yet the issuing body may have a good one. */
export const ASK_FOR_IT_AGAIN = text(
  'Не полагайтесь на этот документ; запросите его заново у выдавшего органа по официальным каналам.',
  'Do not rely on this document; ask the issuing body for it again through official channels.',
)

/** Something speaks against the signer or the document, and only the body named can clear it up. */
export const ASK_WHETHER_ISSUED = text(
  'Не полагайтесь на документ до выяснения; запросите по официальным каналам у названного в нём органа, выдавал ли он этот сертификат.',
  'Do not rely on the document until this is settled; ask the body named in it, through official channels, whether it issued this certificate.',
)

/** Nothing speaks against the certificate, but the node will never be able to tell. */
export const ASK_FOR_CONFIRMATION = text(
  'Это не значит, что сертификат недействителен: запросите у выдавшего органа подтверждение выдачи.',
  'This does not mean that the certificate is invalid: ask the issuing body to confirm that it issued it.',
)

/** A fault in the signing certificates, which only their authority can mend. */
export const TELL_ADMINISTRATOR = text(
  'Не полагайтесь на документ до выяснения; сообщите код результата администратору узла, чтобы он обратился в удостоверяющий центр государства выдачи.',
  "Do not rely on the document until this is settled; give the result code to the node's administrator, who will ask the certification authority of the issuing state.",
)

/** What is missing may still come. */
export const CHECK_LATER = text(
  'Повторите проверку позже; если результат не изменится, сообщите код результата администратору узла.',
  "Repeat the check later; if the result stays the same, give the result code to the node's administrator.",
)

/** The entry may stand in a newer trust list. */
export const CHECK_WITH_NEW_LIST = text(
  'Не полагайтесь на документ; повторите проверку после обновления списков доверия, а если результат не изменится, обратитесь по официальным каналам к названному в документе органу.',
  'Do not rely on the document; repeat the check once the trust lists are updated, and if the result stays the same, ask the body named in the document through official channels.',
)

/** The issuing body itself made the mistake; an electronic certificate is replaced, never corrected. */
export const ASK_FOR_REPLACEMENT = text(
  'Не полагайтесь на документ; сообщите о нарушении выдавшему органу и запросите правильно составленный сертификат.',
  'Do not rely on the document; report the fault to the issuing body and ask for a correct certificate.',
)

export const ASK_DECLARANT = text(
  'Не принимайте его; запросите у декларанта действующий сертификат.',
  'Do not accept it; ask the declarant for a certificate that is in force.',
)

/** Without electronic data the rules for paper apply (rules.md §3). */
export const USE_PAPER_RULES = text(
  'Действуйте по правилам для бумажных сертификатов; при сомнении направьте мотивированный запрос выдавшему органу.',
  'Follow the rules for paper certificates; in doubt, send a reasoned request to the issuing body.',
)
