import type { SignatureFault } from '../http-signature/verify.ts'
import type { ProblemSlug } from './problem-registry.ts'

/** How a refused HTTP signature is answered; the fault itself goes into the extension `reason`. */
export const SIGNATURE_PROBLEMS = {
  'signature-missing': 'signature-required',
  'signature-malformed': 'signature-invalid',
  'components-wrong': 'signature-invalid',
  'parameters-wrong': 'signature-invalid',
  'window-too-long': 'clock-skew',
  'outside-window': 'clock-skew',
  'message-id-malformed': 'signature-invalid',
  'recipient-mismatch': 'wrong-recipient',
  'key-unknown': 'unknown-peer',
  'sender-mismatch': 'unknown-peer',
  'algorithm-not-allowed': 'signature-invalid',
  'digest-malformed': 'digest-mismatch',
  'digest-mismatch': 'digest-mismatch',
  'signature-wrong': 'signature-invalid',
} as const satisfies Record<SignatureFault, ProblemSlug>
