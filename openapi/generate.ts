import { readFileSync, rmSync, writeFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { format } from 'prettier'
import { z } from 'zod'
import { DOCUMENT_TYPES } from '../src/certificate/document-types.ts'
import { payloadSchema } from '../src/certificate/payload.ts'
import { StatusChange } from '../src/certificate/status-change.ts'
import { Attestation } from '../src/exchange/second-signatures/attestation.ts'
import { EvidencePack } from '../src/exchange/evidence/pack.ts'
import { EvidenceStatement } from '../src/exchange/evidence/statement.ts'
import { ReceiptPayload } from '../src/exchange/delivery/receipt.ts'
import { SecondSignature } from '../src/exchange/second-signatures/second-signature.ts'
import { Reconciliation } from '../src/exchange/reconciliation/payload.ts'
import { SecurityNotice } from '../src/exchange/notices/security-notice.ts'
import { createApp, describe } from '../src/http/app.ts'
import type { NodeDependencies } from '../src/http/dependencies.ts'
import { toYaml } from '../src/http/openapi.ts'
import { TrustList } from '../src/trust/trust-list.ts'
import { clientSource } from './client-source.ts'

/** Writes openapi.yaml, client.ts and the JSON Schemas of all signed documents; `--check` only compares. */

const here = new URL('.', import.meta.url).pathname
const url = 'https://node.example'

const files = new Map<string, string>()
// Declarations alone are read: no handler runs, so no dependency is needed.
const app = createApp({ publicUrl: url } as NodeDependencies)
const document = describe(app, url)
files.set('openapi.yaml', toYaml(document))
const runtime = readFileSync(join(here, 'client-runtime.ts'), 'utf8')
const prettier = JSON.parse(readFileSync(join(here, '../.prettierrc.json'), 'utf8')) as object
const client = clientSource(document, runtime)
files.set('client.ts', await format(client, { ...prettier, parser: 'typescript' }))

const payloads: [string, z.ZodType][] = [
  ...DOCUMENT_TYPES.map((type): [string, z.ZodType] => [type.schemaId, payloadSchema(type)]),
  ['status-change/1', StatusChange],
  ['receipt/1', ReceiptPayload],
  ['reconciliation/1', Reconciliation],
  ['trust-list/1', TrustList],
  ['security-notice/1', SecurityNotice],
  ['second-signature/1', SecondSignature],
  ['attestation/1', Attestation],
  ['evidence-statement/1', EvidenceStatement],
]
const schemas: [string, z.core.JSONSchema.JSONSchema][] = [
  ...payloads.map(([id, schema]): [string, z.core.JSONSchema.JSONSchema] => [
    id,
    withMark(z.toJSONSchema(schema, { io: 'input' })),
  ]),
  // A file around signed documents, not signed itself.
  ['evidence/1', z.toJSONSchema(EvidencePack, { io: 'input' })],
]
for (const [id, schema] of schemas) {
  const json = { $id: `urn:certex:${id}`, title: id, ...schema }
  files.set(
    join('schemas', `${id.replace('/', '-')}.json`),
    `${JSON.stringify(json, undefined, 2)}\n`,
  )
}

/** The payloads as they are signed: in a training environment each bears its mark. */
function withMark(schema: z.core.JSONSchema.JSONSchema): z.core.JSONSchema.JSONSchema {
  if (schema.oneOf) return { ...schema, oneOf: schema.oneOf.map((one) => withMark(one as never)) }
  const env = {
    const: 'training',
    description: 'In every document of a training environment, in none of production',
  } as const
  return { ...schema, properties: { ...schema.properties, env } }
}

const check = process.argv.includes('--check')
const stale = [...files].filter(([name, text]) => {
  const file = join(here, name)
  return !existsSync(file) || readFileSync(file, 'utf8') !== text
})
const foreign = existsSync(join(here, 'schemas'))
  ? readdirSync(join(here, 'schemas')).filter((name) => !files.has(join('schemas', name)))
  : []
if (check) {
  if (stale.length + foreign.length > 0) {
    console.error(`Out of date: ${[...stale.map(([name]) => name), ...foreign].join(', ')}`)
    console.error('Run `npm run openapi` and commit what it writes.')
    process.exit(1)
  }
  console.log(`${files.size} files are up to date`)
} else {
  mkdirSync(join(here, 'schemas'), { recursive: true })
  for (const name of foreign) rmSync(join(here, 'schemas', name))
  for (const [name, text] of stale) writeFileSync(join(here, name), text)
  console.log(`${stale.length} of ${files.size} files written`)
}
