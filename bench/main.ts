import { benchAudit } from './audit.ts'
import { benchDelivery } from './delivery.ts'
import { benchIssue } from './issue.ts'
import { benchLog } from './log.ts'
import type { Row } from './row.ts'
import { benchSearch } from './search.ts'
import { benchStatusList } from './status-list.ts'
import { benchValidationOverHttp } from './validation-http.ts'
import { benchValidation } from './validation.ts'

const BENCHES = {
  issue: benchIssue,
  validation: benchValidation,
  'validation-http': benchValidationOverHttp,
  delivery: benchDelivery,
  log: benchLog,
  'status-list': benchStatusList,
  search: benchSearch,
  audit: benchAudit,
}

/** `npm run bench -- delivery` measures only that. */
const named = process.argv.slice(2).filter((argument) => argument in BENCHES)
const rows: Row[] = []
for (const [name, bench] of Object.entries(BENCHES))
  if (named.length === 0 || named.includes(name)) rows.push(...(await bench()))

if (process.argv.includes('--json')) {
  const out = rows.map((row) => ({ ...row, ratio: row.perSecond / row.referencePerSecond }))
  console.log(JSON.stringify({ node: process.version, rows: out }, undefined, 2))
} else {
  console.log(`Node ${process.version}; operations per second, reference in the same run\n`)
  for (const { what, perSecond, reference, referencePerSecond } of rows) {
    const ratio = (perSecond / referencePerSecond).toFixed(
      perSecond < referencePerSecond / 10 ? 4 : 2,
    )
    console.log(
      `${what}: ${Math.round(perSecond)}   ratio ${ratio} of ${reference} (${Math.round(referencePerSecond)})`,
    )
  }
}
