import type { Command } from 'commander'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { PartyId, stateOf } from '../../certificate/party-id.ts'
import { thumbprint } from '../../crypto/suite.ts'
import { encodePem } from '../../node/pki/pem.ts'
import { currentKey, loadIssuer } from '../../node/pki/pki-directory.ts'
import { storeAttestationKey } from '../../node/pki/pki-store.ts'
import { certifyTrustService, DEFAULT_VALIDITY_DAYS } from '../../node/pki/state-pki.ts'
import { CliError } from '../cli-error.ts'
import { example, jsonOption, passphraseOption, pkiOption } from '../options.ts'
import { readPassphrase } from '../passphrase.ts'
import { openPki } from '../pki-folder.ts'
import { printResult } from '../print.ts'
import { requestedKey } from '../requested-key.ts'

interface Options {
  pki: string
  party: string
  name: string
  csr: string
  out: string
  passphraseFile?: string
  json?: boolean
}

/** `certex pki add-trust-service`: certifies the key with which a service attests national signatures. */
export function declare(pki: Command): void {
  const command = pki
    .command('add-trust-service')
    .description('certify the key of a service that attests national signatures')
    .addOption(pkiOption())
    .requiredOption('--party <id>', 'the service in the exchange, such as BY.NCES')
    .requiredOption('--name <name>', 'its name, as officers are to read it')
    .requiredOption('--csr <file>', 'its certification request: the private key stays with it')
    .requiredOption('--out <file>', 'new file for the certification path that goes to it, PEM')
    .addOption(passphraseOption())
    .addOption(jsonOption())
    .action(run)
  example(
    command,
    'certex pki add-trust-service --pki keys --party BY.NCES --name "Trust service" \\',
    '    --csr attestation.csr --out attestation-path.pem --passphrase-file passphrase',
  )
}

async function run({ pki: folder, party, name, csr, out, passphraseFile, json }: Options) {
  if (existsSync(out)) throw new CliError('usage', `${out} exists already: choose another file`)
  const passphrase = await readPassphrase(passphraseFile, process.env)
  const pki = await openPki(folder)
  const { state, environment } = pki.manifest
  if (!PartyId.safeParse(party).success || stateOf(party) !== state)
    throw new CliError('usage', `${party} is not the name of a party of ${state}`)
  const ca = currentKey(pki, 'state-ca')
  if (!ca) throw new CliError('refused', `${folder} holds no state CA`)
  const spki = await requestedKey(pki, csr)
  const issuance = {
    state,
    environment,
    now: new Date(),
    sealAlgorithm: 'ES256' as const,
    validity: DEFAULT_VALIDITY_DAYS,
  }
  const issuer = await loadIssuer(pki, ca, passphrase)
  const key = await certifyTrustService({ partyId: party, name }, issuer, spki, issuance)
  await storeAttestationKey(pki, party, key, passphrase)
  await writeFile(out, key.x5c.map((der) => encodePem('CERTIFICATE', der)).join(''), { flag: 'wx' })
  const x5tS256 = await thumbprint(key.certificate)
  const text = [
    `Certified the key of ${party}, x5t#S256 ${x5tS256}; sign the next trust list to register it`,
    `The certification path for the service is in ${out}`,
  ]
  printResult(json, { party, x5tS256, path: out }, text.join('\n'))
}
