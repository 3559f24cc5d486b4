import { beforeAll, expect, it } from 'vitest'
import { verifyOcspResponse } from '../../../src/trust/accept-ocsp.ts'
import type { OcspTarget } from '../../../src/trust/ocsp-targets.ts'
import { parseX509Certificate, type X509Certificate } from '../../../src/x509/x509-certificate.ts'
import { extension, type ForgedPath, forgePath } from '../x509/forgery.ts'
import { forgeOcspResponse, GOOD, revokedSince } from '../x509/ocsp-forgery.ts'

const NOW = new Date('2026-03-02T09:00:00Z')

let path: ForgedPath
let target: OcspTarget

const x509 = (der: Uint8Array): X509Certificate => {
  const parsed = parseX509Certificate(der)
  if ('malformed' in parsed) throw new Error(parsed.malformed)
  return parsed
}

beforeAll(async () => {
  path = await forgePath()
  const [certificate, issuer, root] = [path.seal, path.bodyCa, path.root].map((actor) =>
    x509(actor.certificate),
  ) as [X509Certificate, X509Certificate, X509Certificate]
  target = { state: 'BY', certificate, issuer, ski: 'body', x5c: path.x5c, root }
})

const keep = async (...response: Parameters<typeof forgeOcspResponse>) =>
  verifyOcspResponse(await forgeOcspResponse(...response), target, NOW)

it('An OCSP response is not kept that speaks of one serial number twice, whoever the other is', async () => {
  const { certificate, issuer } = target
  const own = { certificate, issuer, status: GOOD }
  expect(await keep(path.bodyCa, [own], [], NOW)).toMatchObject({ status: 'good' })
  // Of its own authority nothing but the revocation is judged; what is kept must not read the other.
  const revoked = { ...own, status: revokedSince('20260301000000Z') }
  const namesake = { ...own, issuer: x509((await forgePath()).bodyCa.certificate) }
  for (const both of [
    [namesake, revoked],
    [revoked, namesake],
    [own, own],
  ])
    expect(await keep(path.bodyCa, both, [], NOW)).toEqual({
      refused: 'it says more than one thing about the certificate',
    })
})

it('An OCSP response longer than 16 KiB is not kept, however right it is', async () => {
  const own = { certificate: target.certificate, issuer: target.issuer, status: GOOD }
  const padded = (octets: number) =>
    keep(path.bodyCa, [own], [extension('1.2.3.4', false, new Uint8Array(octets))], NOW)
  expect(await padded(15_500)).toMatchObject({ status: 'good' })
  expect(await padded(16 * 1024)).toEqual({
    refused: 'it is longer than 16384 octets: sign one about one certificate',
  })
})
