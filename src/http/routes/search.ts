import { z } from 'zod'
import type { Status } from '../../certificate/certificate-state.ts'
import { DaySchema, TypeName } from '../../certificate/fields.ts'
import { PartyId } from '../../certificate/party-id.ts'
import {
  type AskedTerm,
  MAX_PARTY_WORDS,
  MIN_NUMBER_BEGINNING,
  searchCertificates,
} from '../../exchange/search/search.ts'
import { replacementNeighbours } from '../../exchange/issuing/replacement-chain.ts'
import { AccessHeaders, recordAccess } from '../access.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { ProblemError } from '../problem.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'
import { CertificateSummary, Digest, State } from '../schemas.ts'
import { chainView, replacementMembers } from '../replacement-view.ts'
import { maySee, READERS, visibilityOf } from './certificate-address.ts'
import { summaryOf } from './certificate-summary.ts'

const MAX_PAGE = 100

const STATUSES = {
  issued: true,
  active: true,
  suspended: true,
  resumed: true,
  extended: true,
  terminated: true,
  archived: true,
  expired: true,
  annulled: true,
  replaced: true,
} as const satisfies Record<Status, true>

const day = (description: string) => DaySchema.optional().meta({ description })
const instant = (description: string) =>
  z.iso.datetime({ precision: 0 }).max(20).optional().meta({ description })
const text = (max: number, description: string) =>
  z.string().min(1).max(max).optional().meta({ description })

const FoundCertificate = CertificateSummary.extend(replacementMembers).meta({
  id: 'FoundCertificate',
})

const searchRoute = declareRoute({
  operationId: 'searchCertificates',
  method: 'get',
  path: '/v1/certificates',
  summary: 'Find and list certificates',
  description:
    'Those that satisfy every condition given, all of them without any; the newest in the log first. Answers only what the caller may see. Certificates that come between two pages neither repeat nor displace any. Names and numbers are compared folded: case, Cyrillic or Latin script, quotes, № and the kinds of Uzbek apostrophes do not matter.',
  tags: ['Certificates'],
  callers: READERS,
  requestHeaders: AccessHeaders,
  limit: 'expensive',
  query: z.strictObject({
    number: text(
      100,
      `Number of the certificate, or from ${MIN_NUMBER_BEGINNING} characters on its beginning`,
    ),
    taxId: text(40, 'Tax number of a party, whole'),
    invoice: text(200, 'Number of an invoice in it, whole'),
    hs: text(20, 'Commodity code or its first digits, 2 to 10'),
    party: text(
      300,
      `Up to ${MAX_PARTY_WORDS} words or their beginnings; each begins a word in the name of a party`,
    ),
    issuer: PartyId.optional().meta({ description: 'The body that issued, or one above it' }),
    state: State.optional().meta({ description: 'The issuing state' }),
    type: TypeName.optional(),
    status: z
      .enum(Object.keys(STATUSES) as [Status, ...Status[]])
      .optional()
      .meta({ description: 'As the last change left it; whether it has run out, `validOn` asks' }),
    issuedFrom: day('Valid from this day on or a later one; for an origin certificate its issue'),
    issuedTo: day('Valid from this day on or an earlier one'),
    validOn: day('A day within its period of validity, whatever its status'),
    appendedFrom: instant('In this log not before'),
    appendedTo: instant('In this log not after'),
    after: Digest.optional().meta({ description: '`next` of the page before' }),
    limit: z
      .string()
      .regex(/^([1-9]\d?|100)$/)
      .transform(Number)
      .optional()
      .meta({ description: `At most ${MAX_PAGE}, which is the default` }),
  }),
  answers: {
    200: {
      description: 'One page',
      schema: z.strictObject({
        certificates: z.array(FoundCertificate).max(MAX_PAGE),
        next: Digest.optional().meta({
          description: 'Send it as `after` for the next page; absent on the last one',
        }),
      }),
    },
  },
  problems: [],
})

const WHY: Readonly<Record<AskedTerm, string>> = {
  number: 'Holds no letter and no digit',
  taxId: 'Holds no letter and no digit',
  invoice: 'Holds no letter and no digit',
  hs: 'Not 2 to 10 digits',
  party: `Not 1 to ${MAX_PARTY_WORDS} words`,
}

export function mountSearch(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const search = searchCertificates(deps)
  mount(app, searchRoute, async ({ query, caller, requestHeaders }) => {
    const visibility = visibilityOf(caller)
    if (!visibility) throw new ProblemError('forbidden')
    const { after, limit = MAX_PAGE, issuedFrom, issuedTo, ...asked } = query
    const { appendedFrom, appendedTo, ...conditions } = asked
    const result = await search(
      {
        ...conditions,
        usableFrom: { from: issuedFrom, to: issuedTo },
        appended: { from: appendedFrom, to: appendedTo },
      },
      visibility,
      { after, limit },
    )
    switch (result.outcome) {
      case 'not-comparable':
        throw refusal(result.parameter, WHY[result.parameter])
      case 'unknown-cursor':
        throw refusal('after', 'No cursor of this list')
      case 'found': {
        const { certificates, next } = result
        const neighbours = await replacementNeighbours(deps.certificates, certificates)
        await recordAccess(deps, caller, requestHeaders, 'searchCertificates', certificates)
        return {
          status: 200,
          body: {
            certificates: certificates.map((stored) => ({
              ...summaryOf(stored),
              ...chainView(neighbours(stored), (other) => maySee(caller, other)),
            })),
            ...(next !== undefined && { next }),
          },
        }
      }
    }
  })
}

function refusal(parameter: string, message: string): ProblemError {
  return new ProblemError('invalid-parameter', { extensions: { errors: [{ parameter, message }] } })
}
