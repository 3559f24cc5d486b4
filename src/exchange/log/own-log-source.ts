import { z } from 'zod'
import { JsonError, parseStrictJson } from '../../encoding/strict-json.ts'
import { MAX_NOTE_BYTES } from '../../tlog/signed-note.ts'
import { MAX_BATCH_CHARACTERS } from '../delivery/deliver.ts'
import { MAX_DOCUMENT_CHARACTERS } from '../delivery/feed-page.ts'
import { MAX_DOCUMENTS, MAX_LEAVES } from './held-for-peer.ts'
import { MAX_LEAF_BYTES } from './mirror-fetch.ts'
import type { LogAnswer } from '../delivery/peer-client.ts'
import { Sha256 } from '../../certificate/fields.ts'

const Note = z.string().max(MAX_NOTE_BYTES)

export const HeldLogsBody = z.strictObject({
  logs: z
    .array(
      z.strictObject({
        origin: z.string().max(200),
        leaves: z.int().min(0),
        newest: Note.meta({ description: 'The newest checkpoint that the log has shown here' }),
        whole: Note.optional().meta({
          description: 'The newest one of which no leaf is missing here',
        }),
        cosigned: Note.optional().meta({
          description: 'The newest one that the witness of this node has cosigned',
        }),
      }),
    )
    .max(100),
})

export const HeldLeavesBody = z.strictObject({
  leaves: z.array(z.string().max(MAX_LEAF_BYTES)).max(MAX_LEAVES),
})

export const HeldDocumentsBody = z.strictObject({
  documents: z
    .array(
      z.strictObject({
        sha256: Sha256,
        document: z.string().min(1).max(MAX_DOCUMENT_CHARACTERS),
        seq: z.int().min(1).optional().meta({
          description: 'The number under which this node sent it to the caller',
        }),
      }),
    )
    .max(MAX_DOCUMENTS),
  left: z.array(Sha256).max(MAX_DOCUMENTS).meta({ description: 'Ask for these again' }),
})

/** What a peer says of the own log; nothing of it is verified yet. */
export type ClaimedLog = z.infer<typeof HeldLogsBody>['logs'][number]
export type ClaimedDocument = z.infer<typeof HeldDocumentsBody>['documents'][number]

/** A peer that holds a mirror of the own log. */
export interface OwnLogSource {
  readonly peer: string
  logs(): Promise<ClaimedLog[]>
  /** At most `MAX_LEAVES`. */
  leaves(origin: string, from: bigint, count: number): Promise<string[]>
  /** Whatever of these the peer has, asked for in portions; nothing of it is verified. */
  documents(sha256s: readonly string[]): Promise<ClaimedDocument[]>
}

/** The peer does not answer, or not what it was asked: nothing may be concluded from that. */
export class SourceUnusable extends Error {
  override name = 'SourceUnusable'
}

/** JSON may write one character as six. */
const JSON_FACTOR = 6
const MAX_LOGS_BYTES = 4 * 1024 * 1024
const MAX_LEAVES_BYTES = MAX_LEAVES * MAX_LEAF_BYTES * 2
const MAX_DOCUMENTS_BYTES =
  (MAX_BATCH_CHARACTERS + MAX_DOCUMENT_CHARACTERS) * 2 + MAX_DOCUMENTS * 100 * JSON_FACTOR

/** The mirror of the own log at the node of a peer under this URL. Calls are signed with the own node key. */
export function ownLogAt(
  askLog: (peer: string, targetUri: string, maxBytes: number) => Promise<LogAnswer>,
  { peer, url }: { readonly peer: string; readonly url: string },
): OwnLogSource {
  async function ask<S extends z.ZodType>(
    path: string,
    query: Record<string, string>,
    { schema, maxBytes }: { schema: S; maxBytes: number },
  ): Promise<z.output<S>> {
    const search = new URLSearchParams(query).toString()
    const uri = `${url}/exchange/v1/own-log${path}${search === '' ? '' : `?${search}`}`
    const answer = await askLog(peer, uri, maxBytes)
    if (!answer.ok) throw new SourceUnusable(`${peer}: ${answer.error}`)
    const parsed = schema.safeParse(jsonIn(answer.body))
    if (!parsed.success)
      throw new SourceUnusable(`${peer}: ${uri}: the answer does not follow its schema`)
    return parsed.data
  }

  return {
    peer,

    async logs() {
      const { logs } = await ask('', {}, { schema: HeldLogsBody, maxBytes: MAX_LOGS_BYTES })
      return logs
    },

    async leaves(origin, from, count) {
      const limit = Math.min(count, MAX_LEAVES)
      const query = { origin, index: String(from), limit: String(limit) }
      const shape = { schema: HeldLeavesBody, maxBytes: MAX_LEAVES_BYTES }
      const { leaves } = await ask('/leaves', query, shape)
      return leaves.slice(0, limit)
    },

    async documents(sha256s) {
      const found: ClaimedDocument[] = []
      for (let i = 0; i < sha256s.length; i += MAX_DOCUMENTS) {
        let asked = sha256s.slice(i, i + MAX_DOCUMENTS)
        while (asked.length > 0) {
          const query = { digests: asked.join(',') }
          const shape = { schema: HeldDocumentsBody, maxBytes: MAX_DOCUMENTS_BYTES }
          const { documents, left } = await ask('/documents', query, shape)
          found.push(...documents.filter(({ sha256 }) => asked.includes(sha256)))
          // Fewer each time, whatever the peer says.
          const next = left.filter((sha256) => asked.includes(sha256))
          asked = next.length < asked.length ? next : []
        }
      }
      return found
    },
  }
}

function jsonIn(body: Uint8Array): unknown {
  try {
    return parseStrictJson(body)
  } catch (error) {
    if (error instanceof JsonError) return undefined
    throw error
  }
}
