import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Calls } from './worker.ts'

/** What is wrong with the answer to a case. A false accept is never waived. */
export interface Fault {
  readonly fault: 'false accept' | 'false reject' | 'wrong'
  readonly reason: string
}

/** One call of the code under test, and what its answer must be. */
export interface Case {
  /** Unique in its suite. */
  readonly id: string
  readonly call: keyof Calls
  /** Goes to a worker thread: plain data. */
  readonly input: unknown
  /** Tighter than the usual 20 s. */
  readonly limitMs?: number
  /** Why the case is not run. */
  readonly notRun?: string
  judge(output: never): Fault | undefined
}

/** A folder of vectors, as third parties publish them and `suite.json` describes them. */
export interface VectorFolder {
  json(file: string): unknown
  text(file: string): string
  octets(file: string): Uint8Array
  /** Files below a folder, as paths relative to it. */
  list(folder: string): string[]
}

export interface Suite {
  readonly name: string
  /** @throws {Error} when the folder does not hold the cases that its `suite.json` announces */
  load(folder: VectorFolder): Case[]
}

/** @throws {Error} when there is no suite in this folder */
export function openFolder(path: string): VectorFolder {
  const octets = (file: string) => new Uint8Array(readFileSync(join(path, file)))
  const text = (file: string) => readFileSync(join(path, file), 'utf8')
  if (!existsSync(join(path, 'suite.json'))) throw new Error(`${path} holds no suite.json`)
  return {
    octets,
    text,
    json: (file) => JSON.parse(text(file)) as unknown,
    list: (folder) =>
      readdirSync(join(path, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(join(path, folder).length + 1))
        .toSorted(),
  }
}

/** A moved folder or a wrong glob must not pass as success. */
export function assertCount(what: string, found: number, announced: number): void {
  if (found === 0 || found !== announced)
    throw new Error(`suite.json announces ${announced} ${what}, the folder holds ${found}`)
}

/** Compares verdicts, not reasons; the reason explains a fault. */
export function expectVerdict(
  expected: boolean,
): (verdict: { ok: boolean; reason: string }) => Fault | undefined {
  return ({ ok, reason }) =>
    ok === expected ? undefined : { fault: ok ? 'false accept' : 'false reject', reason }
}
