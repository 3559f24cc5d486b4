import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readJades } from '../../src/jades/container.ts'
import { signJws } from '../../src/jose/sign.ts'
import { listedState, NOW, sealOfKey, signedList } from '../support/hostile-lists.ts'
import { schemaFaults } from './json-schema.ts'

const FOLDER = fileURLToPath(new URL('../../../shared/vectors/jades/', import.meta.url))
const PROTECTED = '19182-protected-jsonSchema.json'
const UNPROTECTED = '19182-unprotected-jsonSchema.json'
const CONTAINER = 'rfcs/rfc7515-jws.json'

const isMissing = !existsSync(FOLDER)
if (isMissing && process.env['CI']) throw new Error('The vectors of jades are missing')

const schemas = (file: string): unknown =>
  JSON.parse(readFileSync(`${FOLDER}schema/${file}`, 'utf8'))
const protectedFaults = (document: string) => {
  const read = readJades(document)
  if ('malformed' in read) throw new Error(read.malformed)
  return read.signatures.flatMap(({ header }) => schemaFaults(schemas, PROTECTED, header))
}

interface Sample {
  readonly file: string
  readonly container: string
  readonly structure: string
  readonly why?: string
}
const samples = isMissing
  ? []
  : (JSON.parse(readFileSync(`${FOLDER}cases.json`, 'utf8')) as readonly Sample[])
const textOf = ({ file }: Sample) => readFileSync(`${FOLDER}samples/${file}`, 'utf8')
const readable = samples.filter(({ container }) => container !== 'unreadable')
/** A compact JWS is a text, the other forms are JSON. */
const containerFaults = (sample: Sample) => {
  const text = textOf(sample).trim()
  const value: unknown = sample.container === 'compact' ? text : JSON.parse(text)
  return schemaFaults(schemas, CONTAINER, value)
}

describe.skipIf(isMissing)('the schemas of ETSI TS 119 182-1', () => {
  it('hold for what this project signs: documents and trust lists', async () => {
    const BY = await listedState('BY', ['BY.CCI.001'])
    const seal = await sealOfKey(BY.pki.bodies[0]!.seal)
    const typ = 'product-certificate+jwt' as const
    const signed = [
      await signJws({ typ, payload: { schema: 'own' }, seal, signedAt: NOW }),
      await signedList(BY.list, BY.pki.trustListSigner),
    ]
    for (const jws of signed) {
      expect(protectedFaults(jws)).toEqual([])
      expect(schemaFaults(schemas, CONTAINER, jws)).toEqual([])
    }
  })

  it('tell the samples that break them from the others', () => {
    expect(readable.length).toBeGreaterThan(10)
    for (const sample of readable) {
      const breaks = (part: string) => sample.why?.includes(part) ?? false
      const header = protectedFaults(textOf(sample))
      expect({ file: sample.file, header: header.length > 0 }).toEqual({
        file: sample.file,
        header: breaks('protected'),
      })
      expect({ file: sample.file, container: containerFaults(sample).length > 0 }).toEqual({
        file: sample.file,
        container: breaks('unknown to RFC 7515') || breaks('payload is not a string'),
      })
    }
  })

  it('hold for the unprotected headers of the samples, their etsiU decoded', () => {
    const decoded = readable.flatMap((sample) => {
      const read = readJades(textOf(sample))
      const signatures = 'malformed' in read ? [] : read.signatures
      return signatures.flatMap(({ unprotected: { etsiU } }) =>
        Array.isArray(etsiU) && etsiU.every((element) => typeof element === 'string')
          ? [etsiU.map((text) => JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown)]
          : [],
      )
    })
    expect(decoded.length).toBeGreaterThan(3)
    for (const etsiU of decoded) expect(schemaFaults(schemas, UNPROTECTED, { etsiU })).toEqual([])
    expect(
      schemaFaults(schemas, UNPROTECTED, { etsiU: [{ sigTst: { tstTokens: [] } }] }),
    ).not.toEqual([])
  })
})
