import { text } from '../../certificate/wording.ts'
import { told } from '../keep-trust/accept-list.ts'
import { foreignText } from '../texts/foreign-text.ts'
import type { TrustFork } from '../../trust/trust-decisions.ts'
import type { UndecidedTrust } from '../keep-trust/undecided-trust.ts'
import type { Warning } from './warning.ts'

/** What waits for people: an addition that nobody may have asked for, a fork, a second person. */
export function warningsOfDecisions({ pending, proposals, forks }: UndecidedTrust): Warning[] {
  return [
    ...pending.map(({ state, version, countsFrom, additions }): Warning => {
      const what = told(additions)
      const [ru, en] =
        countsFrom === undefined
          ? ['после разбора ветвления', 'once the fork is settled']
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
    ...forks.flatMap(warningsOfFork),
    ...proposals.map(({ kind, state, subject, proposedBy, lapsesAt }): Warning => ({
      kind: 'trust-proposal-open',
      subject: state,
      overdue: false,
      at: lapsesAt,
      message: text(
        `${proposedBy} предлагает решение по доверию к ${state} (${kind} ${foreignText(subject)}); его утверждает другой человек: certex trust approve.`,
        `${proposedBy} proposes a decision on the trust in ${state} (${kind} ${foreignText(subject)}); another person approves it: certex trust approve.`,
      ),
    })),
  ]
}

function warningsOfFork(fork: TrustFork): Warning[] {
  const { state, sha256, seenAt } = fork
  const settle = `certex trust settle-fork --state ${state} --fork ${sha256}`
  const common = { subject: state, overdue: true, at: seenAt } as const
  if (fork.of === 'list')
    return [
      {
        kind: 'trust-list-forked',
        ...common,
        message: text(
          `Подписана другая версия ${fork.version} списка доверия ${state}, чем принятая здесь: ключ подписи списка скомпрометирован или использован ошибочно. Новые записи ${state} не учитываются. Спросите ${state} по второму каналу, затем: ${settle}.`,
          `Another version ${fork.version} of the trust list of ${state} was signed than the one accepted here: its list signer is compromised or was misused. Additions of ${state} do not count. Ask ${state} over a second channel, then: ${settle}.`,
        ),
      },
    ]
  const [ru, en] =
    fork.proof === 'forked'
      ? ['противоречит сам себе', 'contradicts itself']
      : ['показан короче, чем был подписан прежде', 'was shown shorter than it was signed before']
  const frozen: Warning = {
    kind: 'trust-frozen-by-log',
    ...common,
    message: text(
      `Журнал ${foreignText(fork.origin)} ${ru}: пока это не выяснено, новые записи в списке доверия ${state} не учитываются, исключения учитываются сразу, сертификаты продолжают поступать. Спросите ${state} по второму каналу, затем: ${settle}.`,
      `The log ${foreignText(fork.origin)} ${en}: until that is settled, additions to the trust list of ${state} do not count; removals count at once, and certificates keep flowing. Ask ${state} over a second channel, then: ${settle}.`,
    ),
  }
  return fork.proof === 'forked' ? [contradiction(fork), frozen] : [frozen]
}

function contradiction({ state, origin, seenAt }: Extract<TrustFork, { of: 'log' }>): Warning {
  return {
    kind: 'log-forked',
    subject: state,
    overdue: true,
    at: seenAt,
    message: text(
      `Журнал ${foreignText(origin)} противоречит сам себе с ${seenAt}: есть две подписанные им контрольные точки, которые не могут быть верны одновременно (/v1/log-forks). Сообщите оператору ${state} и уполномоченному органу; сертификаты продолжают поступать.`,
      `The log ${foreignText(origin)} contradicts itself since ${seenAt}: it has signed two checkpoints that cannot both be true (/v1/log-forks). Tell the operator of ${state} and the authority; certificates keep flowing.`,
    ),
  }
}
