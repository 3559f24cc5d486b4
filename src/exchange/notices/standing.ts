import { parseJws } from '../../jose/parse.ts'
import { keyObstacle } from '../../trust/trust-view.ts'
import type { CurrentTrust, Trust } from '../../trust/trust.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import { validatePath } from '../validation/path-to-root.ts'
import type { CertificateStore } from '../certificate-store.ts'
import type { Notice, NoticeChain, NoticeChains, NoticeLink, NoticeStore } from './store.ts'

interface Dependencies {
  readonly trust: CurrentTrust
  readonly paths: PathCache
  readonly now: () => Date
  readonly certificates: Pick<CertificateStore, 'documents'>
}

/** Who signed a document of a chain. */
interface Signer {
  readonly x5tS256: string
  readonly x5c: readonly string[]
}

type Word = 'genuine' | 'doubtful' | 'void'

/** Characters of their paths, some thousand signers; whoever has more of them reads some again. */
const MAX_CHARACTERS = 8 * 1024 * 1024

/**
 * The notices as their genuine documents left them. A key that was revoked for a time before a document
 * was appended was not its registry's any more: what it released is not released, what it declared holds
 * nothing, and so it is no obstacle to what the registry says later.
 */
export function standingNotices(chains: NoticeChains, deps: Dependencies): NoticeStore {
  const memory = new Map<string, Signer>()
  let characters = 0

  function remember(sha256: string, signer: Signer): void {
    forget(sha256)
    memory.set(sha256, signer)
    characters += lengthOf(signer)
    while (characters > MAX_CHARACTERS) forget(memory.keys().next().value!)
  }

  function forget(sha256: string): void {
    const held = memory.get(sha256)
    if (!held) return
    memory.delete(sha256)
    characters -= lengthOf(held)
  }

  async function standing(found: readonly NoticeChain[]): Promise<Notice[]> {
    if (found.length === 0) return []
    const signers = await signersOf(found.flatMap(({ documents }) => documents))
    const judging = { trust: await deps.trust(), now: deps.now() }
    return Promise.all(
      found.map(async ({ links, ...notice }) => {
        const words = await Promise.all(
          links.map(({ sha256, at }) => wordOf(signers.get(sha256), at, judging)),
        )
        return { ...notice, ...leftBy(links.map((link, i) => ({ ...link, word: words[i]! }))) }
      }),
    )
  }

  async function signersOf(sha256s: readonly string[]): Promise<ReadonlyMap<string, Signer>> {
    const known = new Map(
      sha256s.flatMap((sha256) => {
        const signer = memory.get(sha256)
        return signer ? [[sha256, signer] as const] : []
      }),
    )
    const missing = sha256s.filter((sha256) => !known.has(sha256))
    if (missing.length === 0) return known
    for (const [sha256, jws] of await deps.certificates.documents(missing)) {
      const parsed = parseJws(jws)
      if ('malformed' in parsed) continue
      const { x5c, 'x5t#S256': x5tS256 } = parsed.header
      known.set(sha256, { x5tS256, x5c })
      remember(sha256, { x5tS256, x5c })
    }
    return known
  }

  /** Whether the registry's key was its own by then. Bytes lawfully destroyed: what was judged stands. */
  async function wordOf(
    signer: Signer | undefined,
    appended: string,
    { trust, now }: { readonly trust: Trust; readonly now: Date },
  ): Promise<Word> {
    if (!signer) return 'genuine'
    const at = new Date(appended)
    const { ders } = await deps.paths.decode(signer.x5c, signer.x5tS256)
    const judged = { trust, paths: deps.paths, purpose: 'registry-seal', at, now } as const
    const { state, path } = await validatePath(ders, judged)
    if (path.result === 'invalid') return 'void'
    if (path.result === 'unknown' && path.revokes) return 'doubtful'
    const listed = trust.view.key(signer.x5tS256, state)
    return listed && keyObstacle(listed.key, at) === 'removed' ? 'void' : 'genuine'
  }

  return {
    ...chains,
    about: async (state, x5tS256) => standing(await chains.about(state, x5tS256)),
    async open(state, x5tS256, authorities) {
      const named = await standing(await chains.naming(state, x5tS256, authorities))
      return named.filter(({ released }) => !released)
    },
    find: async (sha256) => {
      const chain = await chains.find(sha256)
      return chain && (await standing([chain]))[0]
    },
    list: async (after, limit) => standing(await chains.list(after, limit)),
  }
}

function lengthOf({ x5c }: Signer): number {
  return x5c.reduce((sum, text) => sum + text.length, 0)
}

/** What a chain comes to. Where a word is in doubt, what holds goes on holding. */
function leftBy(
  links: readonly (NoticeLink & { readonly word: Word })[],
): Pick<Notice, 'interval' | 'released'> {
  const counting = links.filter(({ change, word }) =>
    change === 'declare' ? word !== 'void' : word === 'genuine',
  )
  const isDeclared = counting.some(({ change }) => change === 'declare')
  const interval = (counting.findLast((link) => link.interval) ?? links[0]!).interval!
  const released = !isDeclared || counting.some(({ change }) => change === 'release')
  return { interval, released }
}
