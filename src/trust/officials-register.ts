import { z } from 'zod'
import { DaySchema, Instant, Sha256, State } from '../certificate/fields.ts'
import { PartyId } from '../certificate/party-id.ts'

const OfficialId = z
  .string()
  .min(1)
  .max(100)
  .meta({ examples: ['A-17'] })
const line = (max: number, example: string) =>
  z
    .string()
    .min(1)
    .max(max)
    .meta({ examples: [example] })

const Name = z.strictObject({
  cyrillic: line(200, 'Кузнецова А. Н.'),
  latin: line(200, 'Kuznetsova A. N.'),
})

/** Who may sign for a body, from when until when. Days are those of the body's state. */
export const RegisteredOfficial = z.strictObject({
  id: OfficialId,
  body: PartyId,
  name: Name,
  position: line(200, 'Эксперт'),
  from: DaySchema,
  until: DaySchema.optional(),
  removedAt: Instant.optional(),
  /** SHA-256 of the image of signature and stamp, which is held elsewhere. */
  specimen: Sha256.optional(),
})
export type RegisteredOfficial = z.infer<typeof RegisteredOfficial>

/** One official acts for another, for a while, by a decision. */
export const Deputy = z.strictObject({
  for: OfficialId,
  deputy: OfficialId,
  from: DaySchema,
  until: DaySchema,
  basis: line(300, 'Приказ № 5'),
})
export type Deputy = z.infer<typeof Deputy>

/** So often one id may stand there: as an official, and as somebody's deputy. */
const MAX_PERIODS = 20

function repeatsAtMost(max: number, ids: readonly string[]): boolean {
  const counts = new Map<string, number>()
  for (const id of ids.map(folded)) counts.set(id, (counts.get(id) ?? 0) + 1)
  return Math.max(0, ...counts.values()) <= max
}

/** What the authority decides: the file that `certex trust officials issue` reads. */
export const OfficialsFile = z.strictObject({
  officials: z
    .array(RegisteredOfficial)
    .max(1000)
    .refine(
      (officials) =>
        repeatsAtMost(
          MAX_PERIODS,
          officials.map(({ id }) => id),
        ),
      `one official stands there more than ${MAX_PERIODS} times`,
    ),
  deputies: z
    .array(Deputy)
    .max(1000)
    .refine(
      (deputies) =>
        repeatsAtMost(
          MAX_PERIODS,
          deputies.map(({ deputy }) => deputy),
        ),
      `one deputy stands there more than ${MAX_PERIODS} times`,
    ),
})

export type OfficialsFile = z.infer<typeof OfficialsFile>

/**
 * Payload of an `officials-register+jwt`: personal data, so it goes to peers alone and stands in no
 * public list. Signed by the list signer, versions hash-linked like those of the trust list.
 */
export const OfficialsRegister = z.strictObject({
  schema: z.literal('officials-register/1'),
  state: State,
  version: z
    .int()
    .min(1)
    .max(2 ** 31),
  previous: Sha256.nullable(),
  issuedAt: Instant,
  ...OfficialsFile.shape,
})
export type OfficialsRegister = z.infer<typeof OfficialsRegister>

/** An entry is an official in a body from a day on; beside a removed one the same would bring it back. */
export function repeatedOfficial({ officials }: OfficialsFile): string | undefined {
  const seen = new Set<string>()
  for (const { id, body, from } of officials) {
    const entry = `${folded(id)} ${body} ${from}`
    if (seen.has(entry)) return `official ${id} of ${body} from ${from} stands there twice`
    seen.add(entry)
  }
  return undefined
}

/** Entries may end and be removed; none vanishes, changes its person or comes back. */
export function droppedOfficial(
  before: OfficialsRegister,
  after: OfficialsRegister,
): string | undefined {
  for (const official of before.officials) {
    const now = after.officials.find(
      ({ id, body, from }) =>
        id === official.id && body === official.body && from === official.from,
    )
    if (!now) return `official ${official.id} is missing`
    if (now.name.cyrillic !== official.name.cyrillic || now.name.latin !== official.name.latin)
      return `official ${official.id} became another person`
    if (official.removedAt !== undefined && now.removedAt !== official.removedAt)
      return `the removal of official ${official.id} was altered`
  }
  return undefined
}

/** A period in which somebody may sign for a body. */
export interface Entitlement {
  readonly body: PartyId
  readonly from: string
  readonly until?: string
  /** The official whose deputy they are. */
  readonly deputyFor?: string
}

/** Every period in which an official may sign, as themselves or as a deputy. */
export function entitlementsOf(register: OfficialsRegister, officialId: string): Entitlement[] {
  const wanted = folded(officialId)
  const byId = new Map<string, RegisteredOfficial[]>()
  for (const official of register.officials) {
    const id = folded(official.id)
    byId.set(id, [...(byId.get(id) ?? []), official])
  }
  const periodsOf = (id: string) => byId.get(folded(id)) ?? []
  const own = periodsOf(wanted).flatMap((official) => periodOf(official))
  const asDeputy = register.deputies
    .filter(({ deputy }) => folded(deputy) === wanted)
    .flatMap(({ for: principal, from, until }) =>
      periodsOf(principal).flatMap((official) =>
        periodOf(official).flatMap((period): Entitlement[] => {
          const first = from > period.from ? from : period.from
          const last = period.until !== undefined && period.until < until ? period.until : until
          if (first > last) return []
          return [{ body: period.body, from: first, until: last, deputyFor: principal }]
        }),
      ),
    )
  return [...own, ...asDeputy]
}

/** The last day is the one before a removal: of the day itself nobody can tell which half it was. */
function periodOf({ body, from, until, removedAt }: RegisteredOfficial): Entitlement[] {
  const removed = removedAt === undefined ? undefined : dayBefore(removedAt)
  const ends = [until, removed].filter((day) => day !== undefined).sort()
  const [end] = ends
  if (end !== undefined && end < from) return []
  return [{ body, from, ...(end !== undefined && { until: end }) }]
}

function dayBefore(instant: string): string {
  return new Date(Date.parse(instant) - 86_400_000).toISOString().slice(0, 10)
}

function folded(id: string): string {
  return id
    .normalize('NFKC')
    .replaceAll(/[\s№-]/g, '')
    .toUpperCase()
}
