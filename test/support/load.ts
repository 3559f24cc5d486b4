import { demoCertificate } from '../../src/cli/demo/documents.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { today } from './day.ts'
import { eventually } from './two-nodes.ts'

/** What a client was told of its certificate. */
export interface Attempt {
  readonly number: string
  /** The node's answer; undefined: the connection broke and the client never asked again. */
  issued?: { readonly sha256: string; readonly document: string }
  annulled?: { readonly sha256: string; readonly document: string }
}

export interface Load {
  readonly attempts: readonly Attempt[]
  /** Waits until so many certificates were issued, however slow the machine is. */
  issued(count: number): Promise<void>
  /** Requests that broke under way. */
  readonly broken: () => number
  /** Answers that no crash explains. */
  readonly surprises: readonly string[]
  /** Ends after the requests in flight. */
  stop(): Promise<void>
}

const PAUSE_MS = 100

/**
 * Clients of a chamber that issue certificates and annul a third of them, as fast as they are answered.
 * When a request breaks, half of them ask the same again and half go on with the next.
 */
export function startLoad(client: ApiClient, clients: number, random: () => number): Load {
  const attempts: Attempt[] = []
  const surprises: string[] = []
  let broken = 0
  let serial = 0
  let stopped = false

  async function ask(
    path: string,
    body: object,
    persistent: boolean,
  ): Promise<{ sha256: string; document: string } | undefined> {
    for (;;) {
      try {
        const answer = await client.post(path, body)
        if (answer.status === 201 || answer.status === 200)
          return answer.body as { sha256: string; document: string }
        surprises.push(`${path}: HTTP ${answer.status} ${JSON.stringify(answer.body)}`)
        return undefined
      } catch {
        broken++
        if (!persistent || stopped) return undefined
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      }
    }
  }

  async function work(): Promise<void> {
    while (!stopped) {
      const certificate = await demoCertificate('origin-ct1-tractors', today, ++serial)
      const attempt: Attempt = { number: certificate.number }
      attempts.push(attempt)
      const persistent = random() < 0.5
      const issued = await ask('/v1/certificates', { certificate }, persistent)
      if (!issued) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
        continue
      }
      attempt.issued = { sha256: issued.sha256, document: issued.document }
      if (random() > 0.33) continue
      const path = `/v1/certificates/BY/origin.ct1/${certificate.number}/status-changes`
      const change = { change: 'annul', effectiveFrom: today, reason: 'Ошибка в графе 3' }
      const annulled = await ask(path, change, persistent)
      if (annulled) attempt.annulled = { sha256: annulled.sha256, document: annulled.document }
    }
  }

  const working = Array.from({ length: clients }, work)
  return {
    attempts,
    async issued(count) {
      const enough = async () => attempts.filter(({ issued }) => issued).length >= count
      await eventually(`${count} certificates are issued`, enough, 50_000)
    },
    broken: () => broken,
    surprises,
    async stop() {
      stopped = true
      await Promise.all(working)
    },
  }
}
