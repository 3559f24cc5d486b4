import { type Command, Option } from 'commander'
import { join } from 'node:path'
import { thumbprint } from '../../crypto/suite.ts'
import { formatInstant } from '../../encoding/time.ts'
import type { PkiDirectory } from '../../node/pki/pki-directory.ts'
import { revokeCertificate } from '../../node/pki/revoke.ts'
import { CRL_REASONS, type CrlReason } from '../../x509/crl.ts'
import { parseX509Certificate, type X509Certificate } from '../../x509/x509-certificate.ts'
import { parseFingerprint, parseInstant } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import { readX509Certificate } from '../input-files.ts'
import { example, jsonOption, passphraseOption, pkiOption } from '../options.ts'
import { readPassphrase } from '../passphrase.ts'
import { nextCrlInstant, openPki } from '../pki-folder.ts'
import { printResult } from '../print.ts'

interface Options {
  pki: string
  certificate?: string
  x5t?: string
  reason: CrlReason
  invalidityDate?: Date
  passphraseFile?: string
  json?: boolean
}

/** Revocation is final here: no hold, and nothing comes off a list. */
const REASONS = Object.keys(CRL_REASONS).filter(
  (reason) => reason !== 'certificateHold' && reason !== 'removeFromCRL',
)

/** `certex pki revoke`: ends a signing certificate with the next CRL of the authority that issued it. */
export function declare(pki: Command): void {
  const command = pki
    .command('revoke')
    .description('revoke a signing certificate with the next CRL of its authority')
    .addOption(pkiOption())
    .addOption(new Option('--certificate <file>', 'the certificate, PEM or DER').conflicts('x5t'))
    .option('--x5t <thumbprint>', 'or its SHA-256, as certex pki show prints it', parseFingerprint)
    .addOption(
      new Option('--reason <reason>', 'RFC 5280 §5.3.1').choices(REASONS).makeOptionMandatory(),
    )
    .option('--invalidity-date <time>', 'since when the key was in wrong hands', parseInstant)
    .addOption(passphraseOption())
    .addOption(jsonOption())
    .action(run)
  example(
    command,
    'certex pki revoke --pki keys --certificate keys/BY.CCI.001.seal-1.pem --reason keyCompromise',
  )
}

async function run({ invalidityDate, reason, json, ...options }: Options) {
  const passphrase = await readPassphrase(options.passphraseFile, process.env)
  const pki = await openPki(options.pki)
  const certificate = await certificateOf(pki, options)
  const now = await nextCrlInstant(pki)
  if (invalidityDate && invalidityDate > now)
    throw new CliError('usage', 'The invalidity date lies in the future')
  const outcome = await revokeCertificate(pki, certificate, passphrase, {
    reason,
    invalidityDate,
    now,
  })
  const x5tS256 = await thumbprint(certificate.der)
  switch (outcome.outcome) {
    case 'not-issued-here':
      throw new CliError(
        'refused',
        `No authority in ${options.pki} issued this signing certificate`,
      )
    case 'is-root':
      throw new CliError(
        'refused',
        'A root is not revoked: tell every state, each of them withdraws it (certex trust withdraw-root) and pins the next one',
      )
    case 'already-revoked': {
      const { reason: before, revokedAt } = outcome.entry
      const at = formatInstant(revokedAt)
      if (before !== reason)
        throw new CliError('refused', `It was revoked at ${at} as ${before}, which cannot change`)
      const result = { x5tS256, reason, revokedAt: at, crl: join(pki.dir, outcome.ca.crlFile!) }
      return printResult(json, result, `It was revoked before, at ${at}`)
    }
    case 'revoked': {
      const crl = join(pki.dir, outcome.ca.crlFile!)
      const text = [
        `Revoked ${x5tS256} (${reason}); the new CRL is ${crl}`,
        `Publish it: certex trust publish --config FILE --crls ${join(pki.dir, 'crls')}`,
        ...(await whatToEnd(pki, certificate, { x5tS256, reason })),
      ].join('\n')
      return printResult(json, { x5tS256, reason, revokedAt: formatInstant(now), crl }, text)
    }
  }
}

/** Whose entries in the trust list are to end, and what is renewed: of an authority those below it. */
async function whatToEnd(
  { keys }: PkiDirectory,
  { subject }: X509Certificate,
  { x5tS256, reason }: { readonly x5tS256: string; readonly reason: string },
): Promise<string[]> {
  const all = await Promise.all(
    keys.map(async (key) => ({ ...key, id: await thumbprint(key.certificate) })),
  )
  const purpose = all.find(({ id }) => id === x5tS256)?.purpose
  if (purpose === 'trust-list-signer')
    return [
      'The list signer stands in no trust list: make another (certex pki renew trust-list-signer) and sign the next list with it (certex trust issue)',
    ]
  const isAuthority = purpose === 'body-ca' || purpose === 'state-ca'
  const ended = isAuthority
    ? all.filter(
        (key) => LISTED.has(key.purpose) && key.x5c.slice(1).some((der) => isOf(der, subject.key)),
      )
    : [{ id: x5tS256, partyId: undefined }]
  const remove = ended.map(({ id }) => `--remove ${id}`).join(' ')
  if (!isAuthority)
    return [`End the key in the trust list too: certex trust issue … ${remove} --reason ${reason}`]
  const removing = remove === '' ? [] : [`certex trust issue … ${remove} --reason ${reason}`]
  return [
    `Nothing that it has certified counts any more. Renew it (certex pki renew ${purpose}) and the keys below it, and end those in the trust list:`,
    ...removing.map((command) => `  ${command}`),
  ]
}

/** Purposes whose keys a trust list names. */
const LISTED: ReadonlySet<string> = new Set([
  'document-seal',
  'registry-seal',
  'status-signer',
  'node',
  'attestation',
])

function isOf(der: Uint8Array, subject: string): boolean {
  const parsed = parseX509Certificate(der)
  return !('malformed' in parsed) && parsed.subject.key === subject
}

async function certificateOf(pki: PkiDirectory, options: Omit<Options, 'reason'>) {
  if (options.certificate !== undefined) return readX509Certificate(options.certificate)
  if (options.x5t === undefined)
    throw new CliError('usage', 'Name the certificate: --certificate FILE or --x5t THUMBPRINT')
  for (const key of pki.keys)
    if ((await thumbprint(key.certificate)) === options.x5t)
      return parseX509Certificate(key.certificate) as X509Certificate
  throw new CliError('usage', `${pki.dir} holds no signing certificate ${options.x5t}`)
}
