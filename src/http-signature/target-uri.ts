/**
 * The `@target-uri` of a received request (RFC 9421 §2.2.2, EXC-HTTPSIG-1 H7): the configured public
 * URL with path and query as received. Host and scheme of `receivedUrl` come from the client or a
 * proxy and are ignored. The sender builds it the same way from the URL in the trust list.
 */
export function targetUriOf(publicUrl: string, receivedUrl: string): string {
  const { pathname, search } = new URL(receivedUrl)
  return new URL(publicUrl).href.replace(/\/+$/, '') + pathname + search
}
