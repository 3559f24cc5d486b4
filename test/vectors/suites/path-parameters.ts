import * as z from 'zod'
import { Instant } from '../suite.ts'

/** Inputs of path validation that a `suite.json` may set for all of its cases. */
export const PATH_PARAMETERS = {
  at: Instant,
  issuanceRules: z.boolean(),
  rsaMinBits: z.int().min(0),
  /** False: the CRLs of the cases are left aside. */
  revocation: z.boolean().default(true),
  /** OIDs that a leaf must allow whose case demands none itself. */
  eku: z.array(z.string()).default([]),
  /** Most non-self-issued intermediates where the case sets no limit itself. */
  maxDepth: z.exactOptional(z.int().min(0)),
}
