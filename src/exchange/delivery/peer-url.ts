/**
 * Why a node of another state is not called under this URL, by the URL alone. Trust lists name addresses
 * that another state chose: without TLS anybody on the way could hold back or replay what is sent.
 */
export function peerUrlObstacle(
  url: URL,
  { allowHttp }: { allowHttp: boolean },
): string | undefined {
  if (url.username !== '' || url.password !== '') return 'it names a user'
  if (url.protocol === 'https:') return undefined
  if (url.protocol !== 'http:') return `${url.protocol} is not https`
  return allowHttp ? undefined : 'it is plain http, which only allowHttpPeers permits'
}
