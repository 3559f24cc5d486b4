import type { ApiDescription } from './openapi.ts'

/** What the OpenAPI document says beside its operations. */
export const API: Omit<ApiDescription, 'servers'> = {
  title: 'Certex node',
  version: '0.1.0',
  description:
    'Electronic exchange of product certificates between states: certification bodies issue signed certificates, nodes exchange them with signed decisions, customs validate them. Errors are RFC 9457 problems; every `type` leads to a page that says what to do.',
  license: { name: 'EUPL-1.2', identifier: 'EUPL-1.2' },
  tags: [
    { name: 'Certificates', description: 'Issue, read, find and annul certificates' },
    { name: 'Validation', description: 'Is this certificate genuine, and usable for these goods?' },
    {
      name: 'Exchange',
      description: 'Between nodes only, RFC 9421 signatures on requests and answers',
    },
    { name: 'Trust', description: 'Trust lists and CRLs of this state' },
    { name: 'Access', description: 'Access tokens for client systems' },
    { name: 'Operations', description: 'Is the node well, and how goes the exchange?' },
    { name: 'Administration', description: 'What the authority changes' },
  ],
}
