/**
 * A training environment has roots, documents and databases of its own. Its documents carry the mark
 * `env`, so that nobody takes one of them for a document of production.
 */
export const ENVIRONMENTS = ['production', 'training'] as const
export type Environment = (typeof ENVIRONMENTS)[number]

const TRAINING = 'training'

/** The claims as a key of this environment signs them: documents of training say that they are. */
export function markedClaims<C extends object>(
  environment: Environment,
  claims: C,
): C & { readonly env?: typeof TRAINING } {
  return environment === TRAINING ? { ...claims, env: TRAINING } : claims
}

/**
 * Takes the mark off a payload. Only the one literal is a mark; any other `env` stays where it is, for
 * the closed schema of the payload to refuse.
 */
export function unmarkedClaims(payload: unknown): { environment: Environment; claims: unknown } {
  const isMarked =
    typeof payload === 'object' &&
    payload !== null &&
    !Array.isArray(payload) &&
    Object.hasOwn(payload, 'env') &&
    (payload as { env?: unknown }).env === TRAINING
  if (!isMarked) return { environment: 'production', claims: payload }
  const { env: _mark, ...claims } = payload as Record<string, unknown>
  return { environment: TRAINING, claims }
}
