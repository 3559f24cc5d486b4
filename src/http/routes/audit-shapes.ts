import { z } from 'zod'
import { COVERED_TABLES } from '../../exchange/log/administrative-entry.ts'
import { TRUST_DECISIONS } from '../../trust/trust-decisions.ts'
import { Digest, Instant, State } from '../schemas.ts'

// What an auditor is shown; names are those of the ports that it is read from.

export const After = z.strictObject({
  after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional().meta({
    description: 'Where the page before ended; absent: from the beginning',
  }),
})

const Idx = z.int().meta({ description: 'The entry of the log' })

export const DocumentsPage = z.strictObject({
  documents: z.array(
    z.strictObject({
      idx: Idx,
      sha256: Digest,
      jws: z.string().meta({ description: 'The exact bytes' }),
    }),
  ),
})

const Line = z.string().meta({
  description: 'A signature line of a C2SP signed note',
  examples: ['— exchange.uz/witness/1 EXAMPLEexampleEXAMPLEexample\n'],
})
const KeyId = z.int().meta({ description: 'As C2SP signed notes compute it', examples: [81985529] })

export const CheckpointsPage = z.strictObject({
  checkpoints: z.array(
    z.strictObject({
      note: z.string().meta({
        description: 'The signed note, without cosignatures',
        examples: [
          'exchange.by/log/1\n17\nEXAMPLEexampleEXAMPLEexampleEXAMPLEexampleEX=\n\n— exchange.by/log/1 EXAMPLEexampleEXAMPLEexample\n',
        ],
      }),
      signedAt: Instant,
      signatures: z
        .array(z.strictObject({ keyId: KeyId, line: Line }))
        .meta({ description: 'Of later log keys' }),
      cosignatures: z.array(
        z.strictObject({
          state: z.string().meta({
            description: 'Whose list names the witness; empty: the operator has chosen it',
            examples: ['UZ'],
          }),
          witness: z.string().meta({ examples: ['exchange.uz/witness/1'] }),
          keyId: KeyId,
          line: Line,
          cosignedAt: Instant,
        }),
      ),
    }),
  ),
})

const Der = z.string().meta({ description: 'DER, base64', examples: ['MIIB… (abbreviated)'] })

export const TrustShown = z.strictObject({
  pins: z.array(
    z.strictObject({
      state: State,
      rootSha256: Digest,
      pinnedAt: Instant,
      withdrawnFrom: Instant.optional(),
    }),
  ),
  accepted: z.array(
    z.strictObject({
      state: State,
      version: z.int(),
      sha256: Digest,
      additionsFrom: Instant.optional(),
    }),
  ),
  approvals: z.array(
    z.strictObject({
      kind: z.enum(TRUST_DECISIONS).meta({ examples: ['root'] }),
      state: State,
      subject: z.string().meta({ examples: ['EXAMPLEexampleEXAMPLEexampleEXAMPLEexampleE'] }),
      proposedBy: z.string().meta({ examples: ['user:first'] }),
      approvedAt: Instant,
      approvedBy: z.string().meta({ examples: ['user:second'] }),
    }),
  ),
  forks: z.array(z.strictObject({ state: State, sha256: Digest, seenAt: Instant })),
  crls: z.array(z.strictObject({ state: State, der: Der })),
  ocspResponses: z.array(z.strictObject({ state: State, der: Der })),
})

const Table = z.enum(COVERED_TABLES)

export const CoveringsPage = z.strictObject({
  coverings: z.array(
    z.strictObject({
      idx: Idx,
      rowsOf: Table,
      first: z.int(),
      last: z.int(),
      nonce: z.string().meta({ examples: ['EXAMPLEexampleEXAMPLEexampleEXAMPLEexampleE'] }),
    }),
  ),
})

export const RowsOf = z.strictObject({ table: Table })

export const RowsPage = z.strictObject({
  rows: z.array(
    z.strictObject({
      n: z.int(),
      text: z.string().meta({
        description: 'JSON, as it is hashed',
        examples: [
          '{"at":"2026-02-10T09:15:01Z","actor":"user:operator","act":"client-added","subject":"demo-customs"}',
        ],
      }),
    }),
  ),
})

export const StatusesPage = z.strictObject({
  size: z.int().meta({ description: 'Entries in the log at that moment', examples: [40_300] }),
  certificates: z.array(
    z.strictObject({
      idx: Idx,
      sha256: Digest,
      status: z.string(),
      replacedBy: Digest.optional(),
      usableUntil: z.string().meta({ format: 'date' }).optional(),
    }),
  ),
})
