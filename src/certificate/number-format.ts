import type { DocType } from './certificate-id.ts'
import { foldNumber } from './number-folding.ts'
import { isWithin } from './party-id.ts'
import type { NumberFormat, Policy } from './policy.ts'

/** What a number of a known format says about itself; the parts its format has. */
export interface NumberParts {
  readonly issuer?: string
  readonly destination?: string
  readonly year?: string
  readonly body?: string
  readonly serial?: string
}

/** Whose format applies: the signing party where it is known, else its state. */
export interface NumberOwner {
  readonly issuer: string
  readonly type: DocType
  readonly kind?: string
}

/** The nearest configured format: the party's own, its headquarters', its state's. */
export function numberFormatFor(policy: Policy, owner: NumberOwner): NumberFormat | undefined {
  let nearest: NumberFormat | undefined
  for (const format of policy.numberFormats) {
    if (format.type !== owner.type || !isWithin(owner.issuer, format.issuer)) continue
    if (format.kind !== undefined && format.kind !== owner.kind) continue
    if (!nearest || format.issuer.length > nearest.issuer.length) nearest = format
  }
  return nearest
}

/** The parts of a number that has the format, or undefined where it has not. */
export function readNumber(format: NumberFormat, number: string): NumberParts | undefined {
  const text = format.on === 'folded' ? foldNumber(number) : number
  const match = compiled(format.pattern).exec(text)
  return match ? { ...match.groups } : undefined
}

const COMPILED = new Map<string, RegExp>()

function compiled(pattern: string): RegExp {
  let expression = COMPILED.get(pattern)
  if (!expression) COMPILED.set(pattern, (expression = new RegExp(pattern, 'u')))
  return expression
}
