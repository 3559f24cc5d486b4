import { earliest } from '../../x509/instants.ts'
import { parseX509Certificate, type X509Certificate } from '../../x509/x509-certificate.ts'
import { certifyRoot, type Issuer } from './issue.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** How long a new root is vouched for by the one before: the others pin it within this time. */
const CROSS_SIGNED_DAYS = 365

const DAY_MS = 86_400_000

/**
 * The X.509 certificates between two roots of a state (RFC 4210 §4.4): new with old, so that who pinned
 * the old root may follow; old with new, so that who pins the new one alone can judge old documents.
 */
export async function linkRoots({
  old,
  issued,
  name,
  now,
}: {
  readonly old: Issuer
  readonly issued: Issuer
  readonly name: string
  readonly now: Date
}): Promise<{ file: string; certificate: Bytes }[]> {
  const former = read(old)
  const next = read(issued)
  const end = new Date(now.getTime() + CROSS_SIGNED_DAYS * DAY_MS)
  const newWithOld = await certifyRoot(old, next, {
    notBefore: now,
    notAfter: earliest([end, former.notAfter]),
  })
  const oldWithNew = await certifyRoot(issued, former, former)
  return [
    { file: `${name}.new-with-old.pem`, certificate: newWithOld },
    { file: `${name}.old-with-new.pem`, certificate: oldWithNew },
  ]
}

function read({ certificate }: Issuer): X509Certificate {
  const root = parseX509Certificate(certificate)
  if ('malformed' in root) throw new Error(`A root: ${root.malformed}`)
  return root
}
