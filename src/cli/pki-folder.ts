import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { thumbprint } from '../crypto/suite.ts'
import { currentKey, loadPkiDirectory, type PkiDirectory } from '../node/pki/pki-directory.ts'
import { type Crl, parseCrl } from '../x509/crl.ts'
import { CliError } from './cli-error.ts'

export function hasPki(folder: string): boolean {
  return existsSync(join(folder, 'manifest.json'))
}

/** Reads a folder that `certex pki init` made. */
export async function openPki(folder: string): Promise<PkiDirectory> {
  if (!hasPki(folder))
    throw new CliError('usage', `${folder} holds no keys: make them with certex pki init`)
  return loadPkiDirectory(folder)
}

/** SHA-256 of the current root, base64url. */
export function rootOf(pki: PkiDirectory): Promise<string> {
  const root = currentKey(pki, 'root')
  if (!root) throw new CliError('usage', `${pki.dir} holds no root certificate`)
  return thumbprint(root.certificate)
}

export function crlsOf(pki: PkiDirectory): Crl[] {
  return pki.crls.map(readCrl)
}

export function readCrl(der: Uint8Array): Crl {
  const crl = parseCrl(der)
  if ('malformed' in crl) throw new CliError('usage', `A CRL of the folder: ${crl.malformed}`)
  return crl
}

/**
 * The instant for the next CRL: nodes tell two lists of one authority apart by `thisUpdate`, which has
 * whole seconds, so that a list of the same second would be passed over.
 */
export async function nextCrlInstant(pki: PkiDirectory): Promise<Date> {
  const last = Math.max(...crlsOf(pki).map(({ thisUpdate }) => thisUpdate.getTime()))
  const wait = last + 1000 - Date.now()
  if (wait <= 0 || wait > 1000) return new Date()
  await delay(wait)
  // A timer may fire a millisecond before its time: the instant is that of the next second all the same.
  return new Date(Math.max(last + 1000, Date.now()))
}
