import { z } from 'zod'
import { DaySchema } from '../../certificate/fields.ts'
import { payloadOf } from '../../exchange/registered.ts'
import { OfficialsRegister, RegisteredOfficial, Deputy } from '../../trust/officials-register.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'
import { Instant, State } from '../schemas.ts'

const officialsRoute = declareRoute({
  operationId: 'listOfficials',
  method: 'get',
  path: '/v1/officials',
  summary: 'Who may sign for the bodies of a state',
  description:
    'By the newest register of that state, which its list signer signed. Personal data: for comparing a signature, not to be passed on. Empty, if the state has sent no register.',
  tags: ['Trust'],
  callers: ['customs', 'authority'],
  query: z.strictObject({
    state: State,
    body: z.string().max(64).optional().meta({ description: 'PartyId; else all bodies' }),
    on: DaySchema.optional().meta({ description: 'Only those who may sign on this day' }),
  }),
  answers: {
    200: {
      description: 'Officials, and deputies dated',
      schema: z.strictObject({
        version: z.int().optional().meta({ description: 'Absent: there is no register' }),
        issuedAt: Instant.optional(),
        officials: z.array(RegisteredOfficial),
        deputies: z.array(Deputy),
      }),
    },
  },
  problems: [],
})

/** The register of officials, for those who compare signatures. */
export function mountOfficials(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  mount(app, officialsRoute, async ({ query: { state, body, on } }) => {
    const stored = await deps.officials.newest(state)
    if (!stored) return { status: 200, body: { officials: [], deputies: [] } }
    const { version, issuedAt, ...register } = OfficialsRegister.parse(payloadOf(stored.jws))
    const isOn = ({ from, until }: { from: string; until?: string | undefined }) =>
      on === undefined || (from <= on && (until === undefined || on <= until))
    const officials = register.officials.filter(
      (official) =>
        (body === undefined || official.body === body) &&
        isOn(official) &&
        (on === undefined || official.removedAt === undefined || on < official.removedAt),
    )
    const ids = new Set(officials.map(({ id }) => id))
    const deputies = register.deputies.filter((one) => ids.has(one.for) && isOn(one))
    return { status: 200, body: { version, issuedAt, officials, deputies } }
  })
}
