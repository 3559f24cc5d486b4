import { formatInstant } from '../../encoding/time.ts'
import { archivedRequest, archivedResponse } from './archived-text.ts'
import { type ResolveNodeKey, verifyRequest, verifyResponse } from '../../http-signature/verify.ts'

/** What went over the line between two nodes, as it was archived: both sides signed what they sent. */
export interface ArchivedExchange {
  readonly at: string
  readonly peer: string
  readonly direction: string
  readonly messageId: string
  readonly request: string
  readonly response: string
}

interface Message {
  readonly headers: Headers
  readonly body: Uint8Array<ArrayBuffer>
}

/**
 * `lossy`: it held octets that are no text, so that its digest cannot be computed again. `unsigned`: what
 * was signed holds, and beside it stands what nobody signed, as exchanges were archived before.
 */
export type ArchivedFlaw =
  { readonly flaw: string } | { readonly lossy: string } | { readonly unsigned: true }

/**
 * What is wrong with an archived exchange; undefined: request and answer are what the nodes signed, and
 * what stands beside them follows.
 */
export async function flawOfExchange(
  exchange: ArchivedExchange,
  {
    self,
    resolveKeyAt,
    signedAloneFrom,
  }: {
    readonly self: string
    readonly resolveKeyAt: (at: Date) => ResolveNodeKey
    /** From this instant on nothing was archived but what is signed; undefined: it never was. */
    readonly signedAloneFrom: string | undefined
  },
): Promise<ArchivedFlaw | undefined> {
  const { at, peer, direction, messageId } = exchange
  if (direction !== 'sent' && direction !== 'received') return { flaw: `it went ${direction}` }
  const [sender, recipient] = direction === 'sent' ? [self, peer] : [peer, self]
  const request = readMessage(exchange.request)
  const response = readMessage(exchange.response)
  if (!request || !response) return { flaw: 'it is no exchange' }
  const [asked, answered] = [createdOf(request), createdOf(response)]
  if (!asked || !answered) return { flaw: 'it is not signed' }

  const { method, targetUri, status } = { ...request.read, ...response.read }
  if (typeof method !== 'string' || typeof targetUri !== 'string' || typeof status !== 'number')
    return { flaw: 'it is no exchange' }
  const verified = await verifyRequest(
    { ...request, method, targetUri },
    { now: asked, self: recipient, resolveKey: resolveKeyAt(asked) },
  )
  if (!verified.ok) return flawOf(request, `the request: ${verified.code}`)
  if (verified.sender !== sender || verified.messageId !== messageId)
    return { flaw: 'the request is of somebody else, or another one' }
  if (!isTimeOf(at, asked, direction)) return { flaw: `the request was made at another time` }
  const answer = await verifyResponse({ ...response, status }, verified.context, {
    now: answered,
    resolveKey: resolveKeyAt(answered),
  })
  if (!answer.ok) return flawOf(response, `the answer: ${answer.code}`)
  const isSignedAlone =
    exchange.request === archivedRequest({ ...request, method, targetUri }) &&
    exchange.response === archivedResponse({ ...response, status })
  if (isSignedAlone) return undefined
  const isOlder =
    signedAloneFrom === undefined ||
    asked.getTime() <= Date.parse(signedAloneFrom) + UPDATED_WITHIN_MS
  return isOlder ? { unsigned: true } : { flaw: 'it holds what nobody signed' }
}

/** For so long after an update another process of the version before may serve on. */
const UPDATED_WITHIN_MS = 3_600_000

function readMessage(
  text: string,
): (Message & { readonly read: Record<string, unknown> }) | undefined {
  try {
    const read = JSON.parse(text) as Record<string, unknown>
    // Exactly what was written: nothing stands twice, nothing beside it.
    if (JSON.stringify(read) !== text || typeof read['body'] !== 'string') return undefined
    const headers = new Headers(read['headers'] as Record<string, string>)
    return { read, headers, body: new TextEncoder().encode(read['body']) }
  } catch {
    return undefined
  }
}

/** When the signature says that it was made. */
function createdOf({ headers }: Message): Date | undefined {
  const seconds = /;created=(\d{1,12})(?:;|$)/.exec(headers.get('signature-input') ?? '')?.[1]
  return seconds === undefined ? undefined : new Date(Number(seconds) * 1000)
}

/** Clocks of two nodes differ, and a request that is on its way takes its time. */
const MAX_DIFFERENCE_MS = 600_000

function isTimeOf(at: string, asked: Date, direction: string): boolean {
  if (direction === 'sent') return at === formatInstant(asked)
  return Math.abs(Date.parse(at) - asked.getTime()) <= MAX_DIFFERENCE_MS
}

function flawOf({ read }: { readonly read: Record<string, unknown> }, flaw: string): ArchivedFlaw {
  const body = String(read['body'])
  return body.includes('\uFFFD') ? { lossy: flaw } : { flaw }
}
