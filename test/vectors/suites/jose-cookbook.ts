import * as z from 'zod'
import { isJwk, type Jwk, JwsAlgorithms, protectedAlgorithm } from '../jws-verifier.ts'
import {
  assertCount,
  attempt,
  type Case,
  expectVerdict,
  parameters,
  readJson,
  type Suite,
  unreadableCases,
  valuesOf,
} from '../suite.ts'
import { UNPROTECTED_ALGORITHM } from '../waivers.ts'

const Parameters = parameters('jose-cookbook', {
  runs: z.array(z.strictObject({ name: z.string(), algs: JwsAlgorithms })).min(1),
})

const Key = z.custom<Jwk>(isJwk, 'no JWK')
const Signature = z.looseObject({})

const Example = z.object({
  input: z.object({
    payload: z.string(),
    key: z.union([Key, z.array(Key)]),
    alg: z.union([z.string(), z.array(z.string())]),
  }),
  output: z.strictObject({
    compact: z.exactOptional(z.string()),
    json: z.exactOptional(
      z.object({ payload: z.exactOptional(z.string()), signatures: z.array(Signature) }),
    ),
    json_flat: z.exactOptional(Signature),
  }),
})
type Example = z.infer<typeof Example>

/** The JWS serializations of RFC 7520 §4. The list in force accepts none, a wide one all. */
export const joseCookbook: Suite = {
  name: 'jose-cookbook',
  load(folder) {
    const { cases: announced, runs } = readJson(folder, 'suite.json', Parameters)
    const examples = folder
      .list('jws')
      .filter((file) => file.endsWith('.json'))
      .map((file) =>
        attempt(file.replace(/\.json$/, ''), () => {
          const example = readJson(folder, `jws/${file}`, Example)
          return { forms: Object.keys(example.output), signatures: signaturesOf(example) }
        }),
      )
    const lost = unreadableCases(examples)
    const forms = valuesOf(examples).flatMap(({ value }) => value.forms)
    if (lost.length === 0) assertCount('forms', forms.length, announced)
    const cases = runs.flatMap(({ name, algs }) =>
      valuesOf(examples).flatMap(({ id, value }) =>
        value.signatures.map(({ form, jws, jwk }): Case => {
          const permitted = algs.includes(jwk.alg ?? '')
          return {
            id: `${name}/${id}/${form}`,
            call: 'verifyJws',
            input: () => ({ jws, jwk, algs }),
            waiver:
              permitted && isAlgorithmUnprotected(jws, jwk) ? UNPROTECTED_ALGORITHM : undefined,
            judge: expectVerdict(permitted),
          }
        }),
      ),
    )
    return [...lost, ...cases]
  },
}

/** Every signature of every form with its own key; a detached payload is put back. */
function signaturesOf({ input, output }: Example): { form: string; jws: unknown; jwk: Jwk }[] {
  const payload = Buffer.from(input.payload).toString('base64url')
  const keys = [input.key].flat()
  const algs = [input.alg].flat()
  const jwk = (i: number): Jwk => {
    const [key, alg] = [keys[i], algs[i]]
    if (!key || alg === undefined) throw new Error('an example has fewer keys than signatures')
    return { ...publicPart(key), alg }
  }
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

/** Its algorithm stands only where nothing protects it. */
function isAlgorithmUnprotected(jws: unknown, { alg }: Jwk): boolean {
  const { header } = Object(jws) as { readonly header?: { readonly alg?: unknown } }
  return header?.alg === alg && protectedAlgorithm(jws) === undefined
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
