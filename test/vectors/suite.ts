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
  /**
   * What goes to a worker thread: plain data, made when the case is run.
   *
   * @throws {Error} the case cannot be read, and fails for that; others run
   */
  readonly input: () => unknown
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

/** What a `suite.json` may say to people: none of it changes what is run. */
const ABOUT = {
  comment: z.unknown().optional(),
  description: z.unknown().optional(),
  license: z.unknown().optional(),
  licence: z.unknown().optional(),
  note: z.unknown().optional(),
  notes: z.unknown().optional(),
  provenance: z.unknown().optional(),
  source: z.unknown().optional(),
  title: z.unknown().optional(),
  upstream: z.unknown().optional(),
  version: z.unknown().optional(),
}

/** What every `suite.json` says. Any other parameter that the suite does not know would change what is run. */
export function parameters<Name extends string, Shape extends z.ZodRawShape>(
  suite: Name,
  shape: Shape,
) {
  return z.strictObject({ ...ABOUT, suite: z.literal(suite), cases: Count, ...shape })
}

/** @throws {Error} when the file is not as the suite's README describes it */
export function readJson<T>({ text }: VectorFolder, file: string, schema: z.ZodType<T>): T {
  try {
    return checked(JSON.parse(text(file)), schema)
  } catch (error) {
    throw new Error(`${file}: ${reasonOf(error)}`, { cause: error })
  }
}

/** @throws {Error} saying what is otherwise than described */
export function checked<T>(value: unknown, schema: z.ZodType<T>): T {
  const read = schema.safeParse(value)
  if (read.success) return read.data
  const faults = read.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `unknown parameter ${issue.keys.join(', ')}`
      : `${issue.path.join('.')}: ${issue.message}`,
  )
  throw new Error(faults.slice(0, 10).join('; '))
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

interface Unreadable {
  readonly id: string
  readonly unreadable: string
}

/** One of many by its name, or why it is not as the suite's README describes it. */
export type Read<T> = { readonly id: string; readonly value: T } | Unreadable

export function attempt<T>(id: string, read: () => T): Read<T> {
  try {
    return { id, value: read() }
  } catch (error) {
    return { id, unreadable: reasonOf(error) }
  }
}

/** The members of a list, each by itself: of one that cannot be read the others are not the worse. */
export function readEach<T>(
  list: readonly unknown[],
  schema: z.ZodType<T>,
  nameOf: (member: Readonly<Record<string, unknown>>) => unknown,
): Read<T>[] {
  return list.map((member, index) => {
    const name = nameOf(Object(member) as Readonly<Record<string, unknown>>)
    const isName = typeof name === 'string' || typeof name === 'number'
    return attempt(isName ? String(name) : `case ${index + 1}`, () => checked(member, schema))
  })
}

/** A case of what was read; what was not fails by its name. */
export function caseOf<T>(read: Read<T>, make: (value: T) => Omit<Case, 'id'>): Case {
  return 'value' in read ? { id: read.id, ...make(read.value) } : unreadableCase(read)
}

/** What cannot be read; how many cases it would have been nobody knows: it counts as one that fails. */
export function unreadableCases<T>(all: readonly Read<T>[]): Case[] {
  return all.flatMap((read) => ('unreadable' in read ? [unreadableCase(read)] : []))
}

export function valuesOf<T>(all: readonly Read<T>[]): { readonly id: string; readonly value: T }[] {
  return all.flatMap((read) => ('value' in read ? [read] : []))
}

function unreadableCase({ id, unreadable }: Unreadable): Case {
  const input = () => {
    throw new Error(unreadable)
  }
  // Whatever the call: it is never made.
  return { id, call: 'verifyPath', input, judge: () => undefined }
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
