import type { StoredCertificate } from '../certificate-store.ts'
import type { NoticeInterval } from './interval.ts'
import type { NoticeSubject } from './security-notice.ts'

/** One document of a chain as its projection holds it; what amends says nothing of the subject. */
export type NoticeRecord = {
  readonly sha256: string
  /** The notice at the beginning of the chain, by digest; its own where this is it. */
  readonly notice: string
  /** Its place in the chain, from 0. */
  readonly n: number
} & (
  | {
      readonly change: 'declare'
      /** The state whose registry signed. */
      readonly issuer: string
      readonly subject: NoticeSubject
      readonly measure: 'hold' | 'inform'
      readonly interval: NoticeInterval
    }
  | { readonly change: 'narrow'; readonly interval: NoticeInterval }
  | { readonly change: 'release' }
)

/** A notice as its amendments left it. */
export interface Notice {
  readonly sha256: string
  readonly issuer: string
  readonly subject: NoticeSubject
  readonly measure: 'hold' | 'inform'
  readonly interval: NoticeInterval
  readonly released: boolean
  /** All documents of the chain in order, by digest. */
  readonly documents: readonly [string, ...string[]]
  /** Place of the notice in this node's log. */
  readonly idx: number
}

/** One document of a chain: what it says, and when this node appended it. */
export interface NoticeLink {
  readonly sha256: string
  readonly change: NoticeRecord['change']
  /** Of a declaration and what narrows it. */
  readonly interval: NoticeInterval | undefined
  readonly at: string
}

/** A notice as all documents of its chain left it, whoever may have held the keys that signed them. */
export interface NoticeChain extends Notice {
  readonly links: readonly NoticeLink[]
}

/** What a validation asks of a notice. */
export type OpenNotice = Pick<Notice, 'sha256' | 'issuer' | 'subject' | 'measure' | 'interval'>

/** The notices of the log, and the certificates that one of them concerns. */
export interface NoticeStore extends NoticeIndex {
  /** All that name this seal of a state, or any of its CAs; first in the log first. */
  about(state: string, x5tS256: string): Promise<Notice[]>
  /** Those that name this seal of a state or one of these CAs of it, and are not released. */
  open(state: string, x5tS256: string, authorities: readonly string[]): Promise<OpenNotice[]>
  /** The notice to whose chain a document belongs. */
  find(sha256: string): Promise<Notice | undefined>
  /** Notices behind a place in the log, first in the log first. */
  list(after: number, limit: number): Promise<Notice[]>
}

/** The same with all that was ever said, for `standingNotices` to weigh. */
export interface NoticeChains extends NoticeIndex {
  about(state: string, x5tS256: string): Promise<NoticeChain[]>
  /** Those that name this seal of a state or one of these CAs of it, released ones as well. */
  naming(state: string, x5tS256: string, authorities: readonly string[]): Promise<NoticeChain[]>
  find(sha256: string): Promise<NoticeChain | undefined>
  list(after: number, limit: number): Promise<NoticeChain[]>
}

/** What does not depend on whose word counts. */
interface NoticeIndex {
  /** Whether any notice names a CA of a state. */
  namesAuthorities(state: string): Promise<boolean>
  /** How many notices of one issuer name this seal, or any CA of its state; released ones as well. */
  count(issuer: string, subject: NoticeSubject): Promise<number>
  /** How many notices one issuer has declared altogether. */
  countOf(issuer: string): Promise<number>
  /**
   * Certificates that these seals signed, perhaps in the interval (`mayFallInto`), behind a place in the
   * log and in its order.
   */
  concerned(
    state: string,
    seals: readonly string[],
    interval: NoticeInterval,
    page: { readonly after: number; readonly limit: number },
  ): Promise<StoredCertificate[]>
  /** Whether the signing seal of every certificate is known: not while an update is being indexed. */
  isComplete(): Promise<boolean>
}
