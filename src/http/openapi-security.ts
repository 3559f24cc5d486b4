import type { RouteDeclaration } from './route.ts'

export const SECURITY_SCHEMES = {
  accessToken: {
    type: 'oauth2',
    description:
      'Client systems of the own state: client credentials with a private_key_jwt assertion (RFC 7523). Role and organisation come from the registration of the client.',
    flows: { clientCredentials: { tokenUrl: '/oauth/token', scopes: {} } },
  },
  httpSignature: {
    type: 'apiKey',
    in: 'header',
    name: 'Signature',
    description:
      'Peer nodes: an HTTP message signature labelled "exc" (RFC 9421) with the node key of the trust list, over @method, @target-uri, content-digest, exc-message-id, exc-sender, exc-recipient and, with a body, content-type. Answers are signed too.',
  },
} as const

/** How the callers of a route prove who they are; an empty object stands for no credentials. */
export function securityOf({ callers }: RouteDeclaration): Record<string, []>[] {
  const roles = new Set(callers)
  const open = roles.delete('public')
  const signed = roles.delete('peer')
  const security: Record<string, []>[] = []
  if (roles.size > 0) security.push({ accessToken: [] })
  if (signed) security.push({ httpSignature: [] })
  if (open && security.length > 0) security.push({})
  return security
}
