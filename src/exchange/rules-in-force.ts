import { z } from 'zod'
import { Policy } from '../certificate/policy.ts'
import { RULE_CATALOGUE } from '../certificate/rule-catalogue.ts'
import { formatInstant } from '../encoding/time.ts'
import type { AdminAct } from '../trust/admin-act.ts'
import { digestOf } from './validation/authenticate.ts'

export const RULES_SCHEMA = 'rules/1'
/** What judges here, with the version of package.json: rules are code, which their words do not wholly tell. */
export const PROGRAM = 'certex 0.1.0'

/** Longest text of a version of the rules, in characters. */
export const MAX_RULES_LENGTH = 1024 * 1024

/** By what a node judges certificates: its program, its settings, and the rules in the words of then. */
export const RulesText = z.object({
  schema: z.literal(RULES_SCHEMA),
  program: z.string().max(100),
  policy: Policy,
  rules: z.array(z.looseObject({ id: z.string().max(100) })).max(1000),
})
export type RulesText = z.infer<typeof RulesText>

/** The text of the rules of this program under a policy: the same to the byte as long as they are. */
export function rulesText({ program, policy }: Pick<RulesText, 'program' | 'policy'>): string {
  return JSON.stringify({ schema: RULES_SCHEMA, program, policy, rules: RULE_CATALOGUE })
}

/** A version of the rules, and the entry of the log behind which the act stands that put it in force. */
export interface RecordedRules {
  readonly text: string
  /** SHA-256 of the text. */
  readonly sha256: string
  /** The digest in the log, and what opens it: the act as it was hashed, and the nonce. */
  readonly entry: string
  readonly act: string
  readonly nonce: string
}

/** The versions of the rules of this node, each in force from its entry of the log to that of the next. */
export interface RulesStore {
  /**
   * The version in force at an entry of the log, at its head without one. Undefined: nobody can tell, for
   * it was before the first, or because acts were lost since.
   */
  inForce(idx?: number): Promise<RecordedRules | undefined>
  /** Keeps a text with the act that puts it in force, in one step. */
  put(text: string, act: AdminAct): Promise<void>
}

/** Records what this node judges by from now on, unless these are the rules in force. */
export async function recordRules(
  { rules, now }: { readonly rules: RulesStore; readonly now: () => Date },
  { program = PROGRAM, policy }: { readonly program?: string; readonly policy: Policy },
): Promise<void> {
  const text = rulesText({ program, policy })
  const sha256 = await digestOf(text)
  if ((await rules.inForce())?.sha256 === sha256) return
  const at = formatInstant(now())
  await rules.put(text, {
    at,
    actor: 'node',
    act: 'rules-changed',
    subject: sha256,
    detail: program,
  })
}
