import { readFileSync, rmSync, writeFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { DOCUMENT_TYPES } from '../src/certificate/document-types.ts'
import { payloadSchema } from '../src/certificate/payload.ts'
import { StatusChange } from '../src/certificate/status-change.ts'
import { ReceiptPayload } from '../src/exchange/receipt.ts'
import { createApp, describe } from '../src/http/app.ts'
import type { NodeDependencies } from '../src/http/dependencies.ts'
import { toYaml } from '../src/http/openapi.ts'
import { TrustList } from '../src/trust/trust-list.ts'

/** Writes openapi.yaml and the JSON Schemas of all signed documents; `--check` only compares. */

const here = new URL('.', import.meta.url).pathname
const url = 'https://node.example'

const files = new Map<string, string>()
// Declarations alone are read: no handler runs, so no dependency is needed.
const app = createApp({ publicUrl: url } as NodeDependencies)
files.set('openapi.yaml', toYaml(describe(app, url)))

const payloads: [string, z.ZodType][] = [
  ...DOCUMENT_TYPES.map((type): [string, z.ZodType] => [type.schemaId, payloadSchema(type)]),
  ['status-change/1', StatusChange],
  ['receipt/1', ReceiptPayload],
  ['trust-list/1', TrustList],
]
for (const [id, schema] of payloads) {
  const json = { $id: `urn:certex:${id}`, title: id, ...z.toJSONSchema(schema, { io: 'input' }) }
  files.set(
    join('schemas', `${id.replace('/', '-')}.json`),
    `${JSON.stringify(json, undefined, 2)}\n`,
  )
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
