import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const SRC = resolve(import.meta.dirname, '../src')

/** Which folders of `src` a folder may import from, beside itself. Nobody else: data flows one way. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  encoding: [],
  crypto: ['encoding'],
  jose: ['crypto', 'encoding'],
  x509: ['crypto', 'encoding'],
  tlog: ['crypto', 'encoding'],
  'http-signature': ['crypto', 'encoding'],
  'status-list': ['crypto', 'encoding'],
  jades: ['crypto', 'encoding'],
  certificate: ['encoding'],
  trust: ['certificate', 'jose', 'x509', 'crypto', 'encoding'],
  exchange: [
    'trust',
    'certificate',
    'http-signature',
    'status-list',
    'tlog',
    'jose',
    'x509',
    'crypto',
    'encoding',
  ],
  storage: [
    'exchange',
    'trust',
    'http',
    'status-list',
    'tlog',
    'certificate',
    'crypto',
    'encoding',
  ],
  http: [
    'exchange',
    'trust',
    'certificate',
    'jose',
    'http-signature',
    'tlog',
    'x509',
    'crypto',
    'encoding',
    'openapi',
  ],
  node: [
    'http',
    'exchange',
    'trust',
    'storage',
    'certificate',
    'jose',
    'x509',
    'tlog',
    'crypto',
    'encoding',
    'openapi',
  ],
  worker: ['http', 'exchange', 'trust', 'storage', 'crypto', 'jose', 'x509', 'encoding'],
  cli: [
    'node',
    'worker',
    'http',
    'exchange',
    'trust',
    'storage',
    'certificate',
    'jose',
    'x509',
    'crypto',
    'encoding',
    'openapi',
    'package.json',
  ],
}

/** Packages that only one folder may import; everything else is free for the core. */
const ONLY_IN: Readonly<Record<string, (file: string) => boolean>> = {
  kysely: (file) => file.startsWith('storage/') || file === 'node/sqlite-database.ts',
  'better-sqlite3': (file) => /^node\/(sqlite-database|database-file)\.ts$/.test(file),
  '@peculiar/x509': (file) => file === 'node/pki/issue.ts',
  'reflect-metadata': (file) => file === 'node/pki/issue.ts',
  '@noble/hashes': (file) => file === 'crypto/sha256.ts',
  '@noble/curves': (file) => file === 'crypto/bign.ts',
  hono: (file) => file.startsWith('http/'),
  '@hono/node-server': (file) => file === 'node/serve.ts',
  jose: (file) => file === 'http/client-assertion.ts' || /^(node|cli)\//.test(file),
  wrangler: (file) => file === 'cli/worker-bench.ts',
  commander: (file) => file.startsWith('cli/'),
}

const files = sources(SRC)

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) return sources(path)
    return name.endsWith('.ts') ? [relative(SRC, path)] : []
  })
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), 'utf8')
  return [...text.matchAll(/^(?:import|export)\s[^'"]*?(?:from\s+)?['"]([^'"]+)['"]/gms)].map(
    ([, specifier]) => specifier!,
  )
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

describe('architecture', () => {
  it('looks at the whole house', () => {
    expect(files.length).toBeGreaterThan(150)
    expect(files.flatMap(importsOf).length).toBeGreaterThan(600)
    expect([...new Set(files.map((file) => file.split('/')[0]!))].toSorted()).toEqual(
      Object.keys(MAY_IMPORT).toSorted(),
    )
  })

  it.each(files)('%s imports only what its folder may', (file) => {
    const folder = file.split('/')[0]!
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith('.')) {
        const target = relative(SRC, resolve(SRC, file, '..', specifier))
        const other = target.startsWith('../') ? target.split('/')[1]! : target.split('/')[0]!
        if (other !== folder) expect(MAY_IMPORT[folder], `${file} → ${specifier}`).toContain(other)
      } else {
        const allowed = ONLY_IN[packageOf(specifier)]
        expect(allowed?.(file) ?? true, `${file} → ${specifier}`).toBe(true)
        if (specifier.startsWith('node:'))
          expect(['node', 'cli'], `${file} → ${specifier}`).toContain(folder)
      }
    }
  })

  it('has no barrels and no homeless code', () => {
    for (const file of files) {
      expect(file).not.toMatch(/(^|\/)(index|utils?|common|helpers|misc)\.ts$/)
      expect(readFileSync(join(SRC, file), 'utf8'), file).not.toMatch(/^export \*/m)
    }
  })

  it('calls crypto.subtle in its suite alone, by whatever name', () => {
    // The word itself, so that neither globalThis.crypto, destructuring nor webcrypto is a way around.
    const callers = files.filter((file) => /subtle/i.test(readFileSync(join(SRC, file), 'utf8')))
    expect(callers).toEqual(['crypto/webcrypto.ts'])
  })

  it('takes from node:crypto nothing that signs, verifies or hashes what is exchanged', () => {
    const taken = files.flatMap((file) => {
      const text = readFileSync(join(SRC, file), 'utf8')
      const mentions = text.match(/['"](?:node:)?crypto['"]/g)?.length ?? 0
      const named = [...text.matchAll(/^import (?:type )?\{([^}]*)\} from '(?:node:)?crypto'/gm)]
      // Whole, by require or at run time: then nobody sees what is used of it.
      expect(named.length, `${file} imports node:crypto by names`).toBe(mentions)
      return named.flatMap(([, list]) =>
        list!.split(',').map((name) => `${file} ${name.trim().replace(/^type /, '')}`),
      )
    })
    const harmless =
      /^\S+ (?:randomBytes|randomUUID|createPrivateKey|createPublicKey|KeyObject|JsonWebKey|)$/
    expect(taken.filter((name) => !harmless.test(name)).toSorted()).toEqual([
      // Keys of client systems, which they keep.
      'cli/commands/client-generate-key.ts generateKeyPairSync',
      'cli/demo/demo.ts generateKeyPairSync',
      // Files of TLS, which the exchange does not sign.
      'node/config-faults.ts X509Certificate',
      'node/migrate.ts createHash',
      // ECDSA of the platform, which `adoptEcdsaP256` compares with its own.
      'node/native-ecdsa.ts verify',
      // SHA-256 of the platform, which `adoptSha256` compares with its own.
      'node/native-sha256.ts hash',
      'node/tls.ts X509Certificate',
    ])
  })

  it('has other suites in their own files alone', () => {
    const users = files.filter((file) => importsOf(file).some((name) => name.startsWith('@noble/')))
    expect(users.toSorted()).toEqual(['crypto/bign.ts', 'crypto/sha256.ts'])
  })

  it('keeps files small enough to read', () => {
    const lines = files.map((file) => readFileSync(join(SRC, file), 'utf8').split('\n').length)
    const sorted = lines.toSorted((a, b) => a - b)
    expect(sorted[Math.floor(sorted.length * 0.5)]).toBeLessThanOrEqual(120)
    expect(sorted[Math.floor(sorted.length * 0.9)]).toBeLessThanOrEqual(260)
  })
})
