import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoStates } from '../../src/cli/demo/states.ts'
import { type PreparedState, prepareDevState } from '../../src/node/dev-state.ts'
import { decodePem } from '../../src/node/pki/pem.ts'
import { makeTrustList } from '../../src/node/trust-list-maker.ts'
import { EKU } from '../../src/x509/oids.ts'
import { parseX509Certificate } from '../../src/x509/x509-certificate.ts'
import { certex, words } from '../support/cli.ts'
import { lacks } from '../support/counterparts.ts'
import { openssl, reread } from '../support/self-signing.ts'

describe.skipIf(lacks('openssl'))('certex pki add-trust-service', () => {
  let folder: string
  let BY: PreparedState
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certex-service-'))
    BY = await prepareDevState(demoStates(folder).BY)
    await openssl(
      ...words`req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=any
        -keyout ${join(folder, 'key.pem')} -out ${join(folder, 'csr')}`,
    )
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const add = (party: string, out: string, csr = 'csr') =>
    certex(
      words`pki add-trust-service --pki ${BY.keys} --party ${party} --name Service
        --csr ${join(folder, csr)} --out ${join(folder, out)}
        --passphrase-file ${join(BY.keys, 'passphrase')} --json`,
    )

  it('certifies the key of a service, which the next trust list names for attestations alone', async () => {
    const { code, stdout, stderr } = await add('BY.NCES', 'path.pem')
    expect(code, stderr).toBe(0)
    const { x5tS256 } = JSON.parse(stdout) as { x5tS256: string }
    const path = decodePem(await readFile(join(folder, 'path.pem'), 'utf8'))
    expect(path).toHaveLength(2)
    const leaf = parseX509Certificate(path[0]!.der)
    if ('malformed' in leaf) throw new Error(leaf.malformed)
    expect(leaf.extendedKeyUsage).toEqual([EKU.documentSigning])
    const { pki, bodies, url } = await reread(BY)
    const stored = pki.keys.find(({ purpose }) => purpose === 'attestation')
    expect(stored).toMatchObject({ partyId: 'BY.NCES' })
    expect(stored?.keyFile).toBeUndefined()
    const now = new Date()
    const list = await makeTrustList({ pki, bodies, url, now, validDays: 90, previous: undefined })
    expect(list.keys.filter(({ usage }) => usage === 'attestation')).toEqual([
      expect.objectContaining({ x5tS256, body: 'BY.NCES' }),
    ])
  })

  it('takes no party of another state, no key twice and no private key', async () => {
    expect((await add('UZ.YARMD', 'uz.pem')).stderr).toContain('not the name of a party of BY')
    expect((await add('BY.NCES', 'again.pem')).stderr).toContain('certified already')
    expect((await add('BY.OTHER', 'private.pem', 'key.pem')).stderr).toContain('private key')
    await writeFile(join(folder, 'there.pem'), '')
    expect((await add('BY.OTHER', 'there.pem')).stderr).toContain('exists already')
  })
})
