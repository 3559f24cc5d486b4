import { type Text, text } from '../../certificate/wording.ts'

/** What follows from a finding: what it means for the goods, and what to do now. */
interface Consequence {
  readonly meaning: Text
  readonly action: Text
}

/** What a reason code tells the officer: what was found, what it means, and what to do about it. */
export interface CodeText extends Consequence {
  readonly text: Text
}

export function found(ru: string, en: string, consequence: Consequence): CodeText {
  return { text: text(ru, en), ...consequence }
}

/** A meaning that many codes share, with what to do about this one. */
export function advice(meaning: Text, ru: string, en: string): Consequence {
  return { meaning, action: text(ru, en) }
}

/** Something speaks against the document as it lies here. */
export const PROVES_NOTHING = text(
  'Такой документ ничего не доказывает: ни происхождения или соответствия товара, ни чьей-либо вины.',
  "Such a document proves nothing: neither the origin or conformity of the goods, nor anybody's fault.",
)

/** Something is missing; nothing speaks against the certificate. */
export const LEAVES_OPEN = text(
  'Это не опровергает сертификат, но и не подтверждает его: до выяснения он не доказывает ни происхождения, ни соответствия товара.',
  'This neither refutes the certificate nor confirms it: until it is settled, it proves neither the origin nor the conformity of the goods.',
)

/** A certificate that has no effect on the date asked about. */
export const NOT_IN_FORCE = text(
  'На эту дату сертификат, даже подлинный, не доказывает ни происхождения, ни соответствия товара.',
  'On that date the certificate, even if genuine, proves neither the origin nor the conformity of the goods.',
)

/** An absence that has an innocent explanation. */
export const ABSENCE_IS_NO_SIGN = text(
  'Ни за товар, ни против него это не говорит.',
  'This speaks neither for the goods nor against them.',
)

/** The signature stands; the particulars are for customs to weigh. */
export const STAYS_GENUINE = text(
  'Подлинности сертификата это не затрагивает.',
  'This does not affect the genuineness of the certificate.',
)

/** The document as presented is of no use, yet the issuing body may have a good one. */
export const ASK_FOR_IT_AGAIN = advice(
  PROVES_NOTHING,
  'Не полагайтесь на этот документ; запросите его заново у выдавшего органа по официальным каналам.',
  'Do not rely on this document; ask the issuing body for it again through official channels.',
)

/** Something speaks against the signer or the document, and only the body named can clear it up. */
export const ASK_WHETHER_ISSUED = advice(
  PROVES_NOTHING,
  'Не полагайтесь на документ до выяснения; запросите по официальным каналам у названного в нём органа, выдавал ли он этот сертификат.',
  'Do not rely on the document until this is settled; ask the body named in it, through official channels, whether it issued this certificate.',
)

/** Nothing speaks against the certificate, but the node will never be able to tell. */
export const ASK_FOR_CONFIRMATION = advice(
  LEAVES_OPEN,
  'Запросите по официальным каналам у выдавшего органа, выдавал ли он этот сертификат и когда.',
  'Ask the issuing body, through official channels, whether it issued this certificate and when.',
)

/** Good if it is older than the end of its key, and only a proof can say whether it is. */
export const ASK_FOR_PROOF_OF_TIME = advice(
  text(
    'Пока не доказано, что документ старше, он не доказывает ни происхождения, ни соответствия товара; ничьей вины это тоже не доказывает.',
    "Until it is proven to be older, the document proves neither the origin nor the conformity of the goods; nor does this prove anybody's fault.",
  ),
  'Не полагайтесь на документ до выяснения; запросите у ведомства своего государства или государства выдачи пакет доказательств (certex evidence): он доказывает, к какому времени документ уже существовал. Если такого пакета нет, запросите по официальным каналам у названного в документе органа, выдавал ли он этот сертификат.',
  'Do not rely on the document until this is settled; ask the authority of your own or of the issuing state for the evidence pack (certex evidence), which proves by when the document existed. If there is none, ask the body named in the document, through official channels, whether it issued this certificate.',
)

/** A fault in the signing certificates, which only their authority can mend. */
export const TELL_ADMINISTRATOR = advice(
  PROVES_NOTHING,
  'Не полагайтесь на документ до выяснения; сообщите код результата администратору узла, чтобы он обратился в удостоверяющий центр государства выдачи.',
  "Do not rely on the document until this is settled; give the result code to the node's administrator, who will ask the certification authority of the issuing state.",
)

/** What is missing may still come. */
export const CHECK_LATER = advice(
  LEAVES_OPEN,
  'Повторите проверку позже; если результат не изменится, сообщите код результата администратору узла.',
  "Repeat the check later; if the result stays the same, give the result code to the node's administrator.",
)

/** Revocation data may still come, to a node by themselves. */
export const CHECK_WITH_NEW_CRL = advice(
  LEAVES_OPEN,
  'Повторите проверку позже, а без узла — с новыми списками отзыва (certex validate --crl) или с новым пакетом доказательств; если результат не изменится, сообщите код результата администратору узла.',
  "Repeat the check later; without a node, with newer revocation lists (certex validate --crl) or a new evidence pack. If the result stays the same, give the result code to the node's administrator.",
)

/** The entry may stand in a newer trust list. */
export const CHECK_WITH_NEW_LIST = advice(
  PROVES_NOTHING,
  'Не полагайтесь на документ; повторите проверку после обновления списков доверия, а если результат не изменится, обратитесь по официальным каналам к названному в документе органу.',
  'Do not rely on the document; repeat the check once the trust lists are updated, and if the result stays the same, ask the body named in the document through official channels.',
)

/** The issuing body itself made the mistake; an electronic certificate is replaced, never corrected. */
export const ASK_FOR_REPLACEMENT = advice(
  PROVES_NOTHING,
  'Не полагайтесь на документ; сообщите о нарушении выдавшему органу и запросите правильно составленный сертификат.',
  'Do not rely on the document; report the fault to the issuing body and ask for a correct certificate.',
)

export const ASK_DECLARANT = advice(
  NOT_IN_FORCE,
  'Не принимайте его; запросите у декларанта действующий сертификат.',
  'Do not accept it; ask the declarant for a certificate that is in force.',
)

/** Without electronic data the rules for paper apply (rules.md §3). */
export const USE_PAPER_RULES = advice(
  ABSENCE_IS_NO_SIGN,
  'Действуйте по правилам для бумажных сертификатов; при сомнении направьте мотивированный запрос выдавшему органу.',
  'Follow the rules for paper certificates; in doubt, send a reasoned request to the issuing body.',
)
