import { text } from '../../certificate/wording.ts'
import { advice, type CodeText, found, LEAVES_OPEN, STAYS_GENUINE } from './check-texts-actions.ts'

const ANOTHER_PACK = advice(
  LEAVES_OPEN,
  'Запросите у узла, сделавшего файл доказательств, новый файл и повторите проверку.',
  'Ask the node that made the evidence pack for a new one, and repeat the check.',
)

const MORE_ROOTS = advice(
  LEAVES_OPEN,
  'Повторите проверку с отпечатками корневых сертификатов обоих государств, полученными лично.',
  'Repeat the check with the fingerprints of the roots of both states, told in person.',
)

/** What an evidence pack proves by itself, and what it leaves open. */
export const EVIDENCE_TEXTS = {
  'logged-and-witnessed': found(
    'Документ стоит в журнале узла, сделавшего файл доказательств; узел другого государства засвидетельствовал это в указанное время.',
    'The document stands in the log of the node that made the evidence pack; the node of another state witnessed that at the time given.',
    advice(
      STAYS_GENUINE,
      'Ничего не требуется; чей это журнал и кто свидетель, указано в подробностях.',
      'Nothing is needed; the details name the log and the witness.',
    ),
  ),
  'log-proof-missing': found(
    'В файле доказательств нет доказательства, что документ стоит в журнале; когда он существовал, установить нельзя.',
    'The evidence pack holds no proof that the document stands in the log; since when it exists cannot be established.',
    ANOTHER_PACK,
  ),
  'log-proof-broken': found(
    'Доказательство, что документ стоит в журнале, не сходится: файл доказательств повреждён или изменён.',
    'The proof that the document stands in the log does not hold: the evidence pack is damaged or was altered.',
    ANOTHER_PACK,
  ),
  'log-key-unknown': found(
    'Контрольная точка журнала не подписана ключом, который в то время был в списке доверия государства этого журнала.',
    'The checkpoint of the log is not signed by a key that stood in the trust list of its state at that time.',
    MORE_ROOTS,
  ),
  'witness-not-judged': found(
    'Свидетеля журнала оценить нельзя: корневой сертификат другого государства не закреплён. Время, названное узлом в собственном журнале, другим ничего не доказывает.',
    'The witness of the log cannot be judged: no root of another state is pinned. The time that a node gives in its own log proves nothing to others.',
    MORE_ROOTS,
  ),
  'witness-quorum-missing': found(
    'Журнал заверили не все свидетели, которых требует политика: доказательство неполное; кого не хватает, указано в подробностях.',
    'Not all witnesses that the policy requires have cosigned the log: the evidence is incomplete; the details name those that it lacks.',
    ANOTHER_PACK,
  ),
  'witness-before-entry': found(
    'Подпись свидетеля датирована раньше, чем, по словам журнала, сделана сама запись: одно из двух неверно, и времени она не доказывает.',
    'The cosignature of the witness is of an earlier time than the log gives for the entry itself: one of the two is untrue, and it proves no time.',
    ANOTHER_PACK,
  ),
  'not-proven-by-then': found(
    'Не доказано, что документ в этот день уже существовал: засвидетельствован он позже.',
    'It is not proven that the document existed on that day: it was witnessed later.',
    advice(
      LEAVES_OPEN,
      'Спросите о более позднем дне; о времени подписания в документе сказано лишь словами подписавшего.',
      'Ask about a later day; of the time of signing the document gives only the word of its signer.',
    ),
  ),
  'valid-by-pack': found(
    'По изменениям в файле доказательств сертификат в этот день действовал; изменения после указанного момента исключить нельзя.',
    'By the changes in the evidence pack the certificate was in force on that day; changes made after the time given cannot be excluded.',
    advice(
      text(
        'Файл говорит о том, что узел знал в указанный момент; аннулирование действует и на прошлые дни.',
        'The pack says what its node knew at the time given; an annulment counts for days past as well.',
      ),
      'Если позднейшие изменения важны, запросите новый файл доказательств.',
      'If later changes matter, ask for a new evidence pack.',
    ),
  ),
  'later-than-pack': found(
    'Этот день позже момента, на который составлен файл доказательств: было ли состояние изменено после него, установить нельзя.',
    'That day lies after the time as of which the evidence pack speaks: whether the status changed since then cannot be established.',
    ANOTHER_PACK,
  ),
  'pack-statement-missing': found(
    'В файле доказательств нет заявления узла о том, что в нём все изменения состояния; не удалено ли что-нибудь, установить нельзя.',
    'The evidence pack lacks the statement of its node that it holds all changes of status; whether something was taken out cannot be established.',
    ANOTHER_PACK,
  ),
  'pack-statement-not-believed': found(
    'Заявлению о полноте файла доказательств верить нельзя: подпись реестра не подтверждена.',
    'The statement that the evidence pack is whole cannot be believed: the seal of the registry is not confirmed.',
    MORE_ROOTS,
  ),
  'refused-by-recipient': found(
    'Государство, куда направлен документ, его не приняло: это решение подписал реестр того государства.',
    'A state that the document went to did not accept it: the registry of that state has signed this decision.',
    advice(
      text(
        'В том государстве сертификат не действует; подлинности подписи это не затрагивает.',
        'In that state the certificate has no effect; the genuineness of the signature is not affected.',
      ),
      'Запросите причину у реестра того государства; государство и её коды указаны в подробностях.',
      'Ask the registry of that state for the reason; the details name the state and its codes.',
    ),
  ),
  'receipt-not-believed': found(
    'Решению получателя в файле доказательств верить нельзя: подпись реестра не подтверждена.',
    'A decision of a recipient in the evidence pack cannot be believed: the seal of the registry is not confirmed.',
    advice(
      STAYS_GENUINE,
      'Если решение получателя важно, запросите его у узла получателя.',
      'If the decision of the recipient matters, ask the node of the recipient for it.',
    ),
  ),
  'pack-version-unknown': found(
    'Это файл доказательств другой версии, чем умеет читать эта программа; проверить его здесь нельзя.',
    'This is an evidence pack of another version than this program can read; it cannot be checked here.',
    advice(
      LEAVES_OPEN,
      'Повторите проверку более новой программой или запросите у узла файл доказательств версии evidence/1.',
      'Repeat the check with a newer program, or ask the node for an evidence pack of the version evidence/1.',
    ),
  ),
  'pack-not-whole': found(
    'В файле доказательств не всё, о чём заявил его узел: часть отсутствует или изменена.',
    'The evidence pack does not hold all that its node stated: a part is missing or was altered.',
    ANOTHER_PACK,
  ),
  'rules-of-then-unknown': found(
    'По каким правилам узел проверял документ, когда внёс его в журнал, файл доказательств не доказывает; сведения проверены по правилам этой программы.',
    'By which rules the node judged the document when it was logged, the evidence pack does not prove; the content was judged by the rules of this program.',
    advice(
      STAYS_GENUINE,
      'Если важны правила того времени, запросите их у узла, сделавшего файл доказательств.',
      'If the rules of that time matter, ask the node that made the evidence pack for them.',
    ),
  ),
  'rules-of-then-differ': found(
    'Когда документ был внесён в журнал, у узла действовали другие правила, чем у этой программы; указанные в подробностях применены в нынешнем виде.',
    'When the document was logged, the node had other rules in force than this program; those that the details name were applied as they are now.',
    advice(
      STAYS_GENUINE,
      'Прежние правила полностью приведены в файле доказательств; при сомнении проверьте документ программой той версии.',
      'The rules of then stand in the evidence pack in full; in doubt judge the document with the program of that version.',
    ),
  ),
} satisfies Record<string, CodeText>
