import { text } from '../../certificate/wording.ts'
import { type CodeText, found, STAYS_GENUINE } from './check-texts-actions.ts'

/** What is said of a national signature that stands beside a certificate. */
export const SECOND_SIGNATURE_TEXTS = {
  'national-signature-not-computable': found(
    'К сертификату приложена национальная подпись, которую этот узел вычислить не может, и ни одна служба доверия её не подтвердила.',
    'A national signature stands beside the certificate; this node cannot compute it, and no trust service has confirmed it.',
    {
      meaning: STAYS_GENUINE,
      action: text(
        'Если национальная подпись вам нужна, запросите её проверку службой доверия государства выдачи.',
        'If you need the national signature, ask for its verification by a trust service of the issuing state.',
      ),
    },
  ),
  'national-signature-failed': found(
    'Национальная подпись, приложенная к сертификату, не соответствует ему: так установила служба доверия или вычислил этот узел.',
    'The national signature beside the certificate does not belong to it: a trust service found so, or this node computed it.',
    {
      meaning: text(
        'Печать органа от этого не страдает, но орган приложил подпись, которая ничего не подтверждает.',
        'The seal of the body is not affected, but the body attached a signature that confirms nothing.',
      ),
      action: text(
        'На национальную подпись не полагайтесь; сообщите о расхождении выдавшему органу.',
        'Do not rely on the national signature; report the difference to the issuing body.',
      ),
    },
  ),
  'national-signature-undecided': found(
    'Служба доверия проверила национальную подпись и не смогла решить, верна ли она.',
    'A trust service examined the national signature and could not decide whether it is right.',
    {
      meaning: STAYS_GENUINE,
      action: text(
        'Если национальная подпись вам нужна, запросите её повторную проверку.',
        'If you need the national signature, ask for another verification.',
      ),
    },
  ),
  'national-attestation-expired': found(
    'Подтверждение национальной подписи службой доверия истекло; верна ли подпись, узел сказать не может.',
    'The confirmation of the national signature by a trust service has expired; whether the signature is right this node cannot tell.',
    {
      meaning: STAYS_GENUINE,
      action: text(
        'Если национальная подпись вам нужна, запросите новое подтверждение.',
        'If you need the national signature, ask for a new confirmation.',
      ),
    },
  ),
  'national-signature-missing': found(
    'По правилам этого узла сертификат данного государства должен сопровождаться национальной подписью, но она не поступала.',
    'By the rules of this node a certificate of that state comes with a national signature, and none has arrived.',
    {
      meaning: STAYS_GENUINE,
      action: text(
        'Повторите проверку позже; если подпись не поступит, запросите её у выдавшего органа.',
        'Repeat the check later; if the signature does not come, ask the issuing body for it.',
      ),
    },
  ),
} satisfies Record<string, CodeText>
