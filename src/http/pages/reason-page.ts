import type { Text } from '../../certificate/wording.ts'
import { CHECK_TITLES } from '../../exchange/texts/check-texts.ts'
import { CHECKS } from '../../exchange/validation/check.ts'
import { judgementOf, type SubIndication } from '../../exchange/validation/indication.ts'
import {
  type Reason,
  REASON_CATALOGUE,
  subIndicationsOf,
} from '../../exchange/validation/reason-catalogue.ts'
import type { Language } from '../problem.ts'
import { html, type Html, page } from './html.ts'

const WORDS = {
  en: {
    meaning: 'What it means for the goods',
    action: 'What to do now',
    check: 'Check',
    indication: 'Of the signature (ETSI EN 319 102-1)',
    none: 'nothing: the signature is not in question',
    several: 'by proof of time and revocation evidence',
    rule: 'Rule of the trust profile',
  },
  ru: {
    meaning: 'Что это значит для товара',
    action: 'Что делать сейчас',
    check: 'Проверка',
    indication: 'О подписи (ETSI EN 319 102-1)',
    none: 'ничего: подпись под сомнение не ставится',
    several: 'в зависимости от доказанного времени и сведений об отзыве',
    rule: 'Правило профиля доверия',
  },
} as const

/** One reason code of validation reports, in both languages. */
export function reasonPage(reason: Reason): string {
  const body = html`<main>
    <h1><code>${reason.code}</code></h1>
    ${section(reason, 'en')}${section(reason, 'ru')}
    <p>
      <a href="../reasons">All reasons · <span lang="ru">Все результаты</span></a> ·
      <a href="../docs">API</a>
    </p>
  </main>`
  return page(`${reason.code} · ${reason.text.en}`, 'en', body)
}

/** The catalogue of reason codes, in the order of the checks that they end. */
export function reasonIndexPage(): string {
  const groups = CHECKS.map(
    (check) =>
      html`<h2>${CHECK_TITLES[check].en} · <span lang="ru">${CHECK_TITLES[check].ru}</span></h2>
        <ul>
          ${REASON_CATALOGUE.filter((reason) => reason.check === check).map(item)}
        </ul>`,
  )
  const body = html`<main>
    <h1>Reasons · <span lang="ru">Результаты проверок</span></h1>
    <p>What the checks of a validation report may find. A code never changes its meaning.</p>
    <p lang="ru">Что могут установить проверки отчёта. Код никогда не меняет своего значения.</p>
    ${groups}
    <p>
      <a href="docs">API</a> · <a href="rules">Rules · <span lang="ru">Правила</span></a> ·
      <a href="problems">Problems · <span lang="ru">Ошибки</span></a>
    </p>
  </main>`
  return page('Reasons · Результаты проверок', 'en', body)
}

function item({ code, text }: Reason): Html {
  return html`<li>
    <a href="reasons/${code}"><code>${code}</code></a> ${text.en} ·
    <span lang="ru">${text.ru}</span>
  </li>`
}

function section(reason: Reason, language: Language): Html {
  const words = WORDS[language]
  const entry = (term: string, text: Text) =>
    html`<dt>${term}</dt>
      <dd>${text[language]}</dd>`
  return html`<section lang="${language}">
    <h2>${reason.text[language]}</h2>
    <dl>
      ${entry(words.meaning, reason.meaning)}${entry(words.action, reason.action)}
      ${entry(words.check, CHECK_TITLES[reason.check])}
      <dt>${words.indication}</dt>
      <dd>${indications(reason, language)}</dd>
      ${
        reason.rule !== undefined &&
        html`<dt>${words.rule}</dt>
          <dd>${reason.rule}</dd>`
      }
    </dl>
  </section>`
}

function indications(reason: Reason, language: Language): Html | string {
  const words = WORDS[language]
  const all = subIndicationsOf(reason)
  if (all.length === 0) return words.none
  const listed = html`${all.map((one, i) => html`${i > 0 && ', '}${indication(one)}`)}`
  return all.length === 1 ? listed : html`${listed} – ${words.several}`
}

function indication(subIndication: SubIndication): Html {
  return html`<code>${judgementOf(subIndication).indication}</code> / <code>${subIndication}</code>`
}
