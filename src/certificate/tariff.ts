const HEADINGS = new WeakMap<ReadonlySet<string>, Set<string>>()

/** Whether the tariff has the code, or codes below it: sources often list ten digits only. */
export function knowsCode(tariff: ReadonlySet<string>, code: string): boolean {
  return tariff.has(code) || headingsOf(tariff).has(code)
}

function headingsOf(tariff: ReadonlySet<string>): Set<string> {
  let headings = HEADINGS.get(tariff)
  if (!headings) {
    headings = new Set()
    for (const code of tariff) for (const digits of [4, 6, 8]) headings.add(code.slice(0, digits))
    HEADINGS.set(tariff, headings)
  }
  return headings
}
