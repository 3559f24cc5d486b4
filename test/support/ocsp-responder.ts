import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import { encodePem } from '../../src/node/pki/pem.ts'
import { parseOcspRequest } from '../../src/x509/ocsp-request.ts'
import { parseX509Certificate, type X509Certificate } from '../../src/x509/x509-certificate.ts'

interface KeyPair {
  readonly certificate: Uint8Array
  readonly pkcs8: Uint8Array
}

/** An authority whose keys the responder answers about. */
export interface AnsweringAuthority {
  readonly ca: Uint8Array
  readonly signer: KeyPair
  /** X.509 certificates below it. */
  readonly issued: readonly Uint8Array[]
}

/** OpenSSL as OCSP responder behind an HTTP server on this machine. */
export interface OcspResponderServer {
  readonly url: string
  /** Requests that came. */
  count(): number
  /** The most that were answered at one time. */
  mostAtOnce(): number
  /** What OpenSSL's index says: nothing is `V`. */
  readonly revoked: Map<string, string>
  /** Answers instead of OpenSSL. */
  misbehave(how: ((response: ServerResponse) => void) | undefined): void
  close(): void
}

export async function startOcspResponder(
  authorities: () => readonly AnsweringAuthority[],
): Promise<OcspResponderServer> {
  const dir = mkdtempSync(join(tmpdir(), 'certex-responder-'))
  const revoked = new Map<string, string>()
  let count = 0
  let atOnce = 0
  let mostAtOnce = 0
  let misbehaviour: ((response: ServerResponse) => void) | undefined

  const file = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(dir, name), content)
    return name
  }
  const pem = (name: string, label: string, der: Uint8Array) => file(name, encodePem(label, der))

  function answer(request: Uint8Array): Uint8Array {
    const asked = parseOcspRequest(request)
    if ('malformed' in asked) throw new Error(asked.malformed)
    const authority = authorities().find(({ issued }) =>
      issued.some((der) => serialOf(der) === asked.serialNumber),
    )
    if (!authority) throw new Error(`nobody issued ${asked.serialNumber}`)
    const lines = authority.issued.map((der) => {
      const serial = serialOf(der)
      const [flag, when = ''] = revoked.has(serial) ? ['R', revoked.get(serial)] : ['V']
      return [flag, '360101000000Z', when, serial.toUpperCase(), 'unknown', `/CN=${serial}`].join(
        '\t',
      )
    })
    const args = ['-index', file('index', `${lines.join('\n')}\n`)]
    args.push('-CA', pem('ca.pem', 'CERTIFICATE', authority.ca), '-ndays', '1')
    args.push('-rsigner', pem('signer.pem', 'CERTIFICATE', authority.signer.certificate))
    args.push('-rkey', pem('signer.key', 'PRIVATE KEY', authority.signer.pkcs8))
    args.push('-reqin', file('request', request), '-respout', 'response')
    execFileSync('openssl', ['ocsp', ...args], { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] })
    return readFileSync(join(dir, 'response'))
  }

  const server = createServer((request, response) => {
    count++
    mostAtOnce = Math.max(mostAtOnce, ++atOnce)
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      // Late, so that requests in flight at once are seen to be.
      setTimeout(() => {
        atOnce--
        if (misbehaviour) return misbehaviour(response)
        response.setHeader('Content-Type', 'application/ocsp-response')
        response.end(answer(Buffer.concat(chunks)))
      }, 20)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ocsp`,
    count: () => count,
    mostAtOnce: () => mostAtOnce,
    revoked,
    misbehave: (how) => void (misbehaviour = how),
    close() {
      server.close()
      server.closeAllConnections()
      rmSync(dir, { recursive: true })
    },
  }
}

export function serialOf(der: Uint8Array): string {
  return parsed(der).serialNumber
}

/** Name of the issuer, as one text. */
export function issuerOf(der: Uint8Array): string {
  return parsed(der).issuer.key
}

function parsed(der: Uint8Array): X509Certificate {
  const certificate = parseX509Certificate(der)
  if ('malformed' in certificate) throw new Error(certificate.malformed)
  return certificate
}
