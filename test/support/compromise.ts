import { join } from 'node:path'
import { expect } from 'vitest'
import { thumbprint } from '../../src/crypto/suite.ts'
import { decodeBase64 } from '../../src/encoding/base64url.ts'
import { pollTrust } from '../../src/exchange/keep-trust/poll-trust.ts'
import { parseCrl } from '../../src/x509/crl.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { certex, words } from './cli.ts'
import { issue, type Issued } from './changes.ts'
import { nextSecond, provenAt } from './notices.ts'
import type { TestNode, TwoNodes } from './two-nodes.ts'

/** Ends a signing certificate as an operator does: the next CRL, published at home, fetched by the peer. */
export async function revoke(
  { BY, UZ }: Pick<TwoNodes, 'BY' | 'UZ'>,
  certificate: Uint8Array<ArrayBuffer>,
  reason: string,
  invalidityDate?: string,
): Promise<void> {
  // Times have whole seconds: what was signed before must not fall into that of the revocation.
  await nextSecond()
  const passphrase = join(BY.keys, 'passphrase')
  const since = invalidityDate === undefined ? [] : ['--invalidity-date', invalidityDate]
  const x5t = await thumbprint(certificate)
  const revoked = await certex([
    ...words`pki revoke --pki ${BY.keys} ${`--x5t=${x5t}`} --reason ${reason}`,
    ...since,
    ...words`--passphrase-file ${passphrase}`,
  ])
  expect(revoked, revoked.stderr).toMatchObject({ code: 0 })
  await publishCrls(BY)
  await polled(UZ, BY)
}

/** Publishes the CRLs of the folder of keys. */
export async function publishCrls(node: TestNode): Promise<void> {
  const crls = join(node.keys, 'crls')
  const published = await certex(words`trust publish --config ${node.configFile} --crls ${crls}`)
  expect(published, published.stderr).toMatchObject({ code: 0 })
}

/** What a node's schedule does every minute: fetches what a peer has published. */
export async function polled(node: TestNode, peer: TestNode): Promise<void> {
  const poll = () => pollTrust(node.running.deps)(peer.state, peer.url)
  let polls = await poll()
  // A kept connection may have ended while a command held up this process.
  for (
    let again = 0;
    again < 3 && 'error' in polls && /(?:ECONNRESET|hang up)$/.test(polls.error);
    again++
  )
    polls = await poll()
  expect(polls).toEqual({ ok: true })
}

/** Serial numbers that a node's CRLs of a state revoke. */
export async function revokedAt(node: TestNode, state: string): Promise<number> {
  const crls = (await node.running.deps.trustStore.crls()).filter((crl) => crl.state === state)
  return crls.reduce((sum, { der }) => {
    const crl = parseCrl(decodeBase64(der)!)
    return sum + ('malformed' in crl ? 0 : crl.entries.size)
  }, 0)
}

export interface Proven extends Issued {
  /** The second in which both nodes had it in their logs. */
  readonly at: string
}

/** Issues a certificate that both nodes have within one and the same second. */
export async function provenAtBoth(nodes: TwoNodes, issuer: ApiClient): Promise<Proven> {
  for (let tries = 0; tries < 10; tries++) {
    await nextSecond()
    const issued = await issue(issuer, 'origin-ct1-tractors')
    const at = await provenAt(nodes.UZ, issued.sha256)
    if ((await provenAt(nodes.BY, issued.sha256)) === at) return { ...issued, at }
  }
  throw new Error('No certificate arrived within the second of its issue')
}
