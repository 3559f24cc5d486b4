import { createPrivateKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'

type Bytes = Uint8Array<ArrayBuffer>

export class KeyFileError extends Error {
  override name = 'KeyFileError'
  readonly code: 'not-readable' | 'exists' | 'not-encrypted' | 'wrong-passphrase'
  constructor(code: KeyFileError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/**
 * Writes a private key as encrypted PKCS#8 (RFC 5958 §3, PBES2 with AES-256-CBC), readable by its owner
 * only. A file that exists is never overwritten: it may be the only copy of a key.
 *
 * @throws {KeyFileError}
 */
export async function writeKeyFile(
  file: string,
  pkcs8: Uint8Array,
  passphrase: string,
): Promise<void> {
  const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
  const pem = key.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase })
  try {
    await writeFile(file, pem, { mode: 0o600, flag: 'wx' })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    throw new KeyFileError('exists', `The key file ${file} exists already`, { cause })
  }
}

/**
 * Reads a key file as unencrypted PKCS#8 DER. A key that lies unencrypted on the disk is refused.
 *
 * @throws {KeyFileError}
 */
export async function readKeyFile(file: string, passphrase: string): Promise<Bytes> {
  let pem: string
  try {
    pem = await readFile(file, 'utf8')
  } catch (cause) {
    throw new KeyFileError('not-readable', `The key file ${file} cannot be read`, { cause })
  }
  if (!pem.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----'))
    throw new KeyFileError('not-encrypted', `The key file ${file} holds no encrypted private key`)
  let key: KeyObject
  try {
    key = createPrivateKey({ key: pem, passphrase })
  } catch (cause) {
    throw new KeyFileError('wrong-passphrase', `The passphrase does not open ${file}`, { cause })
  }
  return new Uint8Array(key.export({ format: 'der', type: 'pkcs8' }))
}
