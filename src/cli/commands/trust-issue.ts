import type { Command } from 'commander'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { thumbprint } from '../../crypto/suite.ts'
import { digestOf } from '../../exchange/validation/authenticate.ts'
import { MAX_TRUST_LIST_LENGTH } from '../../jose/parse.ts'
import { statementDigests } from '../../jose/statement.ts'
import type { PkiDirectory } from '../../node/pki/pki-directory.ts'
import { LIST_VALID_DAYS, makeTrustList, signTrustList } from '../../node/trust-list-maker.ts'
import {
  judgeTrustList,
  type PreviousList,
  verifyTrustList,
} from '../../trust/accept-trust-list.ts'
import { LONG_LIST_SHARE, overfull } from '../../trust/list-bounds.ts'
import type { TrustList } from '../../trust/trust-list.ts'
import { crlSource } from '../../x509/crl-source.ts'
import { ocspSource } from '../../x509/ocsp-source.ts'
import { parseFingerprint, parseUrl } from '../arguments.ts'
import { readBodies } from '../bodies-file.ts'
import { claimedList } from '../claimed-list.ts'
import { CliError } from '../cli-error.ts'
import { readDocument } from '../input-files.ts'
import { example, jsonOption, passphraseOption, pkiOption } from '../options.ts'
import { readPassphrase } from '../passphrase.ts'
import { crlsOf, openPki } from '../pki-folder.ts'
import { note, printResult } from '../print.ts'
import { changeText, trustListChanges } from '../trust-list-changes.ts'

interface Options {
  pki: string
  bodies: string
  url: string
  previous?: string
  remove?: string[]
  endLog?: string[]
  reason?: string
  out: string
  passphraseFile?: string
  json?: boolean
}

/** `certex trust issue`: the next version of the state's trust list, signed offline. */
export function declare(trust: Command): void {
  const command = trust
    .command('issue')
    .description('sign the next version of the trust list with the offline list signer')
    .addOption(pkiOption())
    .requiredOption('--bodies <file>', 'JSON list of the bodies and what each may issue')
    .requiredOption('--url <url>', 'address under which the other nodes reach this one', parseUrl)
    .option('--previous <file>', 'the version before; without it version 1 is made')
    .option(
      '--remove <x5t>',
      'thumbprint of a key that ends at once; may be repeated',
      collectRemoved,
    )
    .option(
      '--end-log <key>',
      'log or witness key that ends at once, as the list names it; may be repeated',
      collectText,
    )
    .option('--reason <text>', 'why they end')
    .requiredOption('--out <file>', 'new file for the signed list')
    .addOption(passphraseOption())
    .addOption(jsonOption())
    .action(run)
  example(
    command,
    'certex trust issue --pki keys --bodies bodies.json --url https://by.example \\',
    '    --previous list-1.jws --out list-2.jws',
  )
}

function collectText(text: string, before: readonly string[] = []): string[] {
  return [...before, text]
}

function collectRemoved(text: string, before: readonly string[] = []): string[] {
  return [...before, parseFingerprint(text)]
}

async function run({ url, remove = [], endLog = [], reason, out, json, ...files }: Options) {
  if (remove.length > 0 && !reason)
    throw new CliError('usage', 'Say with --reason why the key is removed')
  if (existsSync(out)) throw new CliError('usage', `${out} exists already: choose another file`)
  const passphrase = await readPassphrase(files.passphraseFile, process.env)
  const pki = await openPki(files.pki)
  const now = new Date()
  const own = await ownTrust(pki, now)
  const previous = await readPrevious(files.previous, own)
  const list = await makeTrustList({
    pki,
    bodies: await readBodies(files.bodies, pki.manifest.state),
    url,
    now,
    validDays: LIST_VALID_DAYS,
    previous,
    remove: remove.map((x5tS256) => ({ x5tS256, reason: reason ?? '' })),
    endLogs: endLog,
  })
  const stranger = remove.find((x5t) => !list.keys.some(({ x5tS256 }) => x5tS256 === x5t))
  if (stranger !== undefined)
    throw new CliError('usage', `The list has no key ${stranger}: see certex pki show`)
  const strangeLog = endLog.find((key) => !list.logs.some((log) => log.key === key))
  if (strangeLog !== undefined)
    throw new CliError('usage', `The list has no log key ${strangeLog}: see certex trust show`)
  const jws = await signTrustList(list, pki, passphrase)
  refuseOverfull(jws.length, list, previous?.list)
  // What nodes would refuse is not worth carrying to them.
  const pins = pinsOfOthers(own.pins, list, previous)
  const judged = await judgeTrustList(jws, { ...own, pins, previous })
  if ('refused' in judged)
    throw new CliError(
      'refused',
      `Nodes would refuse this list (${judged.refused}: ${judged.detail}); it was not written`,
    )
  await writeFile(out, `${jws}\n`, { flag: 'wx' })
  const changes = trustListChanges(previous?.list, list)
  const { state, version, nextUpdate } = list
  const text = [
    `Signed version ${version} of the trust list of ${state}, next update by ${nextUpdate}: ${out}`,
    ...changes.map((change) => `  ${changeText(change)}`),
  ].join('\n')
  printResult(
    json,
    { state, version, sha256: await digestOf(jws), nextUpdate, file: out, changes },
    text,
  )
}

/** What a list has no room for any more, and what can still be done. */
function refuseOverfull(length: number, list: TrustList, previous: TrustList | undefined): void {
  const percent = Math.floor((length / MAX_TRUST_LIST_LENGTH) * 100)
  const found = overfull(length, list, previous)
  if (found === 'too-long')
    throw new CliError(
      'refused',
      `The list would have ${length} characters, and nodes read ${MAX_TRUST_LIST_LENGTH} at most; it was not written. A key is revoked without it: certex pki revoke, certex trust publish --crls`,
    )
  if (found)
    throw new CliError(
      'refused',
      `The list would take ${percent} % of the length that lists may have. Entries never leave it, and what is left is kept for removals; it was not written. Take out what this version adds: keys can still be removed and the list renewed`,
    )
  if (length >= LONG_LIST_SHARE * MAX_TRUST_LIST_LENGTH)
    note(
      `The list takes ${percent} % of the length that lists may have, and entries never leave it: issue seals for longer and no more than are needed`,
    )
}

type OwnTrust = Awaited<ReturnType<typeof ownTrust>>

/** What a node that pins this root would judge the list by. */
async function ownTrust(pki: PkiDirectory, now: Date) {
  const { state, environment } = pki.manifest
  const roots = pki.keys.filter(({ purpose }) => purpose === 'root')
  const pins = await Promise.all(
    roots.map(async ({ certificate }) => ({
      state,
      rootSha256: await thumbprint(certificate),
      pinnedAt: '',
    })),
  )
  // The responses of this folder say what its CRLs say.
  return { pins, crls: crlSource(crlsOf(pki)), ocsp: ocspSource([]), now, environment }
}

/** With a list that brings a new root, who has the version before has pinned the former ones alone. */
function pinsOfOthers(
  pins: OwnTrust['pins'],
  list: TrustList,
  previous: { list: TrustList } | undefined,
): OwnTrust['pins'] {
  return previous && previous.list.root !== list.root ? pins.slice(0, -1) : pins
}

async function readPrevious(
  file: string | undefined,
  own: OwnTrust,
): Promise<(PreviousList & { sha256: string }) | undefined> {
  if (file === undefined) return undefined
  const jws = await readDocument(file)
  // It is the state's own, and its signer may have ended: that is why another follows.
  const claimed = claimedList(jws, file)
  const verified = await verifyTrustList(jws, { ...own, at: new Date(claimed.issuedAt) })
  // The nodes have accepted it, and a signer in wrong hands is why another follows.
  const isOfRevoked = 'refused' in verified && verified.code === 'revoked'
  const list = isOfRevoked ? claimed : verified
  if (isOfRevoked)
    note(
      `${file} is of a list signer that was revoked for a time before: look in certex trust show at every entry that others may have made, and end it`,
    )
  if (!('refused' in list)) {
    const digests = statementDigests(jws)
    return { list, digests, sha256: digests[0] }
  }
  const advice = list.refused === 'cannot-tell' ? '; renew the CRLs: certex pki renew-crls' : ''
  throw new CliError('refused', `${file}: ${list.refused}: ${list.detail}${advice}`)
}
