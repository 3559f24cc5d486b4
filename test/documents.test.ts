import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const LAUNCHER = join(ROOT, 'bin/certex.js')

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

/** Every `certex …` that a document shows, in code blocks and in running text. */
const commands = documents.flatMap((file) =>
  [
    ...readFileSync(join(ROOT, file), 'utf8').matchAll(
      /(?:`|npx )certex ((?:[a-z][a-z-]*)(?: [^`\n]*)?)/g,
    ),
  ].map(([, line]) => ({ file, line: line!.trim() })),
)
const blocks = documents.flatMap((file) =>
  [...readFileSync(join(ROOT, file), 'utf8').matchAll(/^certex (.+)$/gm)].map(([, line]) => ({
    file,
    line: line!,
  })),
)

const helps = new Map<string, string>()
function helpOf(words: readonly string[]): string {
  const key = words.join(' ')
  let help = helps.get(key)
  if (help === undefined) {
    help = execFileSync(process.execPath, [LAUNCHER, ...words, '--help'], { encoding: 'utf8' })
    helps.set(key, help)
  }
  return help
}

describe('documents', () => {
  it('show commands that exist, with options that exist', () => {
    const shown = [...commands, ...blocks]
    expect(shown.length).toBeGreaterThan(20)
    for (const { file, line } of shown) {
      const words = line.split(/\s+/)
      const group = ['pki', 'trust', 'client', 'peer'].includes(words[0]!)
      const name = words.slice(0, group && words[1] && !words[1].startsWith('-') ? 2 : 1)
      if (name[0]!.startsWith('-')) continue
      const help = helpOf(name)
      expect(help, `${file}: certex ${line}`).toContain(`Usage: certex ${name.join(' ')}`)
      for (const [option] of line.matchAll(/--[a-z-]+/g))
        expect(help, `${file}: certex ${line}`).toContain(option)
    }
  })

  it('lead to files that exist', () => {
    let links = 0
    for (const file of documents) {
      const text = readFileSync(join(ROOT, file), 'utf8')
      const folder = join(ROOT, file, '..')
      for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
        expect(existsSync(join(folder, target!)), `${file} → ${target}`).toBe(true)
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

  it('name every folder of the source on the map', () => {
    const map = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8')
    for (const folder of readdirSync(join(ROOT, 'src')))
      expect(map.includes(`\`${folder}/\``), folder).toBe(true)
  })
})
