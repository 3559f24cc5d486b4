import { text } from '../certificate/wording.ts'
import { told } from './accept-list.ts'
import type { UndecidedTrust } from './undecided-trust.ts'
import type { Warning } from './warning.ts'

/** What waits for people: an addition that nobody may have asked for, a fork, a second person. */
export function warningsOfDecisions({ pending, proposals, forks }: UndecidedTrust): Warning[] {
  return [
    ...pending.map(({ state, version, countsFrom, additions }): Warning => {
      const what = told(additions)
      const [ru, en] =
        countsFrom === undefined
          ? ['после разбора ветвления списка', 'once the fork of the list is settled']
          : [`с ${countsFrom}`, `from ${countsFrom}`]
      return {
        kind: 'trust-additions-pending',
        subject: state,
        overdue: false,
        at: countsFrom,
        message: text(
          `Версия ${version} списка доверия ${state} добавляет: ${what}. Здесь это учитывается ${ru}. Если вы этого не ждали, спросите ${state} по второму каналу: пусть исключит.`,
          `Version ${version} of the trust list of ${state} adds ${what}. It counts here ${en}. If you did not expect it, ask ${state} over a second channel to remove it.`,
        ),
      }
    }),
    ...forks.map(({ state, version, sha256, seenAt }): Warning => ({
      kind: 'trust-list-forked',
      subject: state,
      overdue: true,
      at: seenAt,
      message: text(
        `Подписана другая версия ${version} списка доверия ${state}, чем принятая здесь: ключ подписи списка скомпрометирован или использован ошибочно. Новые записи ${state} не учитываются. Спросите ${state} по второму каналу, затем: certex trust settle-fork --state ${state} --fork ${sha256}.`,
        `Another version ${version} of the trust list of ${state} was signed than the one accepted here: its list signer is compromised or was misused. Additions of ${state} do not count. Ask ${state} over a second channel, then: certex trust settle-fork --state ${state} --fork ${sha256}.`,
      ),
    })),
    ...proposals.map(({ kind, state, subject, proposedBy, lapsesAt }): Warning => ({
      kind: 'trust-proposal-open',
      subject: state,
      overdue: false,
      at: lapsesAt,
      message: text(
        `${proposedBy} предлагает решение по доверию к ${state} (${kind} ${subject}); его утверждает другой человек: certex trust approve.`,
        `${proposedBy} proposes a decision on the trust in ${state} (${kind} ${subject}); another person approves it: certex trust approve.`,
      ),
    })),
  ]
}
