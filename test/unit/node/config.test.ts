import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, readConfig, readSettings, VARIABLES } from '../../../src/node/config.ts'

let folder: string
let file: string

const SETTINGS = {
  state: 'BY',
  publicUrl: 'https://by.example',
  listen: { port: 8112 },
  database: 'data/node.sqlite',
  pki: 'keys',
  passphraseFile: 'passphrase',
  peers: [{ state: 'UZ', url: 'https://uz.example' }],
}

/** The same in variables alone. */
const VARIABLES_ALONE = {
  CERTEX_STATE: 'BY',
  CERTEX_PUBLIC_URL: 'https://by.example',
  CERTEX_LISTEN_PORT: '8112',
  CERTEX_DATABASE: 'data/node.sqlite',
  CERTEX_PKI: 'keys',
  CERTEX_PASSPHRASE: 'correct horse battery',
  CERTEX_PEERS: '[{"state":"UZ","url":"https://uz.example"}]',
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'certex-config-'))
  writeFileSync(join(folder, 'passphrase'), 'a passphrase\n')
  file = written(SETTINGS)
})
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function written(settings: object): string {
  const path = join(folder, `node-${++files}.json`)
  writeFileSync(path, JSON.stringify(settings))
  return path
}

/** Everything that is told to be wrong, one a line. */
function faults(read: () => unknown): string[] {
  try {
    read()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    for (const fault of error.faults) expect(error.message).toContain(fault)
    return [...error.faults]
  }
  return []
}

describe('the configuration', () => {
  it('comes from a file, whose paths are relative to it', () => {
    expect(readConfig(file, {})).toMatchObject({
      state: 'BY',
      environment: 'production',
      allowHttpPeers: false,
      listen: { host: '127.0.0.1', port: 8112 },
      database: join(folder, 'data/node.sqlite'),
      pki: join(folder, 'keys'),
      passphrase: 'a passphrase',
    })
  })

  it('comes from the environment alone, whose paths are relative to the current folder', () => {
    const config = readConfig(undefined, { ...VARIABLES_ALONE, PATH: '/bin', CERTEX: 'no setting' })
    const { passphrase, database, pki, peers, listen } = config
    expect({ passphrase, database, pki, peers, listen }).toEqual({
      passphrase: 'correct horse battery',
      database: resolve('data/node.sqlite'),
      pki: resolve('keys'),
      peers: [{ state: 'UZ', url: 'https://uz.example' }],
      listen: { host: '127.0.0.1', port: 8112 },
    })
  })

  it('comes from both, and the environment has the last word', () => {
    const config = readConfig(file, {
      CERTEX_LISTEN_PORT: '9000',
      CERTEX_LISTEN_HOST: '0.0.0.0',
      CERTEX_ENVIRONMENT: 'training',
      CERTEX_PASSPHRASE: 'another',
      CERTEX_ALLOW_HTTP_PEERS: 'true',
      CERTEX_POLICY: '{"deliveryLimitPercent":110}',
      CERTEX_CONFIG: file,
    })
    expect(config).toMatchObject({
      state: 'BY',
      environment: 'training',
      listen: { host: '0.0.0.0', port: 9000 },
      passphrase: 'another',
      allowHttpPeers: true,
      policy: { deliveryLimitPercent: 110 },
    })
  })

  it('tells everything that is wrong at once, by the name under which it was given', () => {
    const wrong = written({
      ...SETTINGS,
      state: 'Belarus',
      publicUrl: 'https://by.example/',
      peers: [
        { state: 'UZ', url: 'http://uz.example' },
        { state: 'UZ', url: 'https://name:secret@uz.example' },
      ],
      passphraseFile: 'elsewhere',
      tls: { key: 'no.key', chain: 'no.pem' },
      colour: 'red',
    })
    const told = faults(() =>
      readConfig(wrong, {
        CERTEX_LISTEN_PORT: 'eight',
        CERTEX_PEER_CA_FILE: join(folder, 'passphrase'),
        CERTEX_LISTEN_PROT: '8112',
        CERTEX_DATABASE: '',
        CERTEX_POLICY: '{',
      }),
    )
    const expected = [
      /^CERTEX_LISTEN_PORT: a whole number$/,
      /^CERTEX_LISTEN_PROT: there is no such setting/,
      /^CERTEX_POLICY: JSON/,
      /^CERTEX_DATABASE: /,
      /^state: two capital letters/,
      /^publicUrl: no slash at the end$/,
      /^peers\.1\.url: no name and no password/,
      /^\(whole\): .*colour/,
      /^passphraseFile: .*elsewhere cannot be read$/,
      /^peerCaFile: .* holds no X\.509 certificate$/,
      /^tls\.key: .*no\.key cannot be read$/,
      /^tls\.chain: .*no\.pem cannot be read$/,
    ]
    for (const pattern of expected) expect(told).toContainEqual(expect.stringMatching(pattern))
    expect(told).toHaveLength(expected.length)
  })

  it('is refused where its members contradict each other', () => {
    const told = (changes: object) =>
      faults(() => readSettings(written({ ...SETTINGS, ...changes }), {}))
    expect(told({ peers: [{ state: 'BY', url: 'https://by.example' }] })).toEqual([
      "peers.0: BY is this node's own state",
    ])
    expect(told({ peers: [...SETTINGS.peers, ...SETTINGS.peers] })).toEqual([
      'peers.1: UZ is named twice',
    ])
    const http = { peers: [{ state: 'UZ', url: 'http://uz.example' }] }
    expect(told(http)).toEqual(['peers.0.url: https, unless allowHttpPeers permits plain http'])
    expect(told({ ...http, allowHttpPeers: true })).toEqual([])
    expect(told({ publicUrl: 'http://by.example', tls: { key: 'a', chain: 'b' } })).toEqual([
      'publicUrl: https, because tls is configured',
    ])
  })

  it('is asked for when there is none, and what has no passphrase is told', () => {
    expect(faults(() => readConfig(undefined, {}))).toEqual([
      expect.stringMatching(/^nothing is configured/),
    ])
    const none = join(folder, 'none.json')
    expect(faults(() => readConfig(none, { CERTEX_STAET: 'BY' }))).toEqual([
      'it cannot be read',
      expect.stringMatching(/^CERTEX_STAET/),
    ])
    const { passphraseFile: _without, ...settings } = SETTINGS
    expect(faults(() => readConfig(written(settings), {}))).toEqual([
      expect.stringMatching(/^passphraseFile: .*CERTEX_PASSPHRASE/),
    ])
    expect(faults(() => readSettings(written(settings), {}))).toEqual([])
  })

  it('never says a secret, whatever is wrong', () => {
    const told = faults(() =>
      readConfig(written({ ...SETTINGS, state: 'x' }), {
        CERTEX_PASSPHRASE: 'the-secret-word',
        CERTEX_PEERS: '[{"state":"UZ","url":"https://name:the-secret-word@uz.example"}]',
      }),
    )
    expect(told.length).toBeGreaterThan(1)
    expect(told.join('\n')).not.toContain('the-secret-word')
  })

  it('has a variable and a description for every setting', () => {
    expect(VARIABLES.length).toBeGreaterThan(12)
    for (const { name, description } of VARIABLES) {
      expect(name).toMatch(/^CERTEX_[A-Z]+(_[A-Z]+)*$/)
      expect(description, name).not.toBe('')
    }
    const required = VARIABLES.filter(({ isRequired }) => isRequired).map(({ name }) => name)
    expect(required.toSorted()).toEqual([
      'CERTEX_DATABASE',
      'CERTEX_LISTEN_PORT',
      'CERTEX_PKI',
      'CERTEX_PUBLIC_URL',
      'CERTEX_STATE',
    ])
  })
})
