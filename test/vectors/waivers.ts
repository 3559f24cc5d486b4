import type { Fault } from './suite.ts'

/** One case that does not come out as its suite wants, and why that is right. */
export interface Waiver {
  readonly fault: Fault['fault']
  readonly reason: string
}

const rejects = (reason: string, ...ids: string[]): Record<string, Waiver> =>
  Object.fromEntries(ids.map((id) => [id, { fault: 'false reject', reason }]))

/*
 * What the suites' own descriptions allow: by rule where they give one, else by case. A false accept is
 * never waived, but for two cases of Wycheproof that are defects of the suite. A waived case that passes
 * fails the run: this file can only shrink.
 */

/** By suite and case. */
export const WAIVERS: Readonly<Record<string, Readonly<Record<string, Waiver>>>> = {
  pkits: {
    ...rejects(
      'DSA is not supported',
      'Section1ValidDSASignaturesTest4',
      'Section1ValidDSAParameterInheritanceTest5',
    ),
    ...rejects(
      'nameRelativeToCRLIssuer is not resolved',
      'Section14ValiddistributionPointTest4',
      'Section14ValiddistributionPointTest7',
    ),
    ...rejects(
      'indirect CRLs are not supported',
      'Section14ValidIDPwithindirectCRLTest22',
      'Section14ValidIDPwithindirectCRLTest24',
      'Section14ValidIDPwithindirectCRLTest25',
    ),
    ...rejects(
      'cRLIssuer is not supported',
      'Section14ValidcRLIssuerTest28',
      'Section14ValidcRLIssuerTest29',
      'Section14ValidcRLIssuerTest30',
      'Section14ValidcRLIssuerTest33',
    ),
    ...rejects(
      'delta CRLs are not supported: freshestCRL means unknown',
      'Section15ValiddeltaCRLTest2',
      'Section15ValiddeltaCRLTest5',
      'Section15ValiddeltaCRLTest7',
      'Section15ValiddeltaCRLTest8',
    ),
  },
}

/** A valid JWS whose header names an algorithm that the list of the run does not have. */
export function waivedByAlgorithm(alg: string): Waiver {
  return { fault: 'false reject', reason: `${alg} is not in the list of this run` }
}

/** The profile refuses it in every case. */
export const UNPROTECTED_ALGORITHM: Waiver = {
  fault: 'false reject',
  reason: 'alg stands in the unprotected header',
}

/** By number, in every run that permits the algorithm of the case, or cannot read it. */
export function waivedJws(tcId: number): Waiver | undefined {
  if (FIGURES.includes(tcId))
    return { fault: 'false reject', reason: 'a figure of RFC 7520 under a key with another alg' }
  if (LENIENT.includes(tcId))
    return {
      fault: 'false reject',
      reason: 'an inserted character that only lenient base64url forgives',
    }
  if (DEFECTS.includes(tcId))
    return { fault: 'false accept', reason: 'the case holds the valid JWS word for word' }
  return undefined
}

const FIGURES = [346, 347, 350, 351]
const LENIENT = [372, 373]
/** The suite is wrong: what it wants refused is valid. */
const DEFECTS = [367, 370]
