// The client of Certex node, generated from openapi.yaml by `npm run openapi`: do not edit.
// It needs nothing but fetch: copy it.
/** How the client talks HTTP; the generated part follows it in `client.ts` and brings the types. */

export interface ClientOptions {
  /** Public URL of the node. */
  readonly baseUrl: string
  /** Gives an access token; asked before every call of an operation that takes one. */
  readonly token?: () => Promise<string>
  /** Replaces the global one, for timeouts, proxies and tests; for peer operations it signs. */
  readonly fetch?: typeof fetch
  /** Sent with every call, such as Accept-Language. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What came back, a problem (RFC 9457) included: `status` tells which `body` it is. */
export interface Answer<S extends number, B> {
  readonly status: S
  readonly body: B
  readonly headers: Headers
}

/** Bytes or text, sent as they are. */
export type Raw = NonNullable<RequestInit['body']>

/** What is known of an operation at run time. */
export interface Operation {
  readonly method: string
  readonly path: string
  readonly summary: string
  /** Takes an access token; others are public or signed by a node. */
  readonly token: boolean
  readonly params: readonly string[]
  readonly query: readonly string[]
  readonly headers: readonly string[]
  /** Media types of the body, the default first. */
  readonly body: readonly string[]
  /** Media types by status; none where the answer has no body. */
  readonly answers: Readonly<Record<string, readonly string[]>>
}

/** What a call brings, its type forgotten. */
export interface Input {
  readonly params?: Readonly<Record<string, string | number>>
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly contentType?: string
  readonly body?: unknown
}

/** Something answered that is not this contract: another service, a proxy, another version. */
export class UnexpectedAnswer extends Error {
  override name = 'UnexpectedAnswer'
  readonly status: number
  readonly text: string
  constructor(message: string, status: number, text: string) {
    super(message)
    this.status = status
    this.text = text
  }
}

/**
 * Calls one operation.
 *
 * @throws {UnexpectedAnswer} for a status or media type that the contract does not have
 * @throws {TypeError} when nothing answers, as `fetch` does
 */
export async function send(
  { baseUrl, token, fetch: fetchWith = fetch, headers: always }: ClientOptions,
  operation: Operation,
  { params = {}, query = {}, headers: own = {}, contentType, body }: Input = {},
  signal?: AbortSignal,
): Promise<Answer<number, unknown>> {
  const headers = new Headers(always)
  for (const [name, value] of Object.entries(own)) if (value !== undefined) headers.set(name, value)
  if (operation.token && token) headers.set('Authorization', `Bearer ${await token()}`)
  const mediaType = contentType ?? operation.body[0]
  if (mediaType !== undefined) headers.set('Content-Type', mediaType)
  const url = baseUrl.replace(/\/+$/, '') + pathOf(operation, params) + queryOf(query)
  const response = await fetchWith(url, {
    method: operation.method,
    headers,
    ...(mediaType !== undefined && { body: encodeBody(mediaType, body) }),
    ...(signal && { signal }),
  })
  return decodeAnswer(url, operation, response)
}

function pathOf(
  { path }: Operation,
  params: Readonly<Record<string, string | number | undefined>>,
): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const text = String(params[name] ?? '')
    // A URL parser folds dot segments away, written as %2E too; nothing names an empty one.
    if (text === '' || text === '.' || text === '..')
      throw new RangeError(`${name} "${text}" cannot stand in a path`)
    return encodeURIComponent(text)
  })
}

function queryOf(query: NonNullable<Input['query']>): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  )
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`
}

function encodeBody(mediaType: string, body: unknown): Raw {
  if (body instanceof Uint8Array) return body as Uint8Array<ArrayBuffer>
  if (mediaType === 'application/json') return JSON.stringify(body)
  if (mediaType === 'application/x-www-form-urlencoded')
    return new URLSearchParams(body as Record<string, string>).toString()
  if (mediaType === 'application/x-ndjson' && Array.isArray(body))
    return body.map((line) => `${JSON.stringify(line)}\n`).join('')
  return body as Raw
}

async function decodeAnswer(
  url: string,
  { method, answers }: Operation,
  response: Response,
): Promise<Answer<number, unknown>> {
  const { status, headers } = response
  const declared = answers[status]
  const mediaType = headers.get('Content-Type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  const isDeclared = declared?.some((text) => text.split(';')[0] === mediaType)
  if (!declared || (declared.length > 0 && !isDeclared)) {
    const text = await response.text()
    const what = `${status} ${mediaType}`.trim()
    throw new UnexpectedAnswer(
      `${method} ${url} answered ${what}, which is not in the contract`,
      status,
      text,
    )
  }
  const body = declared.length === 0 ? undefined : await decodeBody(mediaType, response)
  return { status, body, headers }
}

async function decodeBody(mediaType: string, response: Response): Promise<unknown> {
  if (isText(mediaType)) return response.text()
  if (/[/+]json$/.test(mediaType)) return response.json()
  if (mediaType === 'application/x-ndjson')
    return (await response.text())
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown)
  return new Uint8Array(await response.arrayBuffer())
}

/** Media types whose bodies are handed over as text; others that are not JSON as bytes. */
export function isText(mediaType: string): boolean {
  return /^text\/|^application\/jose$|\+jwt$|^application\/vnd\..+\+json$/.test(mediaType)
}

/** Problem details (RFC 9457). */
export type Problem = {
  /** Names the kind of problem; leads to a page. */
  readonly type: string
  /** In English, or in Russian if Accept-Language prefers it. */
  readonly title: string
  /** The HTTP status again. */
  readonly status: number
  /** What is particular to this occurrence. */
  readonly detail?: string
  /** The request id as a URN. */
  readonly instance: string
  readonly [member: string]: unknown
}

/** The body breaks its schema */
export type InvalidBodyProblem = Problem & {
  readonly errors?: readonly {
    /** Where in the body (RFC 6901) */
    readonly pointer?: string
    /** Which parameter */
    readonly parameter?: string
    readonly message: string
  }[]
}

/** A parameter is wrong */
export type InvalidParameterProblem = Problem & {
  readonly errors?: readonly {
    /** Where in the body (RFC 6901) */
    readonly pointer?: string
    /** Which parameter */
    readonly parameter?: string
    readonly message: string
  }[]
}

/** This media type is not accepted */
export type UnsupportedMediaTypeProblem = Problem & {
  /** Media types that are taken */
  readonly accepted: readonly string[]
}

/** No acceptable representation */
export type NotAcceptableProblem = Problem & {
  /** Media types to choose from */
  readonly offered: readonly string[]
}

/** The body is too large */
export type BodyTooLargeProblem = Problem & {
  readonly maxBytes: number
}

/** Too many items in one call */
export type TooManyItemsProblem = Problem & {
  readonly maxItems: number
}

/** The client could not be authenticated */
export type InvalidClientProblem = Problem & {
  /** RFC 6749 §5.2 */
  readonly error: 'invalid_client'
}

/** Another certificate has this number */
export type CertificateExistsProblem = Problem & {
  /** The document that has the number, if it is yours to see */
  readonly existing?: string
}

/** The certificate breaks a rule */
export type RuleViolationProblem = Problem & {
  readonly findings: readonly Finding[]
}

/** The signed document is not accepted */
export type DocumentInvalidProblem = Problem & {
  /** The check of the signed document */
  readonly check?: string
  /** How it ended */
  readonly code?: string
}

/** The seal is on hold */
export type SealOnHoldProblem = Problem & {
  /** The security notice, by digest */
  readonly notice: string
}

/** This security notice cannot be issued */
export type SecurityNoticeNotPermittedProblem = Problem & {
  readonly reason: 'subject-unknown' | 'released' | 'not-narrower' | 'too-many' | 'not-yours'
}

/** What was signed is not what was prepared */
export type ClaimsDifferProblem = Problem & {
  /** Where the signed claims differ (RFC 6901) */
  readonly differences: readonly string[]
}

/** This change is not possible */
export type ChangeNotPermittedProblem = Problem & {
  readonly reason:
    | 'not-for-this-type'
    | 'not-from-this-state'
    | 'before-last-change'
    | 'not-longer'
    | 'in-the-future'
    | 'reserved-to-issuer'
    | 'suspended-by-another'
    | 'too-many-changes'
    | 'not-issued-here'
    | 'not-above-issuer'
  /** The present state of the certificate */
  readonly certificateStatus: string
}

/** This certificate cannot replace the other */
export type ReplacementInvalidProblem = Problem & {
  readonly reason:
    | 'other-type'
    | 'other-state'
    | 'other-issuer'
    | 'remark-missing'
    | 'remark-names-another'
    | 'certificate-missing'
    | 'certificate-not-expected'
}

/** The request must be signed */
export type SignatureRequiredProblem = Problem & {
  /** The first check that failed */
  readonly reason?: 'signature-missing'
}

/** The HTTP signature does not hold */
export type SignatureInvalidProblem = Problem & {
  /** The first check that failed */
  readonly reason?:
    | 'signature-malformed'
    | 'components-wrong'
    | 'parameters-wrong'
    | 'message-id-malformed'
    | 'algorithm-not-allowed'
    | 'signature-wrong'
}

/** The body does not match its digest */
export type DigestMismatchProblem = Problem & {
  /** The first check that failed */
  readonly reason?: 'digest-malformed' | 'digest-mismatch'
}

/** The signature is outside its time window */
export type ClockSkewProblem = Problem & {
  /** The first check that failed */
  readonly reason?: 'window-too-long' | 'outside-window'
}

/** The signing node is not known */
export type UnknownPeerProblem = Problem & {
  /** The first check that failed */
  readonly reason?: 'key-unknown' | 'sender-mismatch'
}

/** The message is for another node */
export type WrongRecipientProblem = Problem & {
  /** The first check that failed */
  readonly reason?: 'recipient-mismatch'
}

/** The decision on trust takes two persons */
export type TrustDecisionRefusedProblem = Problem & {
  readonly reason:
    | 'already-approved'
    | 'unknown-subject'
    | 'not-proposed'
    | 'lapsed'
    | 'same-person'
    | 'nobody-named'
}

/** The trust list is not accepted */
export type TrustListRefusedProblem = Problem & {
  readonly reason:
    | 'malformed'
    | 'environment-differs'
    | 'state-not-pinned'
    | 'root-not-pinned'
    | 'signer-not-valid'
    | 'signature-invalid'
    | 'rollback'
    | 'gap'
    | 'fork'
    | 'entries-dropped'
    | 'state-differs'
    | 'issued-in-future'
    | 'issued-before-previous'
    | 'validity-too-long'
    | 'too-many-versions'
    | 'cannot-tell'
}

/** The cursor means nothing (any longer) */
export type CursorGoneProblem = Problem & {
  /** Where to start again */
  readonly restart: string
}

/** Temporarily unavailable */
export type UnavailableProblem = Problem & {
  /** The check of the signed document */
  readonly check?: string
  /** How it ended */
  readonly code?: string
}

export type AttestationAdded = {
  /** SHA-256 in base64url, without padding */
  readonly sha256: string
}

export type AttestationRequest = {
  /** An `attestation+jwt` of a trust service of this state */
  readonly document: string
}

export type BatchOutcome =
  | {
      /** Line of the request, the first is 1 */
      readonly line: number
      readonly status: 200 | 201
      /** SHA-256 in base64url, without padding */
      readonly sha256: string
      readonly document: string
      readonly findings: readonly Finding[]
    }
  | {
      readonly line: number
      readonly status: number
      readonly problem: {
        readonly type: string
        readonly title: string
        readonly status: number
        readonly [member: string]: unknown
      }
    }

/** The payload to sign, without any change */
export type CertificateClaims = {
  readonly schema: string
  readonly iss: string
  readonly aud: readonly string[]
  readonly status: {
    readonly status_list: {
      readonly uri: string
      readonly idx: number
    }
  }
  readonly certificate: CertificateContent
  readonly [member: string]: unknown
}

export type CertificateContent =
  | {
      readonly type: 'origin.ct1'
      readonly ruleSet: 'CIS-1993' | 'CIS-2000' | 'CIS-2009'
      readonly layout: 'CT1-1993' | 'CT1-2009'
      readonly number: string
      readonly blankNumber?: string
      readonly form: 'ELECTRONIC' | 'PAPER_WITH_E_FORM'
      readonly issuer: {
        readonly country: string
        readonly role: 'central-authorised' | 'authorised-body' | 'verifying-body'
        readonly code: string
        readonly name: string
        readonly address: string
      }
      readonly issuedIn: string
      readonly forPresentationIn: string
      readonly exporter: {
        readonly country: string
        readonly name: string
        readonly address: string
        readonly taxId?: {
          readonly scheme: 'BY-UNP' | 'UZ-STIR' | 'UZ-PINFL' | 'OTHER'
          readonly value: string
        }
      }
      readonly consignor?: {
        readonly country: string
        readonly name: string
        readonly address: string
        readonly taxId?: {
          readonly scheme: 'BY-UNP' | 'UZ-STIR' | 'UZ-PINFL' | 'OTHER'
          readonly value: string
        }
      }
      readonly consignee: {
        readonly country: string
        readonly name: string
        readonly address: string
        readonly taxId?: {
          readonly scheme: 'BY-UNP' | 'UZ-STIR' | 'UZ-PINFL' | 'OTHER'
          readonly value: string
        }
      }
      readonly importer?: {
        readonly country: string
        readonly name: string
        readonly address: string
        readonly taxId?: {
          readonly scheme: 'BY-UNP' | 'UZ-STIR' | 'UZ-PINFL' | 'OTHER'
          readonly value: string
        }
      }
      readonly transportRoute?: string
      readonly transitCountries?: readonly string[]
      readonly transportMode?: '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8'
      readonly remarks: readonly {
        readonly kind:
          | 'ISSUED_RETROSPECTIVELY'
          | 'DUPLICATE'
          | 'ISSUED_IN_REPLACEMENT'
          | 'ISSUED_ON_BASIS_OF'
          | 'COPY'
          | 'EXHIBITION'
          | 'FOR_RESALE'
          | 'FREE_CIRCULATION_PERSON'
          | 'MADE_BEFORE_1993'
          | 'AUTHORITY_NOTE'
        readonly text: string
        readonly refNumber?: string
        readonly refDate?: string
        readonly refBody?: string
      }[]
      readonly items: readonly {
        readonly n: number
        readonly packages: readonly {
          readonly count: number
          readonly type: string
        }[]
        readonly description: string
        readonly hsCode: string
        readonly hsDigits: 4 | 6 | 8 | 10
        readonly hsSource: 'applicant' | 'issuer' | 'customs'
        readonly criterion?: string
        readonly grossKg?: number
        readonly netKg?: number
        readonly supplementary?: {
          readonly quantity: number
          readonly unit: string
        }
        readonly invoice?: {
          readonly number: string
          readonly date: string
          readonly kind?: string
          readonly sha256?: string
        }
        readonly marks?: string
      }[]
      readonly totals?: {
        readonly packages?: readonly {
          readonly count: number
          readonly type: string
        }[]
        readonly grossKg?: number
        readonly netKg?: number
      }
      readonly contractRefs?: readonly {
        readonly number: string
        readonly date: string
        readonly kind?: string
        readonly sha256?: string
      }[]
      readonly related?: readonly {
        readonly type: string
        readonly number: string
      }[]
      readonly certification: {
        readonly date: string
        readonly place: string
        readonly officialId: string
        readonly officialName: string
      }
      readonly applicantDeclaration: {
        readonly originCountry: string
        readonly date: string
        readonly signatory: string
        readonly capacity: 'exporter' | 'consignor' | 'manufacturer' | 'representative'
      }
      readonly exportConfirmedOn?: string
      readonly exportConfirmation?: {
        readonly number: string
        readonly date: string
        readonly kind?: string
        readonly sha256?: string
      }
      readonly secretHash?: string
      readonly usableUntil: string
      readonly continuation?:
        | {
            readonly sheets: number
            readonly documentRef?: {
              readonly number: string
              readonly date: string
              readonly kind?: string
              readonly sha256?: string
            }
          }
        | {
            readonly series: readonly string[]
          }
    }
  | {
      readonly type: 'conformity.eaeu'
      readonly kind: 'CERTIFICATE' | 'DECLARATION'
      readonly number: string
      readonly formNumber?: string
      readonly authority: {
        readonly country: string
        readonly id: string
        readonly name: string
        readonly accreditation?: {
          readonly number: string
          readonly date: string
          readonly kind?: string
          readonly sha256?: string
        }
      }
      readonly applicant: {
        readonly country: string
        readonly name: string
        readonly address: string
        readonly taxId?: {
          readonly scheme: 'BY-UNP' | 'UZ-STIR' | 'UZ-PINFL' | 'OTHER'
          readonly value: string
        }
      }
      readonly manufacturers: readonly {
        readonly country: string
        readonly name: string
        readonly address: string
        readonly taxId?: {
          readonly scheme: 'BY-UNP' | 'UZ-STIR' | 'UZ-PINFL' | 'OTHER'
          readonly value: string
        }
      }[]
      readonly objectKind: 'SERIES' | 'BATCH' | 'SINGLE'
      readonly products: readonly {
        readonly name: string
        readonly text?: string
        readonly hsCodes: readonly string[]
        readonly models?: readonly string[]
        readonly madeTo?: string
      }[]
      readonly batch?: {
        readonly quantity: number
        readonly unit: string
        readonly invoice?: string
      }
      readonly serials?: readonly string[]
      readonly technicalRegulations: readonly string[]
      readonly scheme?: string
      readonly evidence: readonly {
        readonly kind:
          'TEST_REPORT' | 'PRODUCTION_AUDIT' | 'FOREIGN_CERT' | 'CBTC' | 'DECLARATION' | 'OTHER'
        readonly number: string
        readonly date: string
        readonly laboratory?: string
      }[]
      readonly recognised?: readonly {
        readonly type: string
        readonly number: string
      }[]
      readonly validFrom: string
      readonly validUntil?: string
      readonly status: {
        readonly code: string
        readonly state:
          'ACTIVE' | 'SUSPENDED' | 'RESUMED' | 'EXTENDED' | 'TERMINATED' | 'EXPIRED' | 'ARCHIVED'
        readonly from: string
        readonly document?: {
          readonly number: string
          readonly date: string
          readonly kind?: string
          readonly sha256?: string
        }
        readonly reason?: string
      }
      readonly statusHistory?: readonly {
        readonly code: string
        readonly state:
          'ACTIVE' | 'SUSPENDED' | 'RESUMED' | 'EXTENDED' | 'TERMINATED' | 'EXPIRED' | 'ARCHIVED'
        readonly from: string
        readonly document?: {
          readonly number: string
          readonly date: string
          readonly kind?: string
          readonly sha256?: string
        }
        readonly reason?: string
      }[]
      readonly annexes?: readonly {
        readonly ordinal: number
        readonly pages: number
      }[]
    }
  | {
      readonly type: 'conformity.uz'
      readonly kind: 'CERTIFICATE' | 'DECLARATION'
      readonly number: string
      readonly formNumber?: string
      readonly authority: {
        readonly country: string
        readonly id: string
        readonly name: string
        readonly accreditation?: {
          readonly number: string
          readonly date: string
          readonly kind?: string
          readonly sha256?: string
        }
      }
      readonly applicant: {
        readonly country: string
        readonly name: string
        readonly address: string
        readonly taxId?: {
          readonly scheme: 'BY-UNP' | 'UZ-STIR' | 'UZ-PINFL' | 'OTHER'
          readonly value: string
        }
      }
      readonly manufacturers: readonly {
        readonly country: string
        readonly name: string
        readonly address: string
        readonly taxId?: {
          readonly scheme: 'BY-UNP' | 'UZ-STIR' | 'UZ-PINFL' | 'OTHER'
          readonly value: string
        }
      }[]
      readonly objectKind: 'SERIES' | 'BATCH' | 'SINGLE'
      readonly products: readonly {
        readonly name: string
        readonly text?: string
        readonly hsCodes: readonly string[]
        readonly models?: readonly string[]
        readonly madeTo?: string
      }[]
      readonly batch?: {
        readonly quantity: number
        readonly unit: string
        readonly invoice?: string
      }
      readonly serials?: readonly string[]
      readonly technicalRegulations: readonly string[]
      readonly scheme?: string
      readonly evidence: readonly {
        readonly kind:
          'TEST_REPORT' | 'PRODUCTION_AUDIT' | 'FOREIGN_CERT' | 'CBTC' | 'DECLARATION' | 'OTHER'
        readonly number: string
        readonly date: string
        readonly laboratory?: string
      }[]
      readonly recognised?: readonly {
        readonly type: string
        readonly number: string
      }[]
      readonly validFrom: string
      readonly validUntil?: string
      readonly status: {
        readonly code: string
        readonly state:
          'ACTIVE' | 'SUSPENDED' | 'RESUMED' | 'EXTENDED' | 'TERMINATED' | 'EXPIRED' | 'ARCHIVED'
        readonly from: string
        readonly document?: {
          readonly number: string
          readonly date: string
          readonly kind?: string
          readonly sha256?: string
        }
        readonly reason?: string
      }
      readonly statusHistory?: readonly {
        readonly code: string
        readonly state:
          'ACTIVE' | 'SUSPENDED' | 'RESUMED' | 'EXTENDED' | 'TERMINATED' | 'EXPIRED' | 'ARCHIVED'
        readonly from: string
        readonly document?: {
          readonly number: string
          readonly date: string
          readonly kind?: string
          readonly sha256?: string
        }
        readonly reason?: string
      }[]
      readonly annexes?: readonly {
        readonly ordinal: number
        readonly pages: number
      }[]
    }

export type CertificateEvent =
  | {
      readonly kind: 'certificate-issued'
      /** Of this event alone, also where the feed had to be read again */
      readonly id: string
      /** RFC 3339, UTC */
      readonly at: string
      /** The document it comes from, or that was decided on */
      readonly document: string
      /** Whose event it is */
      readonly certificate: {
        /** SHA-256 in base64url, without padding */
        readonly sha256: string
        /** ISO 3166-1 alpha-2 code of a state */
        readonly state: string
        readonly type: string
        readonly number: string
      }
    }
  | {
      readonly kind: 'certificate-received'
      /** Of this event alone, also where the feed had to be read again */
      readonly id: string
      /** RFC 3339, UTC */
      readonly at: string
      /** The document it comes from, or that was decided on */
      readonly document: string
      /** Whose event it is */
      readonly certificate: {
        /** SHA-256 in base64url, without padding */
        readonly sha256: string
        /** ISO 3166-1 alpha-2 code of a state */
        readonly state: string
        readonly type: string
        readonly number: string
      }
    }
  | {
      readonly kind: 'status-changed'
      /** Of this event alone, also where the feed had to be read again */
      readonly id: string
      /** RFC 3339, UTC */
      readonly at: string
      /** The document it comes from, or that was decided on */
      readonly document: string
      /** Whose event it is */
      readonly certificate: {
        /** SHA-256 in base64url, without padding */
        readonly sha256: string
        /** ISO 3166-1 alpha-2 code of a state */
        readonly state: string
        readonly type: string
        readonly number: string
      }
      readonly change: string
      /** The state that the change leads to */
      readonly status: string
      readonly effectiveFrom: string
    }
  | {
      readonly kind: 'decided'
      /** Of this event alone, also where the feed had to be read again */
      readonly id: string
      /** RFC 3339, UTC */
      readonly at: string
      /** The document it comes from, or that was decided on */
      readonly document: string
      /** Whose event it is */
      readonly certificate: {
        /** SHA-256 in base64url, without padding */
        readonly sha256: string
        /** ISO 3166-1 alpha-2 code of a state */
        readonly state: string
        readonly type: string
        readonly number: string
      }
      /** ISO 3166-1 alpha-2 code of a state */
      readonly recipient: string
      readonly outcome: 'accepted' | 'accepted-with-findings' | 'refused' | 'not-readable'
      readonly findings: readonly string[]
      /** RFC 3339, UTC */
      readonly decidedAt: string
      /** The signed decision */
      readonly receipt: string
    }
  | {
      readonly kind: 'security-notice'
      /** Of this event alone, also where the feed had to be read again */
      readonly id: string
      /** RFC 3339, UTC */
      readonly at: string
      /** The document it comes from, or that was decided on */
      readonly document: string
      readonly change: 'declare' | 'narrow' | 'release'
      /** The notice at the beginning of its chain */
      readonly notice: string
      readonly subject:
        | {
            /** ISO 3166-1 alpha-2 code of a state */
            readonly state: string
            readonly body: string
            /** SHA-256 in base64url, without padding */
            readonly x5tS256: string
          }
        | {
            /** ISO 3166-1 alpha-2 code of a state */
            readonly state: string
            readonly ski: string
          }
      readonly measure: 'hold' | 'inform'
      readonly interval?: {
        /** RFC 3339, UTC */
        readonly from: string
        /** RFC 3339, UTC */
        readonly until?: string
      }
    }

/** State of the certificate; its further members depend on it */
export type CertificateState = {
  readonly status: string
  readonly [member: string]: unknown
}

export type CertificateView = {
  /** SHA-256 in base64url, without padding */
  readonly sha256: string
  /** ISO 3166-1 alpha-2 code of a state */
  readonly state: string
  readonly type: string
  /** As written by the issuer */
  readonly number: string
  readonly issuer: string
  readonly recipients: readonly string[]
  readonly origin: 'issued' | 'received'
  /** RFC 3339, UTC */
  readonly appendedAt: string
  readonly usableFrom: string
  readonly usableUntil?: string
  readonly status: string
  readonly statusList: {
    readonly uri: string
    readonly idx: number
  }
  /** The certificates in whose place it stands, nearest first */
  readonly replaces?: readonly ReplacementLink[]
  /** The certificates that stand in its place, nearest first */
  readonly replacedBy?: readonly ReplacementLink[]
  /** Content as signed */
  readonly certificate: unknown
  readonly current: CertificateState
  /** Status changes that this node has lost and that may be of this certificate: whether `current` is its state cannot be told */
  readonly lostChanges?: readonly string[]
}

export type ConcernedCertificate = {
  /** SHA-256 in base64url, without padding */
  readonly sha256: string
  /** ISO 3166-1 alpha-2 code of a state */
  readonly state: string
  readonly type: string
  /** As written by the issuer */
  readonly number: string
  readonly issuer: string
  readonly recipients: readonly string[]
  readonly origin: 'issued' | 'received'
  /** RFC 3339, UTC */
  readonly appendedAt: string
  readonly usableFrom: string
  readonly usableUntil?: string
  readonly status: string
  readonly statusList: {
    readonly uri: string
    readonly idx: number
  }
  /** As the document claims */
  readonly signedAt?: string
  /** Validations by customs at this node */
  readonly uses: readonly {
    /** RFC 3339, UTC */
    readonly at: string
    readonly party: string
    readonly declaration?: string
  }[]
  /** There are more than 100; /accesses has them all */
  readonly moreUses: boolean
}

/** Where one document stands with one recipient */
export type Delivery = {
  /** ISO 3166-1 alpha-2 code of a state */
  readonly recipient: string
  readonly seq: number
  readonly state: 'queued' | 'received' | 'decided'
  /** RFC 3339, UTC */
  readonly receivedAt?: string
  readonly outcome?: 'accepted' | 'accepted-with-findings' | 'refused' | 'not-readable'
  readonly findings?: readonly string[]
  /** RFC 3339, UTC */
  readonly decidedAt?: string
  /** The signed decision, by digest */
  readonly receipt?: string
  /** Why the last attempt failed, while queued */
  readonly lastError?: string
  /** RFC 3339, UTC */
  readonly nextAttemptAt?: string
}

/** A rule of /v1/rules that the certificate breaks, and where */
export type Finding = {
  readonly rule: string
  readonly severity: 'error' | 'warning' | 'info'
  /** JSON Pointer into the certificate (RFC 6901) */
  readonly path: string
  readonly values?: {
    readonly [member: string]: string
  }
  readonly message: Text
}

export type FoundCertificate = {
  /** SHA-256 in base64url, without padding */
  readonly sha256: string
  /** ISO 3166-1 alpha-2 code of a state */
  readonly state: string
  readonly type: string
  /** As written by the issuer */
  readonly number: string
  readonly issuer: string
  readonly recipients: readonly string[]
  readonly origin: 'issued' | 'received'
  /** RFC 3339, UTC */
  readonly appendedAt: string
  readonly usableFrom: string
  readonly usableUntil?: string
  readonly status: string
  readonly statusList: {
    readonly uri: string
    readonly idx: number
  }
  /** The certificates in whose place it stands, nearest first */
  readonly replaces?: readonly ReplacementLink[]
  /** The certificates that stand in its place, nearest first */
  readonly replacedBy?: readonly ReplacementLink[]
}

export type IssueRequest = {
  readonly certificate: CertificateContent
  /** States it is for. Leave it out for CT-1: box 4 names the state. */
  readonly to?: readonly string[]
}

export type Issued = {
  /** SHA-256 in base64url, without padding */
  readonly sha256: string
  /** The signed certificate, compact JWS: keep these exact bytes */
  readonly document: string
  /** Warnings and remarks; errors would have refused */
  readonly findings: readonly Finding[]
}

export type Judged = {
  readonly issuer: string
  readonly to: readonly string[]
  /** No rule refuses it and its number is free; whether a seal can sign shows at issue */
  readonly issuable: boolean
  readonly findings: readonly Finding[]
  /** Rules for which facts are missing here */
  readonly notEvaluated: readonly string[]
}

export type MessageBatch = {
  readonly messages: readonly {
    /** Dense per recipient */
    readonly seq: number
    /** Signed document, compact JWS */
    readonly document: string
  }[]
}

export type NationalSignature = {
  /** What was signed: `document`, the ASCII text of the compact JWS; `payload`, its decoded payload */
  readonly over: 'document' | 'payload'
  /** What `value` is, as an OID: 1.2.840.113549.1.7.2 is CMS SignedData; for a bare signature value the OID of its algorithm */
  readonly container: string
  /** OID of the national algorithm */
  readonly algorithm?: string
  /** The national bytes as they were made, base64, at most 64 KiB */
  readonly value: string
  /** SubjectPublicKeyInfo of the signing key, base64, where the container has none */
  readonly key?: string
  /** Who signed, as the national certificate writes it */
  readonly signer?: string
}

/** What a check found; /reasons explains each code in English and Russian. A code never changes its meaning. New ones may come: take a code that you do not know for one that leaves the question open. */
export type ReasonCode =
  | 'malformed'
  | 'training-document'
  | 'production-document'
  | 'algorithm-not-permitted'
  | 'typ-not-expected'
  | 'thumbprint-differs'
  | 'signature-wrong'
  | 'key-unknown'
  | 'key-of-other-state'
  | 'key-usage-differs'
  | 'key-not-yet'
  | 'key-pending'
  | 'key-ended'
  | 'key-removed'
  | 'trust-list-stale'
  | 'trust-list-undecided'
  | 'trust-list-overdue'
  | 'signed-in-future'
  | 'signed-after-receipt'
  | 'schema-unknown'
  | 'schema-broken'
  | 'number-unusable'
  | 'issuer-differs'
  | 'body-unknown'
  | 'body-differs'
  | 'scope-pending'
  | 'out-of-scope'
  | 'not-addressed-here'
  | 'held-by-security-notice'
  | 'named-in-security-notice'
  | 'status-change-doubtful'
  | 'path-empty'
  | 'path-too-long'
  | 'path-too-large'
  | 'certificate-malformed'
  | 'name-constraints-too-costly'
  | 'policies-too-costly'
  | 'path-shape'
  | 'no-anchor'
  | 'signature-algorithm-mismatch'
  | 'signature-invalid'
  | 'expired'
  | 'not-yet-valid'
  | 'issuer-mismatch'
  | 'name-empty'
  | 'extension-repeated'
  | 'extension-unknown-critical'
  | 'ca-missing'
  | 'key-cert-sign-missing'
  | 'path-length-exceeded'
  | 'name-not-permitted'
  | 'name-excluded'
  | 'name-malformed'
  | 'name-form-not-supported'
  | 'policy-not-accepted'
  | 'policy-mapping-not-allowed'
  | 'any-policy-not-allowed'
  | 'end-entity-is-ca'
  | 'key-usage-wrong'
  | 'extended-key-usage-wrong'
  | 'key-not-allowed'
  | 'shape-not-conforming'
  | 'version-not-supported'
  | 'revoked'
  | 'signature-algorithm-not-supported'
  | 'root-link-out-of-time'
  | 'crl-missing'
  | 'crl-malformed'
  | 'crl-signature-invalid'
  | 'crl-too-early'
  | 'crl-stale'
  | 'crl-too-late'
  | 'crl-out-of-scope'
  | 'crl-not-supported'
  | 'ocsp-missing'
  | 'ocsp-not-supported'
  | 'ocsp-signature-invalid'
  | 'ocsp-too-early'
  | 'ocsp-stale'
  | 'ocsp-unknown'
  | 'status-change-lost'
  | 'unknown-here'
  | 'content-differs-from-registered'
  | 'signature-in-other-form'
  | 'rules-broken'
  | 'annulled'
  | 'replaced'
  | 'suspended'
  | 'terminated'
  | 'archived'
  | 'expired-document'
  | 'not-yet-valid-document'
  | 'changed-later'
  | 'extended-without-end'
  | 'not-received'
  | 'absent-from-feed'
  | 'valid-by-list'
  | 'withdrawn-by-list'
  | 'suspended-by-list'
  | 'status-not-assigned'
  | 'status-list-stale'
  | 'status-source-absent'
  | 'status-list-too-short'
  | 'line-not-covered'
  | 'line-differs'
  | 'line-exceeds'
  | 'not-found-unknown-type'
  | 'not-found-malformed-number'
  | 'not-found-addressed-elsewhere'
  | 'not-found-unknown-state'
  | 'not-found-before-feed'
  | 'not-found-deadline-open'
  | 'not-found-peer-dark'
  | 'not-found-lost'
  | 'not-found-feed-complete'
  | 'national-signature-not-computable'
  | 'national-signature-failed'
  | 'national-signature-undecided'
  | 'national-attestation-expired'
  | 'national-signature-missing'
  | 'logged-and-witnessed'
  | 'log-proof-missing'
  | 'log-proof-broken'
  | 'log-key-unknown'
  | 'witness-not-judged'
  | 'witness-quorum-missing'
  | 'witness-before-entry'
  | 'not-proven-by-then'
  | 'valid-by-pack'
  | 'later-than-pack'
  | 'pack-statement-missing'
  | 'pack-statement-not-believed'
  | 'refused-by-recipient'
  | 'receipt-not-believed'
  | 'pack-version-unknown'
  | 'pack-not-whole'
  | 'rules-of-then-unknown'
  | 'rules-of-then-differ'

export type ReceiptBatch = {
  readonly receipts: readonly string[]
}

export type ReplacementLink = {
  /** SHA-256 in base64url, without padding */
  readonly sha256: string
  /** Whether this node holds it and you may see it: the members below are there then */
  readonly held: boolean
  /** ISO 3166-1 alpha-2 code of a state */
  readonly state?: string
  readonly type?: string
  /** As written by the issuer */
  readonly number?: string
  readonly usableFrom?: string
  readonly status?: string
}

export type SecondSignatureAdded = {
  /** SHA-256 in base64url, without padding */
  readonly sha256: string
  readonly document: string
}

export type SecondSignatureRequest =
  | NationalSignature
  | {
      /** The second signature as a body that keeps its seal signed it, compact JWS */
      readonly document: string
    }

export type SecondSignatures = {
  readonly secondSignatures: readonly {
    /** SHA-256 in base64url, without padding */
    readonly sha256: string
    /** RFC 3339, UTC */
    readonly appendedAt: string
    /** The body that attached it */
    readonly issuer: string
    /** SHA-256 of the national bytes */
    readonly original: string
    readonly signature: NationalSignature
    readonly document: string
    readonly attestations: readonly {
      /** SHA-256 in base64url, without padding */
      readonly sha256: string
      /** RFC 3339, UTC */
      readonly appendedAt: string
      /** The trust service; its state is the first segment */
      readonly issuer: string
      /** Its name */
      readonly service: string
      readonly indication: 'TOTAL-PASSED' | 'TOTAL-FAILED' | 'INDETERMINATE'
      readonly subIndication?: string
      /** When the service verified the signature */
      readonly at: string
      /** RFC 3339, UTC */
      readonly expires?: string
      readonly document: string
    }[]
  }[]
}

export type SecurityNotice = {
  /** SHA-256 in base64url, without padding */
  readonly sha256: string
  /** ISO 3166-1 alpha-2 code of a state */
  readonly issuer: string
  readonly authority: string
  readonly subject:
    | {
        /** ISO 3166-1 alpha-2 code of a state */
        readonly state: string
        readonly body: string
        /** SHA-256 in base64url, without padding */
        readonly x5tS256: string
      }
    | {
        /** ISO 3166-1 alpha-2 code of a state */
        readonly state: string
        readonly ski: string
      }
  readonly severity: 'suspected' | 'compromised'
  readonly measure: 'hold' | 'inform'
  readonly interval: {
    /** RFC 3339, UTC */
    readonly from: string
    /** RFC 3339, UTC */
    readonly until?: string
  }
  readonly reason: string
  readonly advice: string
  readonly released: boolean
  /** Whether it puts anything on hold at this node at present */
  readonly holdsHere: boolean
  /** The notice and its amendments, signed, in their order */
  readonly documents: readonly {
    /** SHA-256 in base64url, without padding */
    readonly sha256: string
    readonly change: 'declare' | 'narrow' | 'release'
    readonly authority: string
    readonly reason: string
    readonly document: string
  }[]
}

export type SecurityNoticeIssued = {
  /** SHA-256 in base64url, without padding */
  readonly sha256: string
  /** The notice that it amends, or is */
  readonly notice: string
  /** The signed notice, compact JWS */
  readonly document: string
}

export type SecurityNoticeRequest =
  | {
      readonly subject:
        | {
            readonly state: string
            readonly x5tS256: string
          }
        | {
            readonly state: string
            /** Subject key identifier, lower-case hexadecimal */
            readonly ski: string
          }
      readonly severity: 'suspected' | 'compromised'
      /** Whether what the key signed is put on hold, or only told */
      readonly measure?: 'hold' | 'inform'
      /** When the key may have been in wrong hands, both ends included */
      readonly interval: {
        readonly from: string
        readonly until?: string
      }
      readonly reason: string
      readonly advice: string
      readonly change: 'declare'
    }
  | {
      readonly change: 'narrow'
      readonly notice: string
      /** When the key may have been in wrong hands, both ends included */
      readonly interval: {
        readonly from: string
        readonly until?: string
      }
      readonly reason: string
    }
  | {
      readonly change: 'release'
      readonly notice: string
      readonly reason: string
    }

export type StatusChangeRequest =
  | (
      | {
          /** Today or earlier, where it was issued */
          readonly effectiveFrom: string
          readonly reason: string
          /** The order or decision behind the change */
          readonly basis?: {
            readonly number: string
            readonly date: string
            readonly kind?: string
            readonly sha256?: string
          }
          readonly change: 'suspend'
        }
      | {
          /** Today or earlier, where it was issued */
          readonly effectiveFrom: string
          readonly reason: string
          /** The order or decision behind the change */
          readonly basis?: {
            readonly number: string
            readonly date: string
            readonly kind?: string
            readonly sha256?: string
          }
          readonly change: 'resume'
        }
      | {
          /** Today or earlier, where it was issued */
          readonly effectiveFrom: string
          readonly reason: string
          /** The order or decision behind the change */
          readonly basis?: {
            readonly number: string
            readonly date: string
            readonly kind?: string
            readonly sha256?: string
          }
          readonly change: 'annul'
          /** The certificate that is meant, where another one has its number and it takes no effect here: its recipients learn of its end all the same */
          readonly displaced?: string
        }
      | {
          /** Today or earlier, where it was issued */
          readonly effectiveFrom: string
          readonly reason: string
          /** The order or decision behind the change */
          readonly basis?: {
            readonly number: string
            readonly date: string
            readonly kind?: string
            readonly sha256?: string
          }
          readonly change: 'terminate'
          /** The certificate that is meant, where another one has its number and it takes no effect here: its recipients learn of its end all the same */
          readonly displaced?: string
        }
      | {
          /** Today or earlier, where it was issued */
          readonly effectiveFrom: string
          readonly reason: string
          /** The order or decision behind the change */
          readonly basis?: {
            readonly number: string
            readonly date: string
            readonly kind?: string
            readonly sha256?: string
          }
          readonly change: 'archive'
        }
      | {
          /** Today or earlier, where it was issued */
          readonly effectiveFrom: string
          readonly reason: string
          /** The order or decision behind the change */
          readonly basis?: {
            readonly number: string
            readonly date: string
            readonly kind?: string
            readonly sha256?: string
          }
          readonly change: 'extend'
          /** The new end; without it the end stays open */
          readonly validUntil?: string
        }
      | {
          /** Today or earlier, where it was issued */
          readonly effectiveFrom: string
          readonly reason: string
          /** The order or decision behind the change */
          readonly basis?: {
            readonly number: string
            readonly date: string
            readonly kind?: string
            readonly sha256?: string
          }
          readonly change: 'replace'
          /** The successor */
          readonly certificate: CertificateContent
          readonly to?: readonly string[]
        }
    )
  | {
      /** The change as the body itself signed it, compact JWS */
      readonly document: string
      /** The successor as the body signed it, if the change is a replacement */
      readonly replacement?: string
    }

export type StatusChanged = {
  /** SHA-256 in base64url, without padding */
  readonly sha256: string
  readonly document: string
  /** Of the certificate now; after an earlier change another may have followed */
  readonly status: string
  readonly replacement?: Issued
}

/** A sentence for people in the two working languages */
export type Text = {
  readonly ru: string
  readonly en: string
}

export type ValidationReport = {
  readonly id: string
  /** RFC 3339, UTC */
  readonly createdAt: string
  readonly answer: 'usable' | 'not-usable' | 'cannot-tell'
  /** Of the signature, ETSI EN 319 102-1 §5 */
  readonly indication: 'TOTAL-PASSED' | 'TOTAL-FAILED' | 'INDETERMINATE'
  readonly subIndication?:
    | 'FORMAT_FAILURE'
    | 'HASH_FAILURE'
    | 'SIG_CRYPTO_FAILURE'
    | 'REVOKED'
    | 'EXPIRED'
    | 'NOT_YET_VALID'
    | 'NO_SIGNING_CERTIFICATE_FOUND'
    | 'NO_CERTIFICATE_CHAIN_FOUND'
    | 'CHAIN_CONSTRAINTS_FAILURE'
    | 'SIG_CONSTRAINTS_FAILURE'
    | 'CRYPTO_CONSTRAINTS_FAILURE'
    | 'REVOKED_NO_POE'
    | 'REVOKED_CA_NO_POE'
    | 'OUT_OF_BOUNDS_NOT_REVOKED'
    | 'OUT_OF_BOUNDS_NO_POE'
    | 'TRY_LATER'
    | 'TIMESTAMP_ORDER_FAILURE'
    | 'CUSTOM'
  readonly reasons: readonly ReasonCode[]
  readonly instants: {
    /** RFC 3339, UTC */
    readonly claimed?: string
    /** RFC 3339, UTC */
    readonly proven?: string
    /** RFC 3339, UTC */
    readonly checked: string
  }
  /** What proves the proven instant: the earliest proof at which the document holds */
  readonly provenBy?:
    | {
        readonly by: 'own-log'
        /** ISO 3166-1 alpha-2 code of a state */
        readonly log: string
      }
    | {
        readonly by: 'peer-log'
        /** Whose log it is */
        readonly log: string
        readonly origin: string
        /** Place of the leaf, decimal */
        readonly index: string
      }
    | {
        readonly by: 'witness'
        readonly witness: string
        /** ISO 3166-1 alpha-2 code of a state */
        readonly state: string
        /** Whose log it is */
        readonly log: string
        readonly origin: string
        /** Place of the leaf, decimal */
        readonly index: string
      }
  /** What else proves by when it existed, the earliest first */
  readonly provenAlso?: readonly (
    | {
        readonly by: 'own-log'
        /** ISO 3166-1 alpha-2 code of a state */
        readonly log: string
        /** RFC 3339, UTC */
        readonly at: string
      }
    | {
        readonly by: 'peer-log'
        /** Whose log it is */
        readonly log: string
        readonly origin: string
        /** Place of the leaf, decimal */
        readonly index: string
        /** RFC 3339, UTC */
        readonly at: string
      }
    | {
        readonly by: 'witness'
        readonly witness: string
        /** ISO 3166-1 alpha-2 code of a state */
        readonly state: string
        /** Whose log it is */
        readonly log: string
        readonly origin: string
        /** Place of the leaf, decimal */
        readonly index: string
        /** RFC 3339, UTC */
        readonly at: string
      }
  )[]
  readonly judgements: readonly {
    readonly instant: 'claimed' | 'proven' | 'present'
    /** RFC 3339, UTC */
    readonly at: string
    readonly indication: 'TOTAL-PASSED' | 'TOTAL-FAILED' | 'INDETERMINATE'
    readonly subIndication?:
      | 'FORMAT_FAILURE'
      | 'HASH_FAILURE'
      | 'SIG_CRYPTO_FAILURE'
      | 'REVOKED'
      | 'EXPIRED'
      | 'NOT_YET_VALID'
      | 'NO_SIGNING_CERTIFICATE_FOUND'
      | 'NO_CERTIFICATE_CHAIN_FOUND'
      | 'CHAIN_CONSTRAINTS_FAILURE'
      | 'SIG_CONSTRAINTS_FAILURE'
      | 'CRYPTO_CONSTRAINTS_FAILURE'
      | 'REVOKED_NO_POE'
      | 'REVOKED_CA_NO_POE'
      | 'OUT_OF_BOUNDS_NOT_REVOKED'
      | 'OUT_OF_BOUNDS_NO_POE'
      | 'TRY_LATER'
      | 'TIMESTAMP_ORDER_FAILURE'
      | 'CUSTOM'
    readonly reason?: ReasonCode
    readonly decides: boolean
  }[]
  readonly certificate?: {
    /** SHA-256 in base64url, without padding */
    readonly sha256: string
    /** ISO 3166-1 alpha-2 code of a state */
    readonly state: string
    readonly type: string
    readonly number: string
    readonly issuer: string
    readonly content: unknown
  }
  readonly status?: CertificateState
  /** The certificates in whose place it stands, nearest first */
  readonly replaces?: readonly ReplacementLink[]
  /** The certificates that stand in its place, nearest first */
  readonly replacedBy?: readonly ReplacementLink[]
  readonly checks: readonly {
    readonly check:
      | 'form'
      | 'signing-certificate'
      | 'certification-path'
      | 'revocation'
      | 'signature'
      | 'registration'
      | 'signing-time'
      | 'security-notice'
      | 'schema'
      | 'binding'
      | 'scope'
      | 'addressee'
      | 'identity'
      | 'rules'
      | 'status'
      | 'validity'
      | 'national-signature'
      | 'declaration'
    readonly outcome: 'passed' | 'warning' | 'failed' | 'unknown'
    readonly code: 'ok' | ReasonCode
    readonly detail?: string
    /** Rule of the trust profile that the check applied */
    readonly rule?: string
    /** Which X.509 certificate of the path it is about: 0 the seal, one past the last the root */
    readonly index?: number
    /** Of an expired path: whether evidence shows it unrevoked all the same */
    readonly unrevoked?: boolean
    /** Of a revocation: that it is a hold, which may be released */
    readonly onHold?: true
    readonly sentence: Text
  }[]
  /** The checks that the report lacks: `stopped`: an earlier one ended the validation; `not-asked`: nobody asked; `not-available`: what it needs is not to be had here */
  readonly notMade: readonly {
    readonly check:
      | 'form'
      | 'signing-certificate'
      | 'certification-path'
      | 'revocation'
      | 'signature'
      | 'registration'
      | 'signing-time'
      | 'security-notice'
      | 'schema'
      | 'binding'
      | 'scope'
      | 'addressee'
      | 'identity'
      | 'rules'
      | 'status'
      | 'validity'
      | 'national-signature'
      | 'declaration'
    readonly because: 'stopped' | 'not-asked' | 'not-available'
  }[]
  /** The check that ended the validation of the document */
  readonly stoppedBy?:
    | 'form'
    | 'signing-certificate'
    | 'certification-path'
    | 'revocation'
    | 'signature'
    | 'registration'
    | 'signing-time'
    | 'security-notice'
    | 'schema'
    | 'binding'
    | 'scope'
    | 'addressee'
    | 'identity'
    | 'rules'
    | 'status'
    | 'validity'
    | 'national-signature'
    | 'declaration'
  readonly findings: readonly Finding[]
  readonly notEvaluated: readonly string[]
  readonly lines: readonly {
    readonly line: number
    readonly item: number | null
    readonly differences: readonly {
      readonly differs: string
      readonly [member: string]: unknown
    }[]
    readonly certified: readonly {
      readonly measure: string
      readonly value: number
      readonly unit: string
    }[]
  }[]
  readonly evidence: {
    readonly trustLists: readonly {
      /** ISO 3166-1 alpha-2 code of a state */
      readonly state: string
      readonly version: number
      /** RFC 3339, UTC */
      readonly nextUpdate: string
    }[]
    /** Read where this node never received the certificate */
    readonly statusList?: {
      readonly uri: string
      /** RFC 3339, UTC */
      readonly issuedAt: string
      /** RFC 3339, UTC */
      readonly expiresAt: string
    }
  }
}

export type ValidationRequest = {
  /** The person behind the call, as the client system asserts it; kept in the access record */
  readonly context: {
    readonly officer: string
    readonly post?: string
    readonly purpose: string
    readonly declaration?: string
  }
  readonly items: readonly {
    readonly document?: string
    readonly identity?: {
      /** ISO 3166-1 alpha-2 code of a state */
      readonly state: string
      readonly type: string
      readonly number: string
      /** Day of certification as on the paper: decides what an absent certificate means */
      readonly issuedOn?: string
    }
    readonly declaration?: {
      readonly number: string
      readonly date: string
      readonly lines: readonly {
        readonly n: number
        readonly hsCode: string
        /** ISO 3166-1 alpha-2 code of a state */
        readonly origin?: string
        readonly netKg?: number
        readonly grossKg?: number
        readonly quantity?: {
          readonly value: number
          readonly unit: string
        }
        readonly invoice?: string
      }[]
    }
  }[]
}

export type ReadDocsInput = {
  readonly query?: {
    /** Else as Accept-Language prefers */
    readonly lang?: 'en' | 'ru'
  }
}

export type ReadDocsAnswer =
  | Answer<200, string>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ReadFeedInput = {
  readonly query?: {
    /** `next` of the page before, as it came; from the beginning if absent */
    readonly after?: string
    /** Seconds to hold the answer back while there is nothing new */
    readonly wait?: number
    readonly limit?: number
  }
}

export type ReadFeedAnswer =
  | Answer<
      200,
      {
        readonly messages: readonly {
          readonly seq: number
          readonly document: string
        }[]
        readonly next: string
        readonly hasMore: boolean
      }
    >
  | Answer<400, Problem | InvalidParameterProblem | DigestMismatchProblem>
  | Answer<
      401,
      | Problem
      | SignatureRequiredProblem
      | SignatureInvalidProblem
      | ClockSkewProblem
      | UnknownPeerProblem
    >
  | Answer<403, Problem>
  | Answer<409, Problem>
  | Answer<410, CursorGoneProblem>
  | Answer<421, WrongRecipientProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>
  | Answer<503, UnavailableProblem>

export type PushMessagesInput = {
  readonly contentType?: 'application/json'
  readonly body: MessageBatch
}

export type PushMessagesAnswer =
  | Answer<
      200,
      {
        readonly received: readonly {
          readonly sha256: string
          readonly state: 'decided' | 'received'
        }[]
        readonly receipts: readonly string[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem | DigestMismatchProblem>
  | Answer<
      401,
      | Problem
      | SignatureRequiredProblem
      | SignatureInvalidProblem
      | ClockSkewProblem
      | UnknownPeerProblem
    >
  | Answer<403, Problem>
  | Answer<409, Problem>
  | Answer<413, BodyTooLargeProblem>
  | Answer<415, UnsupportedMediaTypeProblem>
  | Answer<421, WrongRecipientProblem>
  | Answer<422, InvalidBodyProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>
  | Answer<503, UnavailableProblem>

export type GetOwnLogInput = Record<string, never>

export type GetOwnLogAnswer =
  | Answer<
      200,
      {
        readonly logs: readonly {
          readonly origin: string
          readonly leaves: number
          /** The newest checkpoint that the log has shown here */
          readonly newest: string
          /** The newest one of which no leaf is missing here */
          readonly whole?: string
          /** The newest one that the witness of this node has cosigned */
          readonly cosigned?: string
        }[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem | DigestMismatchProblem>
  | Answer<
      401,
      | Problem
      | SignatureRequiredProblem
      | SignatureInvalidProblem
      | ClockSkewProblem
      | UnknownPeerProblem
    >
  | Answer<403, Problem>
  | Answer<409, Problem>
  | Answer<421, WrongRecipientProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>
  | Answer<503, UnavailableProblem>

export type GetOwnLogDocumentsInput = {
  readonly query: {
    /** Up to 50 digests, with commas between them */
    readonly digests: string
  }
}

export type GetOwnLogDocumentsAnswer =
  | Answer<
      200,
      {
        readonly documents: readonly {
          readonly sha256: string
          readonly document: string
          /** The number under which this node sent it to the caller */
          readonly seq?: number
        }[]
        /** Ask for these again */
        readonly left: readonly string[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem | DigestMismatchProblem>
  | Answer<
      401,
      | Problem
      | SignatureRequiredProblem
      | SignatureInvalidProblem
      | ClockSkewProblem
      | UnknownPeerProblem
    >
  | Answer<403, Problem>
  | Answer<409, Problem>
  | Answer<421, WrongRecipientProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>
  | Answer<503, UnavailableProblem>

export type GetOwnLogLeavesInput = {
  readonly query: {
    readonly origin: string
    /** Index of the first */
    readonly index: number
    readonly limit?: number
  }
}

export type GetOwnLogLeavesAnswer =
  | Answer<
      200,
      {
        readonly leaves: readonly string[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem | DigestMismatchProblem>
  | Answer<
      401,
      | Problem
      | SignatureRequiredProblem
      | SignatureInvalidProblem
      | ClockSkewProblem
      | UnknownPeerProblem
    >
  | Answer<403, Problem>
  | Answer<409, Problem>
  | Answer<421, WrongRecipientProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>
  | Answer<503, UnavailableProblem>

export type PushReceiptsInput = {
  readonly contentType?: 'application/json'
  readonly body: ReceiptBatch
}

export type PushReceiptsAnswer =
  | Answer<
      200,
      {
        readonly taken: readonly string[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem | DigestMismatchProblem>
  | Answer<
      401,
      | Problem
      | SignatureRequiredProblem
      | SignatureInvalidProblem
      | ClockSkewProblem
      | UnknownPeerProblem
    >
  | Answer<403, Problem>
  | Answer<409, Problem>
  | Answer<413, BodyTooLargeProblem>
  | Answer<415, UnsupportedMediaTypeProblem>
  | Answer<421, WrongRecipientProblem>
  | Answer<422, InvalidBodyProblem | DocumentInvalidProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>
  | Answer<503, UnavailableProblem>

export type GetReconciliationRangeInput = {
  readonly query: {
    readonly of: 'sent' | 'received' | 'decided' | 'answered'
    readonly after: number
    readonly upTo: number
  }
}

export type GetReconciliationRangeAnswer =
  | Answer<
      200,
      {
        /** The view as who answers calls it */
        readonly of: 'sent' | 'received' | 'decided' | 'answered'
        readonly after: number
        /** Up to where the answer goes; there may be more behind it */
        readonly upTo: number
        readonly count: number
        /** Over the rows of this answer (RFC 6962 §2.1) */
        readonly root: string
        /** Each behind the one before it; together they are the answer */
        readonly parts?: readonly {
          readonly upTo: number
          readonly count: number
          readonly root: string
        }[]
        readonly entries?: readonly {
          /** The number of a message, the second of a decision */
          readonly key: number
          readonly sha256: string
          readonly receipt?: string
          /** Not acknowledged by the caller */
          readonly open?: true
        }[]
        /** There are more rows of this one key than fit */
        readonly truncated?: true
      }
    >
  | Answer<400, Problem | InvalidParameterProblem | DigestMismatchProblem>
  | Answer<
      401,
      | Problem
      | SignatureRequiredProblem
      | SignatureInvalidProblem
      | ClockSkewProblem
      | UnknownPeerProblem
    >
  | Answer<403, Problem>
  | Answer<409, Problem>
  | Answer<421, WrongRecipientProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>
  | Answer<503, UnavailableProblem>

export type GetHealthInput = Record<string, never>

export type GetHealthAnswer =
  | Answer<
      200,
      {
        readonly status: 'ok'
        /** ISO 3166-1 alpha-2 code of a state */
        readonly state: string
        /** Documents of training have no legal force */
        readonly environment: 'production' | 'training'
        /** RFC 3339, UTC */
        readonly time: string
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type GetLogCheckpointInput = {
  readonly query?: {
    /** Name and key ID of a witness key */
    readonly witness?: string
  }
}

export type GetLogCheckpointAnswer =
  | Answer<200, string>
  | Answer<400, Problem | InvalidParameterProblem | DigestMismatchProblem>
  | Answer<
      401,
      | Problem
      | SignatureRequiredProblem
      | SignatureInvalidProblem
      | ClockSkewProblem
      | UnknownPeerProblem
    >
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<409, Problem>
  | Answer<421, WrongRecipientProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>
  | Answer<503, UnavailableProblem>

export type GetLogProofInput = {
  readonly params: {
    /** SHA-256 in base64url, without padding */
    readonly digest: string
  }
}

export type GetLogProofAnswer =
  | Answer<200, string>
  | Answer<400, Problem | InvalidParameterProblem | DigestMismatchProblem>
  | Answer<
      401,
      | Problem
      | SignatureRequiredProblem
      | SignatureInvalidProblem
      | ClockSkewProblem
      | UnknownPeerProblem
    >
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<409, Problem>
  | Answer<421, WrongRecipientProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>
  | Answer<503, UnavailableProblem>

export type GetLogTileInput = {
  readonly params: {
    /** Level, index and width */
    readonly path: string
  }
}

export type GetLogTileAnswer =
  | Answer<200, Uint8Array<ArrayBuffer>>
  | Answer<400, Problem | InvalidParameterProblem | DigestMismatchProblem>
  | Answer<
      401,
      | Problem
      | SignatureRequiredProblem
      | SignatureInvalidProblem
      | ClockSkewProblem
      | UnknownPeerProblem
    >
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<409, Problem>
  | Answer<421, WrongRecipientProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>
  | Answer<503, UnavailableProblem>

export type GetTokenInput = {
  readonly contentType?: 'application/x-www-form-urlencoded'
  readonly body: {
    readonly grant_type: 'client_credentials'
    readonly client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
    readonly client_assertion: string
    readonly client_id?: string
  }
}

export type GetTokenAnswer =
  | Answer<
      200,
      {
        readonly access_token: string
        readonly token_type: 'Bearer'
        readonly expires_in: number
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, InvalidClientProblem>
  | Answer<413, BodyTooLargeProblem>
  | Answer<415, UnsupportedMediaTypeProblem>
  | Answer<422, InvalidBodyProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type GetOpenApiInput = Record<string, never>

export type GetOpenApiAnswer =
  | Answer<200, Uint8Array<ArrayBuffer>>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ReadProblemsInput = Record<string, never>

export type ReadProblemsAnswer =
  | Answer<200, string>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ReadProblemInput = {
  readonly params: {
    readonly slug: string
  }
}

export type ReadProblemAnswer =
  | Answer<200, string>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type GetReadinessInput = Record<string, never>

export type GetReadinessAnswer =
  | Answer<
      200,
      {
        readonly status: 'ready'
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>
  | Answer<503, UnavailableProblem>

export type ReadReasonsInput = Record<string, never>

export type ReadReasonsAnswer =
  | Answer<200, string>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ReadReasonInput = {
  readonly params: {
    readonly code: string
  }
}

export type ReadReasonAnswer =
  | Answer<200, string>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ReadRulesInput = Record<string, never>

export type ReadRulesAnswer =
  | Answer<200, string>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ReadRuleInput = {
  readonly params: {
    readonly rule: string
  }
}

export type ReadRuleAnswer =
  | Answer<200, string>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type GetStatusListInput = {
  readonly params: {
    /** Number of the list, as the certificate refers to it */
    readonly id: string
  }
  readonly query?: {
    /** Not served: the past follows from the log */
    readonly time?: string
  }
  readonly headers?: {
    /** ETag of the token at hand */
    readonly 'If-None-Match'?: string
  }
}

export type GetStatusListAnswer =
  | Answer<200, string>
  | Answer<304, undefined>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>
  | Answer<501, Problem>
  | Answer<503, UnavailableProblem>

export type GetCrlInput = {
  readonly params: {
    /** Subject key identifier, hex */
    readonly ski: string
  }
}

export type GetCrlAnswer =
  | Answer<200, Uint8Array<ArrayBuffer>>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type GetTrustListInput = Record<string, never>

export type GetTrustListAnswer =
  | Answer<200, string>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type GetTrustListVersionInput = {
  readonly params: {
    readonly version: number
  }
}

export type GetTrustListVersionAnswer =
  | Answer<200, string>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type AskOcspInput = { readonly contentType?: 'application/ocsp-request'; readonly body: Raw }

export type AskOcspAnswer =
  | Answer<200, Uint8Array<ArrayBuffer>>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<413, BodyTooLargeProblem>
  | Answer<415, UnsupportedMediaTypeProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type SearchAccessesInput = {
  readonly query?: {
    readonly client?: string
    /** The name as the client system gave it */
    readonly officer?: string
    /** From this instant on, in UTC */
    readonly from?: string
    /** Before this instant, in UTC */
    readonly to?: string
    /** `next` of the page before */
    readonly after?: string
  }
}

export type SearchAccessesAnswer =
  | Answer<
      200,
      {
        readonly accesses: readonly {
          /** RFC 3339, UTC */
          readonly at: string
          readonly client: string
          readonly party: string
          readonly role: string
          readonly operation: string
          readonly context?: unknown
          /** The leaf of the log that covers it, by its index; absent: none does yet */
          readonly idx?: number
          /** SHA-256 in base64url, without padding */
          readonly certificate: string
        }[]
        /** Send it as `after` for the next page; absent on the last one */
        readonly next?: string
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ListAdminActsInput = {
  readonly query?: {
    readonly after?: number
  }
}

export type ListAdminActsAnswer =
  | Answer<
      200,
      {
        readonly acts: readonly {
          readonly n: number
          /** RFC 3339, UTC */
          readonly at: string
          /** `user:NAME` at the command line, `client:ID` of a client system */
          readonly actor: string
          readonly act: string
          readonly subject: string
          readonly detail?: string
          /** The leaf of the log that covers it, by its index; absent: none does yet */
          readonly idx?: number
        }[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type PublishCrlInput = { readonly contentType?: 'application/pkix-crl'; readonly body: Raw }

export type PublishCrlAnswer =
  | Answer<
      200,
      {
        readonly outcome: 'stored' | 'not-newer'
        readonly ski: string
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<413, BodyTooLargeProblem>
  | Answer<415, UnsupportedMediaTypeProblem>
  | Answer<422, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type PublishOcspResponseInput = {
  readonly contentType?: 'application/ocsp-response'
  readonly body: Raw
}

export type PublishOcspResponseAnswer =
  | Answer<
      200,
      {
        readonly outcome: 'stored' | 'not-newer'
        readonly ski: string
        readonly serial: string
        readonly status: 'good' | 'on-hold' | 'revoked'
        /** RFC 3339, UTC */
        readonly nextUpdate: string
        /** Of other keys that the same response is about */
        readonly further?: readonly {
          readonly outcome: 'stored' | 'not-newer'
          readonly ski: string
          readonly serial: string
          readonly status: 'good' | 'on-hold' | 'revoked'
          /** RFC 3339, UTC */
          readonly nextUpdate: string
        }[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<413, BodyTooLargeProblem>
  | Answer<415, UnsupportedMediaTypeProblem>
  | Answer<422, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ApproveTrustDecisionInput = {
  readonly contentType?: 'application/json'
  readonly body: {
    /** `root`: pin a root; `root-withdrawn`: a pinned root is not believed from an instant on; `additions`: what a version of a trust list adds counts at once; `fork`: the accepted branch of a forked list stands, or the contradiction of a forked or rolled back log is cleared up; `witness`: what a witness says against the own log counts for nothing, until a database is restored */
    readonly kind: 'root' | 'root-withdrawn' | 'additions' | 'fork' | 'witness'
    /** ISO 3166-1 alpha-2 code of a state */
    readonly state: string
    /** SHA-256 of the root, of the list that adds, or of the refused list of a fork; of a log that forked what /v1/trust/decisions names; of a root that is withdrawn followed by `@` and the instant, which has passed; of a witness the name of its key, `+`, the id of the key, `@` and the epoch of this node */
    readonly subject: string
  }
}

export type ApproveTrustDecisionAnswer =
  | Answer<
      200,
      {
        /** `root`: pin a root; `root-withdrawn`: a pinned root is not believed from an instant on; `additions`: what a version of a trust list adds counts at once; `fork`: the accepted branch of a forked list stands, or the contradiction of a forked or rolled back log is cleared up; `witness`: what a witness says against the own log counts for nothing, until a database is restored */
        readonly kind: 'root' | 'root-withdrawn' | 'additions' | 'fork' | 'witness'
        /** ISO 3166-1 alpha-2 code of a state */
        readonly state: string
        /** SHA-256 of the root, of the list that adds, or of the refused list of a fork; of a log that forked what /v1/trust/decisions names; of a root that is withdrawn followed by `@` and the instant, which has passed; of a witness the name of its key, `+`, the id of the key, `@` and the epoch of this node */
        readonly subject: string
      }
    >
  | Answer<
      201,
      {
        /** `root`: pin a root; `root-withdrawn`: a pinned root is not believed from an instant on; `additions`: what a version of a trust list adds counts at once; `fork`: the accepted branch of a forked list stands, or the contradiction of a forked or rolled back log is cleared up; `witness`: what a witness says against the own log counts for nothing, until a database is restored */
        readonly kind: 'root' | 'root-withdrawn' | 'additions' | 'fork' | 'witness'
        /** ISO 3166-1 alpha-2 code of a state */
        readonly state: string
        /** SHA-256 of the root, of the list that adds, or of the refused list of a fork; of a log that forked what /v1/trust/decisions names; of a root that is withdrawn followed by `@` and the instant, which has passed; of a witness the name of its key, `+`, the id of the key, `@` and the epoch of this node */
        readonly subject: string
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<409, TrustDecisionRefusedProblem>
  | Answer<413, BodyTooLargeProblem>
  | Answer<415, UnsupportedMediaTypeProblem>
  | Answer<422, InvalidBodyProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type PublishTrustListInput = {
  readonly contentType?: 'application/jose'
  readonly body: Raw
}

export type PublishTrustListAnswer =
  | Answer<
      200,
      {
        readonly version: number
        /** SHA-256 in base64url, without padding */
        readonly sha256: string
      }
    >
  | Answer<
      201,
      {
        readonly version: number
        /** SHA-256 in base64url, without padding */
        readonly sha256: string
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<413, BodyTooLargeProblem>
  | Answer<415, UnsupportedMediaTypeProblem>
  | Answer<422, TrustListRefusedProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ProposeTrustDecisionInput = {
  readonly contentType?: 'application/json'
  readonly body: {
    /** `root`: pin a root; `root-withdrawn`: a pinned root is not believed from an instant on; `additions`: what a version of a trust list adds counts at once; `fork`: the accepted branch of a forked list stands, or the contradiction of a forked or rolled back log is cleared up; `witness`: what a witness says against the own log counts for nothing, until a database is restored */
    readonly kind: 'root' | 'root-withdrawn' | 'additions' | 'fork' | 'witness'
    /** ISO 3166-1 alpha-2 code of a state */
    readonly state: string
    /** SHA-256 of the root, of the list that adds, or of the refused list of a fork; of a log that forked what /v1/trust/decisions names; of a root that is withdrawn followed by `@` and the instant, which has passed; of a witness the name of its key, `+`, the id of the key, `@` and the epoch of this node */
    readonly subject: string
  }
}

export type ProposeTrustDecisionAnswer =
  | Answer<
      200,
      {
        /** `root`: pin a root; `root-withdrawn`: a pinned root is not believed from an instant on; `additions`: what a version of a trust list adds counts at once; `fork`: the accepted branch of a forked list stands, or the contradiction of a forked or rolled back log is cleared up; `witness`: what a witness says against the own log counts for nothing, until a database is restored */
        readonly kind: 'root' | 'root-withdrawn' | 'additions' | 'fork' | 'witness'
        /** ISO 3166-1 alpha-2 code of a state */
        readonly state: string
        /** SHA-256 of the root, of the list that adds, or of the refused list of a fork; of a log that forked what /v1/trust/decisions names; of a root that is withdrawn followed by `@` and the instant, which has passed; of a witness the name of its key, `+`, the id of the key, `@` and the epoch of this node */
        readonly subject: string
        /** RFC 3339, UTC */
        readonly proposedAt: string
        readonly proposedBy: string
      }
    >
  | Answer<
      201,
      {
        /** `root`: pin a root; `root-withdrawn`: a pinned root is not believed from an instant on; `additions`: what a version of a trust list adds counts at once; `fork`: the accepted branch of a forked list stands, or the contradiction of a forked or rolled back log is cleared up; `witness`: what a witness says against the own log counts for nothing, until a database is restored */
        readonly kind: 'root' | 'root-withdrawn' | 'additions' | 'fork' | 'witness'
        /** ISO 3166-1 alpha-2 code of a state */
        readonly state: string
        /** SHA-256 of the root, of the list that adds, or of the refused list of a fork; of a log that forked what /v1/trust/decisions names; of a root that is withdrawn followed by `@` and the instant, which has passed; of a witness the name of its key, `+`, the id of the key, `@` and the epoch of this node */
        readonly subject: string
        /** RFC 3339, UTC */
        readonly proposedAt: string
        readonly proposedBy: string
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<409, TrustDecisionRefusedProblem>
  | Answer<413, BodyTooLargeProblem>
  | Answer<415, UnsupportedMediaTypeProblem>
  | Answer<422, InvalidBodyProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ListAlarmsInput = {
  readonly query?: {
    readonly after?: number
  }
}

export type ListAlarmsAnswer =
  | Answer<
      200,
      {
        readonly alarms: readonly {
          readonly n: number
          /** RFC 3339, UTC */
          readonly at: string
          readonly kind: string
          readonly peer?: string
          readonly detail: string
        }[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type AddAttestationInput = {
  readonly contentType?: 'application/json'
  readonly body: AttestationRequest
}

export type AddAttestationAnswer =
  | Answer<200, AttestationAdded>
  | Answer<201, AttestationAdded>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<409, ClaimsDifferProblem | Problem>
  | Answer<413, BodyTooLargeProblem>
  | Answer<415, UnsupportedMediaTypeProblem>
  | Answer<422, InvalidBodyProblem | DocumentInvalidProblem | Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>
  | Answer<503, UnavailableProblem>

export type ListAuditCheckpointsInput = {
  readonly query?: {
    /** Where the page before ended; absent: from the beginning */
    readonly after?: number
  }
}

export type ListAuditCheckpointsAnswer =
  | Answer<
      200,
      {
        readonly checkpoints: readonly {
          /** The signed note, without cosignatures */
          readonly note: string
          /** RFC 3339, UTC */
          readonly signedAt: string
          /** Of later log keys */
          readonly signatures: readonly {
            /** As C2SP signed notes compute it */
            readonly keyId: number
            /** A signature line of a C2SP signed note */
            readonly line: string
          }[]
          readonly cosignatures: readonly {
            /** Whose list names the witness; empty: the operator has chosen it */
            readonly state: string
            readonly witness: string
            /** As C2SP signed notes compute it */
            readonly keyId: number
            /** A signature line of a C2SP signed note */
            readonly line: string
            /** RFC 3339, UTC */
            readonly cosignedAt: string
          }[]
        }[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ListAuditCoveringsInput = {
  readonly query?: {
    /** Where the page before ended; absent: from the beginning */
    readonly after?: number
  }
}

export type ListAuditCoveringsAnswer =
  | Answer<
      200,
      {
        readonly coverings: readonly {
          /** The entry of the log */
          readonly idx: number
          readonly rowsOf:
            | 'admin_acts'
            | 'accesses'
            | 'alarms'
            | 'reports'
            | 'reconciliation_verdicts'
            | 'log_forks'
            | 'log_rollbacks'
            | 'trust_forks'
            | 'kept_evidence'
          readonly first: number
          readonly last: number
          readonly nonce: string
        }[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ListAuditDocumentsInput = {
  readonly query?: {
    /** Where the page before ended; absent: from the beginning */
    readonly after?: number
  }
  readonly headers?: {
    /** Who asks; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Officer'?: string
    /** Where the officer serves; percent-encoded UTF-8 */
    readonly 'Access-Post'?: string
    /** What for; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Purpose'?: string
    /** Number of the goods declaration; percent-encoded UTF-8 */
    readonly 'Access-Declaration'?: string
  }
}

export type ListAuditDocumentsAnswer =
  | Answer<
      200,
      {
        readonly documents: readonly {
          /** The entry of the log */
          readonly idx: number
          /** SHA-256 in base64url, without padding */
          readonly sha256: string
          /** The exact bytes */
          readonly jws: string
        }[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ListAuditRowsInput = {
  readonly params: {
    readonly table:
      | 'admin_acts'
      | 'accesses'
      | 'alarms'
      | 'reports'
      | 'reconciliation_verdicts'
      | 'log_forks'
      | 'log_rollbacks'
      | 'trust_forks'
      | 'kept_evidence'
  }
  readonly query?: {
    /** Where the page before ended; absent: from the beginning */
    readonly after?: number
  }
}

export type ListAuditRowsAnswer =
  | Answer<
      200,
      {
        readonly rows: readonly {
          readonly n: number
          /** JSON, as it is hashed */
          readonly text: string
        }[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ListAuditStatusesInput = {
  readonly query?: {
    /** Where the page before ended; absent: from the beginning */
    readonly after?: number
  }
}

export type ListAuditStatusesAnswer =
  | Answer<
      200,
      {
        /** Entries in the log at that moment */
        readonly size: number
        readonly certificates: readonly {
          /** The entry of the log */
          readonly idx: number
          /** SHA-256 in base64url, without padding */
          readonly sha256: string
          readonly status: string
          /** SHA-256 in base64url, without padding */
          readonly replacedBy?: string
          readonly usableUntil?: string
        }[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type GetAuditTrustInput = Record<string, never>

export type GetAuditTrustAnswer =
  | Answer<
      200,
      {
        readonly pins: readonly {
          /** ISO 3166-1 alpha-2 code of a state */
          readonly state: string
          /** SHA-256 in base64url, without padding */
          readonly rootSha256: string
          /** RFC 3339, UTC */
          readonly pinnedAt: string
          /** RFC 3339, UTC */
          readonly withdrawnFrom?: string
        }[]
        readonly accepted: readonly {
          /** ISO 3166-1 alpha-2 code of a state */
          readonly state: string
          readonly version: number
          /** SHA-256 in base64url, without padding */
          readonly sha256: string
          /** RFC 3339, UTC */
          readonly additionsFrom?: string
        }[]
        readonly approvals: readonly {
          readonly kind: 'root' | 'root-withdrawn' | 'additions' | 'fork' | 'witness'
          /** ISO 3166-1 alpha-2 code of a state */
          readonly state: string
          readonly subject: string
          readonly proposedBy: string
          /** RFC 3339, UTC */
          readonly approvedAt: string
          readonly approvedBy: string
        }[]
        readonly forks: readonly {
          /** ISO 3166-1 alpha-2 code of a state */
          readonly state: string
          /** SHA-256 in base64url, without padding */
          readonly sha256: string
          /** RFC 3339, UTC */
          readonly seenAt: string
        }[]
        readonly crls: readonly {
          /** ISO 3166-1 alpha-2 code of a state */
          readonly state: string
          /** DER, base64 */
          readonly der: string
        }[]
        readonly ocspResponses: readonly {
          /** ISO 3166-1 alpha-2 code of a state */
          readonly state: string
          /** DER, base64 */
          readonly der: string
        }[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type SearchCertificatesInput = {
  readonly query?: {
    /** Number of the certificate, or from 4 characters on its beginning */
    readonly number?: string
    /** Tax number of a party, whole */
    readonly taxId?: string
    /** Number of an invoice in it, whole */
    readonly invoice?: string
    /** Commodity code or its first digits, 2 to 10 */
    readonly hs?: string
    /** Up to 8 words or their beginnings; each begins a word in the name of a party */
    readonly party?: string
    /** The body that issued, or one above it */
    readonly issuer?: string
    /** The issuing state */
    readonly state?: string
    readonly type?: string
    /** As the last change left it; whether it has run out, `validOn` asks */
    readonly status?:
      | 'issued'
      | 'active'
      | 'suspended'
      | 'resumed'
      | 'extended'
      | 'terminated'
      | 'archived'
      | 'expired'
      | 'annulled'
      | 'replaced'
    /** Valid from this day on or a later one; for an origin certificate its issue */
    readonly issuedFrom?: string
    /** Valid from this day on or an earlier one */
    readonly issuedTo?: string
    /** A day within its period of validity, whatever its status */
    readonly validOn?: string
    /** In this log not before */
    readonly appendedFrom?: string
    /** In this log not after */
    readonly appendedTo?: string
    /** `next` of the page before */
    readonly after?: string
    /** At most 100, which is the default */
    readonly limit?: string
  }
  readonly headers?: {
    /** Who asks; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Officer'?: string
    /** Where the officer serves; percent-encoded UTF-8 */
    readonly 'Access-Post'?: string
    /** What for; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Purpose'?: string
    /** Number of the goods declaration; percent-encoded UTF-8 */
    readonly 'Access-Declaration'?: string
  }
}

export type SearchCertificatesAnswer =
  | Answer<
      200,
      {
        readonly certificates: readonly FoundCertificate[]
        /** Send it as `after` for the next page; absent on the last one */
        readonly next?: string
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type IssueCertificateInput = {
  readonly query?: {
    readonly check?: 'true' | 'false'
  }
} & (
  | { readonly contentType?: 'application/json'; readonly body: IssueRequest }
  | { readonly contentType: 'application/jose'; readonly body: Raw }
)

export type IssueCertificateAnswer =
  | Answer<200, Issued | Judged>
  | Answer<201, Issued>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<409, CertificateExistsProblem | Problem | SealOnHoldProblem | ClaimsDifferProblem>
  | Answer<413, BodyTooLargeProblem>
  | Answer<415, UnsupportedMediaTypeProblem>
  | Answer<422, InvalidBodyProblem | RuleViolationProblem | Problem | DocumentInvalidProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>
  | Answer<503, UnavailableProblem>

export type IssueCertificatesInput = {
  readonly contentType?: 'application/x-ndjson'
  readonly body:
    | readonly (
        | IssueRequest
        | {
            /** A certificate that its body has signed, compact JWS */
            readonly document: string
          }
      )[]
    | Raw
}

export type IssueCertificatesAnswer =
  | Answer<200, readonly BatchOutcome[]>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<413, BodyTooLargeProblem | TooManyItemsProblem>
  | Answer<415, UnsupportedMediaTypeProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type GetCertificateByNumberInput = {
  readonly query: {
    /** ISO 3166-1 alpha-2 code of a state */
    readonly state: string
    readonly type: string
    readonly number: string
  }
  readonly headers?: {
    /** Who asks; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Officer'?: string
    /** Where the officer serves; percent-encoded UTF-8 */
    readonly 'Access-Post'?: string
    /** What for; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Purpose'?: string
    /** Number of the goods declaration; percent-encoded UTF-8 */
    readonly 'Access-Declaration'?: string
  }
}

export type GetCertificateByNumberAnswer =
  | Answer<200, CertificateView>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ListAccessesByNumberInput = {
  readonly query: {
    /** ISO 3166-1 alpha-2 code of a state */
    readonly state: string
    readonly type: string
    readonly number: string
    /** `next` of the page before */
    readonly after?: string
  }
}

export type ListAccessesByNumberAnswer =
  | Answer<
      200,
      {
        readonly accesses: readonly {
          /** RFC 3339, UTC */
          readonly at: string
          readonly client: string
          readonly party: string
          readonly role: string
          readonly operation: string
          readonly context?: unknown
          /** The leaf of the log that covers it, by its index; absent: none does yet */
          readonly idx?: number
        }[]
        /** Send it as `after` for the next page; absent on the last one */
        readonly next?: string
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type GetDeliveryByNumberInput = {
  readonly query: {
    /** ISO 3166-1 alpha-2 code of a state */
    readonly state: string
    readonly type: string
    readonly number: string
  }
}

export type GetDeliveryByNumberAnswer =
  | Answer<
      200,
      {
        readonly certificate: readonly Delivery[]
        readonly changes: readonly {
          /** SHA-256 in base64url, without padding */
          readonly sha256: string
          readonly deliveries: readonly Delivery[]
        }[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type GetCertificateDocumentByNumberInput = {
  readonly query: {
    /** ISO 3166-1 alpha-2 code of a state */
    readonly state: string
    readonly type: string
    readonly number: string
  }
  readonly headers?: {
    /** Who asks; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Officer'?: string
    /** Where the officer serves; percent-encoded UTF-8 */
    readonly 'Access-Post'?: string
    /** What for; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Purpose'?: string
    /** Number of the goods declaration; percent-encoded UTF-8 */
    readonly 'Access-Declaration'?: string
  }
}

export type GetCertificateDocumentByNumberAnswer =
  | Answer<200, string>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type GetEvidenceByNumberInput = {
  readonly query: {
    /** ISO 3166-1 alpha-2 code of a state */
    readonly state: string
    readonly type: string
    readonly number: string
  }
  readonly headers?: {
    /** Who asks; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Officer'?: string
    /** Where the officer serves; percent-encoded UTF-8 */
    readonly 'Access-Post'?: string
    /** What for; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Purpose'?: string
    /** Number of the goods declaration; percent-encoded UTF-8 */
    readonly 'Access-Declaration'?: string
  }
}

export type GetEvidenceByNumberAnswer =
  | Answer<200, string>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>
  | Answer<503, UnavailableProblem>

export type ListSecondSignaturesByNumberInput = {
  readonly query: {
    /** ISO 3166-1 alpha-2 code of a state */
    readonly state: string
    readonly type: string
    readonly number: string
  }
  readonly headers?: {
    /** Who asks; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Officer'?: string
    /** Where the officer serves; percent-encoded UTF-8 */
    readonly 'Access-Post'?: string
    /** What for; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Purpose'?: string
    /** Number of the goods declaration; percent-encoded UTF-8 */
    readonly 'Access-Declaration'?: string
  }
}

export type ListSecondSignaturesByNumberAnswer =
  | Answer<200, SecondSignatures>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type AddSecondSignatureByNumberInput = {
  readonly query: {
    /** ISO 3166-1 alpha-2 code of a state */
    readonly state: string
    readonly type: string
    readonly number: string
  }
} & { readonly contentType?: 'application/json'; readonly body: SecondSignatureRequest }

export type AddSecondSignatureByNumberAnswer =
  | Answer<200, SecondSignatureAdded>
  | Answer<201, SecondSignatureAdded>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<409, Problem | SealOnHoldProblem | ClaimsDifferProblem>
  | Answer<413, BodyTooLargeProblem>
  | Answer<415, UnsupportedMediaTypeProblem>
  | Answer<422, InvalidBodyProblem | DocumentInvalidProblem | Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>
  | Answer<503, UnavailableProblem>

export type ListStatusChangesByNumberInput = {
  readonly query: {
    /** ISO 3166-1 alpha-2 code of a state */
    readonly state: string
    readonly type: string
    readonly number: string
  }
  readonly headers?: {
    /** Who asks; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Officer'?: string
    /** Where the officer serves; percent-encoded UTF-8 */
    readonly 'Access-Post'?: string
    /** What for; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Purpose'?: string
    /** Number of the goods declaration; percent-encoded UTF-8 */
    readonly 'Access-Declaration'?: string
  }
}

export type ListStatusChangesByNumberAnswer =
  | Answer<
      200,
      {
        readonly changes: readonly {
          /** SHA-256 in base64url, without padding */
          readonly sha256: string
          /** RFC 3339, UTC */
          readonly appendedAt: string
          readonly change: string
          /** The issuing body, or the authority above it */
          readonly signer: string
          readonly effectiveFrom: string
          readonly reason: string
          readonly basis?: {
            readonly number: string
            readonly date: string
            readonly kind?: string
            readonly sha256?: string
          }
          /** Of an extension that names it */
          readonly validUntil?: string
          /** The successor of a replacement */
          readonly replacedBy?: string
          readonly document: string
        }[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ChangeStatusByNumberInput = {
  readonly query: {
    /** ISO 3166-1 alpha-2 code of a state */
    readonly state: string
    readonly type: string
    readonly number: string
  }
} & { readonly contentType?: 'application/json'; readonly body: StatusChangeRequest }

export type ChangeStatusByNumberAnswer =
  | Answer<200, StatusChanged>
  | Answer<201, StatusChanged>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<
      409,
      | CertificateExistsProblem
      | Problem
      | SealOnHoldProblem
      | ClaimsDifferProblem
      | ChangeNotPermittedProblem
    >
  | Answer<413, BodyTooLargeProblem>
  | Answer<415, UnsupportedMediaTypeProblem>
  | Answer<
      422,
      | InvalidBodyProblem
      | RuleViolationProblem
      | Problem
      | DocumentInvalidProblem
      | ReplacementInvalidProblem
    >
  | Answer<429, Problem>
  | Answer<500, Problem>
  | Answer<503, UnavailableProblem>

export type PrepareCertificateInput = {
  readonly contentType?: 'application/json'
  readonly body: IssueRequest
}

export type PrepareCertificateAnswer =
  | Answer<
      200,
      {
        readonly claims: CertificateClaims
        /** `typ` of the protected header */
        readonly typ: 'product-certificate+jwt'
        /** Until when these claims may be issued; absent where they have been */
        readonly reservedUntil?: string
        /** The document, if these claims were issued */
        readonly issued?: string
        readonly findings: readonly Finding[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<409, CertificateExistsProblem | Problem>
  | Answer<413, BodyTooLargeProblem>
  | Answer<415, UnsupportedMediaTypeProblem>
  | Answer<422, InvalidBodyProblem | RuleViolationProblem | Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type GetCertificateInput = {
  readonly params: {
    /** ISO 3166-1 alpha-2 code of a state */
    readonly state: string
    readonly type: string
    readonly number: string
  }
  readonly headers?: {
    /** Who asks; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Officer'?: string
    /** Where the officer serves; percent-encoded UTF-8 */
    readonly 'Access-Post'?: string
    /** What for; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Purpose'?: string
    /** Number of the goods declaration; percent-encoded UTF-8 */
    readonly 'Access-Declaration'?: string
  }
}

export type GetCertificateAnswer =
  | Answer<200, CertificateView>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ListAccessesInput = {
  readonly params: {
    /** ISO 3166-1 alpha-2 code of a state */
    readonly state: string
    readonly type: string
    readonly number: string
  }
  readonly query?: {
    /** `next` of the page before */
    readonly after?: string
  }
}

export type ListAccessesAnswer =
  | Answer<
      200,
      {
        readonly accesses: readonly {
          /** RFC 3339, UTC */
          readonly at: string
          readonly client: string
          readonly party: string
          readonly role: string
          readonly operation: string
          readonly context?: unknown
          /** The leaf of the log that covers it, by its index; absent: none does yet */
          readonly idx?: number
        }[]
        /** Send it as `after` for the next page; absent on the last one */
        readonly next?: string
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type GetDeliveryInput = {
  readonly params: {
    /** ISO 3166-1 alpha-2 code of a state */
    readonly state: string
    readonly type: string
    readonly number: string
  }
}

export type GetDeliveryAnswer =
  | Answer<
      200,
      {
        readonly certificate: readonly Delivery[]
        readonly changes: readonly {
          /** SHA-256 in base64url, without padding */
          readonly sha256: string
          readonly deliveries: readonly Delivery[]
        }[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type GetCertificateDocumentInput = {
  readonly params: {
    /** ISO 3166-1 alpha-2 code of a state */
    readonly state: string
    readonly type: string
    readonly number: string
  }
  readonly headers?: {
    /** Who asks; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Officer'?: string
    /** Where the officer serves; percent-encoded UTF-8 */
    readonly 'Access-Post'?: string
    /** What for; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Purpose'?: string
    /** Number of the goods declaration; percent-encoded UTF-8 */
    readonly 'Access-Declaration'?: string
  }
}

export type GetCertificateDocumentAnswer =
  | Answer<200, string>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type GetEvidenceInput = {
  readonly params: {
    /** ISO 3166-1 alpha-2 code of a state */
    readonly state: string
    readonly type: string
    readonly number: string
  }
  readonly headers?: {
    /** Who asks; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Officer'?: string
    /** Where the officer serves; percent-encoded UTF-8 */
    readonly 'Access-Post'?: string
    /** What for; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Purpose'?: string
    /** Number of the goods declaration; percent-encoded UTF-8 */
    readonly 'Access-Declaration'?: string
  }
}

export type GetEvidenceAnswer =
  | Answer<200, string>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>
  | Answer<503, UnavailableProblem>

export type ListSecondSignaturesInput = {
  readonly params: {
    /** ISO 3166-1 alpha-2 code of a state */
    readonly state: string
    readonly type: string
    readonly number: string
  }
  readonly headers?: {
    /** Who asks; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Officer'?: string
    /** Where the officer serves; percent-encoded UTF-8 */
    readonly 'Access-Post'?: string
    /** What for; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Purpose'?: string
    /** Number of the goods declaration; percent-encoded UTF-8 */
    readonly 'Access-Declaration'?: string
  }
}

export type ListSecondSignaturesAnswer =
  | Answer<200, SecondSignatures>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type AddSecondSignatureInput = {
  readonly params: {
    /** ISO 3166-1 alpha-2 code of a state */
    readonly state: string
    readonly type: string
    readonly number: string
  }
} & { readonly contentType?: 'application/json'; readonly body: SecondSignatureRequest }

export type AddSecondSignatureAnswer =
  | Answer<200, SecondSignatureAdded>
  | Answer<201, SecondSignatureAdded>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<409, Problem | SealOnHoldProblem | ClaimsDifferProblem>
  | Answer<413, BodyTooLargeProblem>
  | Answer<415, UnsupportedMediaTypeProblem>
  | Answer<422, InvalidBodyProblem | DocumentInvalidProblem | Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>
  | Answer<503, UnavailableProblem>

export type ListStatusChangesInput = {
  readonly params: {
    /** ISO 3166-1 alpha-2 code of a state */
    readonly state: string
    readonly type: string
    readonly number: string
  }
  readonly headers?: {
    /** Who asks; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Officer'?: string
    /** Where the officer serves; percent-encoded UTF-8 */
    readonly 'Access-Post'?: string
    /** What for; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Purpose'?: string
    /** Number of the goods declaration; percent-encoded UTF-8 */
    readonly 'Access-Declaration'?: string
  }
}

export type ListStatusChangesAnswer =
  | Answer<
      200,
      {
        readonly changes: readonly {
          /** SHA-256 in base64url, without padding */
          readonly sha256: string
          /** RFC 3339, UTC */
          readonly appendedAt: string
          readonly change: string
          /** The issuing body, or the authority above it */
          readonly signer: string
          readonly effectiveFrom: string
          readonly reason: string
          readonly basis?: {
            readonly number: string
            readonly date: string
            readonly kind?: string
            readonly sha256?: string
          }
          /** Of an extension that names it */
          readonly validUntil?: string
          /** The successor of a replacement */
          readonly replacedBy?: string
          readonly document: string
        }[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ChangeStatusInput = {
  readonly params: {
    /** ISO 3166-1 alpha-2 code of a state */
    readonly state: string
    readonly type: string
    readonly number: string
  }
} & { readonly contentType?: 'application/json'; readonly body: StatusChangeRequest }

export type ChangeStatusAnswer =
  | Answer<200, StatusChanged>
  | Answer<201, StatusChanged>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<
      409,
      | CertificateExistsProblem
      | Problem
      | SealOnHoldProblem
      | ClaimsDifferProblem
      | ChangeNotPermittedProblem
    >
  | Answer<413, BodyTooLargeProblem>
  | Answer<415, UnsupportedMediaTypeProblem>
  | Answer<
      422,
      | InvalidBodyProblem
      | RuleViolationProblem
      | Problem
      | DocumentInvalidProblem
      | ReplacementInvalidProblem
    >
  | Answer<429, Problem>
  | Answer<500, Problem>
  | Answer<503, UnavailableProblem>

export type ReadEventsInput = {
  readonly query?: {
    /** `next` of the page before, as it came; from the beginning if absent */
    readonly after?: string
    /** Seconds to hold the answer back while there is nothing new */
    readonly wait?: number
    readonly limit?: number
  }
}

export type ReadEventsAnswer =
  | Answer<
      200,
      {
        readonly events: readonly CertificateEvent[]
        readonly next: string
        readonly hasMore: boolean
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<410, CursorGoneProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ListLogForksInput = Record<string, never>

export type ListLogForksAnswer =
  | Answer<
      200,
      {
        readonly forks: readonly {
          /** ISO 3166-1 alpha-2 */
          readonly state: string
          readonly origin: string
          /** RFC 3339, UTC */
          readonly foundAt: string
          /** The signed note seen before */
          readonly first: string
          /** The signed note that contradicts it */
          readonly second: string
          /** Of different sizes alone, base64: the root that the larger tree has at the smaller size, then the consistency proof between the two (RFC 9162 §2.1.4) that shows it */
          readonly proof: readonly string[]
        }[]
        /** Logs that were shown shorter than they had been */
        readonly rollbacks: readonly {
          /** ISO 3166-1 alpha-2 */
          readonly state: string
          readonly origin: string
          /** RFC 3339, UTC */
          readonly foundAt: string
          readonly size: number
          /** The larger signed note, seen before */
          readonly before: string
          /** The newest one that it showed afterwards */
          readonly shown: string
        }[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ListLostDocumentsInput = {
  readonly query?: {
    /** `next` of the page before */
    readonly after?: string
    readonly limit?: number
  }
}

export type ListLostDocumentsAnswer =
  | Answer<
      200,
      {
        /** How many documents are lost in all */
        readonly documents: number
        /** Administrative entries whose records are lost */
        readonly administrative: number
        readonly lost: readonly {
          /** Place in the log; none: a document that was refused, or `unmirrored` */
          readonly index?: number
          /** As its leaf says; `unmirrored`: the entries behind the end of the log, which a checkpoint of this digest proves and nobody had */
          readonly kind: string
          /** SHA-256 in base64url, without padding */
          readonly sha256: string
          /** When it was appended */
          readonly at?: string
          /** Recipient state → number of the message */
          readonly to: {
            readonly [member: string]: number
          }
          /** Of the restore that listed it */
          readonly epoch: string
          /** Of a certificate: when its number was settled; of a status change of this state: when it was made up for */
          readonly settledAt?: string
          /** Its bytes are here again, and it takes no effect. `order`: until the database is restored; `taken`: another document has its number */
          readonly late?: 'order' | 'taken'
          /** What people still have to say of it. `number`: which one it bore; `change`: which certificate it changed, and that this is made up for */
          readonly awaits: readonly ('number' | 'change')[]
        }[]
        /** Absent: nothing is behind this page */
        readonly next?: string
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ListOfficialsInput = {
  readonly query: {
    /** ISO 3166-1 alpha-2 code of a state */
    readonly state: string
    /** PartyId; else all bodies */
    readonly body?: string
    /** Only those who may sign on this day */
    readonly on?: string
  }
}

export type ListOfficialsAnswer =
  | Answer<
      200,
      {
        /** Absent: there is no register */
        readonly version?: number
        /** RFC 3339, UTC */
        readonly issuedAt?: string
        readonly officials: readonly {
          readonly id: string
          readonly body: string
          readonly name: {
            readonly cyrillic: string
            readonly latin: string
          }
          readonly position: string
          readonly from: string
          readonly until?: string
          readonly removedAt?: string
          readonly specimen?: string
        }[]
        readonly deputies: readonly {
          readonly for: string
          readonly deputy: string
          readonly from: string
          readonly until: string
          readonly basis: string
        }[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ListPeersInput = Record<string, never>

export type ListPeersAnswer =
  | Answer<
      200,
      {
        readonly peers: readonly {
          /** ISO 3166-1 alpha-2 code of a state */
          readonly state: string
          /** Messages the peer has not acknowledged */
          readonly waiting: number
          /** Messages without a decision */
          readonly undecided: number
          /** Since when the oldest message waits for the peer */
          readonly waitingSince?: string
          readonly attempts: number
          /** RFC 3339, UTC */
          readonly nextAttemptAt?: string
          readonly lastError?: string
          /** RFC 3339, UTC */
          readonly lastSentAt?: string
          /** RFC 3339, UTC */
          readonly lastHeardAt?: string
          /** RFC 3339, UTC */
          readonly completeAt?: string
          /** RFC 3339, UTC */
          readonly trustCheckedAt?: string
          /** By how much its clock is ahead; from 60000 on the exchange stops */
          readonly clockAheadMs?: number
        }[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type GetArrivalInput = {
  readonly params: {
    /** ISO 3166-1 alpha-2 */
    readonly peer: string
    /** SHA-256 in base64url, without padding */
    readonly digest: string
  }
  readonly headers?: {
    /** Who asks; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Officer'?: string
    /** Where the officer serves; percent-encoded UTF-8 */
    readonly 'Access-Post'?: string
    /** What for; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Purpose'?: string
    /** Number of the goods declaration; percent-encoded UTF-8 */
    readonly 'Access-Declaration'?: string
  }
}

export type GetArrivalAnswer =
  | Answer<
      200,
      {
        /** Under which number it came first */
        readonly seq: number
        /** RFC 3339, UTC */
        readonly arrivedAt: string
        readonly exchange: {
          /** RFC 3339, UTC */
          readonly at: string
          /** `received`: the peer pushed; `sent`: it answered a pull */
          readonly direction: 'sent' | 'received'
          readonly messageId: string
          /** JSON: `method` and `targetUri`, or `status`; `headers`: the fields that are signed and the signature (RFC 9421); `body` */
          readonly request: string
          /** JSON: `method` and `targetUri`, or `status`; `headers`: the fields that are signed and the signature (RFC 9421); `body` */
          readonly response: string
        }
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type GetCompletenessInput = {
  readonly params: {
    /** ISO 3166-1 alpha-2 */
    readonly peer: string
  }
}

export type GetCompletenessAnswer =
  | Answer<
      200,
      {
        readonly logs: readonly {
          readonly origin: string
          /** The signed note */
          readonly checkpoint: string
          /** Leaves held; fewer than the checkpoint covers while catching up */
          readonly mirrored: number
          readonly addressed: number
          readonly received: number
          readonly missing: readonly {
            /** Its number among the messages to this state */
            readonly seq: number
            /** SHA-256 in base64url, without padding */
            readonly sha256: string
            /** Where its leaf stands in the log */
            readonly index: number
          }[]
          readonly misnumbered: readonly {
            /** Its number among the messages to this state */
            readonly seq: number
            /** SHA-256 in base64url, without padding */
            readonly sha256: string
            /** Where its leaf stands in the log */
            readonly index: number
            readonly receivedAs: number
          }[]
        }[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type GetMirroredProofInput = {
  readonly params: {
    /** ISO 3166-1 alpha-2 */
    readonly peer: string
  }
  readonly query: {
    readonly origin: string
    readonly index: number
  }
}

export type GetMirroredProofAnswer =
  | Answer<200, string>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ListReconciliationsInput = {
  readonly params: {
    /** ISO 3166-1 alpha-2 code of a state */
    readonly peer: string
  }
  readonly query?: {
    /** SHA-256 in base64url, without padding */
    readonly after?: string
  }
}

export type ListReconciliationsAnswer =
  | Answer<
      200,
      {
        /** `differs`: something does; `agrees`: all that was compared does, and the newest day is among it; else `cannot-tell` */
        readonly state: 'agrees' | 'differs' | 'cannot-tell'
        readonly documents: readonly {
          /** SHA-256 in base64url, without padding */
          readonly sha256: string
          /** ISO 3166-1 alpha-2 code of a state */
          readonly maker: string
          readonly document: {
            readonly schema: 'reconciliation/1'
            readonly iss: string
            readonly aud: readonly string[]
            readonly epoch: string
            readonly previous: string | null
            readonly since: string | null
            readonly until: string
            readonly checkpoint: {
              readonly origin: string
              readonly size: number
              readonly root: string
            } | null
            readonly sent: {
              readonly after: number
              readonly upTo: number
              readonly count: number
              readonly total: number
              readonly root: string
              readonly kinds: {
                readonly [member: string]: number
              }
            }
            readonly received: {
              readonly after: number
              readonly upTo: number
              readonly count: number
              readonly total: number
              readonly root: string
              readonly kinds: {
                readonly [member: string]: number
              }
            }
            readonly decided: {
              readonly count: number
              readonly total: number
              readonly root: string
              readonly outcomes: {
                readonly [member: string]: number
              }
            }
            readonly answered: {
              readonly count: number
              readonly total: number
              readonly root: string
              readonly outcomes: {
                readonly [member: string]: number
              }
            }
          }
          readonly verdicts: readonly {
            /** As the maker of the document calls it */
            readonly view: 'sent' | 'received' | 'decided' | 'answered'
            readonly outcome: 'agrees' | 'differs' | 'cannot-tell'
            readonly reason:
              | 'as-stated'
              | 'agreed-since'
              | 'rows-differ'
              | 'not-continued'
              | 'checkpoint-refuted'
              | 'answers-contradict-document'
              | 'in-flight'
              | 'no-answer'
              | 'not-mirrored'
              | 'previous-missing'
              | 'not-finished'
            /** Since when it is so */
            readonly at: string
            readonly differences: readonly {
              /** The number of a message, the second of a decision */
              readonly key: number
              readonly here?: {
                /** SHA-256 in base64url, without padding */
                readonly sha256: string
                /** SHA-256 in base64url, without padding */
                readonly receipt?: string
              }
              readonly there?: {
                /** SHA-256 in base64url, without padding */
                readonly sha256: string
                /** SHA-256 in base64url, without padding */
                readonly receipt?: string
              }
            }[]
            /** False: there is more than is listed */
            readonly complete: boolean
          }[]
        }[]
        /** SHA-256 in base64url, without padding */
        readonly next?: string
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ListRulesInput = Record<string, never>

export type ListRulesAnswer =
  | Answer<
      200,
      {
        readonly rules: readonly {
          readonly id: string
          readonly types: readonly string[]
          readonly severity: {
            readonly issue: 'error' | 'warning' | 'info'
            readonly receive: 'error' | 'warning' | 'info'
            readonly customs: 'error' | 'warning' | 'info'
          }
          readonly title: Text
          readonly explanation: Text
          readonly remedy: {
            readonly issuer: Text
            readonly customs: Text
          }
          readonly source: string
          /** Facts beside the certificate */
          readonly needs: readonly string[]
          readonly enforcedBy: string
        }[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ListSecurityNoticesInput = {
  readonly query?: {
    /** `next` of the page before */
    readonly after?: string
    readonly limit?: number
  }
}

export type ListSecurityNoticesAnswer =
  | Answer<
      200,
      {
        readonly notices: readonly SecurityNotice[]
        /** Send it as `after` for the next page; absent on the last one */
        readonly next?: string
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type IssueSecurityNoticeInput = {
  readonly contentType?: 'application/json'
  readonly body: SecurityNoticeRequest
}

export type IssueSecurityNoticeAnswer =
  | Answer<200, SecurityNoticeIssued>
  | Answer<201, SecurityNoticeIssued>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<409, SecurityNoticeNotPermittedProblem>
  | Answer<413, BodyTooLargeProblem>
  | Answer<415, UnsupportedMediaTypeProblem>
  | Answer<422, InvalidBodyProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>
  | Answer<503, UnavailableProblem>

export type ListConcernedCertificatesInput = {
  readonly params: {
    /** SHA-256 in base64url, without padding */
    readonly sha256: string
  }
  readonly query?: {
    /** `next` of the page before */
    readonly after?: string
    readonly limit?: number
  }
  readonly headers?: {
    /** Who asks; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Officer'?: string
    /** Where the officer serves; percent-encoded UTF-8 */
    readonly 'Access-Post'?: string
    /** What for; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Purpose'?: string
    /** Number of the goods declaration; percent-encoded UTF-8 */
    readonly 'Access-Declaration'?: string
  }
}

export type ListConcernedCertificatesAnswer =
  | Answer<
      200,
      {
        readonly certificates: readonly ConcernedCertificate[]
        /** False while certificates of before an update are still being indexed: ask again */
        readonly complete: boolean
        /** Send it as `after` for the next page; absent on the last one */
        readonly next?: string
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ListTrustDecisionsInput = Record<string, never>

export type ListTrustDecisionsAnswer =
  | Answer<
      200,
      {
        readonly pending: readonly {
          /** ISO 3166-1 alpha-2 code of a state */
          readonly state: string
          readonly version: number
          /** SHA-256 in base64url, without padding */
          readonly sha256: string
          /** Absent: frozen by a fork */
          readonly countsFrom?: string
          readonly additions: readonly {
            readonly added: 'body' | 'scope' | 'key' | 'ca' | 'log' | 'node'
            readonly subject: string
          }[]
        }[]
        readonly proposals: readonly {
          /** `root`: pin a root; `root-withdrawn`: a pinned root is not believed from an instant on; `additions`: what a version of a trust list adds counts at once; `fork`: the accepted branch of a forked list stands, or the contradiction of a forked or rolled back log is cleared up; `witness`: what a witness says against the own log counts for nothing, until a database is restored */
          readonly kind: 'root' | 'root-withdrawn' | 'additions' | 'fork' | 'witness'
          /** ISO 3166-1 alpha-2 code of a state */
          readonly state: string
          /** SHA-256 of the root, of the list that adds, or of the refused list of a fork; of a log that forked what /v1/trust/decisions names; of a root that is withdrawn followed by `@` and the instant, which has passed; of a witness the name of its key, `+`, the id of the key, `@` and the epoch of this node */
          readonly subject: string
          /** RFC 3339, UTC */
          readonly proposedAt: string
          readonly proposedBy: string
          /** RFC 3339, UTC */
          readonly lapsesAt: string
        }[]
        /** Each freezes what the list of its state adds */
        readonly forks: readonly (
          | {
              readonly of: 'list'
              /** ISO 3166-1 alpha-2 code of a state */
              readonly state: string
              readonly version: number
              /** The refused list */
              readonly sha256: string
              /** RFC 3339, UTC */
              readonly seenAt: string
            }
          | {
              readonly of: 'log'
              /** ISO 3166-1 alpha-2 code of a state */
              readonly state: string
              readonly origin: string
              readonly proof: 'forked' | 'rolled-back'
              /** The subject of the decision; the checkpoints are in /v1/log-forks */
              readonly sha256: string
              /** RFC 3339, UTC */
              readonly seenAt: string
            }
        )[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type GetRevocationStatusInput = Record<string, never>

export type GetRevocationStatusAnswer =
  | Answer<
      200,
      {
        readonly crls: readonly {
          /** ISO 3166-1 alpha-2 code of a state */
          readonly state: string
          readonly authority: string
          readonly ski: string
          /** `due`: it counts still and should have been renewed; `stale`: it counts no longer */
          readonly currency: 'fresh' | 'due' | 'stale' | 'missing'
          readonly crl?: {
            /** RFC 3339, UTC */
            readonly thisUpdate: string
            /** RFC 3339, UTC */
            readonly nextUpdate: string
            /** RFC 3339, UTC */
            readonly storedAt: string
            /** Its own end, or earlier that of the window that validation allows */
            readonly countsUntil: string
            /** CRLNumber, decimal */
            readonly number: string
            /** Entries */
            readonly revoked: number
          }
          /** Absent: it is published here, or fetched from nowhere */
          readonly fetchedFrom?: {
            readonly url: string
            /** RFC 3339, UTC */
            readonly succeededAt?: string
            /** RFC 3339, UTC */
            readonly failedAt?: string
            readonly failure?: string
            /** Failures in a row */
            readonly attempts: number
            /** RFC 3339, UTC */
            readonly nextAttemptAt?: string
          }
          readonly advice?: Text
        }[]
        readonly ocsp: readonly {
          /** ISO 3166-1 alpha-2 code of a state */
          readonly state: string
          /** Of the authority that issued the key */
          readonly ski: string
          readonly serial: string
          /** Common name */
          readonly key: string
          /** `due`: it counts still and should have been renewed; `stale`: it counts no longer */
          readonly currency: 'fresh' | 'due' | 'stale' | 'missing'
          readonly response?: {
            /** RFC 3339, UTC */
            readonly thisUpdate: string
            /** RFC 3339, UTC */
            readonly nextUpdate: string
            /** RFC 3339, UTC */
            readonly storedAt: string
            /** Its own end, or earlier that of the window that validation allows */
            readonly countsUntil: string
            readonly status: 'good' | 'on-hold' | 'revoked'
          }
          /** Absent: it is published here, or fetched from nowhere */
          readonly fetchedFrom?: {
            readonly url: string
            /** RFC 3339, UTC */
            readonly succeededAt?: string
            /** RFC 3339, UTC */
            readonly failedAt?: string
            readonly failure?: string
            /** Failures in a row */
            readonly attempts: number
            /** RFC 3339, UTC */
            readonly nextAttemptAt?: string
          }
          readonly advice?: Text
        }[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type CreateValidationsInput = {
  readonly contentType?: 'application/json'
  readonly body: ValidationRequest
}

export type CreateValidationsAnswer =
  | Answer<
      200,
      {
        readonly reports: readonly ValidationReport[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<413, BodyTooLargeProblem>
  | Answer<415, UnsupportedMediaTypeProblem>
  | Answer<422, InvalidBodyProblem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type GetValidationInput = {
  readonly params: {
    readonly id: string
  }
  readonly headers?: {
    /** Who asks; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Officer'?: string
    /** Where the officer serves; percent-encoded UTF-8 */
    readonly 'Access-Post'?: string
    /** What for; required of customs; percent-encoded UTF-8 */
    readonly 'Access-Purpose'?: string
    /** Number of the goods declaration; percent-encoded UTF-8 */
    readonly 'Access-Declaration'?: string
  }
}

export type GetValidationAnswer =
  | Answer<200, ValidationReport>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type ListWarningsInput = Record<string, never>

export type ListWarningsAnswer =
  | Answer<
      200,
      {
        readonly warnings: readonly {
          readonly kind:
            | 'trust-list-missing'
            | 'trust-list-due'
            | 'trust-list-long'
            | 'trust-list-forked'
            | 'trust-frozen-by-log'
            | 'trust-additions-pending'
            | 'trust-proposal-open'
            | 'crl-missing'
            | 'crl-due'
            | 'key-ends'
            | 'authority-ends'
            | 'root-not-pinned'
            | 'former-root-undecided'
            | 'tls-ends'
            | 'peer-lag'
            | 'peer-silent'
            | 'peer-clock'
            | 'log-not-witnessed'
            | 'witness-behind'
            | 'log-policy-weak'
            | 'log-forked'
            | 'log-unconfirmed'
            | 'log-altered'
            | 'log-key-missing'
            | 'working-key-unusable'
            | 'no-seal-in-force'
            | 'mirror-behind'
            | 'witness-recalling'
            | 'checkpoint-overdue'
            | 'reconciliation-differs'
            | 'reconciliation-overdue'
            | 'numbers-unsettled'
            | 'changes-unsettled'
            | 'disk-low'
          /** A state, a key by its x5t#S256, a name */
          readonly subject: string
          /** It has happened already */
          readonly overdue: boolean
          /** When it happens, or since when it is so */
          readonly at?: string
          readonly message: Text
        }[]
      }
    >
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<401, Problem>
  | Answer<403, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>

export type AddCheckpointInput =
  | { readonly contentType?: 'text/plain'; readonly body: Raw }
  | { readonly contentType: '*/*'; readonly body: string }

export type AddCheckpointAnswer =
  | Answer<200, string>
  | Answer<400, Problem | InvalidParameterProblem>
  | Answer<403, Problem>
  | Answer<404, Problem>
  | Answer<406, NotAcceptableProblem>
  | Answer<409, string>
  | Answer<413, BodyTooLargeProblem>
  | Answer<415, UnsupportedMediaTypeProblem>
  | Answer<422, Problem>
  | Answer<429, Problem>
  | Answer<500, Problem>
  | Answer<503, UnavailableProblem>

/** Every operation by its operationId. */
export const OPERATIONS = {
  readDocs: {
    method: 'GET',
    path: '/docs',
    summary: 'The contract as a page',
    token: false,
    params: [],
    query: ['lang'],
    headers: [],
    body: [],
    answers: {
      '200': ['text/html; charset=utf-8'],
      '400': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  readFeed: {
    method: 'GET',
    path: '/exchange/v1/feed',
    summary: 'Pull the documents addressed to the caller',
    token: false,
    params: [],
    query: ['after', 'wait', 'limit'],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '409': ['application/problem+json'],
      '410': ['application/problem+json'],
      '421': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
      '503': ['application/problem+json'],
    },
  },
  pushMessages: {
    method: 'POST',
    path: '/exchange/v1/messages',
    summary: 'Push a batch of documents',
    token: false,
    params: [],
    query: [],
    headers: [],
    body: ['application/json'],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '409': ['application/problem+json'],
      '413': ['application/problem+json'],
      '415': ['application/problem+json'],
      '421': ['application/problem+json'],
      '422': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
      '503': ['application/problem+json'],
    },
  },
  getOwnLog: {
    method: 'GET',
    path: '/exchange/v1/own-log',
    summary: 'What this node holds of the caller’s log',
    token: false,
    params: [],
    query: [],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '409': ['application/problem+json'],
      '421': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
      '503': ['application/problem+json'],
    },
  },
  getOwnLogDocuments: {
    method: 'GET',
    path: '/exchange/v1/own-log/documents',
    summary: 'Documents that the caller sent here or was sent, and their receipts',
    token: false,
    params: [],
    query: ['digests'],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '409': ['application/problem+json'],
      '421': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
      '503': ['application/problem+json'],
    },
  },
  getOwnLogLeaves: {
    method: 'GET',
    path: '/exchange/v1/own-log/leaves',
    summary: 'Leaves of the caller’s log, from the mirror of this node',
    token: false,
    params: [],
    query: ['origin', 'index', 'limit'],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '409': ['application/problem+json'],
      '421': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
      '503': ['application/problem+json'],
    },
  },
  pushReceipts: {
    method: 'POST',
    path: '/exchange/v1/receipts',
    summary: 'Bring decisions that were made later',
    token: false,
    params: [],
    query: [],
    headers: [],
    body: ['application/json'],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '409': ['application/problem+json'],
      '413': ['application/problem+json'],
      '415': ['application/problem+json'],
      '421': ['application/problem+json'],
      '422': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
      '503': ['application/problem+json'],
    },
  },
  getReconciliationRange: {
    method: 'GET',
    path: '/exchange/v1/reconciliation',
    summary: 'What this node has of the exchange with the caller, in a range',
    token: false,
    params: [],
    query: ['of', 'after', 'upTo'],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '409': ['application/problem+json'],
      '421': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
      '503': ['application/problem+json'],
    },
  },
  getHealth: {
    method: 'GET',
    path: '/health',
    summary: 'Is the process alive?',
    token: false,
    params: [],
    query: [],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  getLogCheckpoint: {
    method: 'GET',
    path: '/log/checkpoint',
    summary: 'Read the newest checkpoint of the log',
    token: true,
    params: [],
    query: ['witness'],
    headers: [],
    body: [],
    answers: {
      '200': ['text/plain; charset=utf-8'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '409': ['application/problem+json'],
      '421': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
      '503': ['application/problem+json'],
    },
  },
  getLogProof: {
    method: 'GET',
    path: '/log/proof/{digest}',
    summary: 'Prove that a document stands in the log',
    token: true,
    params: ['digest'],
    query: [],
    headers: [],
    body: [],
    answers: {
      '200': ['text/plain; charset=utf-8'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '409': ['application/problem+json'],
      '421': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
      '503': ['application/problem+json'],
    },
  },
  getLogTile: {
    method: 'GET',
    path: '/log/tile/{path}',
    summary: 'Read a tile of the log',
    token: true,
    params: ['path'],
    query: [],
    headers: [],
    body: [],
    answers: {
      '200': ['application/octet-stream'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '409': ['application/problem+json'],
      '421': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
      '503': ['application/problem+json'],
    },
  },
  getToken: {
    method: 'POST',
    path: '/oauth/token',
    summary: 'Get an access token',
    token: false,
    params: [],
    query: [],
    headers: [],
    body: ['application/x-www-form-urlencoded'],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '413': ['application/problem+json'],
      '415': ['application/problem+json'],
      '422': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  getOpenApi: {
    method: 'GET',
    path: '/openapi.json',
    summary: 'This contract',
    token: false,
    params: [],
    query: [],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  readProblems: {
    method: 'GET',
    path: '/problems',
    summary: 'Every problem that a call may be answered with',
    token: false,
    params: [],
    query: [],
    headers: [],
    body: [],
    answers: {
      '200': ['text/html; charset=utf-8'],
      '400': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  readProblem: {
    method: 'GET',
    path: '/problems/{slug}',
    summary: 'What a problem means and what to do, in English and Russian',
    token: false,
    params: ['slug'],
    query: [],
    headers: [],
    body: [],
    answers: {
      '200': ['text/html; charset=utf-8'],
      '400': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  getReadiness: {
    method: 'GET',
    path: '/ready',
    summary: 'Can the node do its work?',
    token: false,
    params: [],
    query: [],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
      '503': ['application/problem+json'],
    },
  },
  readReasons: {
    method: 'GET',
    path: '/reasons',
    summary: 'Every reason code that a validation report may give',
    token: false,
    params: [],
    query: [],
    headers: [],
    body: [],
    answers: {
      '200': ['text/html; charset=utf-8'],
      '400': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  readReason: {
    method: 'GET',
    path: '/reasons/{code}',
    summary: 'What a reason code means for the goods and what to do, in English and Russian',
    token: false,
    params: ['code'],
    query: [],
    headers: [],
    body: [],
    answers: {
      '200': ['text/html; charset=utf-8'],
      '400': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  readRules: {
    method: 'GET',
    path: '/rules',
    summary: 'Every rule that certificates are judged by',
    token: false,
    params: [],
    query: [],
    headers: [],
    body: [],
    answers: {
      '200': ['text/html; charset=utf-8'],
      '400': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  readRule: {
    method: 'GET',
    path: '/rules/{rule}',
    summary: 'What a rule asks and what to do, in English and Russian',
    token: false,
    params: ['rule'],
    query: [],
    headers: [],
    body: [],
    answers: {
      '200': ['text/html; charset=utf-8'],
      '400': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  getStatusList: {
    method: 'GET',
    path: '/status/{id}',
    summary: 'Read a status list of certificates that this state issued',
    token: false,
    params: ['id'],
    query: ['time'],
    headers: ['If-None-Match'],
    body: [],
    answers: {
      '200': ['application/statuslist+jwt'],
      '304': [],
      '400': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
      '501': ['application/problem+json'],
      '503': ['application/problem+json'],
    },
  },
  getCrl: {
    method: 'GET',
    path: '/trust/crls/{ski}.crl',
    summary: 'Read the newest CRL of a CA of this state',
    token: false,
    params: ['ski'],
    query: [],
    headers: [],
    body: [],
    answers: {
      '200': ['application/pkix-crl'],
      '400': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  getTrustList: {
    method: 'GET',
    path: '/trust/list',
    summary: "Read the newest version of this state's trust list",
    token: false,
    params: [],
    query: [],
    headers: [],
    body: [],
    answers: {
      '200': ['application/jose'],
      '400': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  getTrustListVersion: {
    method: 'GET',
    path: '/trust/list/{version}',
    summary: "Read a version of this state's trust list",
    token: false,
    params: ['version'],
    query: [],
    headers: [],
    body: [],
    answers: {
      '200': ['application/jose'],
      '400': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  askOcsp: {
    method: 'POST',
    path: '/trust/ocsp',
    summary: "Ask by OCSP about a key of this state's trust list",
    token: false,
    params: [],
    query: [],
    headers: [],
    body: ['application/ocsp-request'],
    answers: {
      '200': ['application/ocsp-response'],
      '400': ['application/problem+json'],
      '413': ['application/problem+json'],
      '415': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  searchAccesses: {
    method: 'GET',
    path: '/v1/accesses',
    summary: 'What a client system or an officer read',
    token: true,
    params: [],
    query: ['client', 'officer', 'from', 'to', 'after'],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  listAdminActs: {
    method: 'GET',
    path: '/v1/admin-acts',
    summary: 'Who changed the node itself, when and how',
    token: true,
    params: [],
    query: ['after'],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  publishCrl: {
    method: 'POST',
    path: '/v1/admin/crls',
    summary: 'Publish a CRL of a CA of this state',
    token: true,
    params: [],
    query: [],
    headers: [],
    body: ['application/pkix-crl'],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '413': ['application/problem+json'],
      '415': ['application/problem+json'],
      '422': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  publishOcspResponse: {
    method: 'POST',
    path: '/v1/admin/ocsp-responses',
    summary: "Publish an OCSP response about a key of this state's trust list",
    token: true,
    params: [],
    query: [],
    headers: [],
    body: ['application/ocsp-response'],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '413': ['application/problem+json'],
      '415': ['application/problem+json'],
      '422': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  approveTrustDecision: {
    method: 'POST',
    path: '/v1/admin/trust-approvals',
    summary: 'Approve a decision on trust, as the second of two persons',
    token: true,
    params: [],
    query: [],
    headers: [],
    body: ['application/json'],
    answers: {
      '200': ['application/json'],
      '201': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '409': ['application/problem+json'],
      '413': ['application/problem+json'],
      '415': ['application/problem+json'],
      '422': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  publishTrustList: {
    method: 'POST',
    path: '/v1/admin/trust-lists',
    summary: "Publish the next version of this state's trust list",
    token: true,
    params: [],
    query: [],
    headers: [],
    body: ['application/jose'],
    answers: {
      '200': ['application/json'],
      '201': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '413': ['application/problem+json'],
      '415': ['application/problem+json'],
      '422': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  proposeTrustDecision: {
    method: 'POST',
    path: '/v1/admin/trust-proposals',
    summary: 'Propose a decision on trust, as the first of two persons',
    token: true,
    params: [],
    query: [],
    headers: [],
    body: ['application/json'],
    answers: {
      '200': ['application/json'],
      '201': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '409': ['application/problem+json'],
      '413': ['application/problem+json'],
      '415': ['application/problem+json'],
      '422': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  listAlarms: {
    method: 'GET',
    path: '/v1/alarms',
    summary: 'What a person must look at',
    token: true,
    params: [],
    query: ['after'],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  addAttestation: {
    method: 'POST',
    path: '/v1/attestations',
    summary: 'Hand in what a trust service found about a national signature',
    token: true,
    params: [],
    query: [],
    headers: [],
    body: ['application/json'],
    answers: {
      '200': ['application/json'],
      '201': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '409': ['application/problem+json'],
      '413': ['application/problem+json'],
      '415': ['application/problem+json'],
      '422': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
      '503': ['application/problem+json'],
    },
  },
  listAuditCheckpoints: {
    method: 'GET',
    path: '/v1/audit/checkpoints',
    summary: 'Read every checkpoint of the log with what was signed under it',
    token: true,
    params: [],
    query: ['after'],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  listAuditCoverings: {
    method: 'GET',
    path: '/v1/audit/coverings',
    summary: 'Read which acts, accesses and other records stand behind which administrative entry',
    token: true,
    params: [],
    query: ['after'],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  listAuditDocuments: {
    method: 'GET',
    path: '/v1/audit/documents',
    summary: 'Read the documents of the log, to the byte',
    token: true,
    params: [],
    query: ['after'],
    headers: ['Access-Officer', 'Access-Post', 'Access-Purpose', 'Access-Declaration'],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  listAuditRows: {
    method: 'GET',
    path: '/v1/audit/rows/{table}',
    summary: 'Read acts, accesses or other records as they are hashed into the log',
    token: true,
    params: ['table'],
    query: ['after'],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  listAuditStatuses: {
    method: 'GET',
    path: '/v1/audit/statuses',
    summary: 'Read where every certificate stands by the tables of this node',
    token: true,
    params: [],
    query: ['after'],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  getAuditTrust: {
    method: 'GET',
    path: '/v1/audit/trust',
    summary: 'Read what this node judges signatures by, beside the trust lists in its log',
    token: true,
    params: [],
    query: [],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  searchCertificates: {
    method: 'GET',
    path: '/v1/certificates',
    summary: 'Find and list certificates',
    token: true,
    params: [],
    query: [
      'number',
      'taxId',
      'invoice',
      'hs',
      'party',
      'issuer',
      'state',
      'type',
      'status',
      'issuedFrom',
      'issuedTo',
      'validOn',
      'appendedFrom',
      'appendedTo',
      'after',
      'limit',
    ],
    headers: ['Access-Officer', 'Access-Post', 'Access-Purpose', 'Access-Declaration'],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  issueCertificate: {
    method: 'POST',
    path: '/v1/certificates',
    summary: 'Issue a certificate',
    token: true,
    params: [],
    query: ['check'],
    headers: [],
    body: ['application/json', 'application/jose'],
    answers: {
      '200': ['application/json'],
      '201': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '409': ['application/problem+json'],
      '413': ['application/problem+json'],
      '415': ['application/problem+json'],
      '422': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
      '503': ['application/problem+json'],
    },
  },
  issueCertificates: {
    method: 'POST',
    path: '/v1/certificates/batch',
    summary: 'Issue many certificates',
    token: true,
    params: [],
    query: [],
    headers: [],
    body: ['application/x-ndjson'],
    answers: {
      '200': ['application/x-ndjson'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '413': ['application/problem+json'],
      '415': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  getCertificateByNumber: {
    method: 'GET',
    path: '/v1/certificates/by-number',
    summary: 'Read a certificate (identity as parameters)',
    token: true,
    params: [],
    query: ['state', 'type', 'number'],
    headers: ['Access-Officer', 'Access-Post', 'Access-Purpose', 'Access-Declaration'],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  listAccessesByNumber: {
    method: 'GET',
    path: '/v1/certificates/by-number/accesses',
    summary: 'Who read a certificate (identity as parameters)',
    token: true,
    params: [],
    query: ['state', 'type', 'number', 'after'],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  getDeliveryByNumber: {
    method: 'GET',
    path: '/v1/certificates/by-number/delivery',
    summary:
      'Where a certificate and its changes stand with their recipients (identity as parameters)',
    token: true,
    params: [],
    query: ['state', 'type', 'number'],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  getCertificateDocumentByNumber: {
    method: 'GET',
    path: '/v1/certificates/by-number/document',
    summary: 'Read the signed document (identity as parameters)',
    token: true,
    params: [],
    query: ['state', 'type', 'number'],
    headers: ['Access-Officer', 'Access-Post', 'Access-Purpose', 'Access-Declaration'],
    body: [],
    answers: {
      '200': ['application/jose'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  getEvidenceByNumber: {
    method: 'GET',
    path: '/v1/certificates/by-number/evidence',
    summary:
      'Get everything that proves a certificate and its history, in one file (identity as parameters)',
    token: true,
    params: [],
    query: ['state', 'type', 'number'],
    headers: ['Access-Officer', 'Access-Post', 'Access-Purpose', 'Access-Declaration'],
    body: [],
    answers: {
      '200': ['application/vnd.certex.evidence+json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
      '503': ['application/problem+json'],
    },
  },
  listSecondSignaturesByNumber: {
    method: 'GET',
    path: '/v1/certificates/by-number/second-signatures',
    summary:
      'Read the national signatures beside a certificate and what trust services say of them (identity as parameters)',
    token: true,
    params: [],
    query: ['state', 'type', 'number'],
    headers: ['Access-Officer', 'Access-Post', 'Access-Purpose', 'Access-Declaration'],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  addSecondSignatureByNumber: {
    method: 'POST',
    path: '/v1/certificates/by-number/second-signatures',
    summary: 'Put a national signature beside a certificate (identity as parameters)',
    token: true,
    params: [],
    query: ['state', 'type', 'number'],
    headers: [],
    body: ['application/json'],
    answers: {
      '200': ['application/json'],
      '201': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '409': ['application/problem+json'],
      '413': ['application/problem+json'],
      '415': ['application/problem+json'],
      '422': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
      '503': ['application/problem+json'],
    },
  },
  listStatusChangesByNumber: {
    method: 'GET',
    path: '/v1/certificates/by-number/status-changes',
    summary: 'Read the signed status changes of a certificate (identity as parameters)',
    token: true,
    params: [],
    query: ['state', 'type', 'number'],
    headers: ['Access-Officer', 'Access-Post', 'Access-Purpose', 'Access-Declaration'],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  changeStatusByNumber: {
    method: 'POST',
    path: '/v1/certificates/by-number/status-changes',
    summary: 'Change the status of a certificate (identity as parameters)',
    token: true,
    params: [],
    query: ['state', 'type', 'number'],
    headers: [],
    body: ['application/json'],
    answers: {
      '200': ['application/json'],
      '201': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '409': ['application/problem+json'],
      '413': ['application/problem+json'],
      '415': ['application/problem+json'],
      '422': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
      '503': ['application/problem+json'],
    },
  },
  prepareCertificate: {
    method: 'POST',
    path: '/v1/certificates/prepare',
    summary: 'Prepare a certificate for a body that signs itself',
    token: true,
    params: [],
    query: [],
    headers: [],
    body: ['application/json'],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '409': ['application/problem+json'],
      '413': ['application/problem+json'],
      '415': ['application/problem+json'],
      '422': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  getCertificate: {
    method: 'GET',
    path: '/v1/certificates/{state}/{type}/{number}',
    summary: 'Read a certificate',
    token: true,
    params: ['state', 'type', 'number'],
    query: [],
    headers: ['Access-Officer', 'Access-Post', 'Access-Purpose', 'Access-Declaration'],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  listAccesses: {
    method: 'GET',
    path: '/v1/certificates/{state}/{type}/{number}/accesses',
    summary: 'Who read a certificate',
    token: true,
    params: ['state', 'type', 'number'],
    query: ['after'],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  getDelivery: {
    method: 'GET',
    path: '/v1/certificates/{state}/{type}/{number}/delivery',
    summary: 'Where a certificate and its changes stand with their recipients',
    token: true,
    params: ['state', 'type', 'number'],
    query: [],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  getCertificateDocument: {
    method: 'GET',
    path: '/v1/certificates/{state}/{type}/{number}/document',
    summary: 'Read the signed document',
    token: true,
    params: ['state', 'type', 'number'],
    query: [],
    headers: ['Access-Officer', 'Access-Post', 'Access-Purpose', 'Access-Declaration'],
    body: [],
    answers: {
      '200': ['application/jose'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  getEvidence: {
    method: 'GET',
    path: '/v1/certificates/{state}/{type}/{number}/evidence',
    summary: 'Get everything that proves a certificate and its history, in one file',
    token: true,
    params: ['state', 'type', 'number'],
    query: [],
    headers: ['Access-Officer', 'Access-Post', 'Access-Purpose', 'Access-Declaration'],
    body: [],
    answers: {
      '200': ['application/vnd.certex.evidence+json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
      '503': ['application/problem+json'],
    },
  },
  listSecondSignatures: {
    method: 'GET',
    path: '/v1/certificates/{state}/{type}/{number}/second-signatures',
    summary:
      'Read the national signatures beside a certificate and what trust services say of them',
    token: true,
    params: ['state', 'type', 'number'],
    query: [],
    headers: ['Access-Officer', 'Access-Post', 'Access-Purpose', 'Access-Declaration'],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  addSecondSignature: {
    method: 'POST',
    path: '/v1/certificates/{state}/{type}/{number}/second-signatures',
    summary: 'Put a national signature beside a certificate',
    token: true,
    params: ['state', 'type', 'number'],
    query: [],
    headers: [],
    body: ['application/json'],
    answers: {
      '200': ['application/json'],
      '201': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '409': ['application/problem+json'],
      '413': ['application/problem+json'],
      '415': ['application/problem+json'],
      '422': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
      '503': ['application/problem+json'],
    },
  },
  listStatusChanges: {
    method: 'GET',
    path: '/v1/certificates/{state}/{type}/{number}/status-changes',
    summary: 'Read the signed status changes of a certificate',
    token: true,
    params: ['state', 'type', 'number'],
    query: [],
    headers: ['Access-Officer', 'Access-Post', 'Access-Purpose', 'Access-Declaration'],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  changeStatus: {
    method: 'POST',
    path: '/v1/certificates/{state}/{type}/{number}/status-changes',
    summary: 'Change the status of a certificate',
    token: true,
    params: ['state', 'type', 'number'],
    query: [],
    headers: [],
    body: ['application/json'],
    answers: {
      '200': ['application/json'],
      '201': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '409': ['application/problem+json'],
      '413': ['application/problem+json'],
      '415': ['application/problem+json'],
      '422': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
      '503': ['application/problem+json'],
    },
  },
  readEvents: {
    method: 'GET',
    path: '/v1/events',
    summary: 'Follow what happens to certificates',
    token: true,
    params: [],
    query: ['after', 'wait', 'limit'],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '410': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  listLogForks: {
    method: 'GET',
    path: '/v1/log-forks',
    summary: 'Proofs that a log contradicts itself',
    token: true,
    params: [],
    query: [],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  listLostDocuments: {
    method: 'GET',
    path: '/v1/lost-documents',
    summary: 'What a restore could not bring back',
    token: true,
    params: [],
    query: ['after', 'limit'],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  listOfficials: {
    method: 'GET',
    path: '/v1/officials',
    summary: 'Who may sign for the bodies of a state',
    token: true,
    params: [],
    query: ['state', 'body', 'on'],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  listPeers: {
    method: 'GET',
    path: '/v1/peers',
    summary: 'How the exchange with every peer goes',
    token: true,
    params: [],
    query: [],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  getArrival: {
    method: 'GET',
    path: '/v1/peers/{peer}/arrivals/{digest}',
    summary: 'Get the signed exchange in which a document of a peer came',
    token: true,
    params: ['peer', 'digest'],
    query: [],
    headers: ['Access-Officer', 'Access-Post', 'Access-Purpose', 'Access-Declaration'],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  getCompleteness: {
    method: 'GET',
    path: '/v1/peers/{peer}/completeness',
    summary: 'Whether everything has come that a peer’s log says was sent here',
    token: true,
    params: ['peer'],
    query: [],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  getMirroredProof: {
    method: 'GET',
    path: '/v1/peers/{peer}/log-proof',
    summary: 'Prove that a leaf stands in a peer’s log',
    token: true,
    params: ['peer'],
    query: ['origin', 'index'],
    headers: [],
    body: [],
    answers: {
      '200': ['text/plain; charset=utf-8'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  listReconciliations: {
    method: 'GET',
    path: '/v1/peers/{peer}/reconciliations',
    summary: 'What this node and a peer say of each other’s messages and decisions, day by day',
    token: true,
    params: ['peer'],
    query: ['after'],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  listRules: {
    method: 'GET',
    path: '/v1/rules',
    summary: 'The catalogue of rules that certificates are judged by',
    token: false,
    params: [],
    query: [],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  listSecurityNotices: {
    method: 'GET',
    path: '/v1/security-notices',
    summary: 'Security notices of all states, as their amendments left them',
    token: true,
    params: [],
    query: ['after', 'limit'],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  issueSecurityNotice: {
    method: 'POST',
    path: '/v1/security-notices',
    summary: 'Tell all states that a key may be in wrong hands, or that it is not',
    token: true,
    params: [],
    query: [],
    headers: [],
    body: ['application/json'],
    answers: {
      '200': ['application/json'],
      '201': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '409': ['application/problem+json'],
      '413': ['application/problem+json'],
      '415': ['application/problem+json'],
      '422': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
      '503': ['application/problem+json'],
    },
  },
  listConcernedCertificates: {
    method: 'GET',
    path: '/v1/security-notices/{sha256}/certificates',
    summary: 'Certificates that a security notice concerns, and who used them here',
    token: true,
    params: ['sha256'],
    query: ['after', 'limit'],
    headers: ['Access-Officer', 'Access-Post', 'Access-Purpose', 'Access-Declaration'],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  listTrustDecisions: {
    method: 'GET',
    path: '/v1/trust/decisions',
    summary: 'What of trust waits for its time or for people',
    token: true,
    params: [],
    query: [],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  getRevocationStatus: {
    method: 'GET',
    path: '/v1/trust/revocation',
    summary: 'How current the evidence of revocation is',
    token: true,
    params: [],
    query: [],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  createValidations: {
    method: 'POST',
    path: '/v1/validations',
    summary: 'Validate certificates',
    token: true,
    params: [],
    query: [],
    headers: [],
    body: ['application/json'],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '413': ['application/problem+json'],
      '415': ['application/problem+json'],
      '422': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  getValidation: {
    method: 'GET',
    path: '/v1/validations/{id}',
    summary: 'Read a validation report again',
    token: true,
    params: ['id'],
    query: [],
    headers: ['Access-Officer', 'Access-Post', 'Access-Purpose', 'Access-Declaration'],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  listWarnings: {
    method: 'GET',
    path: '/v1/warnings',
    summary: 'What will go wrong unless somebody does something',
    token: true,
    params: [],
    query: [],
    headers: [],
    body: [],
    answers: {
      '200': ['application/json'],
      '400': ['application/problem+json'],
      '401': ['application/problem+json'],
      '403': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
    },
  },
  addCheckpoint: {
    method: 'POST',
    path: '/witness/add-checkpoint',
    summary: 'Have a checkpoint cosigned',
    token: false,
    params: [],
    query: [],
    headers: [],
    body: ['text/plain', '*/*'],
    answers: {
      '200': ['text/plain; charset=utf-8'],
      '400': ['application/problem+json'],
      '403': ['application/problem+json'],
      '404': ['application/problem+json'],
      '406': ['application/problem+json'],
      '409': ['text/x.tlog.size'],
      '413': ['application/problem+json'],
      '415': ['application/problem+json'],
      '422': ['application/problem+json'],
      '429': ['application/problem+json'],
      '500': ['application/problem+json'],
      '503': ['application/problem+json'],
    },
  },
} as const satisfies Record<string, Operation>

export type OperationId = keyof typeof OPERATIONS

/** One method per operation; a problem is an answer, not an exception. */
export interface Client {
  /** The contract as a page */
  readDocs(input?: ReadDocsInput, signal?: AbortSignal): Promise<ReadDocsAnswer>
  /** Pull the documents addressed to the caller. From peer nodes, signed by RFC 9421. The same messages as are pushed, in order and without gaps, behind the cursor of the page before. Naming a cursor acknowledges that everything up to it is durable at the caller. Decisions come back by `POST /exchange/v1/receipts`. */
  readFeed(input?: ReadFeedInput, signal?: AbortSignal): Promise<ReadFeedAnswer>
  /** Push a batch of documents. From peer nodes, signed by RFC 9421 with Content-Digest. The signed answer is the evidence of receipt: every document is durable; `decided` ones have their receipt in it, the others get theirs later. Any batch may come again in any shape. An empty batch says that nothing waits. */
  pushMessages(input: PushMessagesInput, signal?: AbortSignal): Promise<PushMessagesAnswer>
  /** What this node holds of the caller’s log. For a node that lost its database, signed by RFC 9421. The mirror of the log of the caller’s own state, never of another’s. Every checkpoint is signed by that log; `cosigned` bears a fresh cosignature of this node’s witness. */
  getOwnLog(input?: GetOwnLogInput, signal?: AbortSignal): Promise<GetOwnLogAnswer>
  /** Documents that the caller sent here or was sent, and their receipts. By digest, exact bytes. Of documents between this node and the caller, receipts of either for the other, and versions of trust lists; of any other digest the answer says nothing. `left`: held, but too much for one answer. */
  getOwnLogDocuments(
    input: GetOwnLogDocumentsInput,
    signal?: AbortSignal,
  ): Promise<GetOwnLogDocumentsAnswer>
  /** Leaves of the caller’s log, from the mirror of this node. Byte for byte as the caller’s node signed them in its checkpoints. None behind the end of the mirror. */
  getOwnLogLeaves(input: GetOwnLogLeavesInput, signal?: AbortSignal): Promise<GetOwnLogLeavesAnswer>
  /** Bring decisions that were made later */
  pushReceipts(input: PushReceiptsInput, signal?: AbortSignal): Promise<PushReceiptsAnswer>
  /** What this node has of the exchange with the caller, in a range. From peer nodes, signed by RFC 9421. Count and root over the messages with a number above `after` and up to `upTo`, or over the decisions of these seconds; of many rows the same of smaller ranges, of few the rows themselves. Whoever compares a reconciliation document finds so what differs. */
  getReconciliationRange(
    input: GetReconciliationRangeInput,
    signal?: AbortSignal,
  ): Promise<GetReconciliationRangeAnswer>
  /** Is the process alive? */
  getHealth(input?: GetHealthInput, signal?: AbortSignal): Promise<GetHealthAnswer>
  /** Read the newest checkpoint of the log. A C2SP tlog-checkpoint: the size of the log and the root hash of its Merkle tree, signed by the log key that the trust list names. It follows what is new within about a second. With `witness` it is the newest one that bears the cosignature of that key, if there is one: a witness that lost its database remembers by it what it had cosigned. */
  getLogCheckpoint(
    input?: GetLogCheckpointInput,
    signal?: AbortSignal,
  ): Promise<GetLogCheckpointAnswer>
  /** Prove that a document stands in the log. A C2SP tlog-proof against the newest checkpoint that the quorum has cosigned, or else the newest, with the leaf as extra data: verifiable without this node. */
  getLogProof(input: GetLogProofInput, signal?: AbortSignal): Promise<GetLogProofAnswer>
  /** Read a tile of the log. Hashes (`0/000`, `1/x001/x234/067`) or entries (`entries/000`) as C2SP tlog-tiles names them, partial ones (`0/000.p/17`) too, as far as the newest checkpoint reaches. A tile never changes. */
  getLogTile(input: GetLogTileInput, signal?: AbortSignal): Promise<GetLogTileAnswer>
  /** Get an access token. OAuth 2.0 client credentials with private_key_jwt (RFC 7523): `aud` is the public URL of this node, `exp` at most 300 s ahead, `jti` used once. Role and organisation come from the registration of the client. */
  getToken(input: GetTokenInput, signal?: AbortSignal): Promise<GetTokenAnswer>
  /** This contract */
  getOpenApi(input?: GetOpenApiInput, signal?: AbortSignal): Promise<GetOpenApiAnswer>
  /** Every problem that a call may be answered with */
  readProblems(input?: ReadProblemsInput, signal?: AbortSignal): Promise<ReadProblemsAnswer>
  /** What a problem means and what to do, in English and Russian */
  readProblem(input: ReadProblemInput, signal?: AbortSignal): Promise<ReadProblemAnswer>
  /** Can the node do its work?. Ready once its own trust list is published and the database answers. */
  getReadiness(input?: GetReadinessInput, signal?: AbortSignal): Promise<GetReadinessAnswer>
  /** Every reason code that a validation report may give */
  readReasons(input?: ReadReasonsInput, signal?: AbortSignal): Promise<ReadReasonsAnswer>
  /** What a reason code means for the goods and what to do, in English and Russian */
  readReason(input: ReadReasonInput, signal?: AbortSignal): Promise<ReadReasonAnswer>
  /** Every rule that certificates are judged by */
  readRules(input?: ReadRulesInput, signal?: AbortSignal): Promise<ReadRulesAnswer>
  /** What a rule asks and what to do, in English and Russian */
  readRule(input: ReadRuleInput, signal?: AbortSignal): Promise<ReadRuleAnswer>
  /** Read a status list of certificates that this state issued. A Status List Token with two bits a certificate (draft-ietf-oauth-status-list): 0 valid, 1 withdrawn, 2 suspended. It shows a change at once; the end of validity is in the certificate itself. */
  getStatusList(input: GetStatusListInput, signal?: AbortSignal): Promise<GetStatusListAnswer>
  /** Read the newest CRL of a CA of this state */
  getCrl(input: GetCrlInput, signal?: AbortSignal): Promise<GetCrlAnswer>
  /** Read the newest version of this state's trust list. A list that only proves itself proves nothing: compare the fingerprint of its root first. */
  getTrustList(input?: GetTrustListInput, signal?: AbortSignal): Promise<GetTrustListAnswer>
  /** Read a version of this state's trust list */
  getTrustListVersion(
    input: GetTrustListVersionInput,
    signal?: AbortSignal,
  ): Promise<GetTrustListVersionAnswer>
  /** Ask by OCSP about a key of this state's trust list. RFC 6960 A.1 over responses that a responder of the authority signed beforehand. A nonce is not answered. What was not published is `unauthorized`: ask the CRL. */
  askOcsp(input: AskOcspInput, signal?: AbortSignal): Promise<AskOcspAnswer>
  /** What a client system or an officer read. Of the whole record, or of a client system, an officer, a time. In the order of their instants, at most 1000 on a page. */
  searchAccesses(input?: SearchAccessesInput, signal?: AbortSignal): Promise<SearchAccessesAnswer>
  /** Who changed the node itself, when and how. Clients, pins, trust lists, CRLs, keys, restores, migrations; never changed. At most 1000, oldest first: go on with the last `n` as `after`. */
  listAdminActs(input?: ListAdminActsInput, signal?: AbortSignal): Promise<ListAdminActsAnswer>
  /** Publish a CRL of a CA of this state */
  publishCrl(input: PublishCrlInput, signal?: AbortSignal): Promise<PublishCrlAnswer>
  /** Publish an OCSP response about a key of this state's trust list. Signed beforehand by the authority that issued the key or a responder of it. The newest about a key is kept; a revocation is not taken back, and it alone is kept about a key that has ended. */
  publishOcspResponse(
    input: PublishOcspResponseInput,
    signal?: AbortSignal,
  ): Promise<PublishOcspResponseAnswer>
  /** Approve a decision on trust, as the second of two persons. It counts from now on. Whoever proposed it is refused, by whatever client system or login they come. */
  approveTrustDecision(
    input: ApproveTrustDecisionInput,
    signal?: AbortSignal,
  ): Promise<ApproveTrustDecisionAnswer>
  /** Publish the next version of this state's trust list. Signed offline by the list signer. It goes to all peers. What it removes ends at once, what it adds counts after the delay of the policy. The list of another state is refused (`state-differs`): the node fetches it by itself; where it cannot, its operator takes it in with `certex trust publish`. */
  publishTrustList(
    input: PublishTrustListInput,
    signal?: AbortSignal,
  ): Promise<PublishTrustListAnswer>
  /** Propose a decision on trust, as the first of two persons. Nothing changes until another client system approves it. It lapses after 7 days. */
  proposeTrustDecision(
    input: ProposeTrustDecisionInput,
    signal?: AbortSignal,
  ): Promise<ProposeTrustDecisionAnswer>
  /** What a person must look at */
  listAlarms(input?: ListAlarmsInput, signal?: AbortSignal): Promise<ListAlarmsAnswer>
  /** Hand in what a trust service found about a national signature. The statement is signed by a key that the trust list of this state names with the usage `attestation`, and names the second signature and the SHA-256 of its national bytes. It goes to every state that received the certificate, or back to the state that issued it. The same again changes nothing (200); one state makes at most 20 of one second signature. */
  addAttestation(input: AddAttestationInput, signal?: AbortSignal): Promise<AddAttestationAnswer>
  /** Read every checkpoint of the log with what was signed under it. Smallest first, behind the size `after`, at most 100. A line under a checkpoint is one signature as C2SP signed notes write it. */
  listAuditCheckpoints(
    input?: ListAuditCheckpointsInput,
    signal?: AbortSignal,
  ): Promise<ListAuditCheckpointsAnswer>
  /** Read which acts, accesses and other records stand behind which administrative entry. In the order of the log, at most 1000. With the nonce the digest of the entry can be computed over the rows. */
  listAuditCoverings(
    input?: ListAuditCoveringsInput,
    signal?: AbortSignal,
  ): Promise<ListAuditCoveringsAnswer>
  /** Read the documents of the log, to the byte. In the order of the log, behind the entry `after`: at most 200 and about 2 MiB. The SHA-256 of each stands in its entry. Every certificate among them is recorded as read. */
  listAuditDocuments(
    input?: ListAuditDocumentsInput,
    signal?: AbortSignal,
  ): Promise<ListAuditDocumentsAnswer>
  /** Read acts, accesses or other records as they are hashed into the log. By their numbers, at most 1000; fewer where they are long; the texts are those that the digest of an administrative entry is computed over. Of the body of a report it is the digest. */
  listAuditRows(input: ListAuditRowsInput, signal?: AbortSignal): Promise<ListAuditRowsAnswer>
  /** Read where every certificate stands by the tables of this node. In the order of the log, at most 1000. They are of the moment at which the log had `size` entries: the documents before it must lead there. */
  listAuditStatuses(
    input?: ListAuditStatusesInput,
    signal?: AbortSignal,
  ): Promise<ListAuditStatusesAnswer>
  /** Read what this node judges signatures by, beside the trust lists in its log. Pinned roots, when each list was accepted and from when its additions count, decisions of two persons, forks, and the CRLs and OCSP responses that are kept. */
  getAuditTrust(input?: GetAuditTrustInput, signal?: AbortSignal): Promise<GetAuditTrustAnswer>
  /** Find and list certificates. Those that satisfy every condition given, all of them without any; the newest in the log first. Answers only what the caller may see. Certificates that come between two pages neither repeat nor displace any. Names and numbers are compared folded: case, Cyrillic or Latin script, quotes, № and the kinds of Uzbek apostrophes do not matter. */
  searchCertificates(
    input?: SearchCertificatesInput,
    signal?: AbortSignal,
  ): Promise<SearchCertificatesAnswer>
  /** Issue a certificate. Judges the certificate, seals it with the seal of the body it names and sends it to the states it is for. The number is its identity: the same content again gives the same document (200), other content is refused (409). With `check=true` it only judges, and tells a taken number as issue would. A body that keeps its own seal sends the signed document itself as `application/jose`, the exact bytes of the compact JWS without a line feed, over the claims that `prepare` gave it. JSON may have 262144 bytes. */
  issueCertificate(
    input: IssueCertificateInput,
    signal?: AbortSignal,
  ): Promise<IssueCertificateAnswer>
  /** Issue many certificates. Issues one certificate a line, at most 1000 lines: `{"certificate", "to"?}` to be sealed here, or `{"document"}` signed by its body. Every line that is not empty has one outcome, in the same order: what a call of its own would have answered, or the problem with which it would have been refused. A line that is refused changes nothing for the others. After a broken connection send the same lines again, or the rest of them: what was issued is answered with status 200 and the same document. */
  issueCertificates(
    input: IssueCertificatesInput,
    signal?: AbortSignal,
  ): Promise<IssueCertificatesAnswer>
  /** Read a certificate (identity as parameters) */
  getCertificateByNumber(
    input: GetCertificateByNumberInput,
    signal?: AbortSignal,
  ): Promise<GetCertificateByNumberAnswer>
  /** Who read a certificate (identity as parameters) */
  listAccessesByNumber(
    input: ListAccessesByNumberInput,
    signal?: AbortSignal,
  ): Promise<ListAccessesByNumberAnswer>
  /** Where a certificate and its changes stand with their recipients (identity as parameters) */
  getDeliveryByNumber(
    input: GetDeliveryByNumberInput,
    signal?: AbortSignal,
  ): Promise<GetDeliveryByNumberAnswer>
  /** Read the signed document (identity as parameters) */
  getCertificateDocumentByNumber(
    input: GetCertificateDocumentByNumberInput,
    signal?: AbortSignal,
  ): Promise<GetCertificateDocumentByNumberAnswer>
  /** Get everything that proves a certificate and its history, in one file (identity as parameters). An evidence pack (`evidence/1`, schema in `openapi/schemas/evidence-1.json`): the exact signed documents, trust lists, revocation data, receipts and the proofs of the witnessed log. `certex validate` answers by it without network and database. What is missing the pack names: ask again when `complete` is false for want of a `quorum`. */
  getEvidenceByNumber(
    input: GetEvidenceByNumberInput,
    signal?: AbortSignal,
  ): Promise<GetEvidenceByNumberAnswer>
  /** Read the national signatures beside a certificate and what trust services say of them (identity as parameters) */
  listSecondSignaturesByNumber(
    input: ListSecondSignaturesByNumberInput,
    signal?: AbortSignal,
  ): Promise<ListSecondSignaturesByNumberAnswer>
  /** Put a national signature beside a certificate (identity as parameters). Keeps the national bytes as they are, seals a statement around them and sends it to every state that received the certificate. Nobody judges them here: receivers see them as not computable until a trust service attests them. The certificate stays what its seal makes it. A body that keeps its own seal sends the statement as it signed it. The same again gives the same document (200); at most 20 of one certificate. */
  addSecondSignatureByNumber(
    input: AddSecondSignatureByNumberInput,
    signal?: AbortSignal,
  ): Promise<AddSecondSignatureByNumberAnswer>
  /** Read the signed status changes of a certificate (identity as parameters) */
  listStatusChangesByNumber(
    input: ListStatusChangesByNumberInput,
    signal?: AbortSignal,
  ): Promise<ListStatusChangesByNumberAnswer>
  /** Change the status of a certificate (identity as parameters). Signs the change and sends it at once to every state that received the certificate. The issuing body makes every change that the type of the certificate knows; the authority above it suspends and resumes. A suspension is lifted by the party that made it, or by one above that party. A replacement issues its successor in the same step: both documents or neither. A body that keeps its own seal sends the change as it signed it. The latest change with the same words again gives the same documents (200). One party makes at most 200 changes of one certificate; what ends it is always taken. */
  changeStatusByNumber(
    input: ChangeStatusByNumberInput,
    signal?: AbortSignal,
  ): Promise<ChangeStatusByNumberAnswer>
  /** Prepare a certificate for a body that signs itself. Checks everything that issuing would check, holds the number and a place in the status list for 24 hours, and answers the exact claims to sign. The same content again gives the same claims; other content under the same number replaces them. Sign them as compact JWS with the header members `alg, typ, cty, iat, x5t#S256, x5c` and send it to `POST /v1/certificates`. */
  prepareCertificate(
    input: PrepareCertificateInput,
    signal?: AbortSignal,
  ): Promise<PrepareCertificateAnswer>
  /** Read a certificate */
  getCertificate(input: GetCertificateInput, signal?: AbortSignal): Promise<GetCertificateAnswer>
  /** Who read a certificate */
  listAccesses(input: ListAccessesInput, signal?: AbortSignal): Promise<ListAccessesAnswer>
  /** Where a certificate and its changes stand with their recipients */
  getDelivery(input: GetDeliveryInput, signal?: AbortSignal): Promise<GetDeliveryAnswer>
  /** Read the signed document */
  getCertificateDocument(
    input: GetCertificateDocumentInput,
    signal?: AbortSignal,
  ): Promise<GetCertificateDocumentAnswer>
  /** Get everything that proves a certificate and its history, in one file. An evidence pack (`evidence/1`, schema in `openapi/schemas/evidence-1.json`): the exact signed documents, trust lists, revocation data, receipts and the proofs of the witnessed log. `certex validate` answers by it without network and database. What is missing the pack names: ask again when `complete` is false for want of a `quorum`. */
  getEvidence(input: GetEvidenceInput, signal?: AbortSignal): Promise<GetEvidenceAnswer>
  /** Read the national signatures beside a certificate and what trust services say of them */
  listSecondSignatures(
    input: ListSecondSignaturesInput,
    signal?: AbortSignal,
  ): Promise<ListSecondSignaturesAnswer>
  /** Put a national signature beside a certificate. Keeps the national bytes as they are, seals a statement around them and sends it to every state that received the certificate. Nobody judges them here: receivers see them as not computable until a trust service attests them. The certificate stays what its seal makes it. A body that keeps its own seal sends the statement as it signed it. The same again gives the same document (200); at most 20 of one certificate. */
  addSecondSignature(
    input: AddSecondSignatureInput,
    signal?: AbortSignal,
  ): Promise<AddSecondSignatureAnswer>
  /** Read the signed status changes of a certificate */
  listStatusChanges(
    input: ListStatusChangesInput,
    signal?: AbortSignal,
  ): Promise<ListStatusChangesAnswer>
  /** Change the status of a certificate. Signs the change and sends it at once to every state that received the certificate. The issuing body makes every change that the type of the certificate knows; the authority above it suspends and resumes. A suspension is lifted by the party that made it, or by one above that party. A replacement issues its successor in the same step: both documents or neither. A body that keeps its own seal sends the change as it signed it. The latest change with the same words again gives the same documents (200). One party makes at most 200 changes of one certificate; what ends it is always taken. */
  changeStatus(input: ChangeStatusInput, signal?: AbortSignal): Promise<ChangeStatusAnswer>
  /** Follow what happens to certificates. Everything that the caller may see, in the order of the log, without gaps: certificates issued and received, changes of their state, decisions of the receiving states, and security notices about keys: what such a notice puts on hold, /v1/security-notices/{sha256}/certificates lists. Keep `next` and read on from it. Events of one document stay together, so a page may be longer than `limit`; it may also be empty while `hasMore` says that the log goes on. Events name certificates and hold nothing of their content. */
  readEvents(input?: ReadEventsInput, signal?: AbortSignal): Promise<ReadEventsAnswer>
  /** Proofs that a log contradicts itself. Pairs of checkpoints that the same log has signed and that cannot both be true: of one size with different trees, or of different sizes with a proof that the larger tree begins otherwise. A few of each log. Until two persons settle it (/v1/trust/decisions), additions to the trust list of its state do not count. */
  listLogForks(input?: ListLogForksInput, signal?: AbortSignal): Promise<ListLogForksAnswer>
  /** What a restore could not bring back. Leaves that stand in the log, signed and witnessed, and whose documents (or, of administrative ones, records) nobody had any more. By digest: whoever holds the document can show that it is this one. None, if no database was ever lost. */
  listLostDocuments(
    input?: ListLostDocumentsInput,
    signal?: AbortSignal,
  ): Promise<ListLostDocumentsAnswer>
  /** Who may sign for the bodies of a state. By the newest register of that state, which its list signer signed. Personal data: for comparing a signature, not to be passed on. Empty, if the state has sent no register. */
  listOfficials(input: ListOfficialsInput, signal?: AbortSignal): Promise<ListOfficialsAnswer>
  /** How the exchange with every peer goes */
  listPeers(input?: ListPeersInput, signal?: AbortSignal): Promise<ListPeersAnswer>
  /** Get the signed exchange in which a document of a peer came. Evidence of what the peer sent and under which number, signed by its node: beside the proof of the leaf (`/v1/peers/{peer}/log-proof`) it shows that a message came under another number than the log says. The body holds all documents of that exchange; the certificates among them count as read. */
  getArrival(input: GetArrivalInput, signal?: AbortSignal): Promise<GetArrivalAnswer>
  /** Whether everything has come that a peer’s log says was sent here. From the mirror of its log: every leaf is verified against the checkpoint, which its log has signed. `missing` and `misnumbered` show the oldest hundred; messages on their way are among them. What came and stands in no log is told as alarm `message-unlogged`. */
  getCompleteness(input: GetCompletenessInput, signal?: AbortSignal): Promise<GetCompletenessAnswer>
  /** Prove that a leaf stands in a peer’s log. A C2SP tlog-proof made of the mirror alone, the leaf as extra data: evidence of what the peer’s log says, also against the peer. */
  getMirroredProof(
    input: GetMirroredProofInput,
    signal?: AbortSignal,
  ): Promise<GetMirroredProofAnswer>
  /** What this node and a peer say of each other’s messages and decisions, day by day. Signed documents of both, the newest first, 20 a page: go on with `next` as `after`. Those of the peer bear what comparing them with this node came to: `agrees`, `differs` with the rows that do, or `cannot-tell` (yet); a view without a verdict has not been compared yet. */
  listReconciliations(
    input: ListReconciliationsInput,
    signal?: AbortSignal,
  ): Promise<ListReconciliationsAnswer>
  /** The catalogue of rules that certificates are judged by */
  listRules(input?: ListRulesInput, signal?: AbortSignal): Promise<ListRulesAnswer>
  /** Security notices of all states, as their amendments left them. First in the log of this node first; released ones as well. */
  listSecurityNotices(
    input?: ListSecurityNoticesInput,
    signal?: AbortSignal,
  ): Promise<ListSecurityNoticesAnswer>
  /** Tell all states that a key may be in wrong hands, or that it is not. The registry of the state signs the notice, and it goes to every peer at once. A notice on hold about a seal of the own state holds up, here and there, everything that the seal may have signed in the interval: validations answer "cannot tell", and the seal signs nothing here. A notice about a seal of another state holds up here only. Nothing is deleted: a notice is narrowed or released by a further document, and what it held up is as it was before. The same words again give the same document (200). */
  issueSecurityNotice(
    input: IssueSecurityNoticeInput,
    signal?: AbortSignal,
  ): Promise<IssueSecurityNoticeAnswer>
  /** Certificates that a security notice concerns, and who used them here. Those that the key may have signed in the interval: by when this node had them in its log, and not by the time that the document claims, which whoever has the key writes as he likes. Also of a released notice. Customs see what was received. A use is a validation by customs; write-offs are not recorded yet. */
  listConcernedCertificates(
    input: ListConcernedCertificatesInput,
    signal?: AbortSignal,
  ): Promise<ListConcernedCertificatesAnswer>
  /** What of trust waits for its time or for people */
  listTrustDecisions(
    input?: ListTrustDecisionsInput,
    signal?: AbortSignal,
  ): Promise<ListTrustDecisionsAnswer>
  /** How current the evidence of revocation is. Every CRL that there should be, and every OCSP response that is asked for or was published: how long it counts, whence it comes, what failed, what to do. */
  getRevocationStatus(
    input?: GetRevocationStatusInput,
    signal?: AbortSignal,
  ): Promise<GetRevocationStatusAnswer>
  /** Validate certificates. Each item names a signed document or an identity, and may bring the lines of a goods declaration. The answer holds one report per item, in order: what was checked, with what result, and what to do. Reports are kept. */
  createValidations(
    input: CreateValidationsInput,
    signal?: AbortSignal,
  ): Promise<CreateValidationsAnswer>
  /** Read a validation report again */
  getValidation(input: GetValidationInput, signal?: AbortSignal): Promise<GetValidationAnswer>
  /** What will go wrong unless somebody does something. Computed at the call: peers that lag or are silent, clocks that differ, keys, lists and CRLs that end. The log of the node has each when it appears and once a day. */
  listWarnings(input?: ListWarningsInput, signal?: AbortSignal): Promise<ListWarningsAnswer>
  /** Have a checkpoint cosigned. C2SP tlog-witness. This node witnesses the logs that the trust lists of other states name: it cosigns a checkpoint that is signed by its log and continues the one cosigned before. The signature under the checkpoint is all the authentication there is. Whatever media type the request names, or none, its body is the text of the specification. */
  addCheckpoint(input: AddCheckpointInput, signal?: AbortSignal): Promise<AddCheckpointAnswer>
}

/** A client of one node. */
export function createClient(options: ClientOptions): Client {
  const methods = Object.entries(OPERATIONS).map(([id, operation]) => [
    id,
    (input?: Input, signal?: AbortSignal) => send(options, operation, input, signal),
  ])
  return Object.fromEntries(methods) as Client
}
