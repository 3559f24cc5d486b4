import type { RequestMessage } from './http-message.ts'

const OF_EVERY_MESSAGE = ['content-digest', 'signature-input', 'signature']
const OF_A_REQUEST = ['exc-message-id', 'exc-sender', 'exc-recipient']

/**
 * The fields of a request that its signature covers (EXC-HTTPSIG-1 H2), and the signature: all that anybody
 * can verify later. Of a field that is not there nothing is kept.
 */
export function signedRequestFields({
  headers,
  body,
}: Pick<RequestMessage, 'headers' | 'body'>): Record<string, string> {
  const withBody = body.length > 0 ? ['content-type'] : []
  return fieldsOf(headers, [...OF_A_REQUEST, ...withBody, ...OF_EVERY_MESSAGE])
}

/** The same of an answer. */
export function signedResponseFields(headers: Headers): Record<string, string> {
  return fieldsOf(headers, OF_EVERY_MESSAGE)
}

function fieldsOf(headers: Headers, names: readonly string[]): Record<string, string> {
  const there = names.flatMap((name): [string, string][] => {
    const value = headers.get(name)
    return value === null ? [] : [[name, value]]
  })
  return Object.fromEntries(there)
}
