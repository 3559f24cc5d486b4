import { Sha256 } from '../../certificate/fields.ts'
import { thumbprint, verifyJwsSignature } from '../../crypto/suite.ts'
import { decodeBase64 } from '../../encoding/base64url.ts'
import type { EntryKind } from '../../tlog/leaf.ts'
import { isOfSigner, judgeTrustList } from '../../trust/accept-trust-list.ts'
import { validateListSigner } from '../../trust/list-signer.ts'
import { OfficialsRegister } from '../../trust/officials-register.ts'
import type { TrustList } from '../../trust/trust-list.ts'
import { keyObstacle } from '../../trust/trust-view.ts'
import type { Trust } from '../../trust/trust.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import { authenticate } from '../validation/authenticate.ts'
import { validatePath } from '../validation/path-to-root.ts'
import { documentKind } from '../document-kinds.ts'
import type { OpenedDocument } from '../validation/opened-document.ts'
import { ReceiptPayload } from '../delivery/receipt.ts'
import type { TrustHistory } from './log-history.ts'
import { withoutLaterRevocations } from './revoked-by-then.ts'

/** A document of the log with the time at which it was appended. */
export interface AppendedDocument {
  readonly kind: EntryKind
  readonly sha256: string
  readonly opened: OpenedDocument
  readonly at: Date
}

export type Judged =
  | { readonly verdict: 'holds' }
  | {
      /** `signer-revoked-later`: but for revocations that were made after the append it holds. */
      readonly verdict:
        'signature-invalid' | 'signer-revoked' | 'signer-revoked-later' | 'signature-undecided'
      readonly why: string
      /**
       * All that speaks against it: by the acts that are here, the addition of its key waited. The digest of
       * the trust list that adds the key.
       */
      readonly waitedBy?: string | undefined
    }

interface Context {
  /** By the lists before the document in the log. */
  readonly trust: Trust
  readonly history: Pick<TrustHistory, 'versions' | 'isContinued'>
  readonly paths: PathCache
  /** Until when the evidence that is kept can speak: the instant of the copy. */
  readonly asOf: Date
}

const HOLDS: Judged = { verdict: 'holds' }

/**
 * Whether signature, path and registration of a document held at the time at which it was appended, by the
 * trust lists before it in the log and the evidence of revocation that is kept.
 */
export async function judgeDocument(document: AppendedDocument, context: Context): Promise<Judged> {
  const judged = await judgeByKind(document, context)
  if (judged.verdict !== 'signer-revoked') return judged
  // A compromise reaches back to before the append; whether anybody could know of it then is asked apart.
  const trust = withoutLaterRevocations(context.trust, document.at)
  const { verdict } = await judgeByKind(document, { ...context, trust })
  return verdict === 'holds' ? { ...judged, verdict: 'signer-revoked-later' } : judged
}

async function judgeByKind(document: AppendedDocument, context: Context): Promise<Judged> {
  switch (document.kind) {
    case 'trust-list':
      return judgeList(document, context)
    case 'officials-register':
      return judgeRegister(document, context)
    default:
      return judgeSealed(document, context)
  }
}

async function judgeList({ opened, at }: AppendedDocument, context: Context): Promise<Judged> {
  const { trust, history, asOf } = context
  const { jws, parsed } = opened
  const payload = 'malformed' in parsed ? undefined : parsed.payload
  const { state = '', version = 0 } = (payload ?? {}) as { state?: string; version?: number }
  const { pins, crls, ocsp, environment } = trust
  const previous = history.versions(state).at(-1)
  const known = { pins, previous, crls, ocsp, now: asOf, at, environment }
  const list = await judgeTrustList(jws, known)
  if (!('refused' in list)) return HOLDS
  // Whether the next version names its digest is judged with that one.
  if (isOfSigner(list) && history.isContinued(state, version)) {
    const continued = await judgeTrustList(jws, { ...known, isVouched: true })
    if (!('refused' in continued)) return HOLDS
  }
  return judgedBy(list.refused === 'cannot-tell', `${list.refused}: ${list.detail}`, list.code)
}

async function judgeRegister({ opened, at }: AppendedDocument, context: Context): Promise<Judged> {
  const { trust, history, paths, asOf } = context
  const { parsed } = opened
  if ('malformed' in parsed) return judgedBy(false, parsed.malformed)
  const { header, signature, signingInput } = parsed
  const x5c = header.x5c.map((text) => decodeBase64(text)!)
  const purpose = 'trust-list-signer'
  const { state, path } = await validatePath(x5c, { trust, paths, purpose, at, now: asOf })
  if (path.result !== 'valid') return judgedBy(path.result === 'unknown', path.code)
  if ((await thumbprint(x5c[0]!)) !== header['x5t#S256'])
    return judgedBy(false, 'thumbprint-differs')
  if (!(await verifyJwsSignature(header.alg, path.key, signature, signingInput)))
    return judgedBy(false, 'signature-wrong')
  const read = OfficialsRegister.safeParse(parsed.payload)
  if (read.data?.state !== state) return judgedBy(false, 'state-differs')
  return judgeListSigner(x5c, history.versions(state).at(-1)?.list, { trust, at, asOf })
}

/** Whether who signed may sign lists of that state, as acceptance asks it: a former root may not. */
async function judgeListSigner(
  x5c: readonly Uint8Array[],
  list: TrustList | undefined,
  { trust, at, asOf }: Pick<Context, 'trust' | 'asOf'> & { readonly at: Date },
): Promise<Judged> {
  if (!list) return judgedBy(false, 'no list of that state stands before it')
  const signer = await validateListSigner(x5c, list, { ...trust, at, now: asOf, previous: list })
  if ('refused' in signer)
    return judgedBy(signer.refused === 'cannot-tell', `${signer.refused}: ${signer.detail}`)
  return signer.result === 'valid'
    ? HOLDS
    : judgedBy(signer.result === 'unknown', signer.code, signer.code)
}

async function judgeSealed(
  { kind, opened: { parsed }, at }: AppendedDocument,
  { trust, history, paths, asOf }: Context,
): Promise<Judged> {
  if ('malformed' in parsed) return judgedBy(false, parsed.malformed)
  const { typ } = parsed.header
  const found = documentKind(typ)
  const expected = typ === 'receipt+jwt' ? 'receipt' : found.kind
  // A document that could not be read is logged as such, whatever it calls itself.
  if (kind !== 'unknown' && expected !== kind) return judgedBy(false, `a ${typ} stands as ${kind}`)
  const purpose = kind === 'receipt' ? 'registry-seal' : (found.purpose ?? 'document-seal')
  const judgedAs = (of: typeof purpose) =>
    authenticate(parsed, { trust, paths, purpose: of, at, now: asOf, typs: [typ] })
  let judged = await judgedAs(purpose)
  // Who has to sign what could not be read, nobody knew.
  if (kind === 'unknown' && !judged.document) {
    const asRegistry = await judgedAs('registry-seal')
    if (asRegistry.document) judged = asRegistry
  }
  const { document, checks } = judged
  const last = checks.at(-1)
  const x5tS256 = parsed.header['x5t#S256']
  const waitedIn = (state: string) => ({ waitedBy: addedBy(history.versions(state), x5tS256) })
  if (!document) {
    const why = `${last?.check ?? 'form'}: ${last?.code ?? ''} ${last?.detail ?? ''}`.trim()
    const verdict = judgedBy(last?.outcome === 'unknown', why, last?.code)
    if (last?.code !== 'key-pending' || judged.state === undefined) return verdict
    const signer = trust.view.key(x5tS256, judged.state)?.key.body ?? ''
    if (contentFault(kind, parsed.payload, signer) !== undefined) return verdict
    return { ...verdict, ...waitedIn(judged.state) }
  }
  const fault = contentFault(kind, parsed.payload, document.signer)
  if (fault !== undefined) return judgedBy(false, fault)
  const listed = trust.view.key(document.x5tS256, document.state)
  const obstacle = listed && keyObstacle(listed.key, at, at)
  if (!obstacle) return HOLDS
  const verdict = judgedBy(false, `registration: key-${obstacle}`)
  return obstacle === 'pending' ? { ...verdict, ...waitedIn(document.state) } : verdict
}

function contentFault(kind: EntryKind, payload: unknown, signer: string): string | undefined {
  const iss = (payload as { iss?: unknown } | null)?.iss
  // What could not be read may name its issuer in another way.
  if (kind !== 'unknown' && iss !== undefined && iss !== signer)
    return `issuer-differs: ${String(iss)} ≠ ${signer}`
  if (kind === 'receipt' && !ReceiptPayload.safeParse(payload).success)
    return 'a receipt that is none'
  return undefined
}

/** The version since which the lists name a key without a break. */
function addedBy(
  versions: ReturnType<TrustHistory['versions']>,
  x5tS256: string,
): string | undefined {
  const first = versions.findLastIndex(
    ({ list }) => !list.keys.some((key) => key.x5tS256 === x5tS256),
  )
  return versions[first + 1]?.sha256
}

function judgedBy(
  isUnknown: boolean,
  why: string,
  code = '',
): Exclude<Judged, { verdict: 'holds' }> {
  if (isUnknown) return { verdict: 'signature-undecided', why }
  return { verdict: code === 'revoked' ? 'signer-revoked' : 'signature-invalid', why }
}

/** What a document of this node's own store claims to change; undefined: it is no change, or names nothing. */
export function claimedTarget({ parsed }: OpenedDocument): string | undefined {
  if ('malformed' in parsed || documentKind(parsed.header.typ).kind !== 'status-change')
    return undefined
  return Sha256.safeParse((parsed.payload as { target?: unknown } | null)?.target).data
}
