import type { Fault } from './suite.ts'

/** One case that does not come out as its suite wants, and why that is right. */
export interface Waiver {
  readonly fault: Fault['fault']
  readonly reason: string
}

const rejects = (reason: string, ...ids: string[]): Record<string, Waiver> =>
  Object.fromEntries(ids.map((id) => [id, { fault: 'false reject', reason }]))

/** The suite is wrong: what it wants refused is valid. */
const defects = (reason: string, ...ids: string[]): Record<string, Waiver> =>
  Object.fromEntries(ids.map((id) => [id, { fault: 'false accept', reason }]))

/**
 * What the suites' own descriptions allow, by suite and case. A false accept is never waived, but for two
 * cases of Wycheproof that are defects of the suite. A waived case that passes fails the run: this file
 * can only shrink.
 */
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
  'wycheproof-jws': {
    ...rejects(
      'the algorithm is not in the profile',
      'production/tc1',
      'production/tc33',
      'production/tc259',
      'production/tc260',
      'production/tc261',
      'production/tc262',
      'production/tc263',
      'production/tc264',
      'production/tc265',
      'production/tc266',
      'production/tc267',
      'production/tc268',
      'production/tc269',
      'production/tc270',
      'production/tc271',
      'production/tc320',
      'production/tc321',
      'production/tc322',
      'production/tc323',
      'production/tc325',
      'production/tc326',
      'production/tc327',
      'production/tc328',
      'production/tc345',
      'production/tc346',
      'production/tc347',
      'production/tc348',
      'production/tc349',
      'production/tc350',
      'production/tc351',
      'production/tc352',
      'production/tc357',
      'production/tc358',
      'production/tc359',
      'production/tc376',
      'production/tc377',
    ),
    ...rejects(
      'the algorithm is not in the profile, and only lenient base64url reads the text',
      'production/tc372',
      'production/tc373',
    ),
    ...rejects(
      'a figure of RFC 7520 under a key with another alg',
      'wide/tc346',
      'wide/tc347',
      'wide/tc350',
      'wide/tc351',
    ),
    ...rejects(
      'an inserted character that only lenient base64url forgives',
      'wide/tc372',
      'wide/tc373',
    ),
    ...defects('the case holds the valid JWS word for word', 'wide/tc367', 'wide/tc370'),
  },
  'jose-cookbook': {
    ...rejects(
      'alg stands in the unprotected header',
      'wide/4_7.protecting_content_only/json/0',
      'wide/4_7.protecting_content_only/json_flat',
      'wide/4_8.multiple_signatures/json/1',
    ),
  },
}
