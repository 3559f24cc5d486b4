import { z } from 'zod'
import { parseCertificateId } from '../../certificate/certificate-id.ts'
import { validateAll } from '../../exchange/validation/validate.ts'
import type { ValidationReport } from '../../exchange/validation/validation-report.ts'
import { AccessHeaders, recordAccess } from '../access.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { ProblemError } from '../problem.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'
import { chainView } from '../replacement-view.ts'
import { type Identity, Report, ValidationRequest } from '../validation-schemas.ts'
import { maySee } from './certificate-address.ts'

const tags = ['Validation'] as const
/** Of all declarations of a call: every line is compared with every item of its certificate. */
const MAX_LINES = 10_000

const createRoute = declareRoute({
  operationId: 'createValidations',
  method: 'post',
  path: '/v1/validations',
  summary: 'Validate certificates',
  description:
    'Each item names a signed document or an identity, and may bring the lines of a goods declaration. The answer holds one report per item, in order: what was checked, with what result, and what to do. Reports are kept.',
  tags,
  callers: ['customs', 'issuer', 'authority', 'auditor'],
  body: {
    json: ValidationRequest,
    maxBytes: 16 * 1024 * 1024,
    examples: {
      'by number, with a declaration line': {
        context: { officer: 'Каримов А.', post: 'Тошкент-АЭРО', purpose: 'таможенный контроль' },
        items: [
          {
            identity: {
              state: 'BY',
              type: 'origin.ct1',
              number: 'BYUZ6001000301',
              issuedOn: '2026-02-10',
            },
            declaration: {
              number: '00101/20.02.2026/0001234',
              date: '2026-02-20',
              lines: [{ n: 1, hsCode: '8701941009', origin: 'BY', netKg: 46100 }],
            },
          },
        ],
      },
    },
  },
  answers: {
    200: {
      description: 'One report per item',
      schema: z.strictObject({ reports: z.array(Report) }),
    },
  },
  problems: ['invalid-body'],
  limit: 'expensive',
})

const getRoute = declareRoute({
  operationId: 'getValidation',
  method: 'get',
  path: '/v1/validations/{id}',
  summary: 'Read a validation report again',
  tags,
  callers: ['customs', 'issuer', 'authority', 'auditor'],
  params: z.strictObject({ id: z.uuid() }),
  requestHeaders: AccessHeaders,
  answers: { 200: { description: 'The report as it was given', schema: Report } },
  problems: ['report-not-found'],
})

export function mountValidations(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  mount(app, createRoute, async ({ body, caller }) => {
    const { context, items } = body
    const lines = items.reduce((sum, { declaration }) => sum + (declaration?.lines.length ?? 0), 0)
    if (lines > MAX_LINES)
      throw new ProblemError('invalid-body', {
        extensions: {
          errors: [{ pointer: '/items', message: `More than ${MAX_LINES} lines in one call` }],
        },
      })
    const requests = items.map(({ document, identity, declaration }, i) => {
      if ((document === undefined) === (identity === undefined))
        throw new ProblemError('invalid-body', {
          extensions: {
            errors: [{ pointer: `/items/${i}`, message: 'Give either a document or an identity' }],
          },
        })
      const subject = document === undefined ? { identity: identity! } : { document }
      return { subject, declaration }
    })
    for (const [i, { identity }] of items.entries())
      if (identity && !(await mayLookUp(deps, caller, identity)))
        throw new ProblemError('forbidden', {
          detail: `/items/${i}: issuers look up what their own organisation issued; of others they bring the document`,
        })
    // The way to another thread and back takes longer than to answer one question.
    const elsewhere = requests.length > 1 ? deps.validateAll : undefined
    const reports = await (elsewhere ?? validateAll(deps))(requests)
    const { clientId: client, party, role } = caller
    if (client === undefined || party === undefined) throw new Error('The caller is not a client')
    const views = reports.map((report) => reportView(report, caller))
    const read = reports.flatMap(({ certificate, createdAt: at }, i) =>
      certificate
        ? [
            {
              at,
              client,
              party,
              role,
              operation: 'createValidations',
              certificate: certificate.sha256,
              context: { ...declarationOf(items[i]), ...context },
            },
          ]
        : [],
    )
    await deps.reports.insert(
      views.map((view) => ({
        id: view.id,
        client,
        party,
        createdAt: view.createdAt,
        body: view,
      })),
      read,
    )
    return { status: 200, body: { reports: views } }
  })

  mount(app, getRoute, async ({ params, caller, requestHeaders }) => {
    const stored = await deps.reports.find(params.id)
    const overseer = caller.role === 'authority' || caller.role === 'auditor'
    if (!stored || (!overseer && stored.party !== caller.party))
      throw new ProblemError('report-not-found')
    const report = stored.body as z.infer<typeof Report>
    const read = report.certificate ? [report.certificate] : []
    await recordAccess(deps, caller, requestHeaders, 'getValidation', read)
    return { status: 200, body: report }
  })
}

/** The declaration that an item brings, where the call as a whole names none. */
function declarationOf(item: { declaration?: { number: string } | undefined } | undefined) {
  return item?.declaration && { declaration: item.declaration.number }
}

/**
 * A report shows the content of a certificate that was only named. Issuers get it of their own only, and
 * are not told whether there is another.
 */
async function mayLookUp(
  { certificates }: NodeDependencies,
  caller: Caller,
  identity: z.infer<typeof Identity>,
): Promise<boolean> {
  if (caller.role !== 'issuer') return true
  const id = parseCertificateId(identity)
  const stored = id && (await certificates.find(id))
  return stored !== undefined && maySee(caller, stored)
}

function reportView(
  { chain, ...report }: ValidationReport,
  caller: Caller,
): z.infer<typeof Report> {
  const shown = {
    ...report,
    ...(chain && chainView(chain, (stored) => maySee(caller, stored))),
  }
  return JSON.parse(JSON.stringify(shown)) as z.infer<typeof Report>
}
