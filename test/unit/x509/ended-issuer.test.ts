import { expect, it } from 'vitest'
import { issueCrl, type Issuer, type Revocation } from '../../../src/node/pki/issue.ts'
import { type Crl, parseCrl } from '../../../src/x509/crl.ts'
import { crlSource } from '../../../src/x509/crl-source.ts'
import { validateSealPath } from '../../../src/x509/profile.ts'
import { parseX509Certificate, type X509Certificate } from '../../../src/x509/x509-certificate.ts'
import { forgePath } from './forgery.ts'

const day = (text: string) => new Date(`${text}T00:00:00Z`)

it('A CRL that an authority issued after its own end says nothing, whatever it leaves out', async () => {
  const path = await forgePath({
    seal: { notAfter: '270901000000Z' },
    bodyCa: { notAfter: '271001000000Z' },
    stateCa: { notAfter: '271101000000Z' },
    root: { notAfter: '281201000000Z' },
  })
  const { serialNumber } = parseX509Certificate(path.seal.certificate) as X509Certificate
  const revoked = { serialNumber, revokedAt: day('2027-05-01'), reason: 'keyCompromise' } as const
  const list = async (
    ca: Issuer,
    from: string,
    to: string,
    entries: readonly Revocation[] = [],
  ) => {
    const times = { thisUpdate: day(from), nextUpdate: day(to) }
    return parseCrl(await issueCrl({ ca, revoked: entries, number: 1n, ...times })) as Crl
  }
  const above = [
    await list(path.root, '2028-05-20', '2028-08-01'),
    await list(path.stateCa, '2027-10-20', '2027-11-19'),
  ]
  const judged = (last: Crl) =>
    validateSealPath({
      x5c: path.x5c,
      anchor: path.root.certificate,
      at: day('2027-04-01'),
      now: day('2028-06-01'),
      purpose: 'document-seal',
      crls: crlSource([...above, last]),
      revocationRequired: true,
    })
  const { bodyCa } = path
  expect(await judged(await list(bodyCa, '2027-09-20', '2027-10-19', [revoked]))).toMatchObject({
    result: 'valid',
  })
  expect(await judged(await list(bodyCa, '2028-05-25', '2028-06-20'))).toMatchObject({
    result: 'unknown',
    code: 'crl-too-late',
  })
})
