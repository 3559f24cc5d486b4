import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'

type Members = Readonly<Record<string, unknown>>

/** What no single setting shows: settings that contradict each other. */
export function contradictionsIn(sound: Members): string[] {
  const { state, publicUrl, allowHttpPeers = false, tls } = sound
  const peers = (sound['peers'] ?? []) as { state: string; url: string }[]
  const faults: string[] = []
  for (const [i, peer] of peers.entries()) {
    if (peer.state === state) faults.push(`peers.${i}: ${peer.state} is this node's own state`)
    if (peers.findIndex((other) => other.state === peer.state) < i)
      faults.push(`peers.${i}: ${peer.state} is named twice`)
    if (!allowHttpPeers && peer.url.startsWith('http:'))
      faults.push(`peers.${i}.url: https, unless allowHttpPeers permits plain http`)
  }
  const witnesses = (sound['witnesses'] ?? []) as { name: string; key: string; url: string }[]
  for (const [i, { name, key, url }] of witnesses.entries()) {
    if (witnesses.findIndex((other) => other.name === name || other.key === key) < i)
      faults.push(`witnesses.${i}: ${name} or its key is named twice`)
    if (!allowHttpPeers && url.startsWith('http:'))
      faults.push(`witnesses.${i}.url: https, unless allowHttpPeers permits plain http`)
  }
  if (tls !== undefined && typeof publicUrl === 'string' && publicUrl.startsWith('http:'))
    faults.push('publicUrl: https, because tls is configured')
  return faults
}

/** Files that are needed to serve and cannot be used. */
export function unreadableIn(sound: Members): string[] {
  const { peerCaFile } = sound as { peerCaFile?: string }
  const tls = sound['tls'] as { key: string; chain: string } | undefined
  const faults: string[] = []
  const read = (setting: string, file: string) => {
    try {
      return readFileSync(file)
    } catch {
      faults.push(`${setting}: ${file} cannot be read`)
      return undefined
    }
  }
  if (peerCaFile !== undefined) {
    const pem = read('peerCaFile', peerCaFile)
    if (pem && !isCertificate(pem))
      faults.push(`peerCaFile: ${peerCaFile} holds no X.509 certificate`)
  }
  if (tls) {
    const [key, cert] = [read('tls.key', tls.key), read('tls.chain', tls.chain)]
    if (key && cert)
      try {
        createSecureContext({ key, cert })
      } catch (error) {
        faults.push(`tls: key and chain do not fit: ${(error as Error).message}`)
      }
  }
  return faults
}

function isCertificate(pem: Buffer): boolean {
  try {
    return new X509Certificate(pem) instanceof X509Certificate
  } catch {
    return false
  }
}
