import { advice, type CodeText, found, LEAVES_OPEN, STAYS_GENUINE } from './check-texts-actions.ts'

/** What the notices of states about keys under suspicion mean for what these keys signed. */
export const NOTICE_TEXTS = {
  'held-by-security-notice': found(
    'Государство уведомило, что ключ этой печати мог попасть в чужие руки, и этот документ мог быть подписан в указанное им время: кем он подписан, сейчас установить нельзя.',
    'A state has given notice that the key of this seal may have been in wrong hands, and this document may have been signed in the time it names: who signed it cannot be established now.',
    advice(
      LEAVES_OPEN,
      'Приостановите решение по документу, но не отказывайте по этой причине; запросите по официальным каналам подтверждение у выдавшего органа и повторите проверку, когда уведомление будет снято или уточнено.',
      'Put the decision on the document off, but refuse nothing for this reason; ask the issuing body for confirmation through official channels, and repeat the check when the notice is released or narrowed.',
    ),
  ),
  'named-in-security-notice': found(
    'О ключе этой печати есть уведомление о безопасности, которое на этом узле ничего не приостанавливает.',
    'There is a security notice about the key of this seal, which puts nothing on hold at this node.',
    advice(
      STAYS_GENUINE,
      'Прочтите уведомление по указанному хешу и учтите, что в нём сказано; при сомнении направьте запрос выдавшему органу.',
      'Read the notice under the digest given and weigh what it says; in doubt, send a request to the issuing body.',
    ),
  ),
  'status-change-doubtful': found(
    'Состояние документа зависит от изменения, ключ подписи которого отозван как скомпрометированный или приостановлен: кем оно сделано, установить нельзя.',
    'The status of the document hangs on a change whose key was revoked as compromised or is on hold: who made that change cannot be established.',
    advice(
      LEAVES_OPEN,
      'Не решайте по документу до выяснения; запросите по официальным каналам у выдавшего органа, действует ли он.',
      'Decide nothing on the document until this is settled; ask the issuing body through official channels whether it is in force.',
    ),
  ),
} satisfies Record<string, CodeText>
