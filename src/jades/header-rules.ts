import * as z from 'zod'

/** Header Parameters of RFC 7515 §4.1: never named in crit. */
const RFC_7515_NAMES = [
  'alg',
  'jku',
  'jwk',
  'kid',
  'x5u',
  'x5c',
  'x5t',
  'x5t#S256',
  'typ',
  'cty',
  'crit',
]

/** The signing certificate is referred to in exactly one of these ways. */
const CERTIFICATE_REFERENCES = ['x5t#S256', 'x5t#o', 'sigX5ts']

/** Whoever uses these changes what is signed: they must be understood (§5.2.8, RFC 7797 §6). */
const ALWAYS_CRITICAL = ['sigD', 'b64']

const SIG_T_UNTIL = Date.parse('2025-07-15T00:00:00Z')

const Base64 = z.base64()
const Digest = z.strictObject({ digAlg: z.string(), digVal: z.string() })
const ObjectId = z.strictObject({
  id: z.string(),
  desc: z.exactOptional(z.string()),
  docRefs: z.exactOptional(z.array(z.string()).min(1)),
})
const PkiObject = z.strictObject({
  encoding: z.exactOptional(z.string()),
  specRef: z.exactOptional(z.string()),
  val: z.string(),
})
const TimestampContainer = z.strictObject({
  canonAlg: z.exactOptional(z.string()),
  tstTokens: z
    .array(
      z.strictObject({
        type: z.exactOptional(z.string()),
        encoding: z.exactOptional(z.string()),
        specRef: z.exactOptional(z.string()),
        val: z.string(),
      }),
    )
    .min(1),
})
const Qualifiers = z
  .array(
    z.strictObject({
      mediaType: z.string(),
      encoding: z.string(),
      qVals: z.array(z.unknown()).min(1),
    }),
  )
  .min(1)
const place = z.exactOptional(z.string())

/** Types of the protected Header Parameters (ETSI TS 119 182-1 §5.1, §5.2); others are open. */
const Header = z.looseObject({
  alg: z.string(),
  typ: z.exactOptional(z.string()),
  cty: z.exactOptional(z.string()),
  kid: z.exactOptional(z.string()),
  jku: z.exactOptional(z.string()),
  x5u: z.exactOptional(z.string()),
  x5t: z.exactOptional(z.never()),
  x5c: z.exactOptional(z.array(Base64).min(1)),
  'x5t#S256': z.exactOptional(z.string()),
  'x5t#o': z.exactOptional(Digest),
  sigX5ts: z.exactOptional(z.array(Digest).min(2)),
  crit: z.exactOptional(z.array(z.string()).min(1)),
  b64: z.exactOptional(z.boolean()),
  iat: z.exactOptional(z.number()),
  sigT: z.exactOptional(z.iso.datetime()),
  srCms: z.exactOptional(
    z
      .array(
        z.strictObject({
          commId: ObjectId,
          commQuals: z.exactOptional(z.array(z.looseObject({})).min(1)),
        }),
      )
      .min(1),
  ),
  sigPl: z.exactOptional(
    z
      .strictObject({
        addressCountry: place,
        addressLocality: place,
        addressRegion: place,
        postOfficeBoxNumber: place,
        postalCode: place,
        streetAddress: place,
      })
      .refine((value) => Object.keys(value).length > 0, 'names no place'),
  ),
  srAts: z.exactOptional(
    z.strictObject({
      certified: z.exactOptional(
        z
          .array(
            z.strictObject({
              x509AttrCert: z.exactOptional(PkiObject),
              otherAttrCert: z.exactOptional(PkiObject),
            }),
          )
          .min(1),
      ),
      claimed: z.exactOptional(Qualifiers),
      signedAssertions: z.exactOptional(Qualifiers),
    }),
  ),
  adoTst: z.exactOptional(TimestampContainer),
  sigPId: z.exactOptional(
    z.strictObject({
      id: ObjectId,
      digAlg: z.exactOptional(z.string()),
      digVal: z.exactOptional(z.string()),
      digPSp: z.exactOptional(z.boolean()),
      sigPQuals: z.exactOptional(z.array(z.looseObject({})).min(1)),
    }),
  ),
  sigD: z.exactOptional(
    z.strictObject({
      mId: z.string(),
      pars: z.exactOptional(z.array(z.string()).min(1)),
      hashM: z.exactOptional(z.string()),
      hashV: z.exactOptional(z.array(z.string()).min(1)),
      ctys: z.exactOptional(z.array(z.string()).min(1)),
    }),
  ),
})

/** Rules of a JAdES protected header that this one breaks (ETSI TS 119 182-1 §5), one clause each. */
export function headerFaults(header: Readonly<Record<string, unknown>>): string[] {
  const parsed = Header.safeParse(header)
  const faults = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${path.join('/')}: ${message}`)
  const references = CERTIFICATE_REFERENCES.filter((name) => Object.hasOwn(header, name))
  if (references.length !== 1)
    faults.push(
      `one of ${CERTIFICATE_REFERENCES.join(', ')} is due, ${references.length} are there`,
    )
  return [...faults, ...timeFaults(header), ...critFaults(header)]
}

function timeFaults({ iat, sigT }: Readonly<Record<string, unknown>>): string[] {
  if (iat !== undefined && sigT !== undefined) return ['both iat and sigT']
  if (iat === undefined && sigT === undefined) return ['no time of signing']
  return typeof sigT === 'string' && Date.parse(sigT) >= SIG_T_UNTIL
    ? ['sigT after 2025-07-15, when iat is due']
    : []
}

function critFaults(header: Readonly<Record<string, unknown>>): string[] {
  const { crit } = header
  const names = Array.isArray(crit) ? (crit as unknown[]) : []
  const faults = ALWAYS_CRITICAL.filter(
    (name) => Object.hasOwn(header, name) && !names.includes(name),
  ).map((name) => `${name} is not in crit`)
  if (new Set(names).size !== names.length) faults.push('crit names a parameter twice')
  for (const name of names)
    if (typeof name !== 'string' || RFC_7515_NAMES.includes(name) || !Object.hasOwn(header, name))
      faults.push(`crit names ${JSON.stringify(name)}`)
  return faults
}
