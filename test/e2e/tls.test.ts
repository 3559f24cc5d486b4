import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { Agent, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { documentTypeNamed } from '../../src/certificate/document-types.ts'
import { demoStates } from '../../src/cli/demo/states.ts'
import { issueCertificate } from '../../src/exchange/issuing/issue.ts'
import { currentWarnings } from '../../src/exchange/warnings/warnings.ts'
import { type NodeConfig, readConfig } from '../../src/node/config.ts'
import { prepareDevState, type PreparedState, publishDevTrust } from '../../src/node/dev-state.ts'
import { jsonLogger } from '../../src/node/logger.ts'
import { peerFetch } from '../../src/node/peer-fetch.ts'
import { type RunningNode, serveNode } from '../../src/node/serve.ts'
import { certexServe } from '../support/cli.ts'
import { freshCertificate } from '../support/hostile.ts'
import { eventually, freePort } from '../support/two-nodes.ts'

let folder: string
let caFile: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certex-tls-'))
  caFile = join(folder, 'ca.pem')
  openssl(
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=Test-CA
      -keyout ${join(folder, 'ca.key')} -out ${caFile}`,
  )
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function openssl(line: string): void {
  execFileSync('openssl', line.split(/\s+/), { stdio: 'pipe' })
}

/** A TLS server's key and chain below the test CA. */
function serverFiles(name: string): { key: string; chain: string } {
  const [key, chain, csr, extensions] = ['key', 'pem', 'csr', 'ext'].map((ending) =>
    join(folder, `${name}.${ending}`),
  ) as [string, string, string, string]
  openssl(
    `req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=${name} -keyout ${key} -out ${csr}`,
  )
  writeFileSync(extensions, 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
  openssl(
    `x509 -req -in ${csr} -CA ${caFile} -CAkey ${join(folder, 'ca.key')} -CAcreateserial -days 10
      -extfile ${extensions} -out ${chain}`,
  )
  return { key, chain }
}

async function prepared(): Promise<{ BY: PreparedState; UZ: PreparedState }> {
  const place = await mkdtemp(join(folder, 'states-'))
  const states = demoStates(place, { BY: await freePort(), UZ: await freePort() })
  return { BY: await prepareDevState(states.BY), UZ: await prepareDevState(states.UZ) }
}

async function start(config: NodeConfig): Promise<RunningNode & { log: string[] }> {
  const log: string[] = []
  const node = await serveNode(
    config,
    jsonLogger((line) => log.push(line)),
  )
  return { ...node, log }
}

describe('two nodes over TLS below a private CA', () => {
  let BY: Awaited<ReturnType<typeof start>>
  let UZ: RunningNode
  let byUrl: string

  beforeAll(async () => {
    const states = await prepared()
    const [by, uz] = [states.BY, states.UZ].map((state) => ({
      ...state,
      url: `https://localhost:${state.port}`,
    })) as [PreparedState, PreparedState]
    byUrl = by.url
    await publishDevTrust(by, [uz])
    await publishDevTrust(uz, [by])
    const config = (own: PreparedState, other: PreparedState): NodeConfig => ({
      ...readConfig(own.configFile, {}),
      publicUrl: own.url,
      tls: serverFiles(own.state),
      peerCaFile: caFile,
      allowHttpPeers: false,
      peers: [{ state: other.state, url: other.url }],
    })
    BY = await start(config(by, uz))
    UZ = await start(config(uz, by))
  })
  afterAll(() => Promise.all([BY.stop(), UZ.stop()]))

  it('meet, deliver and decide', async () => {
    await eventually('they have met', async () => {
      const [peer] = await BY.deps.peers.all()
      return peer?.trustCheckedAt && peer.lastHeardAt
    })
    const issued = await issueCertificate(BY.deps)({
      type: documentTypeNamed('origin.ct1')!,
      certificate: await freshCertificate(),
      actor: 'BY.CCI',
      checkOnly: false,
    })
    expect(issued.outcome).toBe('issued')
    const { sha256 } = issued as { sha256: string }
    const decision = await eventually('a decision', async () => {
      const delivery = await BY.deps.outbox.delivery('UZ', sha256)
      return delivery?.decision
    })
    expect(decision.outcome).toBe('accepted')
  })

  it('warn in time of the end of the TLS certificate, in the log as well', async () => {
    const warnings = await currentWarnings(BY.deps)()
    expect(warnings.filter(({ kind }) => kind === 'tls-ends')).toMatchObject([
      { overdue: false, at: expect.stringMatching(/^20/) as string },
    ])
    const lines = () => BY.log.filter((line) => line.includes('"message":"warning"'))
    await eventually('a line', async () => lines().join('').includes('"kind":"tls-ends"'))
  })

  it('take no address from a header, whatever a proxy or somebody else writes there', async () => {
    const known = peerFetch({ caFile, allowHttp: false, named: [byUrl], refused: () => undefined })
    const headers = {
      'X-Forwarded-Host': 'evil.example',
      'X-Forwarded-Proto': 'http',
      Forwarded: 'host=evil.example;proto=http',
    }
    const answer = await known.fetch(`${byUrl}/no-such-thing`, { headers })
    expect(((await answer.json()) as { type: string }).type).toBe(`${byUrl}/problems/not-found`)
    known.close()
  })

  it('are believed by nobody who does not know the CA', async () => {
    const stranger = peerFetch({
      caFile: undefined,
      allowHttp: false,
      named: [byUrl],
      refused: () => undefined,
    })
    await expect(stranger.fetch(`${byUrl}/health`)).rejects.toThrow(/certificate/)
    stranger.close()
  })

  it('speak TLS 1.2 and newer alone', async () => {
    const version = (maxVersion: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') =>
      new Promise<string>((resolve) => {
        const socket = connect({
          host: 'localhost',
          port: BY.port,
          ca: readFileSync(caFile),
          minVersion: 'TLSv1',
          maxVersion,
          ciphers: 'DEFAULT@SECLEVEL=0',
        })
        socket.once('secureConnect', () => {
          resolve(socket.getProtocol() ?? '')
          socket.destroy()
        })
        socket.once('error', ({ code = '' }: NodeJS.ErrnoException) => resolve(code))
      })
    expect(await version('TLSv1.3')).toBe('TLSv1.3')
    expect(await version('TLSv1.2')).toBe('TLSv1.2')
    expect(await version('TLSv1.1')).toMatch(/VERSION|PROTOCOL/)
  })
})

describe('a TLS key and chain', () => {
  it('are renewed without dropping a connection, and what does not fit changes nothing', async () => {
    const { BY } = await prepared()
    const files = serverFiles('first')
    const node = await certexServe(BY.configFile, {
      CERTEX_PUBLIC_URL: `https://localhost:${BY.port}`,
      CERTEX_TLS_KEY: files.key,
      CERTEX_TLS_CHAIN: files.chain,
    })
    const kept = new Agent({ keepAlive: true, maxSockets: 1, ca: readFileSync(caFile) })
    try {
      const ask = (agent: Agent) =>
        new Promise<{ socket: TLSSocket; name: string }>((resolve, reject) => {
          const sent = request(
            { host: 'localhost', port: BY.port, path: '/health', agent },
            (answer) => {
              const socket = answer.socket as TLSSocket
              const name = String(socket.getPeerCertificate().subject.CN)
              answer.resume().once('end', () => resolve({ socket, name }))
            },
          )
          sent.once('error', reject).end()
        })
      const fresh = () => ask(new Agent({ ca: readFileSync(caFile) }))
      const before = await ask(kept)
      expect(before.name).toBe('first')

      const second = serverFiles('second')
      await copyFile(second.key, files.key)
      await copyFile(second.chain, files.chain)
      node.signal('SIGHUP')
      await eventually('the new ones', async () => {
        // The server closes what nobody asks on for some seconds.
        await ask(kept)
        return node.log().includes('taken up')
      })
      expect((await fresh()).name).toBe('second')
      expect((await ask(kept)).socket).toBe(before.socket)

      await copyFile(join(folder, 'ca.key'), files.key)
      node.signal('SIGHUP')
      await eventually('a complaint', async () => node.log().includes('cannot be used'))
      expect((await fresh()).name).toBe('second')

      // Without a signal as well.
      const third = serverFiles('third')
      await copyFile(third.key, files.key)
      await copyFile(third.chain, files.chain)
      await eventually('the third', async () => (await fresh()).name === 'third')
    } finally {
      kept.destroy()
      expect(await node.stop()).toBe(0)
    }
    for (const file of [files.key, files.chain])
      expect(node.log()).not.toContain((await readFile(file, 'utf8')).split('\n')[1])
  })
})

describe('a call to a peer', () => {
  const refusals: string[] = []
  const calling = (settings: Partial<Parameters<typeof peerFetch>[0]>) =>
    peerFetch({
      caFile: undefined,
      allowHttp: true,
      named: [],
      refused: (host, why) => refusals.push(`${host}: ${why}`),
      ...settings,
    })

  it("goes to no address in the node's own network that the operator has not named", async () => {
    let asked = 0
    const server = createServer((_, response) => {
      asked++
      response.end('inside')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    try {
      const { fetch, close } = calling({})
      for (const host of [
        '127.0.0.1',
        'localhost',
        '[::1]',
        '[::ffff:7f00:1]',
        '0x7f.1',
        '10.0.0.1',
      ])
        await expect(fetch(`http://${host}:${port}/`), host).rejects.toThrow(/own network/)
      expect(asked).toBe(0)
      expect(refusals).toHaveLength(6)
      const named = calling({ named: [`http://localhost:${port}`] })
      expect(await (await named.fetch(`http://localhost:${port}/`)).text()).toBe('inside')
      const elsewhere = calling({ named: [`http://localhost:${port + 1}`, 'https://localhost'] })
      await expect(elsewhere.fetch(`http://localhost:${port}/`)).rejects.toThrow(/own network/)
      expect(asked).toBe(1)
      elsewhere.close()
      close()
      named.close()
    } finally {
      server.close()
    }
  })

  it('is made over https alone unless plain http is permitted, and to no other scheme', async () => {
    const strict = calling({ allowHttp: false, named: ['http://127.0.0.1:1'] })
    await expect(strict.fetch('http://127.0.0.1:1/')).rejects.toThrow(/plain http/)
    await expect(strict.fetch('file:///etc/passwd')).rejects.toThrow(/not https/)
    strict.close()
  })

  it('follows no redirect, sends bytes as they are and ends when it is called off', async () => {
    const server = createServer((incoming, response) => {
      if (incoming.url === '/away') {
        response.writeHead(302, { Location: '/here' }).end()
        return
      }
      if (incoming.url === '/never') return
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => {
        response.setHeader('X-Length', incoming.headers['content-length'] ?? 'none')
        response.end(Buffer.concat(chunks))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { fetch, close } = calling({ named: [url] })
    try {
      await expect(fetch(`${url}/away`, { redirect: 'error' })).rejects.toThrow(/redirects/)
      expect((await fetch(`${url}/away`, { redirect: 'manual' })).status).toBe(302)
      const body = new Uint8Array([0, 255, 13, 10, 128])
      const echo = await fetch(url, { method: 'POST', body })
      expect(new Uint8Array(await echo.arrayBuffer())).toEqual(body)
      expect(echo.headers.get('x-length')).toBe('5')
      expect((await fetch(url)).headers.get('x-length')).toBe('none')
      await expect(fetch(`${url}/never`, { signal: AbortSignal.timeout(100) })).rejects.toThrow()
    } finally {
      close()
      server.close()
      server.closeAllConnections()
    }
  })

  it('that a trust list misleads is refused, with one alarm', async () => {
    const { BY, UZ } = await prepared()
    await publishDevTrust(BY, [UZ])
    await publishDevTrust(UZ, [BY])
    const uz = await start(readConfig(UZ.configFile, {}))
    // The operator names it by a name; its own list says 127.0.0.1.
    const by = await start({
      ...readConfig(BY.configFile, {}),
      peers: [{ state: 'UZ', url: `http://localhost:${UZ.port}` }],
    })
    try {
      await eventually('the refusal', async () => {
        const [peer] = await by.deps.peers.all()
        return peer?.lastError?.includes('own network')
      })
      await new Promise((resolve) => setTimeout(resolve, 1500))
      const alarms = (await by.deps.alarms.list(0, 100)).filter(
        ({ kind }) => kind === 'peer-address-refused',
      )
      expect(alarms).toHaveLength(1)
      expect(alarms[0]!.detail).toContain(`127.0.0.1:${UZ.port}`)
      expect(by.log.join('')).toContain('peer-address-refused')
    } finally {
      await Promise.all([by.stop(), uz.stop()])
    }
  })
})
