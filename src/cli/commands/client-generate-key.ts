import type { Command } from 'commander'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { publicPartOf } from '../client-key.ts'
import { algorithmOption, example, jsonOption } from '../options.ts'
import { printResult } from '../print.ts'

interface Options {
  out: string
  algorithm: 'ES256' | 'Ed25519'
  json?: boolean
}

/** `certex client generate-key`: a key pair for a client system, the private part for its owner only. */
export function declare(client: Command): void {
  const command = client
    .command('generate-key')
    .description('make a key pair: the private JWK into a file, the public one to standard output')
    .requiredOption('--out <file>', 'new file for the private key')
    .addOption(algorithmOption())
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex client generate-key --out chamber.jwk > chamber-public.jwk')
}

async function run({ out, algorithm, json }: Options) {
  const privateJwk = makeKey(algorithm).export({ format: 'jwk' })
  await writeFile(out, `${JSON.stringify(privateJwk)}\n`, { mode: 0o600, flag: 'wx' })
  const jwk = publicPartOf(privateJwk)
  printResult(json, { file: out, jwk }, JSON.stringify(jwk))
}

function makeKey(algorithm: Options['algorithm']): KeyObject {
  const pair =
    algorithm === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('ed25519')
  return pair.privateKey
}
