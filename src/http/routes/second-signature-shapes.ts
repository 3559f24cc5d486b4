import { z } from 'zod'
import { PartyId } from '../../certificate/party-id.ts'
import { nationalSignature } from '../../exchange/second-signatures/second-signature.ts'
import { MAX_JWS_LENGTH } from '../../jose/parse.ts'
import { Digest, Instant } from '../schemas.ts'

// National signatures beside certificates, and what trust services say of them.

const Jws = z.string().min(1).max(MAX_JWS_LENGTH)

const Stated = z
  .strictObject({
    over: nationalSignature.over.meta({
      description:
        'What was signed: `document`, the ASCII text of the compact JWS; `payload`, its decoded payload',
    }),
    container: nationalSignature.container.meta({
      description:
        'What `value` is, as an OID: 1.2.840.113549.1.7.2 is CMS SignedData; for a bare signature value the OID of its algorithm',
    }),
    algorithm: nationalSignature.algorithm.meta({ description: 'OID of the national algorithm' }),
    value: nationalSignature.value.meta({
      description: 'The national bytes as they were made, base64, at most 64 KiB',
    }),
    key: nationalSignature.key.meta({
      description: 'SubjectPublicKeyInfo of the signing key, base64, where the container has none',
    }),
    signer: nationalSignature.signer.meta({
      description: 'Who signed, as the national certificate writes it',
    }),
  })
  .meta({ id: 'NationalSignature' })

export const SecondSignatureRequest = z
  .union([
    Stated,
    z.strictObject({
      document: Jws.meta({
        description: 'The second signature as a body that keeps its seal signed it, compact JWS',
      }),
    }),
  ])
  .meta({ id: 'SecondSignatureRequest' })

export const SecondSignatureAdded = z
  .strictObject({ sha256: Digest, document: z.string() })
  .meta({ id: 'SecondSignatureAdded' })

const AttestationView = z.strictObject({
  sha256: Digest,
  appendedAt: Instant,
  issuer: PartyId.meta({ description: 'The trust service; its state is the first segment' }),
  service: z.string().meta({ description: 'Its name' }),
  indication: z.enum(['TOTAL-PASSED', 'TOTAL-FAILED', 'INDETERMINATE']),
  subIndication: z.string().optional(),
  at: Instant.meta({ description: 'When the service verified the signature' }),
  expires: Instant.optional(),
  document: z.string(),
})

export const SecondSignatures = z
  .strictObject({
    secondSignatures: z.array(
      z.strictObject({
        sha256: Digest,
        appendedAt: Instant,
        issuer: PartyId.meta({ description: 'The body that attached it' }),
        original: Digest.meta({ description: 'SHA-256 of the national bytes' }),
        signature: Stated,
        document: z.string(),
        attestations: z.array(AttestationView),
      }),
    ),
  })
  .meta({
    id: 'SecondSignatures',
    examples: [
      {
        secondSignatures: [
          {
            sha256: 'EXAMPLEexampleEXAMPLEexampleEXAMPLEexampleE',
            appendedAt: '2026-03-02T09:20:00Z',
            issuer: 'BY.CCI.001',
            original: 'EXAMPLEexampleEXAMPLEexampleEXAMPLEexampleE',
            signature: {
              over: 'document',
              container: '1.2.840.113549.1.7.2',
              algorithm: '1.2.112.0.2.0.34.101.45.12',
              value: 'MIICEXAMPLEA',
              signer: 'CN=Иванов И.И., O=БелТПП, C=BY',
            },
            document: 'eyJhbGciOiJFUzI1NiIs…',
            attestations: [
              {
                sha256: 'EXAMPLEexampleEXAMPLEexampleEXAMPLEexampleE',
                appendedAt: '2026-03-02T10:00:00Z',
                issuer: 'BY.NCES',
                service: 'Служба доверия (вымышленная)',
                indication: 'TOTAL-PASSED',
                at: '2026-03-02T09:58:30Z',
                document: 'eyJhbGciOiJFUzI1NiIs…',
              },
            ],
          },
        ],
      },
    ],
  })

export const AttestationRequest = z
  .strictObject({
    document: Jws.meta({ description: 'An `attestation+jwt` of a trust service of this state' }),
  })
  .meta({ id: 'AttestationRequest' })

export const AttestationAdded = z.strictObject({ sha256: Digest }).meta({ id: 'AttestationAdded' })

export const SECOND_SIGNATURE_EXAMPLES = {
  'CMS with the national algorithm': {
    over: 'document',
    container: '1.2.840.113549.1.7.2',
    algorithm: '1.2.112.0.2.0.34.101.45.12',
    value: 'MIICEXAMPLEA',
    signer: 'CN=Иванов И.И., O=БелТПП, C=BY',
  },
}

export const ATTESTATION_EXAMPLES = {
  'Statement of a trust service': { document: 'eyJhbGciOiJFUzI1NiIs…' },
}
