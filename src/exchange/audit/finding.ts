import { type Text, text } from '../../certificate/wording.ts'

/**
 * `fault`: something contradicts what the log or a signature says. `cannot-tell`: nobody can say from what is
 * here. `note`: nothing is wrong with log or node, and whoever relies on a document has to know it.
 */
export type AuditOutcome = 'fault' | 'cannot-tell' | 'note'

interface Kind {
  readonly outcome: AuditOutcome
  readonly text: Text
}

const fault = (ru: string, en: string): Kind => ({ outcome: 'fault', text: text(ru, en) })

const KINDS = {
  'file-damaged': fault('Файл базы данных повреждён', 'The database file is damaged'),
  'schema-differs': fault(
    'Таблицы, индексы или триггеры не те, что создаёт программа',
    'Tables, indexes or triggers are not those that the program makes',
  ),
  'tree-differs': fault(
    'Сохранённое дерево не то, что следует из записей',
    'The stored tree is not the one that follows from the entries',
  ),
  'checkpoint-differs': fault(
    'Подписанная контрольная точка не подтверждает записи журнала',
    'A signed checkpoint does not vouch for the entries of the log',
  ),
  'not-continued': fault(
    'Журнал не продолжает контрольную точку, от которой ведётся проверка',
    'The log does not continue the checkpoint that the audit starts from',
  ),
  'cosignature-differs': fault(
    'Подпись свидетеля не подтверждается',
    'A cosignature of a witness does not verify',
  ),
  'entry-backdated': fault(
    'Запись датирована раньше, чем то, что до неё удостоверило другое государство',
    'An entry is dated before what another state had cosigned when it was appended',
  ),
  'clock-set-back': {
    outcome: 'cannot-tell',
    text: text(
      'Запись датирована раньше предыдущих: часы переводили назад больше чем на минуту, или её датировали задним числом',
      'An entry is dated before those in front of it: the clock was set back by more than a minute, or the entry was dated back',
    ),
  },
  'arrival-early': {
    outcome: 'cannot-tell',
    text: text(
      'Документ пришёл раньше, чем он стоит в журнале отправителя: часы одного из двух узлов ошибались, или время изменили',
      'A document came before the log of its sender has it: the clock of one of the two was wrong, or a time was altered',
    ),
  },
  'quorum-missing': {
    outcome: 'cannot-tell',
    text: text(
      'Кворум свидетелей, которого требует политика, не собран: доказательства неполны',
      'The quorum of witnesses that the policy asks for is not reached: evidence is incomplete',
    ),
  },
  'entries-unsigned': fault(
    'Записи не подписаны ключом журнала, хотя он подписывает их в течение секунды',
    'Entries stand under no signed checkpoint, although the log key signs within a second',
  ),
  'entries-unproven': {
    outcome: 'cannot-tell',
    text: text(
      'За эти записи не поручился никто, кроме самого узла: у кого есть ключ журнала, мог написать их заново',
      'Nobody but the node vouches for these entries: whoever has its log key could have written them anew',
    ),
  },
  'root-differs': fault(
    'Закреплён не тот корневой сертификат, что принёс аудитор',
    'Another root is pinned than the auditor brings',
  ),
  'root-unknown': {
    outcome: 'cannot-tell',
    text: text(
      'С этим корневым сертификатом аудитор ничего не сличал: дайте его отпечаток в --anchor',
      'The auditor has compared nothing with this root: give its fingerprint with --anchor',
    ),
  },
  'signature-invalid': fault(
    'Подпись, путь или регистрация ключа документа не верны на время записи',
    'Signature, path or registration of a document did not hold when it was appended',
  ),
  'signer-revoked': fault(
    'Ключ был отозван до записи документа; узел мог этого ещё не знать',
    'The key had been revoked before the document was appended; the node may not have known yet',
  ),
  'signer-revoked-later': {
    outcome: 'note',
    text: text(
      'Ключ по дате самого отзыва отозван после записи документа, и отзыв действует задним числом: тогда узел узнать о нём не мог; значит ли документ что-нибудь, говорят проверки',
      'By the date of the revocation itself the key was revoked after the document was appended, back to a time before it: nobody could have told the node by then; what the document counts for, validations say',
    ),
  },
  'signature-undecided': {
    outcome: 'cannot-tell',
    text: text(
      'О подписи нельзя судить: не хватает сведений того времени',
      'The signature cannot be judged: what was known at that time is not all here',
    ),
  },
  'differs-from-log': fault(
    'Таблица говорит не то, что следует из журнала',
    'A table says other than what follows from the log',
  ),
  'document-differs': fault(
    'Документ не тот, что назван его хешем, или ничем не объяснён',
    'A document is not the one that its hash names, or nothing explains it',
  ),
  'record-differs': fault(
    'Запись противоречит другим записям, подписи или своему содержанию',
    'A record contradicts other records, a signature or what it contains',
  ),
  'record-missing': fault(
    'Записи не хватает: нумерация прерывается или на неё ссылаются',
    'A record is missing: the numbering breaks off, or something refers to it',
  ),
  'rows-uncovered': {
    outcome: 'cannot-tell',
    text: text(
      'Строки старше пяти минут не покрыты записью журнала: менял ли их кто-нибудь, сказать нельзя',
      'Rows older than five minutes stand behind no entry of the log: nobody can tell whether they were altered',
    ),
  },
  'search-outdated': {
    outcome: 'cannot-tell',
    text: text(
      'Поисковые слова сделаны прежней версией программы: запустите узел один раз и проверьте снова',
      'Search terms were made by an older version: start the node once, and audit again',
    ),
  },
  'message-missing': {
    outcome: 'cannot-tell',
    text: text(
      'Журнал другого государства называет сообщение сюда, а его нет: оно не послано или удалено',
      'The log of another state names a message to this one that is not here: it was withheld, or taken away',
    ),
  },
  'peer-log-differs': fault(
    'Сохранённое из журнала другого государства не подтверждается',
    'What is kept of the log of another state does not hold',
  ),
} as const satisfies Record<string, Kind>

export type AuditCode = keyof typeof KINDS

/** Something that an audit found, and where. */
export interface AuditFinding {
  readonly code: AuditCode
  /** A table, an entry of the log, a checkpoint. */
  readonly where: string
  readonly detail: string
}

/** What a finding of this code means. */
export function meaningOf(code: AuditCode): Kind {
  return KINDS[code]
}

/** Whether it is no finding. */
export function isNote({ code }: Pick<AuditFinding, 'code'>): boolean {
  return meaningOf(code).outcome === 'note'
}

/** Takes what is found. */
export type Report = (code: AuditCode, where: string, detail: string) => void

/** Of a database that is all wrong the first findings tell enough. */
const MOST_NAMED = 1000

/** The first of each outcome: what cannot be told, or is a note, in whatever number, crowds out no fault. */
export function firstFindings(findings: readonly AuditFinding[]): AuditFinding[] {
  const left = { fault: MOST_NAMED, 'cannot-tell': MOST_NAMED, note: MOST_NAMED }
  return findings.filter(({ code }) => left[meaningOf(code).outcome]-- > 0)
}

/** Collects what is reported: the first of each outcome are named, all but notes are counted. */
export function collectFindings(): {
  readonly report: Report
  /** Findings that were counted elsewhere, and are not named. */
  readonly count: (more: number) => void
  readonly found: () => { readonly findings: readonly AuditFinding[]; readonly found: number }
} {
  const findings: AuditFinding[] = []
  const named = { fault: 0, 'cannot-tell': 0, note: 0 }
  let found = 0
  return {
    report(code, where, detail) {
      if (!isNote({ code })) found++
      if (named[meaningOf(code).outcome]++ < MOST_NAMED) findings.push({ code, where, detail })
    },
    count: (more) => void (found += more),
    found: () => ({ findings, found }),
  }
}
