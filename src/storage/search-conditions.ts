import { sql as raw, type RawBuilder } from 'kysely'
import type {
  Between,
  SearchConditions,
  TermCondition,
  Visibility,
} from '../exchange/search/search-index.ts'

/**
 * One condition on `certificates AS c`. `check` asks it of a row and keeps the planner from other indexes
 * (unary plus, INDEXED BY); `source` lists, from an index, the places in the log where it holds.
 */
export interface Condition {
  readonly check: RawBuilder<unknown>
  readonly source?: RawBuilder<unknown>
}

export function conditionsOf(asked: SearchConditions, visibility: Visibility): Condition[] {
  const { terms, state, type, status, issuer, usableFrom, validOn, appended } = asked
  return [
    ...visible(visibility),
    ...terms.map(hasTerm),
    ...equal('state', state),
    ...equal('type', type),
    ...equal('status', status),
    ...(issuer === undefined ? [] : [issuedWithin(issuer)]),
    ...between('usable_from', usableFrom),
    ...between('appended_at', appended),
    ...(validOn === undefined ? [] : [valid(validOn)]),
  ]
}

function visible(visibility: Visibility): Condition[] {
  switch (visibility.sees) {
    case 'all':
      return []
    case 'received':
      return equal('origin', 'received')
    case 'issued-by':
      return [{ check: raw`+c.origin = 'issued'` }, issuedWithin(visibility.party)]
  }
}

function hasTerm({ kind, anyOf }: TermCondition): Condition {
  const ranges = anyOf.map(({ term, whole }) =>
    whole
      ? raw`kind = ${kind} AND term = ${term}`
      : raw`kind = ${kind} AND ${begins('term', term)}`,
  )
  const checks = ranges.map(
    (range) =>
      raw`EXISTS (SELECT 1 FROM search_terms INDEXED BY search_terms_by_certificate
        WHERE idx = c.idx AND ${range})`,
  )
  const sources = ranges.map((range) => raw`SELECT idx FROM search_terms WHERE ${range}`)
  return {
    check: raw`(${raw.join(checks, raw` OR `)})`,
    source: raw.join(sources, raw` UNION ALL `),
  }
}

function equal(column: 'origin' | 'state' | 'type' | 'status', value?: string): Condition[] {
  if (value === undefined) return []
  return [
    {
      check: raw`+c.${raw.ref(column)} = ${value}`,
      source: listed(raw`${raw.ref(column)} = ${value}`),
    },
  ]
}

/** The tree of an organisation (wire.md "Names"). */
function issuedWithin(party: string): Condition {
  const below = `${party}.`
  return {
    check: raw`(+c.issuer = ${party} OR ${begins('+c.issuer', below)})`,
    source: raw`${listed(raw`issuer = ${party}`)} UNION ALL ${listed(begins('issuer', below))}`,
  }
}

function between(column: 'usable_from' | 'appended_at', asked?: Between): Condition[] {
  const { from, to } = asked ?? {}
  if (from === undefined && to === undefined) return []
  const within = (name: string) =>
    raw.join(
      [
        ...(from === undefined ? [] : [raw`${raw.raw(name)} >= ${from}`]),
        ...(to === undefined ? [] : [raw`${raw.raw(name)} <= ${to}`]),
      ],
      raw` AND `,
    )
  return [{ check: within(`+c.${column}`), source: listed(within(column)) }]
}

/** Both ends are of rows, not of ranges: no index lists them. */
function valid(day: string): Condition {
  return {
    check: raw`+c.usable_from <= ${day} AND (c.usable_until IS NULL OR +c.usable_until >= ${day})`,
  }
}

function listed(where: RawBuilder<unknown>): RawBuilder<unknown> {
  return raw`SELECT idx FROM certificates WHERE ${where}`
}

/** A range, because LIKE has wildcards and takes no index. U+10FFFF is in no text. */
function begins(column: 'term' | 'issuer' | '+c.issuer', beginning: string): RawBuilder<unknown> {
  const name = raw.raw(column)
  return raw`${name} >= ${beginning} AND ${name} < ${`${beginning}\u{10ffff}`}`
}
