import type { Command } from 'commander'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { thumbprint } from '../../crypto/suite.ts'
import { formatInstant } from '../../encoding/time.ts'
import type { PkiDirectory, StoredKey } from '../../node/pki/pki-directory.ts'
import { parseX509Certificate } from '../../x509/x509-certificate.ts'
import { crlSource } from '../../x509/crl-source.ts'
import { CliError } from '../cli-error.ts'
import { fingerprintText } from '../fingerprint-text.ts'
import { example, jsonOption, pkiOption } from '../options.ts'
import { crlsOf, openPki, readCrl, rootOf } from '../pki-folder.ts'
import { printResult, table } from '../print.ts'

/** `certex pki show`: what lies in the folder, until when it holds, what is revoked. Opens no key. */
export function declare(pki: Command): void {
  const command = pki
    .command('show')
    .description('list keys, thumbprints, expiry, CRLs and the fingerprint of the root')
    .addOption(pkiOption())
    .addOption(jsonOption())
    .action(async ({ pki: folder, json }: { pki: string; json?: boolean }) => {
      const shown = await describe(await openPki(folder))
      printResult(json, shown, textOf(shown))
    })
  example(command, 'certex pki show --pki keys')
}

type Shown = Awaited<ReturnType<typeof describe>>

async function describe(pki: PkiDirectory) {
  const { state, environment, organization, bareKeys } = pki.manifest
  const now = new Date()
  return {
    state,
    environment,
    organization,
    rootSha256: await rootOf(pki),
    keys: await Promise.all(pki.keys.map((key) => describeKey(pki, key, now))),
    bareKeys: bareKeys.map(({ purpose, publicKey, keyFile, from, until }) => ({
      purpose,
      publicKey,
      from,
      until,
      standing: standingBy(until, now),
      privateKey: existsSync(join(pki.dir, keyFile)) ? 'here' : 'elsewhere',
    })),
    crls: pki.keys
      .filter(({ crlFile }) => crlFile !== undefined)
      .map(({ crlFile, certificateFile }, i) => {
        const { crlNumber, nextUpdate, entries } = readCrl(pki.crls[i]!)
        return {
          authority: certificateFile,
          file: crlFile!,
          number: String(crlNumber),
          nextUpdate: nextUpdate && formatInstant(nextUpdate),
          overdue: !nextUpdate || nextUpdate < now,
          revoked: entries.size,
        }
      }),
  }
}

async function describeKey(pki: PkiDirectory, key: StoredKey, now: Date) {
  const certificate = parseX509Certificate(key.certificate)
  if ('malformed' in certificate)
    throw new CliError('usage', `${key.certificateFile}: ${certificate.malformed}`)
  const { issuer, serialNumber, notBefore, notAfter } = certificate
  const revoked = crlSource(crlsOf(pki))
    .find(issuer)
    .map(({ entries }) => entries.get(serialNumber))
    .find((entry) => entry !== undefined)
  return {
    purpose: key.purpose,
    party: key.partyId,
    x5tS256: await thumbprint(key.certificate),
    notBefore: formatInstant(notBefore),
    notAfter: formatInstant(notAfter),
    /** When it ends in good order, before its X.509 certificate does. */
    until: key.until,
    standing: revoked ? 'revoked' : notAfter < now ? 'expired' : standingBy(key.until, now),
    revokedAt: revoked && formatInstant(revoked.revokedAt),
    reason: revoked?.reason,
    certificateFile: key.certificateFile,
    privateKey: privateKeyPlace(pki, key),
  }
}

function standingBy(until: string | undefined, now: Date): 'valid' | 'ended' {
  return until !== undefined && until < formatInstant(now) ? 'ended' : 'valid'
}

function privateKeyPlace({ dir }: PkiDirectory, { keyFile }: StoredKey) {
  if (keyFile === undefined) return 'with its body'
  return existsSync(join(dir, keyFile)) ? 'here' : 'elsewhere'
}

function textOf({ state, environment, organization, ...shown }: Shown): string {
  const { rootSha256, keys, bareKeys, crls } = shown
  const rows = keys.map((key) => [
    key.purpose,
    key.party ?? '',
    key.x5tS256,
    (key.until ?? key.notAfter).slice(0, 10),
    key.reason ? `${key.standing} (${key.reason})` : key.standing,
    key.privateKey,
  ])
  for (const { purpose, publicKey, privateKey, standing, until = '' } of bareKeys)
    rows.push([purpose, '', publicKey, until.slice(0, 10), standing, privateKey])
  const lists = crls.map(({ authority, number, nextUpdate = '', overdue, revoked }) => [
    authority,
    number,
    `${nextUpdate.slice(0, 10)}${overdue ? ' OVERDUE' : ''}`,
    String(revoked),
  ])
  return [
    `${state}, ${organization} (${environment})`,
    `Root, SHA-256: ${fingerprintText(rootSha256)}`,
    '',
    table(['key', 'party', 'x5t#S256', 'until', 'standing', 'private key'], rows),
    '',
    table(['CRL of', 'number', 'next update', 'revoked'], lists),
  ].join('\n')
}
