import type { CertificateParty } from '../document-type.ts'
import type { OriginCt1 } from './schema.ts'

/** Boxes 1 and 2; consignor and importer only where they differ (rules.md §4.1). */
export function partiesOf({
  exporter,
  consignor,
  consignee,
  importer,
}: OriginCt1): CertificateParty[] {
  return [
    { role: 'exporter', party: exporter },
    ...(consignor ? [{ role: 'consignor', party: consignor } as const] : []),
    { role: 'consignee', party: consignee },
    ...(importer ? [{ role: 'importer', party: importer } as const] : []),
  ]
}
