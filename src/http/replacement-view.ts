import { z } from 'zod'
import type { StoredCertificate } from '../exchange/certificate-store.ts'
import type { ChainLink, ReplacementChain } from '../exchange/issuing/replacement-chain.ts'
import { Digest, State } from './schemas.ts'

/** Another certificate of a chain of replacements, as far as the caller may see it. */
export const ReplacementLink = z
  .strictObject({
    sha256: Digest,
    held: z.boolean().meta({
      description:
        'Whether this node holds it and you may see it: the members below are there then',
    }),
    state: State.optional(),
    type: z.string().optional(),
    number: z.string().optional().meta({ description: 'As written by the issuer' }),
    usableFrom: z.string().optional().meta({ format: 'date' }),
    status: z.string().optional(),
  })
  .meta({ id: 'ReplacementLink' })

/** Members of everything that shows the neighbours or the chain of a certificate, nearest first. */
export const replacementMembers = {
  replaces: z.array(ReplacementLink).optional().meta({
    description: 'The certificates in whose place it stands, nearest first',
  }),
  replacedBy: z.array(ReplacementLink).optional().meta({
    description: 'The certificates that stand in its place, nearest first',
  }),
}

/** Links whose certificate is not the caller's to see end the chain for that caller. */
export function chainView(
  { replaces, replacedBy }: ReplacementChain,
  visible: (stored: StoredCertificate) => boolean,
): { replaces?: LinkView[]; replacedBy?: LinkView[] } {
  const before = viewOf(replaces, visible).filter(({ held }) => held)
  const after = viewOf(replacedBy, visible)
  return {
    ...(before.length > 0 && { replaces: before }),
    ...(after.length > 0 && { replacedBy: after }),
  }
}

type LinkView = z.output<typeof ReplacementLink>

function viewOf(
  links: readonly ChainLink[],
  visible: (stored: StoredCertificate) => boolean,
): LinkView[] {
  const views: LinkView[] = []
  for (const { sha256, certificate } of links) {
    if (!certificate || !visible(certificate)) {
      views.push({ sha256, held: false })
      break
    }
    const { state, type, number, usableFrom, status } = certificate
    views.push({ sha256, held: true, state, type, number, usableFrom, status })
  }
  return views
}
