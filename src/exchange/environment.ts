/**
 * A training environment has roots, documents and databases of its own. Its documents carry the mark
 * `env`, so that nobody takes one of them for a document of production.
 */
export const ENVIRONMENTS = ['production', 'training'] as const
export type Environment = (typeof ENVIRONMENTS)[number]
