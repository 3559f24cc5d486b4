import { Sha256 } from '../../certificate/fields.ts'
import { parseJws } from '../../jose/parse.ts'
import { statementDigests } from '../../jose/statement.ts'
import type { EntryKind } from '../../tlog/leaf.ts'
import type { Trust } from '../../trust/trust.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import { authenticate, type Authentication } from '../validation/authenticate.ts'
import { beginsSoon } from '../issuing/begins-soon.ts'
import { checkContent, type ContentCheck } from '../validation/certificate-content.ts'
import { type DocumentKind, documentKind } from '../document-kinds.ts'

/** A document as a peer sent it. */
export interface Incoming {
  readonly sha256: string
  readonly jws: string
  readonly sender: string
  /** Its place in the sender's numbering of what it sent here: dense, from 1. */
  readonly seq: number
  /** When it first came in; a trust list fetched since then is asked before a key counts as unknown. */
  readonly arrivedAt: string
  /** What it has waited for so far. */
  readonly waitsFor?: string
  /** As what it stands in the log, where it was lost and is back: it is no new entry. */
  readonly loggedAs?: EntryKind
}

/** The form of a document and, unless its kind has a validation of its own, who signed it. */
export interface Examined extends Incoming {
  readonly kind: DocumentKind['kind']
  readonly step: DocumentKind['step']
  readonly authentication: Authentication | undefined
  readonly content: ContentCheck | undefined
  /** Its key or scope is not yet in force, but is as soon as clocks may differ. */
  readonly beginsSoon?: boolean
  /** The digest of the same document with the other form of its signature, if there is one. */
  readonly otherForm: string | undefined
  /** The certificate that a status change claims to change, by digest; nobody has verified it yet. */
  readonly target: string | undefined
}

/** The part of judging that costs signatures and depends on no other document: many run at once. */
export async function examine(
  incoming: Incoming,
  { paths }: { readonly paths: PathCache },
  context: { trust: Trust; now: Date },
): Promise<Examined> {
  const parsed = parseJws(incoming.jws)
  const typ = 'malformed' in parsed ? undefined : parsed.header.typ
  const { kind, purpose, step } = documentKind(typ)
  const target =
    kind === 'status-change' && !('malformed' in parsed) ? targetIn(parsed.payload) : undefined
  const [, otherForm] = 'malformed' in parsed ? [] : statementDigests(parsed)
  const examined = { ...incoming, kind, step, otherForm, target }
  if (!purpose) return { ...examined, authentication: undefined, content: undefined }
  const { now } = context
  const authenticateAs = (purpose: NonNullable<DocumentKind['purpose']>, at = now) =>
    authenticate(incoming.jws, {
      trust: context.trust,
      paths,
      purpose,
      at,
      now,
      typs: typ === undefined || typ === 'receipt+jwt' ? [] : [typ],
    })
  const mayHold = (purpose: NonNullable<DocumentKind['purpose']>) => async (soon: Date) =>
    (await authenticateAs(purpose, soon)).document !== undefined
  let authentication = await authenticateAs(purpose)
  let begins = await beginsSoon(authentication, now, mayHold(purpose))
  if (kind === 'unknown' && typ !== undefined && !authentication.document) {
    const asRegistry = await authenticateAs('registry-seal')
    if (asRegistry.document) authentication = asRegistry
    else begins ||= await beginsSoon(asRegistry, now, mayHold('registry-seal'))
  }
  const { document } = authentication
  const content = kind === 'certificate' && document ? checkContent(document, now) : undefined
  if (document && content)
    begins = await beginsSoon(
      content,
      now,
      async (soon) => checkContent(document, soon).content !== undefined,
    )
  return { ...examined, authentication, content, beginsSoon: begins }
}

function targetIn(payload: unknown): string | undefined {
  const target = Sha256.safeParse((payload as { target?: unknown } | null)?.target)
  return target.success ? target.data : undefined
}
