import { onOneLine } from '../exchange/texts/foreign-text.ts'

/** Prints a command's result: one JSON value for programs, else text for people. */
export function printResult(json: boolean | undefined, result: unknown, text: string): void {
  process.stdout.write(`${json ? JSON.stringify(result, undefined, 2) : text}\n`)
}

/** Says something beside the result, where it cannot be mistaken for it. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Rows in columns, a heading above them. Cells may bear text of others. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = rows.map((row) => row.map(onOneLine))
  const widths = headings.map((heading, i) =>
    Math.max(heading.length, ...lines.map((row) => row[i]?.length ?? 0)),
  )
  return [headings, ...lines]
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
