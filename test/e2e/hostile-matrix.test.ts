import { describe, it } from 'vitest'
import { ROLES } from '../../src/http/caller.ts'
import { ANY_MEDIA_TYPE } from '../../src/http/media-type.ts'
import { BAD_CREDENTIALS } from '../support/matrix.ts'
import { pathOf, queryOf } from '../support/matrix-calls.ts'
import {
  ABSENT,
  FRAMEWORK_REFUSALS,
  HEADERS,
  HOSTILE_CREDENTIALS,
  HOSTILE_HEADERS,
  HOSTILE_QUERIES,
  HOSTILE_SEGMENTS,
  HOSTILE_SIGNATURES,
  HOSTILE_SUFFIXES,
  HOSTILE_VALUES,
  likewise,
  MEDIA_TYPES,
  METHODS,
  nearly,
  REFUSED_CALLERS,
} from '../support/matrix-inputs.ts'
import { matrixSuite, nameOf } from '../support/matrix-suite.ts'
import { wrongWith } from '../support/matrix-verdict.ts'

const { matrix, ask, everyRoute, note } = matrixSuite()

const UNSUPPORTED = '415 unsupported-media-type'

describe('every route', () => {
  it('answers its own valid call, which is what all others here are made of', () =>
    everyRoute(async (call) => {
      const word = await ask(call, 'as declared', {})
      if (FRAMEWORK_REFUSALS.has(word.slice(4)))
        note(`${nameOf(call.route)}: the matrix made a call that is refused: ${word}`)
    }))

  it('tells callers it does not admit the same, whatever they ask', () =>
    everyRoute(async (call) => {
      const { route, params } = call
      const garbled = Object.fromEntries(Object.keys(params).map((name) => [name, '%00']))
      const callers: readonly string[] = route.callers
      if (callers.includes('public')) return
      for (const as of [...ROLES, ...BAD_CREDENTIALS]) {
        if (callers.includes(as)) continue
        const word = await ask(call, `by ${as}`, {}, REFUSED_CALLERS, as)
        const path = pathOf(route, params, garbled)
        await ask(call, `by ${as}, of nothing`, { path }, word, as)
        await ask(call, `by ${as}, with a query`, { path: `${path}?a=1&a=%zz` }, word, as)
        if (!call.body) continue
        await ask(call, `by ${as}, garbage`, { body: '{"' }, word, as)
        await ask(call, `by ${as}, of another type`, { type: 'text/plain' }, word, as)
      }
    }))

  it('tells an issuer nothing of what is another issuer’s', () =>
    everyRoute(async (call) => {
      const { route, params, query } = call
      const callers: readonly string[] = route.callers
      const key = Object.keys(ABSENT).find((name) => name in params || name in query)
      if (key === undefined || !callers.includes('issuer')) return
      const known = params[key] ?? query[key]!
      const absent = ABSENT[key]!(known)
      const nowhere = {
        ...call,
        params: { ...params, ...(key in params && { [key]: absent }) },
        query: { ...query, ...(key in query && { [key]: absent }) },
      }
      const [one, other] = [
        await matrix().call(call, 'other issuer'),
        await matrix().call(nowhere, 'other issuer'),
      ].map(({ status, text }) => {
        const words = text.replace(/urn:uuid:[0-9a-f-]{36}/g, '').replaceAll(known, absent)
        return `${status} ${words}`
      })
      if (one !== other) note(`${nameOf(route)} tells ${one} but else ${other}`)
    }))

  it('knows its media types', () =>
    everyRoute(async (call) => {
      const { body, route } = call
      if (!body) return
      const { mediaType } = body
      const declared = [
        ...(route.body?.raw ?? []),
        ...(route.body?.json ? ['application/json'] : []),
        ...(route.body?.form ? ['application/x-www-form-urlencoded'] : []),
      ]
      const foreign = MEDIA_TYPES.filter((type) => !declared.includes(type))
      const takesAny = declared.includes(ANY_MEDIA_TYPE)
      // A signature covers the type, and cannot be made without one.
      const isSigned = route.callers.some((caller) => caller === 'peer')
      for (const type of [...foreign, ...nearly(mediaType), ...(isSigned ? [] : [undefined])]) {
        const what = `as ${(type ?? 'nothing').slice(0, 60)}`
        const word = await ask(call, what, { type }, takesAny ? undefined : UNSUPPORTED)
        if (takesAny && word === UNSUPPORTED) note(`${nameOf(route)} ${what}: ${word}`)
      }
      await ask(call, 'compressed', { headers: { 'content-encoding': 'gzip' } }, UNSUPPORTED)
      for (const type of likewise(mediaType)) {
        const word = await ask(call, `as ${type}`, { type })
        if (word === UNSUPPORTED) note(`${nameOf(route)} as ${type}: ${word}`)
      }
    }))

  it('refuses queries that it does not know, and survives any value of those it knows', () =>
    everyRoute(async (call) => {
      const { route, params, query } = call
      const path = pathOf(route, params)
      const valid = queryOf(query)
      const invalid = '400 invalid-parameter'
      for (const more of HOSTILE_QUERIES) {
        const hostile = `${path}${valid === '' ? '?' : `${valid}&`}${more}`
        await ask(call, `?${more.slice(0, 40)}`, { path: hostile }, invalid)
      }
      for (const name of Object.keys(route.query?.shape ?? {})) {
        const { [name]: _, ...others } = query
        const start = `${path}${queryOf(others) === '' ? '?' : `${queryOf(others)}&`}`
        for (const value of HOSTILE_VALUES)
          await ask(call, `?${name}=${value.slice(0, 40)}`, { path: `${start}${name}=${value}` })
        await ask(call, `${name} twice`, { path: `${start}${name}=1&${name}=1` }, invalid)
      }
    }))

  it('survives what stands in its path', () =>
    everyRoute(async (call) => {
      const { route, params, query } = call
      for (const name of Object.keys(params))
        for (const value of [...HOSTILE_VALUES, ...HOSTILE_SEGMENTS]) {
          const path = pathOf(route, params, { [name]: value }) + queryOf(query)
          await ask(call, `{${name}} = ${value.slice(0, 40)}`, { path })
        }
      for (const suffix of HOSTILE_SUFFIXES)
        await ask(call, `path${suffix}`, { path: pathOf(route, params) + suffix })
    }))

  it('survives what stands in its headers', () =>
    everyRoute(async (call) => {
      const own = Object.keys(call.route.requestHeaders?.shape ?? {})
      // What is done again and again with every header makes the state grow, and the looking at it slow.
      const others = call.route.method === 'get' ? HEADERS : HEADERS.slice(0, 1)
      for (const name of [...own.map((header) => header.toLowerCase()), ...others])
        for (const value of HOSTILE_HEADERS)
          await ask(call, `${name}: ${value.slice(0, 40)}`, { headers: { [name]: value } })
      const asNobody = (what: string, headers: Record<string, string>) =>
        ask(call, `${what.slice(0, 60)} by nobody`, { headers }, undefined, 'nobody')
      for (const authorization of HOSTILE_CREDENTIALS)
        await asNobody(authorization, { authorization })
      for (const signature of HOSTILE_SIGNATURES) {
        const input = `exc=("@method");created=1;keyid="${signature}"`
        await asNobody(signature, { signature, 'signature-input': input })
        await asNobody(signature, { signature: 'exc=:AA==:', 'signature-input': signature })
      }
    }))

  it('has no other methods than are declared, and says which', () =>
    everyRoute(async (call) => {
      const { route, params, query } = call
      const path = pathOf(route, params) + queryOf(query)
      const as = matrix().callerOf(route)
      const served = new Set(
        matrix()
          .calls.filter((other) => pathOf(other.route, other.params) === pathOf(route, params))
          .map((other) => other.route.method.toUpperCase()),
      )
      if (served.has('GET')) served.add('HEAD')
      for (const method of METHODS.filter((other) => !served.has(other))) {
        const answer = await matrix().send({ method, path, as })
        const faults = wrongWith(matrix(), undefined, answer, method)
        if (answer.status !== 405) faults.push(`${method}: ${answer.status}`)
        const allow = String(answer.headers['allow'])
        for (const known of served)
          if (!allow.includes(known)) faults.push(`not in Allow: ${known}`)
        note(...faults.map((fault) => `${nameOf(route)}: ${fault}`))
      }
      const options = await matrix().send({ method: 'OPTIONS', path })
      if (options.status !== 204 || options.text !== '') note(`OPTIONS ${path}: ${options.status}`)
    }))

  it('answers HEAD as it answers GET, without a body', () =>
    everyRoute(async (call) => {
      const { route } = call
      // What a peer signs names the method: its HEAD is no GET.
      if (route.method !== 'get' || route.callers.some((caller) => caller === 'peer')) return
      const as = matrix().callerOf(route)
      const get = await matrix().call(call, as)
      const head = await matrix().call(call, as, { method: 'HEAD' })
      note(
        ...wrongWith(matrix(), route, head, 'HEAD').map((fault) => `HEAD ${route.path}: ${fault}`),
      )
      if (head.status !== get.status || head.text !== '')
        note(`HEAD ${route.path}: ${head.status}, GET: ${get.status}`)
    }))
})
