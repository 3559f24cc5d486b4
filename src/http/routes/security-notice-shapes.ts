import { z } from 'zod'
import { Country, lines, Sha256 } from '../../certificate/fields.ts'
import { PartyId } from '../../certificate/party-id.ts'
import {
  declared,
  Interval,
  KeyIdentifier,
  MEASURES,
  SEVERITIES,
} from '../../exchange/notices/security-notice.ts'
import { CertificateSummary, Digest, Instant, State } from '../schemas.ts'
import { limitUpTo } from '../feed-query.ts'

/** Uses of one certificate that a list shows. */
export const MAX_USES = 100

export const NoticePath = z.strictObject({ sha256: Digest })

export const PageQuery = z.strictObject({
  after: Digest.optional().meta({ description: '`next` of the page before' }),
  limit: limitUpTo(100),
})

const Ski = KeyIdentifier.meta({ description: 'Subject key identifier, lower-case hexadecimal' })

const reason = lines(1000).min(1)

export const NoticeRequest = z
  .discriminatedUnion('change', [
    z.strictObject({
      ...declared,
      change: z.literal('declare'),
      subject: z.union([
        z.strictObject({ state: Country, x5tS256: Sha256 }),
        z.strictObject({ state: Country, ski: Ski }),
      ]),
      measure: z
        .enum(MEASURES)
        .default('hold')
        .meta({ description: 'Whether what the key signed is put on hold, or only told' }),
    }),
    z.strictObject({
      change: z.literal('narrow'),
      notice: Sha256,
      interval: Interval,
      reason,
    }),
    z.strictObject({ change: z.literal('release'), notice: Sha256, reason }),
  ])
  .meta({ id: 'SecurityNoticeRequest' })

const SEAL = 'EXAMPLEexampleEXAMPLEexampleEXAMPLEexampleE'

export const NOTICE_EXAMPLES = {
  declare: {
    change: 'declare',
    subject: { state: 'BY', x5tS256: SEAL },
    severity: 'suspected',
    measure: 'hold',
    interval: { from: '2026-03-02T08:00:00Z' },
    reason: 'Утрачен носитель ключа',
    advice: 'Решение по документам отложить до снятия уведомления',
  },
  narrow: {
    change: 'narrow',
    notice: SEAL,
    interval: { from: '2026-03-02T08:00:00Z', until: '2026-03-02T09:30:00Z' },
    reason: 'Носитель найден, доступ установлен по журналу',
  },
  release: {
    change: 'release',
    notice: SEAL,
    reason: 'Ключ из рук органа не выходил',
  },
} as const

export const NoticeIssued = z
  .strictObject({
    sha256: Digest,
    notice: Digest.meta({ description: 'The notice that it amends, or is' }),
    document: z.string().meta({ description: 'The signed notice, compact JWS' }),
  })
  .meta({ id: 'SecurityNoticeIssued' })

export const NoticeSubjectView = z.union([
  z.strictObject({ state: State, body: PartyId, x5tS256: Digest }),
  z.strictObject({ state: State, ski: z.string() }),
])

export const NoticeIntervalView = z.strictObject({ from: Instant, until: Instant.optional() })

const NoticeView = z
  .strictObject({
    sha256: Digest,
    issuer: State,
    authority: PartyId,
    subject: NoticeSubjectView,
    severity: z.enum(SEVERITIES),
    measure: z.enum(MEASURES),
    interval: NoticeIntervalView,
    reason: z.string(),
    advice: z.string(),
    released: z.boolean(),
    holdsHere: z
      .boolean()
      .meta({ description: 'Whether it puts anything on hold at this node at present' }),
    documents: z
      .array(
        z.strictObject({
          sha256: Digest,
          change: z.enum(['declare', 'narrow', 'release']),
          authority: PartyId,
          reason: z.string(),
          document: z.string(),
        }),
      )
      .meta({ description: 'The notice and its amendments, signed, in their order' }),
  })
  .meta({
    id: 'SecurityNotice',
    examples: [
      {
        sha256: SEAL,
        issuer: 'BY',
        authority: 'BY.CCI',
        subject: { state: 'BY', body: 'BY.CCI.001', x5tS256: SEAL },
        severity: 'suspected',
        measure: 'hold',
        interval: { from: '2026-03-02T08:00:00Z' },
        reason: 'Утрачен носитель ключа',
        advice: 'Решение по документам отложить до снятия уведомления',
        released: false,
        holdsHere: true,
        documents: [],
      },
    ],
  })

const next = Digest.optional().meta({
  description: 'Send it as `after` for the next page; absent on the last one',
})

export const NoticesPage = z.strictObject({ notices: z.array(NoticeView), next })

export const ConcernedPage = z.strictObject({
  certificates: z.array(
    CertificateSummary.extend({
      signedAt: Instant.optional().meta({ description: 'As the document claims' }),
      uses: z
        .array(
          z.strictObject({
            at: Instant,
            party: PartyId,
            declaration: z
              .string()
              .optional()
              .meta({ examples: ['00101/20.02.2026/0001234'] }),
          }),
        )
        .meta({ description: 'Validations by customs at this node' }),
      moreUses: z
        .boolean()
        .meta({ description: `There are more than ${MAX_USES}; /accesses has them all` }),
    }).meta({ id: 'ConcernedCertificate' }),
  ),
  complete: z.boolean().meta({
    description: 'False while certificates of before an update are still being indexed: ask again',
  }),
  next,
})
