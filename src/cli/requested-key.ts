import { readFile } from 'node:fs/promises'
import { isSameOctets } from '../encoding/octets.ts'
import { readKeyRequest } from '../node/pki/key-request.ts'
import { decodePem } from '../node/pki/pem.ts'
import type { PkiDirectory } from '../node/pki/pki-directory.ts'
import { parseX509Certificate } from '../x509/x509-certificate.ts'
import { CliError } from './cli-error.ts'

/** The key that its owner asks to have certified: its own, and of this one purpose. */
export async function requestedKey(pki: PkiDirectory, file: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(await readFile(file))
  const [block] = decodePem(new TextDecoder().decode(bytes))
  if (block?.label.includes('PRIVATE KEY'))
    throw new CliError('refused', `${file} holds a private key, which must not leave its owner`)
  const read = await readKeyRequest(block ? block.der : bytes)
  if ('refused' in read) throw new CliError('refused', `${file}: ${read.refused}`)
  const { spki } = read.key
  for (const { certificate, certificateFile } of pki.keys) {
    const known = parseX509Certificate(certificate)
    if (!('malformed' in known) && isSameOctets(known.spki, spki))
      throw new CliError('refused', `${file}: the key is certified already, in ${certificateFile}`)
  }
  return spki
}
