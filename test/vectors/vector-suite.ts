import { existsSync, readFileSync } from 'node:fs'
import { describe } from 'vitest'

/** The conformance vectors lie beside the repository, not in it. */
const ROOT = new URL('../../../shared/vectors/', import.meta.url)

/** What every suite.json has; the rest differs by suite. */
interface SuiteFile {
  readonly suite: string
  readonly cases: number
}

/** A suite of vectors under one folder of the shared ones. */
export interface VectorSuite<S> {
  readonly parameters: S & SuiteFile
  json(file: string): unknown
  octets(file: string): Uint8Array
  text(file: string): string
}

/**
 * Runs `define` over a folder of vectors. Without the folder the suite is skipped and says so; on a build
 * machine a missing folder is a failure.
 */
export function describeVectors<S>(name: string, define: (suite: VectorSuite<S>) => void): void {
  const folder = new URL(`${name}/`, ROOT)
  const isMissing = !existsSync(new URL('suite.json', folder))
  if (isMissing && process.env['CI']) throw new Error(`The vectors of ${name} are missing`)
  describe.skipIf(isMissing)(`vectors: ${name}`, () => {
    if (isMissing) return
    const octets = (file: string) => new Uint8Array(readFileSync(new URL(file, folder)))
    const text = (file: string) => readFileSync(new URL(file, folder), 'utf8')
    const json = (file: string): unknown => JSON.parse(text(file))
    define({ parameters: json('suite.json') as S & SuiteFile, json, octets, text })
  })
}
