import type { Text } from '../certificate/wording.ts'
import { text } from '../certificate/wording.ts'
import type { Indication } from '../exchange/validation/indication.ts'
import type { InstantJudgement } from '../exchange/validation/judge-signature.ts'
import type { Outcome } from '../exchange/delivery/receipt.ts'
import type { Answer, CheckNotMade } from '../exchange/validation/validation-report.ts'

/** The words of a printed report that do not come with the report itself. */
export const ANSWERS: Record<Answer, Text> = {
  usable: text('МОЖНО ИСПОЛЬЗОВАТЬ', 'USABLE'),
  'not-usable': text('НЕЛЬЗЯ ИСПОЛЬЗОВАТЬ', 'NOT USABLE'),
  'cannot-tell': text('УСТАНОВИТЬ НЕЛЬЗЯ', 'CANNOT TELL'),
}

/** In both languages always: whoever looks over the officer's shoulder must see it as well. */
export const TRAINING =
  'TRAINING DOCUMENT, NO LEGAL FORCE / УЧЕБНЫЙ ДОКУМЕНТ, НЕ ИМЕЕТ ЮРИДИЧЕСКОЙ СИЛЫ'

/** In plain words what the indication says of the signature, and of nothing else. */
export const INDICATIONS: Record<Indication, Text> = {
  'TOTAL-PASSED': text('подтверждена', 'confirmed'),
  'TOTAL-FAILED': text('не подтвердилась', 'not confirmed'),
  INDETERMINATE: text('оценить окончательно нельзя', 'cannot be judged for good'),
}

export const INSTANT_NAMES: Record<InstantJudgement['instant'], Text> = {
  claimed: text('на указанное в документе время', 'at the time that the document states'),
  proven: text('на доказанное время', 'at the proven time'),
  present: text('на время проверки', 'at the time of the check'),
}

export const DECIDES = text('эта оценка решает', 'this one decides')
export const CLAIM = text('это время не доказано', 'nobody has proven this time')

export const NOT_MADE: Record<CheckNotMade['because'], Text> = {
  stopped: text(
    'Не проверено, так как проверка остановилась раньше',
    'Not checked, because the validation ended before',
  ),
  'not-asked': text('Не проверено, так как не запрошено', 'Not checked, because nobody asked'),
  'not-available': text(
    'Не проверено, так как нужных для этого сведений здесь нет',
    'Not checked, because what it takes is not at hand here',
  ),
}

export const LABELS = {
  signature: text('Подпись (ETSI EN 319 102-1):', 'Signature (ETSI EN 319 102-1):'),
  why: text('Почему', 'Why'),
  document: text('Документ', 'Document'),
  line: text('Строка декларации', 'Declaration line'),
  item: text('товар', 'item'),
  noItem: text('товара с таким кодом в сертификате нет', 'no item covers it'),
  noDifference: text('расхождений нет', 'no difference'),
  differs: text('расхождение', 'differs'),
} as const

/** Of a validation by an evidence pack. */
export const PACK_LABELS = {
  provenBy: text('Время доказал свидетель', 'The time was proven by the witness'),
  askedFor: text('Файл доказательств узла', 'Evidence pack of the node of'),
  day: text('на день', 'for the day'),
  asOf: text('по сведениям на', 'as known at'),
  unknown: text('время не подтверждено', 'a time that nobody confirmed'),
  decided: text('Решение государства', 'Decision of'),
  onChange: text('по изменению состояния', 'on a change of status'),
  rules: text('Правила, действовавшие при внесении в журнал', 'Rules in force when it was logged'),
} as const

/** What a recipient decided. */
export const OUTCOME_WORDS: Record<Outcome, Text> = {
  accepted: text('принят', 'accepted'),
  'accepted-with-findings': text('принят с замечаниями', 'accepted with findings'),
  refused: text('не принят', 'refused'),
  'not-readable': text('прочесть не удалось', 'not readable'),
}

/** What a line and an item may differ in. */
export const DIFFERENCES: Readonly<Record<'origin' | 'invoice' | 'quantity', Text>> = {
  origin: text('страна происхождения', 'country of origin'),
  invoice: text('счёт-фактура', 'invoice'),
  quantity: text('количество', 'quantity'),
}

/** Whose the decision is; the report does not take it. */
export const CUSTOMS_DECIDE = text(
  'Этот отчёт говорит только о документе; решение о товаре принимает таможенный орган.',
  'This report speaks of the document alone; the decision on the goods is for customs.',
)

/** Of a list that was given but has no effect. */
export const NOT_BELIEVED = text('не принят во внимание', 'is not believed')

export const SEVERITIES = {
  error: text('ошибка', 'error'),
  warning: text('предупреждение', 'warning'),
  info: text('замечание', 'remark'),
} as const
