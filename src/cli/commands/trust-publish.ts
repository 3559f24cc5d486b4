import type { Command } from 'commander'
import type { Workbench } from '../../node/bootstrap.ts'
import { newestList } from '../../node/dev-state.ts'
import { formatInstant } from '../../encoding/time.ts'
import { issuedAtOf } from '../../exchange/keep-trust/accept-list.ts'
import { TRUST_REFUSAL_TEXTS } from '../../exchange/texts/trust-refusal-texts.ts'
import type { Environment } from '../../jose/environment.ts'
import { statementDigests } from '../../jose/statement.ts'
import {
  judgeTrustList,
  type PreviousList,
  type RefusedTrustList,
} from '../../trust/accept-trust-list.ts'
import { readEvidence } from '../../trust/kept-evidence.ts'
import type { TrustList } from '../../trust/trust-list.ts'
import { crlSource } from '../../x509/crl-source.ts'
import type { Crl } from '../../x509/crl.ts'
import { ocspSource } from '../../x509/ocsp-source.ts'
import { withBench } from '../bench.ts'
import { claimedList } from '../claimed-list.ts'
import { CliError } from '../cli-error.ts'
import { type FoundOcspResponse, keepOcspResponses, ocspText } from '../kept-ocsp.ts'
import { readCrls, readDocument, readOcspResponses } from '../input-files.ts'
import { asOption, configOption, example, jsonOption } from '../options.ts'
import { printResult } from '../print.ts'
import { changeText, trustListChanges } from '../trust-list-changes.ts'

/** `certex trust publish`: a list and CRLs into the node's own database, also while it runs. */
export function declare(trust: Command): void {
  const command = trust
    .command('publish')
    .description(
      'take a trust list, CRLs, OCSP responses into the database; the running node follows at once',
    )
    .argument('[list]', 'the signed list; without it the CRLs and OCSP responses alone')
    .addOption(configOption())
    .option('--crls <folder>', 'folder with the CRLs of the state, such as keys/crls')
    .option('--ocsp <folder>', 'folder with signed OCSP responses, such as keys/ocsp')
    .addOption(asOption())
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex trust publish --config by/node.json list-1.jws --crls keys/crls')
}

interface Options {
  config?: string
  crls?: string
  ocsp?: string
  as?: string
  json?: boolean
}

interface FoundCrl {
  readonly file: string
  readonly crl: Crl
}

async function run(file: string | undefined, { config, crls: folder, ocsp, as, json }: Options) {
  if (file === undefined && folder === undefined && ocsp === undefined)
    throw new CliError('usage', 'Name a trust list, --crls FOLDER, --ocsp FOLDER or several')
  const crls = folder === undefined ? [] : await readCrls([folder])
  const responses = ocsp === undefined ? [] : await readOcspResponses([ocsp])
  await withBench(config, { create: true, as }, async (bench, { state: own, environment }) => {
    const jws = file === undefined ? undefined : await readDocument(file)
    const state = jws === undefined ? own : claimedList(jws, file!).state
    const previous = await newestList(bench, state)
    const list =
      jws === undefined
        ? previous?.list
        : await judge(bench, environment, jws, file!, previous, { crls, responses })
    if (!list) throw new CliError('usage', `No list of ${state} is published yet: name it as well`)

    const kept = []
    for (const { file: name, crl } of crls) kept.push(await keepCrl(bench, name, crl, list))
    const published = jws === undefined ? undefined : await publish(bench, jws, file!)
    const { answered, refused } = await keepOcspResponses(bench, responses, state)
    const changes = published?.outcome === 'published' ? trustListChanges(previous?.list, list) : []
    const text = [
      ...(published ? [publishedText(published, list)] : []),
      ...changes.map((change) => `  ${changeText(change)}`),
      ...kept.map(
        ({ authority, outcome, nextUpdate, revoked }) =>
          `CRL of ${authority}: ${outcome}, ${revoked} revoked, next update by ${nextUpdate}`,
      ),
      ...answered.map(ocspText),
    ].join('\n')
    const result = published && { ...published, inForce: list.version }
    printResult(json, { state, list: result, changes, crls: kept, ocsp: answered }, text)
    if (refused.length > 0) throw new CliError('refused', refused.join('\n'))
  })
}

function publishedText(
  { version, outcome }: Awaited<ReturnType<typeof publish>>,
  inForce: TrustList,
): string {
  const later = inForce.version > version ? `; version ${inForce.version} is in force` : ''
  return `Trust list of ${inForce.state}, version ${version}: ${outcome}${later}`
}

/**
 * Judges the list before anything is written: a refused one leaves no trace, unless it is a fork. The list
 * that is in force afterwards.
 */
async function judge(
  bench: Workbench,
  environment: Environment,
  jws: string,
  file: string,
  previous: PreviousList | undefined,
  found: { crls: readonly FoundCrl[]; responses: readonly FoundOcspResponse[] },
): Promise<TrustList> {
  const claimed = claimedList(jws, file)
  const versions = await bench.trustStore.versions(claimed.state)
  const digests = statementDigests(jws)
  if (versions.some(({ sha256 }) => digests.includes(sha256))) return previous?.list ?? claimed
  const kept = await readEvidence(bench.trustStore, { crls: new Map(), ocsp: new Map() })
  const isOfState = ({ state }: { state: string }) => state === claimed.state
  const list = await judgeTrustList(jws, {
    pins: await bench.trustStore.pins(),
    previous,
    accepted: versions,
    issuedAt: (version) => issuedAtOf(bench.trustStore, claimed.state, version),
    crls: crlSource([...found.crls, ...kept.crls.filter(isOfState)].map(({ crl }) => crl)),
    ocsp: ocspSource(
      [...found.responses, ...kept.ocsp.filter(isOfState)].map(({ response }) => response),
    ),
    now: new Date(),
    environment,
  })
  if (!('refused' in list)) return list
  if (list.refused === 'fork') await keepFork(bench, jws, file, previous?.list, found)
  throw refusedList(file, list)
}

/**
 * A fork is the one refused list that leaves a trace: kept as evidence, as if a feed had brought it. What
 * was given beside it goes first, because its signer may have been judged by that.
 *
 * @throws {CliError} refused
 */
async function keepFork(
  bench: Workbench,
  jws: string,
  file: string,
  previous: TrustList | undefined,
  { crls, responses }: Parameters<typeof judge>[5],
): Promise<void> {
  if (previous) {
    for (const { crl } of crls) await bench.publishCrl(crl.der, previous)
    for (const { der } of responses) await bench.publishOcsp(der, previous.state)
  }
  await publish(bench, jws, file)
}

async function keepCrl(bench: Workbench, file: string, crl: Crl, list: TrustList) {
  const kept = await bench.publishCrl(crl.der, list)
  if (kept.outcome === 'refused') throw new CliError('refused', `${file}: ${kept.detail}`)
  const { ski, outcome } = kept
  const nextUpdate = crl.nextUpdate && formatInstant(crl.nextUpdate)
  const authority = crl.issuer.attributes.at(-1)?.value ?? ski
  return { file, authority, ski, outcome, nextUpdate, revoked: crl.entries.size }
}

async function publish(bench: Workbench, jws: string, file: string) {
  const published = await bench.publishList(jws)
  if (published.outcome !== 'refused') return published
  throw refusedList(file, published.refusal)
}

function refusedList(file: string, { refused, detail }: RefusedTrustList): CliError {
  return new CliError(
    'refused',
    `${file}: ${refused}: ${detail}\n${TRUST_REFUSAL_TEXTS[refused].en}`,
  )
}
