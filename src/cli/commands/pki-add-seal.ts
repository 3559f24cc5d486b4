import type { Command } from 'commander'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { thumbprint } from '../../crypto/suite.ts'
import { encodePem } from '../../node/pki/pem.ts'
import { currentKey, loadIssuer } from '../../node/pki/pki-directory.ts'
import { storeSeal } from '../../node/pki/pki-store.ts'
import { certifySeal, createSeal, DEFAULT_VALIDITY_DAYS } from '../../node/pki/state-pki.ts'
import { CliError } from '../cli-error.ts'
import { algorithmOption, example, jsonOption, passphraseOption, pkiOption } from '../options.ts'
import { readPassphrase } from '../passphrase.ts'
import { openPki } from '../pki-folder.ts'
import { printResult } from '../print.ts'
import { requestedKey } from '../requested-key.ts'

interface Options {
  pki: string
  body: string
  algorithm: 'ES256' | 'Ed25519'
  csr?: string
  out?: string
  passphraseFile?: string
  json?: boolean
}

/** `certex pki add-seal`: a further seal of a body, or the seal of a body that keeps its own key. */
export function declare(pki: Command): void {
  const command = pki
    .command('add-seal')
    .description('make a further seal of a body, or certify the key of one that signs itself')
    .addOption(pkiOption())
    .requiredOption('--body <id>', 'the body, such as BY.CCI.001')
    .addOption(algorithmOption())
    .option('--csr <file>', 'certification request of the body: its private key stays with it')
    .option('--out <file>', 'new file for the certification path that goes to the body, PEM')
    .addOption(passphraseOption())
    .addOption(jsonOption())
    .action(run)
  example(
    command,
    'certex pki add-seal --pki keys --body BY.CCI.001 --passphrase-file passphrase',
    'certex pki add-seal --pki keys --body BY.CCI.002 --csr seal.csr --out seal-path.pem \\',
    '    --passphrase-file passphrase',
  )
}

async function run({ pki: folder, body: id, algorithm, csr, out, passphraseFile, json }: Options) {
  if (out !== undefined && existsSync(out))
    throw new CliError('usage', `${out} exists already: choose another file`)
  const passphrase = await readPassphrase(passphraseFile, process.env)
  const pki = await openPki(folder)
  const { state, environment, ocspUrl, bodies } = pki.manifest
  const body = bodies.find(({ partyId }) => partyId === id)
  const ca = currentKey(pki, 'body-ca', id)
  if (!body || !ca)
    throw new CliError(
      'usage',
      `${folder} holds no keys of ${id}: make them with certex pki add-body`,
    )
  const spki = csr === undefined ? undefined : await requestedKey(pki, csr)
  const issuer = await loadIssuer(pki, ca, passphrase)
  const issuance = {
    state,
    environment,
    ocspUrl,
    now: new Date(),
    sealAlgorithm: algorithm,
    validity: DEFAULT_VALIDITY_DAYS,
  }
  const seal = spki
    ? await certifySeal(body, issuer, spki, issuance)
    : await createSeal(body, issuer, issuance)
  await storeSeal(pki, id, seal, passphrase)
  if (out !== undefined) {
    const path = seal.x5c.map((der) => encodePem('CERTIFICATE', der)).join('')
    await writeFile(out, path, { flag: 'wx' })
  }
  const x5tS256 = await thumbprint(seal.certificate)
  const text = [
    `${spki ? 'Certified the key' : 'Made a seal'} of ${id}, x5t#S256 ${x5tS256}; sign the next trust list to register it`,
    ...(out === undefined ? [] : [`The certification path for the body is in ${out}`]),
    ...(spki ? ['The body signs itself if bodies.json says "custody": "body" of it'] : []),
  ]
  printResult(json, { body: id, x5tS256, ...(out !== undefined && { path: out }) }, text.join('\n'))
}
