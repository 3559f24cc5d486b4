import { type RandomSource, randomSource } from '../fuzz/mutation.ts'
import { CATALOGUE, needsLists } from './catalogue.ts'
import { type Chain, type ChainSpec, buildChain, conformingChain, type Kinds } from './chain.ts'
import type { KeyKind } from './keys.ts'
import { type Mutation, nameOf } from './mutation.ts'

/** A chain to be judged, and what was done to it. */
export interface Case {
  /** None: the chain conforms. */
  readonly mutation: Mutation | undefined
  /** Told in a message, so that the chain can be made again. */
  readonly story: string
  readonly spec: ChainSpec
  readonly chain: Chain
}

/** Changes after which a chain still conforms, and which no other change depends on. */
const HARMLESS: readonly string[] = [
  'unknown extension',
  'information access',
  'unique identifiers',
  'serial number of 20 octets',
  'begins in 1950',
  'ends in 2050',
  'ends never',
  'policies critical',
  'policy required at once',
  'any policy inhibited',
  'issuer in capitals',
  'issuer as PrintableString',
  'issuer as BMPString',
  'issuer with spaces around and within',
  'alternative name in the state',
  'distribution point',
]
const EXTRAS = CATALOGUE.filter(({ name }) => HARMLESS.includes(name))

/** By how often they occur: RSA signs slowly. */
const KINDS: readonly KeyKind[] = [
  ...Array<KeyKind>(4).fill('P-256'),
  ...Array<KeyKind>(2).fill('P-384'),
  ...Array<KeyKind>(2).fill('Ed25519'),
  'RSA 3072',
]

/**
 * So many different sets of authorities, lists and keys. Chains that differ in the seal alone share
 * theirs, for one process of OpenSSL judges all seals under the same authorities.
 */
const WORLDS = 60

interface World {
  readonly spec: ChainSpec
  readonly story: string
}

function worldsFrom(seed: number): World[] {
  return Array.from({ length: WORLDS }, (_, number) => {
    const random = randomSource(seed * 1000 + number + 1)
    for (let warm = 0; warm < 8; warm++) random(2)
    const kinds = [0, 1, 2, 3].map(() => KINDS[random(KINDS.length)]!) as unknown as Kinds
    const base = { spec: conformingChain(kinds, number % 2 === 0), story: kinds.join(', ') }
    return withExtras(
      base,
      EXTRAS.filter(({ place }) => place !== 'seal'),
      random(4),
      random,
    )
  })
}

function withExtras(
  world: World,
  extras: readonly Mutation[],
  count: number,
  random: RandomSource,
): World {
  let { spec, story } = world
  for (let n = 0; n < count; n++) {
    const extra = extras[random(extras.length)]!
    spec = extra.apply(spec, random)
    story += `; ${nameOf(extra)}`
  }
  return { spec, story }
}

/** Every change of the catalogue once, on a chain that is otherwise plain. */
export function plainCases(): Case[] {
  const random = randomSource(1)
  const plain = (lists: boolean) => conformingChain(['P-256', 'P-256', 'P-256', 'P-256'], lists)
  return CATALOGUE.map((mutation) => {
    const spec = mutation.apply(plain(needsLists(mutation)), random)
    return { mutation, story: nameOf(mutation), spec, chain: buildChain(spec) }
  })
}

/** Chains as the seed has them: some conform, the others are changed in one more place. */
export function* randomCases(seed: number, count: number): Generator<Case> {
  const random = randomSource(seed)
  const worlds = worldsFrom(seed)
  const withLists = worlds.filter(({ spec }) => spec.crls.length > 0)
  const ofSeals = EXTRAS.filter(({ place }) => place === 'seal')
  for (let n = 0; n < count; n++) {
    const mutation = random(8) === 0 ? undefined : CATALOGUE[random(CATALOGUE.length)]!
    const among = mutation && needsLists(mutation) ? withLists : worlds
    const world = withExtras(among[random(among.length)]!, ofSeals, random(3), random)
    const spec = mutation ? mutation.apply(world.spec, random) : world.spec
    const story = `${world.story}; then ${mutation ? nameOf(mutation) : 'nothing'}`
    yield { mutation, story, spec, chain: buildChain(spec) }
  }
}
