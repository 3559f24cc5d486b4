import type { Environment } from '../jose/environment.ts'
import type { Check } from './validation/check.ts'

/**
 * Refuses a document of the other environment, before anything is asked of trust: a training document
 * has no legal force, whoever signed it, and one of production is none of a training node's business.
 */
export function environmentObstacle(document: Environment, own: Environment): Check | undefined {
  if (document === own) return undefined
  return own === 'production'
    ? { check: 'form', outcome: 'failed', code: 'training-document' }
    : { check: 'form', outcome: 'failed', code: 'production-document' }
}
