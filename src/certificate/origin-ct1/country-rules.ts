import { ASK_ISSUER } from '../remedies.ts'
import { always, type Breach, check, type Rule } from '../rule.ts'
import { text } from '../wording.ts'
import { remarkOf } from './reading.ts'
import type { OriginCt1 } from './schema.ts'

/** Every country code of the certificate with its place. */
function countriesOf(certificate: OriginCt1): [path: string, code: string][] {
  const { issuer, exporter, consignor, consignee, importer } = certificate
  return [
    ['/issuedIn', certificate.issuedIn],
    ['/forPresentationIn', certificate.forPresentationIn],
    ['/issuer/country', issuer.country],
    ['/exporter/country', exporter.country],
    ...(consignor ? ([['/consignor/country', consignor.country]] as [string, string][]) : []),
    ['/consignee/country', consignee.country],
    ...(importer ? ([['/importer/country', importer.country]] as [string, string][]) : []),
    ...(certificate.transitCountries ?? []).map((code, i): [string, string] => [
      `/transitCountries/${i}`,
      code,
    ]),
    ['/applicantDeclaration/originCountry', certificate.applicantDeclaration.originCountry],
  ]
}

/** Countries and route (rules.md §10). */
export const COUNTRY_RULES: readonly Rule<OriginCt1>[] = [
  {
    id: 'ORI-CTRY-CODE',
    severity: always('error'),
    title: text('Известный код страны', 'Known country code'),
    explanation: text(
      'Каждый код страны есть в перечне ИСО 3166-1 (две латинские буквы).',
      'Every country code is an ISO 3166-1 alpha-2 code.',
    ),
    remedy: {
      issuer: text('Укажите код по ИСО 3166-1.', 'Enter the ISO 3166-1 code.'),
      customs: ASK_ISSUER,
    },
    source: 'rules.md §10, §12',
    checks: [
      check((certificate, { policy }) =>
        countriesOf(certificate)
          .filter(([, code]) => !policy.countries.includes(code))
          .map(([path, code]) => ({
            path,
            values: { code },
            ru: `Кода страны ${code} нет в перечне ИСО 3166-1.`,
            en: `${code} is not a country code of ISO 3166-1.`,
          })),
      ),
    ],
  },
  {
    id: 'ORI-CTRY-SAME',
    severity: always('error'),
    title: text('Выдан для другой страны', 'Issued for another country'),
    explanation: text(
      'Страна выдачи и страна представления различны.',
      'The issuing country is not the presenting one.',
    ),
    remedy: {
      issuer: text('Исправьте графу 4.', 'Correct box 4.'),
      customs: ASK_ISSUER,
    },
    source: 'rules.md §10',
    checks: [
      check(({ issuedIn, forPresentationIn }) => {
        if (issuedIn !== forPresentationIn) return []
        return [
          {
            path: '/forPresentationIn',
            values: { issuedIn },
            ru: `Сертификат выдан в ${issuedIn} для представления в той же стране.`,
            en: `The certificate was issued in ${issuedIn} for presentation in the same country.`,
          },
        ]
      }),
    ],
  },
  {
    id: 'ORI-CTRY-ORIGIN',
    severity: always('error'),
    title: text('Происхождение из страны выдачи', 'Origin in the issuing country'),
    explanation: text(
      'Заявленная страна происхождения равна стране выдачи, кроме сертификатов на основании другого ' +
        'сертификата и товаров, изготовленных до 1993 года.',
      'The declared origin is the issuing country, except for certificates issued on the basis of ' +
        'another one and goods made before 1993.',
    ),
    remedy: {
      issuer: text(
        'Исправьте страну в декларации заявителя или внесите отметку о сертификате-основании в графу 5.',
        "Correct the country in the applicant's declaration, or name the source certificate in box 5.",
      ),
      customs: ASK_ISSUER,
    },
    source: 'rules.md §4.2, §10',
    checks: [
      check((certificate) => {
        const { issuedIn } = certificate
        const { originCountry } = certificate.applicantDeclaration
        const excepted =
          remarkOf(certificate, 'ISSUED_ON_BASIS_OF') ?? remarkOf(certificate, 'MADE_BEFORE_1993')
        if (originCountry === issuedIn || excepted) return []
        return [
          {
            path: '/applicantDeclaration/originCountry',
            values: { originCountry, issuedIn },
            ru: `Заявитель указал происхождение ${originCountry}, а сертификат выдан в ${issuedIn}.`,
            en: `The applicant declares origin ${originCountry}, but the certificate was issued in ${issuedIn}.`,
          },
        ]
      }),
    ],
  },
  {
    id: 'ORI-DIRECT',
    severity: always('warning'),
    title: text('Прямая поставка', 'Direct delivery'),
    explanation: text(
      'Транзит через страну вне перечня СНГ допустим только под таможенным контролем с подтверждением.',
      'Transit through a country outside the CIS list is allowed only under proven customs control.',
    ),
    remedy: {
      issuer: text(
        'Предупредите заявителя: потребуется подтверждение таможенного контроля в пути.',
        'Tell the applicant that proof of customs control on the way will be asked for.',
      ),
      customs: text(
        'Запросите у декларанта подтверждение, что товар там оставался под таможенным контролем.',
        'Ask the declarant for proof that the goods stayed under customs control there.',
      ),
    },
    source: 'rules.md §5, §10, §12',
    checks: [
      check((certificate, { policy }) =>
        (certificate.transitCountries ?? []).flatMap((code, i): Breach[] =>
          policy.cisCountries.includes(code)
            ? []
            : [
                {
                  path: `/transitCountries/${i}`,
                  values: { country: code },
                  ru: `Маршрут проходит через ${code}, страну вне перечня СНГ.`,
                  en: `The route leads through ${code}, a country outside the CIS list.`,
                },
              ],
        ),
      ),
    ],
  },
]
