import { decodeBase64, encodeBase64url } from '../encoding/base64url.ts'
import { sha256 } from '../crypto/suite.ts'
import type { Environment } from '../jose/environment.ts'
import { parseJws } from '../jose/parse.ts'
import { crlSource, type CrlSource } from '../x509/crl-source.ts'
import { parseCrl, type Crl } from '../x509/crl.ts'
import { parseX509Certificate, type X509Certificate } from '../x509/x509-certificate.ts'
import { TrustList } from './trust-list.ts'
import type { TrustPin, TrustStore } from './trust-store.ts'
import { trustView, type TrustView } from './trust-view.ts'

export interface PinnedAnchor {
  readonly state: string
  readonly certificate: X509Certificate
}

/** Everything a validation may rely on, at one revision. */
export interface Trust {
  readonly revision: number
  /** Documents of the other environment are refused before anything else is asked of them. */
  readonly environment: Environment
  readonly view: TrustView
  readonly anchors: readonly PinnedAnchor[]
  readonly crls: CrlSource
  readonly pins: readonly TrustPin[]
}

export type CurrentTrust = () => Promise<Trust>

/**
 * Reads pins, newest lists and CRLs, and again only when one of them has changed. Who asks while another
 * reads, reads as well: on Workers a request must not wait for the work of another.
 */
export function currentTrust(
  store: TrustStore,
  environment: Environment = 'production',
): CurrentTrust {
  let held: Trust | undefined
  return async () => {
    const revision = await store.revision()
    if (held?.revision === revision) return held
    const read = await readTrust(store, revision, environment)
    // A slower reader of an older revision must not put it back.
    if (!held || held.revision < revision) held = read
    return read
  }
}

async function readTrust(
  store: TrustStore,
  revision: number,
  environment: Environment,
): Promise<Trust> {
  const [pins, stored, crls] = await Promise.all([store.pins(), store.newest(), store.crls()])
  const lists = stored.map(({ jws }) => {
    const parsed = parseJws(jws)
    if ('malformed' in parsed)
      throw new Error(`A stored trust list is damaged: ${parsed.malformed}`)
    return TrustList.parse(parsed.payload)
  })
  const read = crls.map(({ der }) => readCrl(der))
  return trustOf({ pins, lists, crls: read, revision, environment })
}

/** Trust in accepted lists under pinned roots; a list whose root is not the pinned one is left out. */
export async function trustOf(input: {
  pins: readonly TrustPin[]
  lists: readonly TrustList[]
  crls: readonly Crl[]
  revision: number
  environment?: Environment | undefined
}): Promise<Trust> {
  const { pins, lists, crls, revision, environment = 'production' } = input
  const anchors: PinnedAnchor[] = []
  for (const list of lists) {
    const pin = pins.find(({ state }) => state === list.state)
    const anchor = pin && (await pinnedAnchor(list, pin))
    if (anchor) anchors.push(anchor)
  }
  const believed = lists.filter(({ state }) => anchors.some((anchor) => anchor.state === state))
  const view = trustView(believed)
  return { revision, environment, view, anchors, crls: crlSource(crls), pins }
}

/** The list's root, if it is the one that was pinned. */
export async function pinnedAnchor(
  list: TrustList,
  pin: TrustPin,
): Promise<PinnedAnchor | undefined> {
  const der = decodeBase64(list.root)
  if (!der || encodeBase64url(await sha256(der)) !== pin.rootSha256) return undefined
  const certificate = parseX509Certificate(der)
  return 'malformed' in certificate ? undefined : { state: list.state, certificate }
}

function readCrl(base64: string): Crl {
  const crl = parseCrl(decodeBase64(base64) ?? new Uint8Array())
  if ('malformed' in crl) throw new Error(`A stored CRL is damaged: ${crl.malformed}`)
  return crl
}
