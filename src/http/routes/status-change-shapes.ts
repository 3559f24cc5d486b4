import { z } from 'zod'
import tractors from '../../../openapi/examples/origin-ct1-tractors.json' with { type: 'json' }
import { DaySchema, DocRef, lines } from '../../certificate/fields.ts'
import { MAX_JWS_LENGTH } from '../../jose/parse.ts'
import { CertificateContent, Digest, State } from '../schemas.ts'
import { Issued } from './issue-outcomes.ts'

// What is asked for and answered when the status of a certificate changes.

const words = {
  effectiveFrom: DaySchema.meta({ description: 'Today or earlier, where it was issued' }),
  reason: lines(1000).min(1),
  basis: z.exactOptional(DocRef).meta({ description: 'The order or decision behind the change' }),
}

const displaced = z.exactOptional(Digest).meta({
  description:
    'The certificate that is meant, where another one has its number and it takes no effect here: its recipients learn of its end all the same',
})

const Jws = z.string().min(1).max(MAX_JWS_LENGTH)

export const ChangeRequest = z
  .union([
    z.discriminatedUnion('change', [
      z.strictObject({ ...words, change: z.literal('suspend') }),
      z.strictObject({ ...words, change: z.literal('resume') }),
      z.strictObject({ ...words, change: z.literal('annul'), displaced }),
      z.strictObject({ ...words, change: z.literal('terminate'), displaced }),
      z.strictObject({ ...words, change: z.literal('archive') }),
      z.strictObject({
        ...words,
        change: z.literal('extend'),
        validUntil: z
          .exactOptional(DaySchema)
          .meta({ description: 'The new end; without it the end stays open' }),
      }),
      z.strictObject({
        ...words,
        change: z.literal('replace'),
        certificate: CertificateContent.meta({ description: 'The successor' }),
        to: z.exactOptional(z.array(State).min(1).max(32)),
      }),
    ]),
    z.strictObject({
      document: Jws.meta({ description: 'The change as the body itself signed it, compact JWS' }),
      replacement: z.exactOptional(Jws).meta({
        description: 'The successor as the body signed it, if the change is a replacement',
      }),
    }),
  ])
  .meta({ id: 'StatusChangeRequest' })

export const Changed = z
  .strictObject({
    sha256: Digest,
    document: z.string(),
    status: z.string().meta({
      description: 'Of the certificate now; after an earlier change another may have followed',
    }),
    replacement: Issued.optional(),
  })
  .meta({ id: 'StatusChanged' })

export const CHANGE_EXAMPLES = {
  annul: {
    change: 'annul',
    effectiveFrom: '2026-03-02',
    reason: 'Выявлена ошибка в сведениях о грузополучателе',
  },
  extend: {
    change: 'extend',
    effectiveFrom: '2026-03-02',
    reason: 'Инспекционный контроль пройден',
    basis: { number: '17-ИК', date: '2026-03-01' },
    validUntil: '2028-03-01',
  },
  replace: {
    change: 'replace',
    effectiveFrom: '2026-03-02',
    reason: 'Исправлено наименование грузополучателя',
    certificate: {
      ...tractors,
      number: 'BYUZ6001000302',
      remarks: [
        {
          kind: 'ISSUED_IN_REPLACEMENT',
          text: 'Выдан взамен сертификата формы СТ-1',
          refNumber: tractors.number,
          refDate: tractors.certification.date,
        },
      ],
    },
  },
}
