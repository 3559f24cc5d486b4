import { benchIssue } from './issue.ts'
import type { Row } from './row.ts'
import { benchValidation } from './validation.ts'

const rows: Row[] = []
for (const bench of [benchIssue, benchValidation]) rows.push(...(await bench()))

if (process.argv.includes('--json')) {
  const out = rows.map((row) => ({ ...row, ratio: row.perSecond / row.referencePerSecond }))
  console.log(JSON.stringify({ node: process.version, rows: out }, undefined, 2))
} else {
  console.log(`Node ${process.version}; operations per second, reference in the same run\n`)
  for (const { what, perSecond, reference, referencePerSecond } of rows) {
    const ratio = (perSecond / referencePerSecond).toFixed(2)
    console.log(
      `${what}: ${Math.round(perSecond)}   ratio ${ratio} of ${reference} (${Math.round(referencePerSecond)})`,
    )
  }
}
