import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ValidCall } from '../support/matrix-calls.ts'
import { BROKEN, refusedBody } from '../support/matrix-inputs.ts'
import {
  membersIn,
  mutate,
  mutations,
  objectsIn,
  SPECIAL,
  withMembers,
  withValue,
} from '../support/matrix-json.ts'
import { matrixSuite, nameOf } from '../support/matrix-suite.ts'
import { wordOf } from '../support/matrix-verdict.ts'

/** Bodies made at random for each route; MATRIX_RUNS asks for more. */
const RUNS = Number(process.env['MATRIX_RUNS'] ?? 40)
const LONGEST_MS = Number(process.env['MATRIX_MS'] ?? 5_000)

/** Of long bodies so many places are tried, spread over the whole. */
const PLACES = 40

const { matrix, ask, everyRoute, note } = matrixSuite()

/** JSON as a whole or by lines. */
const isJson = ({ route }: ValidCall) => Boolean(route.body?.json ?? route.body?.lines)

const INVALID = '422 invalid-body'
const NAMES = ['unexpected', '__proto__', 'constructor', 'toString', 'a'.repeat(300), '']

function spread<T>(all: readonly T[]): readonly T[] {
  const step = Math.max(1, Math.floor(all.length / PLACES))
  return all.filter((_, i) => i % step === 0)
}

describe('the body of every route', () => {
  it('is refused when it is empty, or broken', () =>
    everyRoute(async (call) => {
      if (!call.body) return
      await ask(call, 'empty', { body: '' }, '400 empty-body')
      for (const [what, body] of BROKEN) await ask(call, what, { body }, refusedBody(call.route))
    }))

  it('is refused where none belongs', () =>
    everyRoute(async (call) => {
      const { route, body } = call
      if (body) return
      for (const length of [{ 'content-length': '2' }, { 'transfer-encoding': 'chunked' }]) {
        const sent = { body: '{}', type: 'application/json', headers: length }
        await ask(call, `with a body, ${Object.keys(length).join()}`, sent, '400 unexpected-body')
      }
      expect(route.body).toBeUndefined()
    }))

  it('is refused with a member that is unknown, wherever it stands', () =>
    everyRoute(async (call) => {
      if (!isJson(call) || !call.body) return
      const { value } = call.body
      for (const name of NAMES)
        for (const pointer of spread(objectsIn(value))) {
          const body = withMembers(value, pointer, [[name, 1]])
          await ask(call, `${pointer}/${name.slice(0, 40)}`, { body }, INVALID)
        }
    }))

  it('is refused with a member that stands twice, wherever and however it is written', () =>
    everyRoute(async (call) => {
      if (!isJson(call) || !call.body) return
      const { value } = call.body
      for (const pointer of spread(objectsIn(value))) {
        const text = withMembers(value, pointer, [
          ['first', 1],
          ['second', 1],
        ])
        for (const again of ['"first":', '"fir\\u0073t":']) {
          const body = text.replace('"second":', again)
          await ask(call, `twice in ${pointer}`, { body }, '400 duplicate-member')
        }
      }
    }))

  it('meets no failure with any value in place of any other', () =>
    everyRoute(async (call) => {
      if (!isJson(call) || !call.body) return
      const { value } = call.body
      const places = spread(membersIn(value))
      for (const [i, special] of SPECIAL.entries()) {
        // Every place meets several, every value several places; all of all is for the random ones.
        const some = places.filter((_, n) => n % 3 === i % 3)
        for (const pointer of some)
          await ask(call, `${pointer} = ${JSON.stringify(special).slice(0, 60)}`, {
            body: withValue(value, pointer, special),
          })
      }
    }))

  it('is refused with numbers that no program holds', () =>
    everyRoute(async (call) => {
      if (!isJson(call) || !call.body) return
      const { value } = call.body
      for (const pointer of spread(membersIn(value))) {
        const marked = withValue(value, pointer, 'a number')
        for (const number of ['1e400', '-1e400', '9'.repeat(400)])
          await ask(
            call,
            `${pointer} = ${number.slice(0, 20)}`,
            {
              body: marked.replace('"a number"', number),
            },
            INVALID,
          )
      }
    }))

  it('meets no failure whatever a form holds', () =>
    everyRoute(async (call) => {
      if (!call.route.body?.form || !call.body) return
      const { text, value } = call.body
      for (const name of Object.keys(value as object)) {
        await ask(call, `${name} twice`, { body: `${text}&${name}=1` }, INVALID)
        for (const special of SPECIAL) {
          const form = { ...(value as Record<string, string>), [name]: JSON.stringify(special) }
          await ask(call, `${name} = ${form[name]!.slice(0, 40)}`, {
            body: new URLSearchParams(form).toString(),
          })
        }
      }
      for (const garbage of ['%zz=1', 'a=%ff', '&&&', '=', '__proto__=1', 'a&'.repeat(2000)])
        await ask(call, garbage.slice(0, 20), { body: `${text}&${garbage}` }, INVALID)
    }))

  it(`meets no failure, and changes nothing when refused, in ${RUNS} random forms`, () =>
    everyRoute(async (call) => {
      const { route, body } = call
      if (!body) return
      const words = new Set<string>()
      await fc.assert(
        fc.asyncProperty(mutations(), async (edits) => {
          const mutated = mutate(body.value ?? body.text, edits)
          const text =
            typeof mutated === 'string' && !isJson(call) ? mutated : JSON.stringify(mutated)
          words.add(await ask(call, text.slice(0, 500), { body: text }))
        }),
        { numRuns: RUNS, interruptAfterTimeLimit: LONGEST_MS },
      )
      // Random forms that are all taken, or none of which arrives, would prove nothing.
      // OCSP answers what it cannot read as well, in its own words (RFC 6960 §2.3).
      if (![...words].some((word) => word >= '400') && route.path !== '/trust/ocsp')
        note(`${nameOf(route)} refused none`)
    }))

  it('is refused when it is larger than declared to be possible', () =>
    everyRoute(async (call) => {
      const { route, body } = call
      if (!body || route.body!.maxBytes > 20 * 1024 * 1024) return
      const large = ' '.repeat(route.body!.maxBytes + 1)
      const as = matrix().callerOf(route)
      for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
        const answer = await matrix()
          .call(call, as, { body: large, headers })
          .then(wordOf, () => 'the connection was cut')
        // Whoever is still sending may find the connection closed before he reads why.
        if (!['413 body-too-large', 'the connection was cut'].includes(answer))
          note(`${nameOf(route)}: ${answer}`)
      }
    }))
})
