import { type CatalogueEntry, RULE_CATALOGUE } from '../../certificate/rule-catalogue.ts'
import type { Severity, Stage } from '../../certificate/rule.ts'
import type { Language } from '../problem.ts'
import { html, type Html, page } from './html.ts'

const WORDS = {
  en: {
    remedy: 'What to do',
    issuer: 'Issuing body',
    customs: 'Customs',
    severity: 'How grave',
    types: 'Applies to',
    needs: 'Needs beside the certificate',
    source: 'Source',
    enforcedBy: 'Judged by',
  },
  ru: {
    remedy: 'Что делать',
    issuer: 'Органу, выдающему сертификат',
    customs: 'Таможне',
    severity: 'Насколько серьёзно',
    types: 'Действует для',
    needs: 'Требует сведений помимо сертификата',
    source: 'Источник',
    enforcedBy: 'Кто проверяет',
  },
} as const

const STAGES: Readonly<Record<Stage, Readonly<Record<Language, string>>>> = {
  issue: { en: 'at issue', ru: 'при выдаче' },
  receive: { en: 'on receipt', ru: 'при получении' },
  customs: { en: 'at customs', ru: 'на таможне' },
}

const SEVERITIES: Readonly<Record<Severity, Readonly<Record<Language, string>>>> = {
  error: { en: 'error', ru: 'ошибка' },
  warning: { en: 'warning', ru: 'предупреждение' },
  info: { en: 'remark', ru: 'замечание' },
}

const JUDGES: Readonly<Record<CatalogueEntry['enforcedBy'], Readonly<Record<Language, string>>>> = {
  judge: { en: 'the node', ru: 'узел' },
  journal: { en: 'the node, when it stores the document', ru: 'узел при сохранении документа' },
  'seal-verification': {
    en: 'the node, when it verifies the seal',
    ru: 'узел при проверке печати',
  },
  people: { en: 'people', ru: 'люди' },
}

/** One rule that certificates are judged by, in both languages. */
export function rulePage(rule: CatalogueEntry): string {
  const body = html`<main>
    <h1><code>${rule.id}</code></h1>
    ${ruleSection(rule, 'en')}${ruleSection(rule, 'ru')}
    <p>
      <a href="../rules">All rules · <span lang="ru">Все правила</span></a> ·
      <a href="../docs">API</a>
    </p>
  </main>`
  return page(`${rule.id} · ${rule.title.en} · ${rule.title.ru}`, 'en', body)
}

/** The catalogue of rules. */
export function ruleIndexPage(): string {
  const items = RULE_CATALOGUE.map(
    ({ id, title }) =>
      html`<li>
        <a href="rules/${id}"><code>${id}</code></a> ${title.en} ·
        <span lang="ru">${title.ru}</span>
      </li>`,
  )
  const body = html`<main>
    <h1>Rules · <span lang="ru">Правила</span></h1>
    <p>What certificates are judged by. For programs: <a href="v1/rules">/v1/rules</a>.</p>
    <p lang="ru">
      По этим правилам оцениваются сертификаты. Для программ: <a href="v1/rules">/v1/rules</a>.
    </p>
    <ul>
      ${items}
    </ul>
    <p>
      <a href="docs">API</a> · <a href="problems">Problems · <span lang="ru">Ошибки</span></a> ·
      <a href="reasons">Reasons · <span lang="ru">Результаты</span></a>
    </p>
  </main>`
  return page('Rules · Правила', 'en', body)
}

export function findRule(id: string): CatalogueEntry | undefined {
  return RULE_CATALOGUE.find((rule) => rule.id === id)
}

function ruleSection(rule: CatalogueEntry, language: Language): Html {
  const words = WORDS[language]
  const severities = Object.entries(STAGES).map(
    ([stage, text]) =>
      html`<li>${text[language]}: ${SEVERITIES[rule.severity[stage as Stage]][language]}</li>`,
  )
  return html`<section lang="${language}">
    <h2>${rule.title[language]}</h2>
    <p>${rule.explanation[language]}</p>
    <h3>${words.remedy}</h3>
    <dl>
      <dt>${words.issuer}</dt>
      <dd>${rule.remedy.issuer[language]}</dd>
      <dt>${words.customs}</dt>
      <dd>${rule.remedy.customs[language]}</dd>
    </dl>
    <h3>${words.severity}</h3>
    <ul>
      ${severities}
    </ul>
    <p>${words.types}: ${codes(rule.types)}</p>
    ${rule.needs.length > 0 && html`<p>${words.needs}: ${codes(rule.needs)}</p>`}
    <p>${words.enforcedBy}: ${JUDGES[rule.enforcedBy][language]}</p>
    <p>${words.source}: ${rule.source}</p>
  </section>`
}

function codes(names: readonly string[]): Html {
  return html`${names.map((name, i) => html`${i > 0 && ', '}<code>${name}</code>`)}`
}
