import { beforeAll, describe, expect, it } from 'vitest'
import { lacks } from '../support/counterparts.ts'
import { type Case, plainCases, randomCases } from './chains.ts'
import { ACCEPTED, type Disagreement, STRICTER } from './disagreements.ts'
import { engineVerdict, profileVerdict } from './ours.ts'
import { opensslVerdicts } from './openssl.ts'

/** The same chains in every run of CI; `DIFFERENTIAL_SEED=7 DIFFERENTIAL_CHAINS=50000` for others. */
const SEED = Number(process.env['DIFFERENTIAL_SEED'] ?? 20_270_601)
const CHAINS = Number(process.env['DIFFERENTIAL_CHAINS'] ?? 5_000)
const LIMIT_MS = 240_000 + CHAINS * 20

/** Rules of the trust profile that the catalogue must put to the test. */
const RULES = 'L1 L2 P3 P4 P5 P6 P7 P8 P9 P10 P11 P12 P13 R1 R3 R6'.split(' ')

interface Judged extends Case {
  /** `valid`, or the reason code. */
  readonly engine: string
  readonly profile: string
  readonly openssl: string
}

/** A disagreement as the file lists it: ours, about which change, where. */
const classOf = (level: Disagreement['level'], code: string, { mutation }: Case) =>
  `${level}: ${code}: ${mutation?.name ?? 'a conforming chain'}: ${mutation?.place ?? ''}`

function listed(all: readonly Disagreement[]): Set<string> {
  return new Set(
    all.flatMap(({ level, code, changes }) =>
      Object.entries(changes).flatMap(([name, places]) =>
        places.split(', ').map((place) => `${level}: ${code}: ${name}: ${place}`),
      ),
    ),
  )
}

async function judge(cases: readonly Case[]): Promise<Judged[]> {
  const [openssl, ours] = await Promise.all([
    opensslVerdicts(cases),
    (async () => {
      const all: [string, string][] = []
      for (const { chain, spec } of cases) {
        const [engine, profile] = await Promise.all([
          engineVerdict(chain, spec),
          profileVerdict(chain, spec),
        ])
        all.push([codeOf(engine), codeOf(profile)])
      }
      return all
    })(),
  ])
  return cases.map((c, i) => ({
    ...c,
    engine: ours[i]![0],
    profile: ours[i]![1],
    openssl: openssl[i]!,
  }))
}

function codeOf(result: { readonly result: string; readonly code?: string }): string {
  return result.result === 'valid' ? 'valid' : result.code!
}

/** What only we accept: the class that the file must list. */
function weaker(judged: Judged): string[] {
  const { engine, profile, openssl } = judged
  if (openssl === 'OK') return []
  if (engine === 'valid') return [classOf('engine', openssl, judged)]
  return profile === 'valid' ? [classOf('profile', openssl, judged)] : []
}

/** What only we refuse. The profile is laid over the engine: what that refuses is told once. */
function stricter(judged: Judged): string[] {
  const { engine, profile, openssl } = judged
  if (openssl !== 'OK' || profile === 'valid') return []
  return engine === 'valid'
    ? [classOf('profile', profile, judged)]
    : [classOf('engine', engine, judged)]
}

/** The classes that the file lacks, with a chain of each that can be made again. */
function unlisted(
  judged: readonly Judged[],
  classes: (one: Judged) => string[],
  file: ReadonlySet<string>,
): Record<string, string> {
  const found = judged.flatMap((one) =>
    classes(one)
      .filter((name) => !file.has(name))
      .map((name) => [name, `DIFFERENTIAL_SEED=${SEED}: ${one.story}`]),
  )
  return Object.fromEntries(found) as Record<string, string>
}

describe.skipIf(lacks('openssl'))(
  `${CHAINS} chains judged by ours and by openssl (DIFFERENTIAL_SEED=${SEED})`,
  () => {
    let plain: Judged[]
    let judged: Judged[]
    beforeAll(async () => {
      plain = await judge(plainCases())
      judged = [...plain]
      const left = Math.max(0, CHAINS - plain.length)
      const random = [...randomCases(SEED, left)]
      for (let from = 0; from < random.length; from += 5_000)
        judged.push(...(await judge(random.slice(from, from + 5_000))))
    }, LIMIT_MS)

    it('covers every rule of the profile, with chains on both sides of each verdict', () => {
      expect(judged.length).toBeGreaterThanOrEqual(CHAINS)
      const rules = new Set(judged.map(({ mutation }) => mutation?.rule))
      for (const rule of RULES) expect(rules).toContain(rule)
      const count = (is: (one: Judged) => boolean) => judged.filter(is).length
      expect(
        count(({ profile, openssl }) => profile === 'valid' && openssl === 'OK'),
      ).toBeGreaterThan(CHAINS / 5)
      expect(
        count(({ engine, openssl }) => engine !== 'valid' && openssl !== 'OK'),
      ).toBeGreaterThan(CHAINS / 5)
    })

    it('all three accept a conforming chain, whatever its keys, names and harmless extras', () => {
      const conforming = judged.filter(({ mutation }) => !mutation)
      const verdicts = conforming.map(({ engine, profile, openssl, story }) =>
        engine === 'valid' && profile === 'valid' && openssl === 'OK'
          ? 'valid'
          : `${story}: ${engine}, ${profile}, ${openssl}`,
      )
      expect([...new Set(verdicts)]).toEqual(['valid'])
    })

    it('we accept nothing that openssl refuses, but for where RFC 5280 has the word', () => {
      expect(unlisted(judged, weaker, listed(ACCEPTED))).toEqual({})
    })

    it('what only we refuse is listed with its reason', () => {
      expect(unlisted(judged, stricter, listed(STRICTER))).toEqual({})
    })

    it('the profile accepts nothing that the engine refuses under the same inputs', () => {
      const looser = judged.filter(
        ({ engine, profile }) => profile === 'valid' && engine !== 'valid',
      )
      expect(looser.map(({ story, engine }) => `${story}: ${engine}`)).toEqual([])
    })

    it('every disagreement listed still occurs: the list can only be true', () => {
      const occurring = new Set(plain.flatMap((one) => [...weaker(one), ...stricter(one)]))
      const stale = [...listed(ACCEPTED), ...listed(STRICTER)].filter(
        (name) => !occurring.has(name),
      )
      expect(stale).toEqual([])
    })
  },
)
