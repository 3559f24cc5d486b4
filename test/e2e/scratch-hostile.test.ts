import { afterAll, beforeAll, it } from 'vitest'
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'
import { claimsFor, forge, freshCertificate, sealOf, stateOf, digest } from '../support/hostile.ts'
import { peerOf, postAs } from '../support/sign-as.ts'

let nodes: TwoNodes
beforeAll(async () => { nodes = await startTwoNodes() })
afterAll(() => nodes.close())
it('probe', async () => {
  const { BY, UZ } = nodes
  const peer = await peerOf(BY)
  const seal = await sealOf(BY, 'BY.CCI.001')
  const push = (...docs: string[]) => postAs(peer, UZ, '/exchange/v1/messages', { messages: docs.map((document, i) => ({ seq: i + 1, document })) })
  const show = (name: string, r: any) => console.log(name, r.status, r.text.slice(0, 300), r.body?.receipts?.map((x: string) => Buffer.from(x.split('.')[1]!, 'base64url').toString()))
  show('empty', await push())
  const c1 = await freshCertificate(), c2 = await freshCertificate()
  const same = { status_list: { uri: `${BY.url}/status/901`, idx: 1 } }
  const a = await forge(seal, { payload: claimsFor(BY, c1, { status: same }) })
  const b = await forge(seal, { payload: claimsFor(BY, c2, { status: same }) })
  show('a', await push(a))
  show('same position', await push(b))
  const c3 = await freshCertificate(), c4 = await freshCertificate()
  const same2 = { status_list: { uri: `${BY.url}/status/901`, idx: 2 } }
  show('same position in batch', await push(await forge(seal, { payload: claimsFor(BY, c3, { status: same2 }) }), await forge(seal, { payload: claimsFor(BY, c4, { status: same2 }) })))
  // unknown typ by registry
  const reg = await sealOf(BY, 'registry-seal')
  show('unknown typ registry', await push(await forge(reg, { typ: 'outage-notice+jwt', payload: { schema: 'outage-notice/1' } })))
  show('unknown typ body', await push(await forge(seal, { typ: 'outage-notice+jwt', payload: { schema: 'outage-notice/1' } })))
  show('garbage', await push('garbage'))
  // position of receiver's own list
  const c5 = await freshCertificate()
  const own = { status_list: { uri: `${UZ.url}/status/1`, idx: 0 } }
  show('receivers position', await push(await forge(seal, { payload: claimsFor(BY, c5, { status: own }) })))
  // to: dup
  const cert = await BY.client('issuer', 'BY.TESTCERT')
  const conf = await freshCertificate('conformity-eaeu-certificate')
  const r = await cert.post('/v1/certificates', { certificate: conf, to: ['UZ', 'UZ'] })
  console.log('dup to', r.status, JSON.stringify(r.body).slice(0, 400))
  const chamber = await BY.client('issuer', 'BY.CCI')
  const proto = JSON.stringify({ certificate: await freshCertificate() }).replace('"form":', '"__proto__":{"x":1},"form":')
  const pr = await chamber.postBytes('/v1/certificates', 'application/json', proto)
  console.log('proto', pr.status, JSON.stringify(pr.body).slice(0, 300))
  console.log(BY.log.filter((l) => l.includes('error')), UZ.log.filter((l) => l.includes('error')).map(l=>l.slice(0,600)))
  console.log(stateOf(UZ))
})
