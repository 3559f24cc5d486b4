import { expect, it } from 'vitest'
import { isUnderRoot } from '../../../src/trust/accept-crl.ts'
import { parseX509Certificate, type X509Certificate } from '../../../src/x509/x509-certificate.ts'
import { forgePath } from '../x509/forgery.ts'

const x509 = ({ certificate }: { certificate: Uint8Array }): X509Certificate => {
  const parsed = parseX509Certificate(certificate)
  if ('malformed' in parsed) throw new Error(parsed.malformed)
  return parsed
}

it('No more than 24 signatures are tried to find who certified a CA: a list may name it any number of times', async () => {
  const [genuine, namesake] = await Promise.all([forgePath(), forgePath()])
  const isUnder = (namesakes: number) => {
    const others = Array.from({ length: namesakes }, () => x509(namesake.stateCa))
    const authorities = [...others, x509(genuine.stateCa)]
    return isUnderRoot(x509(genuine.bodyCa), authorities, [x509(genuine.root)])
  }
  expect(await isUnder(20)).toBe(true)
  expect(await isUnder(24)).toBe(false)
})
