import type { TrustList } from '../../trust/trust-list.ts'
import type { X509Certificate } from '../../x509/x509-certificate.ts'

const MAX_URL_CHARACTERS = 500

/**
 * The URL at which OCSP is asked about an X.509 certificate of a state's trust list. Only a host that the
 * list names as the state's own node: otherwise whoever issues certificates could choose whom this node
 * calls, and learn which documents are being checked.
 */
export function responderOf(
  { ocspUrls }: Pick<X509Certificate, 'ocspUrls'>,
  state: string,
  /** As they count here (`TrustView.nodes`). */
  nodes: TrustList['nodes'],
): string | undefined {
  const hosts = new Set(
    nodes.flatMap((node) => (node.state === state ? [new URL(node.url).hostname] : [])),
  )
  for (const text of ocspUrls) {
    const url = text.length <= MAX_URL_CHARACTERS && URL.canParse(text) ? new URL(text) : undefined
    if (!url || !/^https?:$/.test(url.protocol) || !hosts.has(url.hostname)) continue
    if (url.username !== '' || url.password !== '') continue
    url.hash = ''
    return url.href
  }
  return undefined
}
