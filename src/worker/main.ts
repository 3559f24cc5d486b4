import { languageOf, problemResponse } from '../http/problem.ts'
import type { Bindings } from './bindings.ts'
import { consoleLog } from './log.ts'
import { openWorkerNode, type WorkerNode } from './worker-node.ts'

interface Execution {
  waitUntil(work: Promise<unknown>): void
}

/** The node of this isolate. Opened by the request that needs it first; several may, one is kept. */
let held: WorkerNode | undefined

async function nodeOf(bindings: Bindings) {
  if (held) return held
  const opened = await openWorkerNode(bindings)
  if ('obstacle' in opened) consoleLog.error('the node cannot start', { why: opened.told })
  else held ??= opened
  return held ?? opened
}

/** A node on Cloudflare Workers over D1; see docs/workers.md. */
export default {
  async fetch(request: Request, bindings: Bindings, execution: Execution): Promise<Response> {
    const node = await nodeOf(bindings)
    if ('obstacle' in node)
      return problemResponse(
        {
          publicUrl: new URL(request.url).origin,
          language: languageOf(request.headers.get('accept-language') ?? undefined),
          requestId: crypto.randomUUID(),
        },
        'unavailable',
        { detail: node.obstacle, headers: { 'Cache-Control': 'no-store', 'Retry-After': '60' } },
      )
    // The platform sets this header itself, whatever the caller sends.
    const remoteAddress = request.headers.get('CF-Connecting-IP') ?? undefined
    const response = await node.app.hono.fetch(request, { remoteAddress })
    const work = node.errands.afterRequest()
    if (work) execution.waitUntil(work)
    return response
  },

  async scheduled(_event: unknown, bindings: Bindings): Promise<void> {
    const node = await nodeOf(bindings)
    if ('errands' in node) await node.errands.everyMinute()
  },
}
