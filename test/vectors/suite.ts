import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import type { VectorCalls } from './worker.ts'
import type { Waiver } from './waivers.ts'

/** What is wrong with the answer to a case. A false accept is never waived. */
export interface Fault {
  readonly fault: 'false accept' | 'false reject' | 'wrong'
  readonly reason: string
}

/** One call of the code under test, and what its answer must be. */
export interface Case {
  /** Unique in its suite. */
  readonly id: string
  readonly call: keyof VectorCalls
  /** Goes to a worker thread: plain data. */
  readonly input: unknown
  /** Tighter than the usual 20 s. */
  readonly limitMs?: number
  /** Why the case is not run. */
  readonly notRun?: string
  /** What is due to come out otherwise than the suite wants, and why that is right. */
  readonly waiver?: Waiver | undefined
  judge(output: never): Fault | undefined
}

/** A folder of vectors, as third parties publish them and `suite.json` describes them. */
export interface VectorFolder {
  text(file: string): string
  octets(file: string): Uint8Array
  /** Files below a folder, as paths relative to it; none when there is no such folder. */
  list(folder: string): string[]
}

export interface Suite {
  readonly name: string
  /** @throws {Error} when the folder does not hold what its `suite.json` announces */
  load(folder: VectorFolder): Case[]
}

/** @throws {Error} when there is no suite in this folder */
export function openFolder(path: string): VectorFolder {
  if (!existsSync(join(path, 'suite.json'))) throw new Error(`${path} holds no suite.json`)
  return {
    octets: (file) => new Uint8Array(readFileSync(join(path, file))),
    text: (file) => readFileSync(join(path, file), 'utf8'),
    list(folder) {
      const below = join(path, folder)
      if (!existsSync(below)) return []
      return readdirSync(below, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(below.length + 1))
        .toSorted()
    },
  }
}

/** @throws {Error} also when there is no case at all, or two of one name */
export function loadCases({ load }: Suite, folder: VectorFolder): Case[] {
  const cases = load(folder)
  if (cases.length === 0) throw new Error('the folder holds no case')
  const seen = new Set<string>()
  for (const { id } of cases) {
    if (seen.has(id)) throw new Error(`two cases are called ${id}`)
    seen.add(id)
  }
  return cases
}

export const Count = z.int().min(0)
/** ISO 8601. */
export const Instant = z.iso.datetime({ offset: true })

/** What every `suite.json` says. A parameter that the suite does not know would change what is run. */
export function parameters<Name extends string, Shape extends z.ZodRawShape>(
  suite: Name,
  shape: Shape,
) {
  return z.strictObject({ suite: z.literal(suite), cases: Count, ...shape })
}

/** @throws {Error} when the file is not as the suite's README describes it */
export function readJson<T>({ text }: VectorFolder, file: string, schema: z.ZodType<T>): T {
  const read = schema.safeParse(JSON.parse(text(file)))
  if (read.success) return read.data
  const faults = read.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `unknown parameter ${issue.keys.join(', ')}`
      : `${issue.path.join('.')}: ${issue.message}`,
  )
  throw new Error(`${file}: ${faults.slice(0, 10).join('; ')}`)
}

/** A moved folder or a wrong glob must not pass as success. */
export function assertCount(what: string, found: number, announced: number): void {
  if (found !== announced)
    throw new Error(`suite.json announces ${announced} ${what}, the folder holds ${found}`)
}

/** Compares verdicts, not reasons; the reason explains a fault. */
export function expectVerdict(
  expected: boolean,
): (verdict: { ok: boolean; reason: string }) => Fault | undefined {
  return ({ ok, reason }) =>
    ok === expected ? undefined : { fault: ok ? 'false accept' : 'false reject', reason }
}
