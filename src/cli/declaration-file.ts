import { z } from 'zod'
import { DaySchema } from '../certificate/fields.ts'

const Amount = z.number().positive()

/** A goods declaration to compare a certificate with; the form of `declaration` in `POST /v1/validations`. */
export const DeclarationFile = z.strictObject({
  number: z.string().min(1),
  date: DaySchema,
  lines: z
    .array(
      z.strictObject({
        n: z.int().min(1),
        hsCode: z.string().regex(/^\d{4,10}$/),
        origin: z.string().optional(),
        netKg: Amount.optional(),
        grossKg: Amount.optional(),
        quantity: z.strictObject({ value: Amount, unit: z.string() }).optional(),
        invoice: z.string().optional(),
      }),
    )
    .min(1),
})
