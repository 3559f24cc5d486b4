import type { Jwk } from '../jws-verifier.ts'
import { assertCount, type Case, expectVerdict, type Suite } from '../suite.ts'

interface Parameters {
  readonly cases: number
  readonly runs: readonly { readonly name: string; readonly algs: readonly string[] }[]
}

interface Example {
  readonly input: {
    readonly payload: string
    readonly key: Jwk | readonly Jwk[]
    readonly alg: string | readonly string[]
  }
  readonly output: {
    readonly compact?: string
    readonly json?: { readonly payload?: string; readonly signatures: readonly object[] }
    readonly json_flat?: { readonly payload?: string }
  }
}

/** The JWS serializations of RFC 7520 §4. The list in force accepts none, a wide one all. */
export const joseCookbook: Suite = {
  name: 'jose-cookbook',
  load({ json, list }) {
    const { cases: announced, runs } = json('suite.json') as Parameters
    const files = list('jws')
    const examples = files.map((file) => ({ file, example: json(`jws/${file}`) as Example }))
    const forms = examples.flatMap(({ example: { output } }) => Object.keys(output))
    assertCount(
      'forms',
      forms.filter((form) => ['compact', 'json', 'json_flat'].includes(form)).length,
      announced,
    )
    return runs.flatMap(({ name, algs }) =>
      examples.flatMap(({ file, example }) =>
        signaturesOf(example).map(({ form, jws, jwk }): Case => ({
          id: `${name}/${file.replace(/\.json$/, '')}/${form}`,
          call: 'verifyJws',
          input: { jws, jwk, algs },
          judge: expectVerdict(algs.includes(jwk.alg ?? '')),
        })),
      ),
    )
  },
}

/** Every signature of every form with its own key; a detached payload is put back. */
function signaturesOf({ input, output }: Example): { form: string; jws: unknown; jwk: Jwk }[] {
  const payload = Buffer.from(input.payload).toString('base64url')
  const keys = [input.key].flat()
  const algs = [input.alg].flat()
  const jwk = (i: number): Jwk => ({ ...publicPart(keys[i]!), alg: algs[i]! })
  const { compact, json, json_flat: flat } = output
  return [
    ...(compact === undefined
      ? []
      : [{ form: 'compact', jws: compact.replace('..', `.${payload}.`), jwk: jwk(0) }]),
    ...(json?.signatures ?? []).map((signature, i) => ({
      form: `json/${i}`,
      jws: { payload: json!.payload ?? payload, ...signature },
      jwk: jwk(i),
    })),
    ...(flat ? [{ form: 'json_flat', jws: { payload, ...flat }, jwk: jwk(0) }] : []),
  ]
}

function publicPart(key: Jwk): Jwk {
  const {
    d: _d,
    p: _p,
    q: _q,
    dp: _dp,
    dq: _dq,
    qi: _qi,
    ...open
  } = key as unknown as Record<string, unknown>
  return open as unknown as Jwk
}
