import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { JsonError, parseStrictJson } from '../encoding/strict-json.ts'
import type { LogPolicy } from '../exchange/log/policy.ts'
import { readFileAsPolicy } from '../node/log-policy-file.ts'
import { decodePem } from '../node/pki/pem.ts'
import { type Crl, parseCrl } from '../x509/crl.ts'
import { type OcspResponse, parseOcspResponse } from '../x509/ocsp-response.ts'
import { parseX509Certificate, type X509Certificate } from '../x509/x509-certificate.ts'
import { CliError } from './cli-error.ts'

/** Reads strict JSON. */
export async function readJson(file: string): Promise<unknown> {
  try {
    return parseStrictJson(new Uint8Array(await readFile(file)))
  } catch (cause) {
    if (cause instanceof JsonError) throw new CliError('usage', `${file}: ${cause.message}`)
    throw cause
  }
}

/** Reads JSON of a known form; names the first things that are wrong. */
export async function readJsonAs<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  const parsed = schema.safeParse(await readJson(file))
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`)
  throw new CliError('usage', `${file}: ${issues.join('; ')}`)
}

/** Reads a signed document, compact JWS. */
export async function readDocument(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim()
}

/** Reads a C2SP tlog-policy that says which witnesses are needed. */
export function readPolicy(file: string): LogPolicy {
  const policy = readFileAsPolicy(file)
  if ('fault' in policy) throw new CliError('usage', policy.fault)
  return policy
}

/** Reads an X.509 certificate in PEM or DER. */
export async function readX509Certificate(file: string): Promise<X509Certificate> {
  const bytes = new Uint8Array(await readFile(file))
  const [block] = decodePem(new TextDecoder().decode(bytes))
  const certificate = parseX509Certificate(block ? block.der : bytes)
  if ('malformed' in certificate)
    throw new CliError('usage', `${file}: it is no X.509 certificate (${certificate.malformed})`)
  return certificate
}

/** Reads CRLs in DER or PEM; of a folder every file that ends with `.crl`. */
export async function readCrls(paths: readonly string[]): Promise<{ file: string; crl: Crl }[]> {
  const files = (await Promise.all(paths.map((path) => filesOf(path, '.crl')))).flat()
  return Promise.all(
    files.map(async (file) => {
      const bytes = new Uint8Array(await readFile(file))
      const [block] = decodePem(new TextDecoder().decode(bytes))
      const crl = parseCrl(block ? block.der : bytes)
      if ('malformed' in crl)
        throw new CliError('usage', `${file}: it is no CRL (${crl.malformed})`)
      return { file, crl }
    }),
  )
}

/**
 * The OCSP responses of some files and folders; of a folder those that end with `.ocsp`.
 *
 * @throws {CliError} usage
 */
export async function readOcspResponses(
  paths: readonly string[],
): Promise<{ file: string; der: Uint8Array; response: OcspResponse }[]> {
  const files = (await Promise.all(paths.map((path) => filesOf(path, '.ocsp')))).flat()
  return Promise.all(
    files.map(async (file) => {
      const der = new Uint8Array(await readFile(file))
      const response = parseOcspResponse(der)
      if ('malformed' in response)
        throw new CliError('usage', `${file}: it is no OCSP response (${response.malformed})`)
      return { file, der, response }
    }),
  )
}

async function filesOf(path: string, ending: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const names = (await readdir(path)).filter((name) => name.endsWith(ending))
  if (names.length === 0) throw new CliError('usage', `${path}: the folder holds no ${ending} file`)
  return names.sort().map((name) => join(path, name))
}
