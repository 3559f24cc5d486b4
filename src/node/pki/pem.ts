import { decodeBase64, encodeBase64 } from '../../encoding/base64url.ts'

export interface PemBlock {
  readonly label: string
  readonly der: Uint8Array<ArrayBuffer>
}

/** One textual block (RFC 7468 §3) with its final newline. */
export function encodePem(label: string, der: Uint8Array): string {
  const lines = encodeBase64(der).match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

const BLOCK = /-----BEGIN ([^-]+)-----\s([A-Za-z0-9+/=\s]*)-----END \1-----/g

/** Every block of a text in order; text around them is ignored, blocks that are not base64 as well. */
export function decodePem(text: string): PemBlock[] {
  return [...text.matchAll(BLOCK)].flatMap(([, label, body]) => {
    const der = decodeBase64(body!.replace(/\s/g, ''))
    return der ? [{ label: label!, der }] : []
  })
}
