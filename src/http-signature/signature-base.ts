import { type Item, serializeItem } from 'structured-headers'

/** A component identifier as written in Signature-Input, with the value it has in the message. */
export interface Component {
  identifier: string
  value: string
}

/** The text that is signed (RFC 9421 §2.5). `signatureParams` is the serialized inner list. */
export function signatureBase(components: readonly Component[], signatureParams: string): string {
  const lines = components.map(({ identifier, value }) => `${identifier}: ${value}`)
  return [...lines, `"@signature-params": ${signatureParams}`].join('\n')
}

/**
 * One spelling for a component identifier whatever the order of its parameters, since two identifiers
 * that differ only in that order are the same (RFC 9421 §2).
 */
export function componentKey([name, parameters]: Item): string {
  const sorted = [...parameters].sort(([a], [b]) => (a < b ? -1 : 1))
  return serializeItem([name, new Map(sorted)])
}
