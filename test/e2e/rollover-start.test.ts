import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { prepareDevState, type PreparedState } from '../../src/node/dev-state.ts'
import { loadPkiDirectory } from '../../src/node/pki/pki-directory.ts'
import { renewKey } from '../../src/node/pki/renew.ts'
import { prepareTwoStates, startTestNode } from '../support/two-nodes.ts'

let folder: string
let BY: PreparedState
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certex-start-'))
  BY = (await prepareTwoStates(folder)).BY
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('a node whose published list does not name its keys', () => {
  it('does not start with none of them named, and says what to do', async () => {
    const others = await prepareDevState({
      ...BY,
      data: join(folder, 'x'),
      keys: join(folder, 'y'),
    })
    const config = JSON.parse(await readFile(BY.configFile, 'utf8')) as object
    const foreign = { ...config, pki: others.keys, passphraseFile: join(others.keys, 'passphrase') }
    await writeFile(BY.configFile, JSON.stringify(foreign))
    await expect(startTestNode(BY)).rejects.toThrow(
      /names no key of this node for: registry-seal, status-signer, node.*certex trust publish/,
    )
  })

  it('signs with those that are named alone, and says which are not', async () => {
    const made = await renewKey(
      await loadPkiDirectory(BY.keys),
      { purpose: 'node', now: new Date(), from: new Date(), sealAlgorithm: 'ES256' },
      BY.passphrase,
    )
    if ('obstacle' in made) throw new Error(made.obstacle)
    const { running, log } = await startTestNode(BY)
    try {
      const { nodes } = (await running.deps.trust()).view.list('BY')!
      expect((await running.deps.nodeKey()).keyid).toBe(nodes[0]!.key)
      expect(nodes[0]!.key).not.toBe(made.id)
      const warning = log.find((line) => line.includes('does not name sign nothing'))
      expect(warning).toContain(made.id)
    } finally {
      await running.stop()
    }
  })
})
