import type { z } from 'zod'
import { parseCertificateId } from '../../certificate/certificate-id.ts'
import { encodeBase64url } from '../../encoding/base64url.ts'
import { sha256 as hash } from '../../crypto/suite.ts'
import { addAttestation } from '../../exchange/second-signatures/add-attestation.ts'
import { addSecondSignature } from '../../exchange/second-signatures/add-second-signature.ts'
import { Attestation } from '../../exchange/second-signatures/attestation.ts'
import { payloadOf } from '../../exchange/registered.ts'
import {
  nationalBytes,
  SecondSignature,
} from '../../exchange/second-signatures/second-signature.ts'
import type { StoredStatement } from '../../exchange/second-signatures/store.ts'
import { MAX_JWS_LENGTH } from '../../jose/parse.ts'
import { AccessHeaders, recordAccess } from '../access.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { ProblemError } from '../problem.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'
import { addressed, findVisible, READERS } from './certificate-address.ts'
import { issueProblem } from './issue-outcomes.ts'
import {
  ATTESTATION_EXAMPLES,
  AttestationAdded,
  AttestationRequest,
  SECOND_SIGNATURE_EXAMPLES,
  SecondSignatureAdded,
  SecondSignatureRequest,
  SecondSignatures,
} from './second-signature-shapes.ts'

const tags = ['Certificates'] as const

const listRoutes = addressed('/second-signatures', {
  operationId: 'listSecondSignatures',
  method: 'get',
  summary: 'Read the national signatures beside a certificate and what trust services say of them',
  tags,
  callers: READERS,
  requestHeaders: AccessHeaders,
  answers: {
    200: { description: 'All of them, in the order of the log', schema: SecondSignatures },
  },
  problems: ['certificate-not-found'],
})

const addRoutes = addressed('/second-signatures', {
  operationId: 'addSecondSignature',
  method: 'post',
  summary: 'Put a national signature beside a certificate',
  description:
    'Keeps the national bytes as they are, seals a statement around them and sends it to every state that received the certificate. Nobody judges them here: receivers see them as not computable until a trust service attests them. The certificate stays what its seal makes it. A body that keeps its own seal sends the statement as it signed it. The same again gives the same document (200); at most 20 of one certificate.',
  tags,
  callers: ['issuer'],
  body: {
    json: SecondSignatureRequest,
    maxBytes: MAX_JWS_LENGTH + 16 * 1024,
    examples: SECOND_SIGNATURE_EXAMPLES,
  },
  answers: {
    200: { description: 'The same stands beside it already', schema: SecondSignatureAdded },
    201: { description: 'Added and durable; delivery has begun', schema: SecondSignatureAdded },
  },
  problems: [
    'certificate-not-found',
    'too-many-statements',
    'seal-not-available',
    'seal-on-hold',
    'body-signs-itself',
    'seal-held-by-node',
    'document-invalid',
    'claims-differ',
    'signing-time-wrong',
    'unavailable',
  ],
})

const attestRoute = declareRoute({
  operationId: 'addAttestation',
  method: 'post',
  path: '/v1/attestations',
  summary: 'Hand in what a trust service found about a national signature',
  description:
    'The statement is signed by a key that the trust list of this state names with the usage `attestation`, and names the second signature and the SHA-256 of its national bytes. It goes to every state that received the certificate, or back to the state that issued it. The same again changes nothing (200); one state makes at most 20 of one second signature.',
  tags,
  callers: ['authority'],
  body: {
    json: AttestationRequest,
    maxBytes: MAX_JWS_LENGTH + 16 * 1024,
    examples: ATTESTATION_EXAMPLES,
  },
  answers: {
    200: { description: 'It is here already', schema: AttestationAdded },
    201: { description: 'Added and durable; delivery has begun', schema: AttestationAdded },
  },
  problems: [
    'second-signature-not-found',
    'too-many-statements',
    'document-invalid',
    'claims-differ',
    'signing-time-wrong',
    'unavailable',
  ],
})

export function mountSecondSignatures(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const add = addSecondSignature(deps)
  const attest = addAttestation(deps)

  for (const route of listRoutes)
    mount(app, route, async ({ params, query, caller, requestHeaders }) => {
      const stored = await findVisible(deps, caller, params ?? query)
      await recordAccess(deps, caller, requestHeaders, 'listSecondSignatures', [stored])
      const found = await deps.secondSignatures.of(stored.sha256)
      const secondSignatures = await Promise.all(found.map((one) => viewOf(deps, one)))
      return { status: 200, body: { secondSignatures } }
    })

  for (const route of addRoutes)
    mount(app, route, async ({ params, query, body, caller }) => {
      const id = parseCertificateId(params ?? query)
      if (!id) throw new ProblemError('certificate-not-found')
      const outcome = await add(id, caller.party!, body)
      switch (outcome.outcome) {
        case 'added':
        case 'already-added': {
          const isNew = outcome.outcome === 'added'
          if (isNew) deps.outgoing()
          const { sha256, jws: document } = outcome
          return { status: isNew ? 201 : 200, body: { sha256, document } }
        }
        case 'certificate-unknown':
          throw new ProblemError('certificate-not-found')
        case 'too-many':
          throw new ProblemError('too-many-statements')
        default:
          throw issueProblem(outcome)
      }
    })

  mount(app, attestRoute, async ({ body }) => {
    const outcome = await attest(body.document)
    switch (outcome.outcome) {
      case 'added':
      case 'already-added': {
        const isNew = outcome.outcome === 'added'
        if (isNew) deps.outgoing()
        return { status: isNew ? 201 : 200, body: { sha256: outcome.sha256 } }
      }
      case 'second-signature-unknown':
        throw new ProblemError('second-signature-not-found')
      case 'too-many':
        throw new ProblemError('too-many-statements')
      default:
        throw issueProblem(outcome)
    }
  })
}

async function viewOf(
  { secondSignatures }: Pick<NodeDependencies, 'secondSignatures'>,
  { sha256, jws, at }: StoredStatement,
): Promise<z.output<typeof SecondSignatures>['secondSignatures'][number]> {
  const claims = SecondSignature.parse(payloadOf(jws))
  const { schema: _schema, iss: issuer, aud: _aud, target: _target, ...signature } = claims
  const original = encodeBase64url(await hash(nationalBytes(claims)))
  const attestations = (await secondSignatures.attestations(sha256)).map(attestationView)
  return { sha256, appendedAt: at, issuer, original, signature, document: jws, attestations }
}

function attestationView({ sha256, jws, at: appendedAt }: StoredStatement) {
  const claims = Attestation.parse(payloadOf(jws))
  const { iss: issuer, service, indication, subIndication, at, expires } = claims
  return {
    sha256,
    appendedAt,
    issuer,
    service,
    indication,
    ...(subIndication !== undefined && { subIndication }),
    at,
    ...(expires !== undefined && { expires }),
    document: jws,
  }
}
