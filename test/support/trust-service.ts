import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { demoStates } from '../../src/cli/demo/states.ts'
import { generateKeyPair } from '../../src/crypto/suite.ts'
import { sealOfKey } from '../../src/exchange/working-keys.ts'
import type { Seal } from '../../src/jose/sign.ts'
import { signJws } from '../../src/jose/sign.ts'
import { prepareDevState, type PreparedState, publishDevTrust } from '../../src/node/dev-state.ts'
import { currentKey, loadIssuer } from '../../src/node/pki/pki-directory.ts'
import { storeAttestationKey } from '../../src/node/pki/pki-store.ts'
import { certifyTrustService, DEFAULT_VALIDITY_DAYS } from '../../src/node/pki/state-pki.ts'
import { reread } from './self-signing.ts'
import { eventually, freePort, startTestNode, type TwoNodes } from './two-nodes.ts'

/** A trust service with its own key, certified in the folder of its state. */
async function certifyService(state: PreparedState, partyId: string): Promise<Seal> {
  const { pki, passphrase } = state
  const { pkcs8, spki } = await generateKeyPair('ES256')
  const issuer = await loadIssuer(pki, currentKey(pki, 'state-ca')!, passphrase)
  const issuance = {
    state: state.state,
    now: new Date(),
    sealAlgorithm: 'ES256',
    validity: DEFAULT_VALIDITY_DAYS,
  } as const
  const key = await certifyTrustService({ partyId, name: 'Служба' }, issuer, spki, issuance)
  await storeAttestationKey(pki, partyId, key, passphrase)
  return sealOfKey({ pkcs8, path: key.x5c, environment: 'production' })
}

async function prepareStates(folder: string) {
  const states = demoStates(folder, { BY: await freePort(), UZ: await freePort() })
  return { BY: await prepareDevState(states.BY), UZ: await prepareDevState(states.UZ) }
}

/** Both states with a trust service of their own, whose keys stand in the first trust lists. */
export async function startStatesWithServices(): Promise<
  TwoNodes & { readonly services: { readonly BY: Seal; readonly UZ: Seal } }
> {
  const folder = await mkdtemp(join(tmpdir(), 'certex-services-'))
  const prepared = await prepareStates(folder)
  const services = {
    BY: await certifyService(prepared.BY, 'BY.NCES'),
    UZ: await certifyService(prepared.UZ, 'UZ.YARMD'),
  }
  const [by, uz] = [await reread(prepared.BY), await reread(prepared.UZ)]
  await publishDevTrust(by, [uz])
  await publishDevTrust(uz, [by])
  const nodes = { BY: await startTestNode(by), UZ: await startTestNode(uz) }
  await eventually('the nodes have met', async () => {
    const peers = await Promise.all(
      [nodes.BY, nodes.UZ].map(({ running }) => running.deps.peers.all()),
    )
    return peers.every(([peer]) => peer?.trustCheckedAt && peer.lastHeardAt)
  })
  return {
    folder,
    services,
    ...nodes,
    async close() {
      await Promise.all([nodes.BY.running.stop(), nodes.UZ.running.stop()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const at = () => `${new Date().toISOString().slice(0, 19)}Z`

/** What a service says about national bytes, signed. */
export function attestationBy(
  seal: Seal,
  claims: { readonly iss: string; readonly target: string; readonly value: string } & Record<
    string,
    unknown
  >,
): Promise<string> {
  const { value, ...rest } = claims
  const payload = {
    schema: 'attestation/1',
    aud: ['UZ'],
    original: createHash('sha256').update(Buffer.from(value, 'base64')).digest('base64url'),
    indication: 'TOTAL-PASSED',
    at: at(),
    service: 'Служба доверия (вымышленная)',
    ...rest,
  }
  return signJws({ typ: 'attestation+jwt', payload, seal, signedAt: new Date() })
}
