/** The detail of the act that made a database: in which environment, and in which epoch it begins. */
export function nodeCreatedDetail(node: {
  readonly environment: string
  readonly epoch: string
}): string {
  return `${node.environment}; epoch ${node.epoch}`
}

/** The epoch that an act has begun; undefined: it says nothing of one, as before version 0007 of the tables. */
export function epochOfAct(act: {
  readonly act: string
  readonly subject: string
  readonly detail: string | null
}): string | undefined {
  if (act.act === 'restored') return act.subject
  return /; epoch (\S+)$/.exec(act.detail ?? '')?.[1]
}
