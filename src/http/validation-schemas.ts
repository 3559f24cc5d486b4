import { z } from 'zod'
import { DaySchema } from '../certificate/fields.ts'
import { PartyId } from '../certificate/party-id.ts'
import { CHECKS } from '../exchange/validation/check.ts'
import { SUB_INDICATIONS } from '../exchange/validation/indication.ts'
import { INSTANTS } from '../exchange/validation/judge-signature.ts'
import { REASON_CATALOGUE } from '../exchange/validation/reason-catalogue.ts'
import { NOT_MADE_REASONS } from '../exchange/validation/validation-report.ts'
import { replacementMembers } from './replacement-view.ts'
import { REPORT_EXAMPLE } from './report-example.ts'
import { CertificateState, Digest, Finding, Instant, State, Text } from './schemas.ts'

const MAX_ITEMS = 500

const DeclarationLine = z.strictObject({
  n: z.int().min(1).max(100_000),
  hsCode: z.string().regex(/^\d{4,10}$/),
  origin: State.optional(),
  netKg: z.number().positive().max(1e12).optional(),
  grossKg: z.number().positive().max(1e12).optional(),
  quantity: z
    .strictObject({ value: z.number().positive().max(1e12), unit: z.string().max(16) })
    .optional(),
  invoice: z.string().max(100).optional(),
})

const Declaration = z.strictObject({
  number: z.string().min(1).max(100),
  date: DaySchema,
  lines: z.array(DeclarationLine).min(1).max(1000),
})

export const Identity = z.strictObject({
  state: State,
  type: z.string().max(40),
  number: z.string().min(1).max(100),
  issuedOn: DaySchema.optional().meta({
    description: 'Day of certification as on the paper: decides what an absent certificate means',
  }),
})

const Item = z.strictObject({
  document: z
    .string()
    .min(1)
    .max(512 * 1024)
    .optional(),
  identity: Identity.optional(),
  declaration: Declaration.optional(),
})

const AccessContext = z
  .strictObject({
    officer: z.string().min(1).max(200),
    post: z.string().max(200).optional(),
    purpose: z.string().min(1).max(200),
    declaration: z.string().max(100).optional(),
  })
  .meta({
    description:
      'The person behind the call, as the client system asserts it; kept in the access record',
  })

export const ValidationRequest = z
  .strictObject({ context: AccessContext, items: z.array(Item).min(1).max(MAX_ITEMS) })
  .meta({ id: 'ValidationRequest' })

const ReasonCode = z.enum(REASON_CATALOGUE.map(({ code }) => code)).meta({
  id: 'ReasonCode',
  description:
    'What a check found; /reasons explains each code in English and Russian. A code never changes its meaning. New ones may come: take a code that you do not know for one that leaves the question open.',
})

const Judgement = {
  indication: z.enum(['TOTAL-PASSED', 'TOTAL-FAILED', 'INDETERMINATE']),
  subIndication: z.enum(SUB_INDICATIONS).optional(),
}

const InstantJudgement = z
  .strictObject({
    instant: z.enum(INSTANTS),
    at: Instant,
    ...Judgement,
    reason: ReasonCode.optional(),
    decides: z.boolean(),
  })
  .meta({
    description:
      'What the signature would be called at one instant: the time that the document claims (nobody has proven it), the proven time where there is one, and now. The last of them that is proven, else now, decides',
  })

const LeafOfLog = {
  log: State.meta({ description: 'Whose log it is' }),
  origin: z.string(),
  index: z.string().meta({ description: 'Place of the leaf, decimal' }),
}

/** Whose word a proven time is. */
const PROOFS_OF_TIME = [
  z
    .strictObject({ by: z.literal('own-log'), log: State })
    .meta({ description: 'The log of this state’s node: its own append' }),
  z.strictObject({ by: z.literal('peer-log'), ...LeafOfLog }).meta({
    description:
      'The log of a peer, under a checkpoint that the witness of this node cosigned at that time',
  }),
  z
    .strictObject({ by: z.literal('witness'), witness: z.string(), state: State, ...LeafOfLog })
    .meta({ description: 'A cosignature of the witness of another state under a checkpoint' }),
] as const

const CheckName = z.enum(CHECKS)

export const Report = z
  .strictObject({
    id: z.string(),
    createdAt: Instant,
    answer: z.enum(['usable', 'not-usable', 'cannot-tell']),
    ...Judgement,
    indication: Judgement.indication.meta({
      description: 'Of the signature, ETSI EN 319 102-1 §5',
    }),
    reasons: z.array(ReasonCode),
    instants: z.strictObject({
      claimed: Instant.optional(),
      proven: Instant.optional(),
      checked: Instant,
    }),
    provenBy: z.discriminatedUnion('by', PROOFS_OF_TIME).optional().meta({
      description: 'What proves the proven instant: the earliest proof at which the document holds',
    }),
    provenAlso: z
      .array(
        z.discriminatedUnion('by', [
          PROOFS_OF_TIME[0].extend({ at: Instant }),
          PROOFS_OF_TIME[1].extend({ at: Instant }),
          PROOFS_OF_TIME[2].extend({ at: Instant }),
        ]),
      )
      .max(100)
      .optional()
      .meta({ description: 'What else proves by when it existed, the earliest first' }),
    judgements: z.array(InstantJudgement),
    certificate: z
      .strictObject({
        sha256: Digest,
        state: State,
        type: z.string(),
        number: z.string(),
        issuer: PartyId,
        content: z.unknown(),
      })
      .optional(),
    status: CertificateState.optional(),
    ...replacementMembers,
    checks: z.array(
      z.strictObject({
        check: CheckName,
        outcome: z.enum(['passed', 'warning', 'failed', 'unknown']),
        code: z.union([z.literal('ok'), ReasonCode]),
        detail: z.string().optional(),
        rule: z
          .string()
          .optional()
          .meta({ description: 'Rule of the trust profile that the check applied' }),
        index: z.int().optional().meta({
          description:
            'Which X.509 certificate of the path it is about: 0 the seal, one past the last the root',
        }),
        unrevoked: z.boolean().optional().meta({
          description: 'Of an expired path: whether evidence shows it unrevoked all the same',
        }),
        onHold: z.literal(true).optional().meta({
          description: 'Of a revocation: that it is a hold, which may be released',
        }),
        sentence: Text,
      }),
    ),
    notMade: z.array(z.strictObject({ check: CheckName, because: z.enum(NOT_MADE_REASONS) })).meta({
      description:
        'The checks that the report lacks: `stopped`: an earlier one ended the validation; `not-asked`: nobody asked; `not-available`: what it needs is not to be had here',
    }),
    stoppedBy: CheckName.optional().meta({
      description: 'The check that ended the validation of the document',
    }),
    findings: z.array(Finding),
    notEvaluated: z.array(z.string()),
    lines: z.array(
      z.strictObject({
        line: z.int(),
        item: z.int().nullable(),
        differences: z.array(z.looseObject({ differs: z.string() })),
        certified: z.array(
          z.strictObject({ measure: z.string(), value: z.number(), unit: z.string() }),
        ),
      }),
    ),
    evidence: z.strictObject({
      trustLists: z.array(z.strictObject({ state: State, version: z.int(), nextUpdate: Instant })),
      statusList: z
        .strictObject({ uri: z.string(), issuedAt: Instant, expiresAt: Instant })
        .optional()
        .meta({ description: 'Read where this node never received the certificate' }),
    }),
  })
  .meta({ id: 'ValidationReport', examples: [REPORT_EXAMPLE] })
