import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Operation, type OperationId, OPERATIONS } from '../openapi/client.ts'
import { COMMANDS, createProgram } from '../src/cli/program.ts'
import { ALARM_KINDS } from '../src/exchange/records.ts'
import { WARNING_KINDS } from '../src/exchange/warnings/warning.ts'

const ROOT = resolve(import.meta.dirname, '..')

const documents = [
  'README.md',
  'ARCHITECTURE.md',
  'SECURITY.md',
  'keys/README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  ...readdirSync(join(ROOT, 'docs/decisions')).map((name) => `docs/decisions/${name}`),
]

/** A command without what it is piped to. */
function alone(line: string): string {
  return line.split(/ (?:\||&&) /)[0]!.trim()
}

/** Every `certex …` that a document shows, in code blocks and in running text. */
const commands = documents.flatMap((file) =>
  [
    ...readFileSync(join(ROOT, file), 'utf8').matchAll(
      /(?:`|npx )certex ((?:[a-z][a-z-]*)(?: [^`\n]*)?)/g,
    ),
  ].map(([, line]) => ({ file, line: alone(line!) })),
)
const blocks = documents.flatMap((file) =>
  [...readFileSync(join(ROOT, file), 'utf8').matchAll(/^certex (.+)$/gm)].map(([, line]) => ({
    file,
    line: alone(line!),
  })),
)

/** What `certex … --help` prints; the commands are asked here, because a process for each takes long. */
async function helpOf(words: readonly string[]): Promise<string> {
  let command = await createProgram(words)
  for (const word of words) {
    const inner = command.commands.find((one) => one.name() === word)
    if (!inner) return `There is no certex ${words.join(' ')}`
    command = inner
  }
  return command.helpInformation()
}

/** Fragments under which the headings of a page are found. */
function anchorsIn(path: string): string[] {
  return [...readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)].map(
    ([, heading]) =>
      `#${heading!
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-')}`,
  )
}

describe('documents', () => {
  it('show commands that exist, with options that exist', async () => {
    const shown = [...commands, ...blocks]
    expect(shown.length).toBeGreaterThan(20)
    for (const { file, line } of shown) {
      const words = line.split(/\s+/)
      const group = Object.keys(COMMANDS).some((command) => command.startsWith(`${words[0]} `))
      const name = words.slice(0, group && words[1] && !words[1].startsWith('-') ? 2 : 1)
      if (name[0]!.startsWith('-')) continue
      const help = await helpOf(name)
      expect(help, `${file}: certex ${line}`).toContain(`Usage: certex ${name.join(' ')}`)
      for (const [option] of line.matchAll(/--[a-z-]+/g))
        expect(help, `${file}: certex ${line}`).toContain(option)
    }
  })

  it('have as many cells in every row of a table as in its head', () => {
    const cells = (row: string) =>
      row
        .replaceAll('\\|', '')
        .replaceAll(/`[^`]*`/g, '')
        .split('|').length
    for (const file of documents) {
      let head: number | undefined
      for (const [n, line] of readFileSync(join(ROOT, file), 'utf8').split('\n').entries()) {
        if (!line.startsWith('|')) head = undefined
        else expect(cells(line), `${file}:${n + 1}`).toBe((head ??= cells(line)))
      }
    }
  })

  it('call operations that exist, with parameters that exist', () => {
    const calls = commands.filter(({ line }) => line.startsWith('call '))
    expect(calls.length).toBeGreaterThan(5)
    for (const { file, line } of calls) {
      const [, name = '', ...words] = line.split(/\s+/)
      const operation: Operation | undefined = OPERATIONS[name as OperationId]
      expect(operation, `${file}: certex ${line}`).toBeDefined()
      const { params, query, headers } = operation
      for (const word of words.filter((one) => /^[\w-]+=/.test(one) && !one.startsWith('-')))
        expect([...params, ...query, ...headers], `${file}: certex ${line}`).toContain(
          word.split('=')[0],
        )
    }
  })

  it('lead to files that exist', () => {
    let links = 0
    for (const file of documents) {
      const text = readFileSync(join(ROOT, file), 'utf8')
      const folder = join(ROOT, file, '..')
      for (const [, target, heading] of text.matchAll(/\]\((?!https?:)([^)#]*)(#[^)]+)?\)/g)) {
        const linked = target === '' ? join(ROOT, file) : join(folder, target!)
        expect(existsSync(linked), `${file} → ${target}`).toBe(true)
        if (heading) expect(anchorsIn(linked), `${file} → ${target}`).toContain(heading)
        links++
      }
      for (const [, path] of text.matchAll(
        /`((?:src|test|openapi|docs|bench|migrations|bin)\/[\w./-]+)`/g,
      )) {
        expect(existsSync(join(ROOT, path!)), `${file} → ${path}`).toBe(true)
        links++
      }
    }
    expect(links).toBeGreaterThan(40)
  })

  it('are anchored as their readers on the web find them', () => {
    expect(anchorsIn(join(ROOT, 'README.md'))).toContain('#what-is-measured')
  })

  it('tell the operator of every alarm and every warning', () => {
    const page = readFileSync(join(ROOT, 'docs/operating.md'), 'utf8')
    for (const kind of [...ALARM_KINDS, ...WARNING_KINDS])
      expect(page.includes(`\`${kind}\``), kind).toBe(true)
  })

  it('name every folder of the source on the map', () => {
    const map = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8')
    for (const folder of readdirSync(join(ROOT, 'src')))
      expect(map.includes(`\`${folder}/\``), folder).toBe(true)
  })
})
