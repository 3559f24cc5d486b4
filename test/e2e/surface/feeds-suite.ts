import { describe, expect, it } from 'vitest'
import { getAs, peerOf } from '../../support/sign-as.ts'
import type { Surface } from '../../support/surface.ts'
import { bodyOf, decided, issue, slugOf } from './surface-steps.ts'

interface Events {
  readonly events: readonly {
    readonly id: string
    readonly kind: string
    readonly certificate: { readonly sha256: string }
  }[]
  readonly next: string
  readonly hasMore: boolean
}

interface Messages {
  readonly messages: readonly { readonly seq: number; readonly document: string }[]
  readonly next: string
  readonly hasMore: boolean
}

/** What client systems and peers follow. */
export function feedsSuite(running: () => Surface): void {
  describe('a feed', () => {
    it('tells client systems what happened, in order, from where they left off', async () => {
      const { chamber } = running().BY.clients
      const read = async (after: string | undefined) => {
        const cursor = after === undefined ? '' : `&after=${after}`
        return bodyOf<Events>(await chamber.get(`/v1/events?limit=100${cursor}`), 200)
      }
      let after: string | undefined
      for (let page = await read(after); ; page = await read(after)) {
        after = page.next
        if (!page.hasMore) break
      }
      const first = await issue(chamber)
      const second = await issue(chamber)
      await decided(running(), second.certificate)
      const seen: Events['events'][number][] = []
      for (let page = await read(after); ; page = await read(after)) {
        seen.push(...page.events)
        after = page.next
        if (!page.hasMore) break
      }
      const issued = seen.filter(({ kind }) => kind === 'certificate-issued')
      const ours = issued.map(({ certificate }) => certificate.sha256)
      expect(ours).toEqual([first.sha256, second.sha256])
      expect(seen.some(({ kind }) => kind === 'decided')).toBe(true)
      expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length)
    })

    it('waits for what is not there yet', async () => {
      const { chamber } = running().BY.clients
      const start = bodyOf<Events>(await chamber.get('/v1/events?limit=500'), 200)
      let after = start.next
      for (let more = start.hasMore; more;) {
        const page = bodyOf<Events>(await chamber.get(`/v1/events?limit=500&after=${after}`), 200)
        after = page.next
        more = page.hasMore
      }
      const waiting = chamber.get(`/v1/events?after=${after}&wait=20`)
      const { sha256 } = await issue(chamber)
      const { events } = bodyOf<Events>(await waiting, 200)
      expect(events[0]).toMatchObject({ kind: 'certificate-issued', certificate: { sha256 } })
    })

    it('of a peer has every message to it once, numbered without a gap', async () => {
      const { BY, UZ } = running()
      const issued = await issue(BY.clients.chamber)
      const peer = await peerOf(UZ)
      const messages: Messages['messages'][number][] = []
      let after = ''
      for (;;) {
        const reply = await getAs(peer, BY, `/exchange/v1/feed?limit=50${after}`)
        expect(reply.status, reply.text).toBe(200)
        const page = reply.body as Messages
        messages.push(...page.messages)
        after = `&after=${page.next}`
        if (!page.hasMore) break
      }
      expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, i) => i + 1))
      expect(messages.map(({ document }) => document)).toContain(issued.document)
    })

    it('of another epoch is gone, with the place to start again', async () => {
      const { chamber } = running().BY.clients
      const gone = await chamber.get('/v1/events?after=AAAAAAAA.1')
      expect(slugOf(gone)).toBe('410 cursor-gone')
    })
  })
}
