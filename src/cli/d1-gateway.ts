import type { D1Binding } from '../storage/dialect/d1.ts'

/** What the gateway has to have bound beside its databases; who does not know it is told nothing. */
export const GATEWAY_SECRET = 'GATEWAY_SECRET'

/**
 * A worker that puts statements to the D1 databases bound to it. The proxies that miniflare has for bindings
 * block with every call, and wake without an answer when the call before them ends late.
 */
export const D1_GATEWAY = `export default {
  async fetch(request, env) {
    const { secret, database, statements, isBatch } = await request.json()
    if (secret !== env.${GATEWAY_SECRET}) return new Response(null, { status: 403 })
    try {
      const bound = statements.map(({ sql, values }) => env[database].prepare(sql).bind(...values))
      const answers = isBatch ? await env[database].batch(bound) : [await bound[0].all()]
      return Response.json({ results: answers.map(({ results }) => results) })
    } catch (error) {
      return Response.json({ error: error.message })
    }
  }
}`

type Fetch = (
  url: string,
  request: { method: 'POST'; body: string },
) => Promise<{ readonly status: number; json(): Promise<unknown> }>

interface Statement {
  readonly sql: string
  readonly values: readonly unknown[]
}

/** A database of the gateway at the address. Values are what JSON knows; no table has any other. */
export function d1Through(
  fetch: Fetch,
  { url, secret, database }: { url: string; secret: string; database: string },
): D1Binding {
  async function run(statements: readonly Statement[], isBatch: boolean): Promise<unknown[][]> {
    const body = JSON.stringify({ secret, database, statements, isBatch })
    const response = await fetch(url, { method: 'POST', body })
    if (response.status !== 200) throw new Error(`D1 is not answered for: ${response.status}`)
    const answer = (await response.json()) as { results: unknown[][] } | { error: string }
    if ('error' in answer) throw new Error(answer.error)
    return answer.results
  }
  const statement = (sql: string, values: readonly unknown[]) => ({
    sql,
    values,
    bind: (...bound: unknown[]) => statement(sql, bound),
    all: async () => ({ results: (await run([{ sql, values }], false))[0] ?? [] }),
  })
  return {
    prepare: (sql) => statement(sql, []),
    batch: (statements) => run(statements as unknown as Statement[], true),
  }
}
