import { beforeAll, describe, expect, it } from 'vitest'
import { formatInstant } from '../../../src/encoding/time.ts'
import { auditReport } from '../../../src/exchange/audit/audit-report.ts'
import { judgeDocument } from '../../../src/exchange/audit/judge-document.ts'
import { advanced } from '../../../src/exchange/audit/signatures.ts'
import { openDocument } from '../../../src/exchange/validation/opened-document.ts'
import type { Seal } from '../../../src/jose/sign.ts'
import { renewCrl } from '../../../src/node/pki/renew-crl.ts'
import type { CertifiedKey } from '../../../src/node/pki/state-pki.ts'
import { trustOf, type Trust } from '../../../src/trust/trust.ts'
import { type Crl, parseCrl } from '../../../src/x509/crl.ts'
import { createPathCache } from '../../../src/x509/path-cache.ts'
import { parseX509Certificate } from '../../../src/x509/x509-certificate.ts'
import { claimsFor, forge, freshCertificate } from '../../support/hostile.ts'
import { type ListedState, listedState, NOW, sealOfKey } from '../../support/hostile-lists.ts'

/* A seal whose key was in wrong hands at 8, which was found out and revoked at 12. */
const at = (hour: number) => new Date(NOW.getTime() + (hour - 24) * 3_600_000)
const [STOLEN, REVOKED] = [at(8), at(12)]

let BY: ListedState
let seal: Seal
beforeAll(async () => {
  BY = await listedState('BY', ['BY.CCI.001'])
  seal = await sealOfKey(BY.pki.bodies[0]!.seal)
})

async function listsWith(
  revoked: readonly { readonly of: CertifiedKey; readonly revokedAt: Date }[],
): Promise<Crl[]> {
  const { root, stateCa, bodies } = BY.pki
  const body = bodies[0]!
  const lists = [root, stateCa, body.ca].map(async (ca) => {
    const below = ca === body.ca ? body.seal : ca === stateCa ? body.ca : undefined
    const entry = revoked.find(({ of }) => of === below)
    if (!entry) return ca.crl
    const parsed = parseX509Certificate(entry.of.certificate)
    if ('malformed' in parsed) throw new Error(parsed.malformed)
    const reason = below === body.ca ? 'cACompromise' : 'keyCompromise'
    const { serialNumber } = parsed
    const { revokedAt } = entry
    const revoke = [
      { serialNumber: serialNumber as never, revokedAt, reason, invalidityDate: STOLEN } as const,
    ]
    const dates = { thisUpdate: REVOKED, nextUpdate: at(24 * 20) }
    return renewCrl({ ca, previous: ca.crl, revoke, ...dates })
  })
  return (await Promise.all(lists)).map((der) => parseCrl(der) as Crl)
}

const trustWith = (crls: readonly Crl[]): Promise<Trust> =>
  trustOf({ pins: [BY.pin], lists: [BY.list], crls, revision: 1 })

const paths = createPathCache()

/** What an audit says of a document that was appended at an hour. */
async function verdict(hour: number, trust: Trust, claims = {}): Promise<string> {
  const state = { url: 'https://by.example', state: 'BY' } as Parameters<typeof claimsFor>[0]
  const payload = claimsFor(state, await freshCertificate(), claims)
  const iat = Math.floor(at(hour).getTime() / 1000)
  const opened = await openDocument(await forge(seal, { payload, header: { iat } }))
  const document = { kind: 'certificate', sha256: opened.sha256, opened, at: at(hour) } as const
  const history = { versions: () => [], isContinued: () => false }
  return (await judgeDocument(document, { trust, history, paths, asOf: NOW })).verdict
}

describe('a document of a signer who was revoked for a time before it', () => {
  it('is a note if the revocation is later than the entry, a fault if it was there already', async () => {
    const trust = await trustWith(
      await listsWith([{ of: BY.pki.bodies[0]!.seal, revokedAt: REVOKED }]),
    )
    const said = []
    for (const hour of [7, 8, 11, 12, 13, 11]) said.push(await verdict(hour, trust))
    const [later, before] = ['signer-revoked-later', 'signer-revoked']
    expect(said).toEqual(['holds', later, later, before, before, later])
    // Who is not its signer does not become it by a revocation.
    expect(await verdict(11, trust, { iss: 'BY.CCI.002' })).toBe('signer-revoked')
  })

  it('is a fault if one of several revocations was there already', async () => {
    const { ca, seal: of } = BY.pki.bodies[0]!
    for (const first of [of, ca]) {
      const revoked = [of, ca].map((key) => ({
        of: key,
        revokedAt: key === first ? at(10) : REVOKED,
      }))
      const trust = await trustWith(await listsWith(revoked))
      expect(await verdict(9, trust)).toBe('signer-revoked-later')
      expect(await verdict(11, trust)).toBe('signer-revoked')
    }
  })
})

it('notes are counted and named beside the findings, and leave the answer what it is', () => {
  const notes = Array.from({ length: 1200 }, (_, n) => ({
    code: 'signer-revoked-later' as const,
    where: `entry ${n}`,
    detail: 'revoked',
  }))
  const page = { judged: 1200, findings: notes, untold: 0 }
  const progress = advanced({ next: 0, judged: 0, findings: [], found: 0 }, 1200, page)
  expect(progress).toMatchObject({ found: 0, revokedLater: 1200 })
  const audited = {
    createdAt: formatInstant(NOW),
    program: 'certex',
    audited: 'database',
    state: 'BY',
    environment: 'production',
    entries: 1200,
    root: '',
    signatures: 1200,
    vouched: { signed: 1, cosigned: 1 },
    rootsCompared: true,
    roots: [],
    notCovered: [],
  } as const
  const { findings, found, revokedLater = 0 } = progress
  const report = auditReport({ ...audited, findings, found, revokedLater })
  expect(report).toMatchObject({ answer: 'clean', found: 0, findings: [] })
  expect(report.revokedLater).toMatchObject({ documents: 1200 })
  expect(report.revokedLater!.named).toHaveLength(1000)
})
