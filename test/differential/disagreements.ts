/** Changes of a conforming chain that ours and `openssl verify` judge differently, and why. */
export interface Disagreement {
  /** The engine of RFC 5280, or only the exchange's profile over it. */
  readonly level: 'engine' | 'profile'
  /** Our reason code; of a chain that only we accept, what OpenSSL says. */
  readonly code: string
  readonly reason: string
  /** By the name of the change: in which certificates, or in which lists. */
  readonly changes: Readonly<Record<string, string>>
}

/**
 * What we accept and OpenSSL refuses: nothing but where RFC 5280 itself says otherwise than OpenSSL does,
 * and the trust profile says the same. That a revocation later than the instant asked about does not
 * count (R3) OpenSSL cannot be asked.
 */
export const ACCEPTED: readonly Disagreement[] = [
  {
    level: 'engine',
    code: 'certificate has expired',
    reason:
      "RFC 5280 §4.1.2.5 includes both ends of the validity (P4); OpenSSL's X509_cmp_time counts the last second as past.",
    changes: {
      'ends at the instant': 'root, state, body, seal',
      'ends at the instant, GeneralizedTime': 'root, state, body, seal',
    },
  },
  {
    level: 'engine',
    code: 'CRL has expired',
    reason:
      "nextUpdate is the time by which the next list comes (§5.1.2.5): at that second this one is still current; OpenSSL's X509_cmp_time counts it as past.",
    changes: {
      'list current until the instant': 'root CRL, state CRL, body CRL',
    },
  },
  {
    level: 'engine',
    code: 'unable to get local issuer certificate',
    reason:
      "Names are compared by §7.1: normalized, without case and needless space in any script (P5). OpenSSL folds ASCII letters only. The signature under the issuer's key decides all the same.",
    changes: {
      'issuer with full-width letters': 'state, body, seal',
      'issuer with a soft hyphen': 'state, body, seal',
      'issuer with a no-break space': 'state, body, seal',
      'issuer in Cyrillic capitals': 'chain',
    },
  },
]

/** What OpenSSL accepts and we refuse. */
export const STRICTER: readonly Disagreement[] = [
  {
    level: 'engine',
    code: 'certificate-malformed',
    reason:
      'L2: one value has one encoding (X.690 DER). OpenSSL reads BER lengths, trailing octets, other values of TRUE, defaults that are encoded and bits that are not canonical.',
    changes: {
      'length of the signed part not minimal': 'root, state, body, seal',
      'length of the whole not minimal': 'root, state, body, seal',
      'length of the whole indefinite': 'root, state, body, seal',
      'octet after the end': 'root, state, body, seal',
      'criticality false encoded': 'root, state, body, seal',
      'signature with unused bits': 'root',
      'key usage with a zero bit at its end': 'root, state, body, seal',
      'cA encoded as 01': 'root, state, body',
      'basic constraints with an octet after': 'root, state, body',
      'cA false encoded': 'seal',
      'path length of 40 bits': 'root, state, body',
      'minimum 0 encoded': 'root, state, body',
    },
  },
  {
    level: 'engine',
    code: 'certificate-malformed',
    reason:
      'L2: the number is outside what RFC 5280 gives the field (§4.1.2.1, §4.2.1.9: here at most 2^31 - 1).',
    changes: {
      'version 4': 'root, state, body, seal',
    },
  },
  {
    level: 'engine',
    code: 'certificate-malformed',
    reason:
      'L2: the extension breaks its ASN.1 type: a list that must not be empty is empty, a policy stands twice (§4.2.1.4), a key usage has no name (§4.2.1.3). OpenSSL reads over it where it does not need it.',
    changes: {
      'information access malformed': 'root, state, body, seal',
      'key usage beyond the ninth bit': 'seal',
      'purposes empty': 'seal',
      'policy twice': 'root',
      'policies empty': 'root',
      'policy constraints empty': 'root',
      'policy twice, policy asked for only': 'root',
      'policy twice, no policy asked for': 'root',
      'policies empty, policy asked for only': 'root',
      'policies empty, no policy asked for': 'root, state, body, seal',
      'policy constraints empty, policy asked for only': 'root',
      'policy constraints empty, no policy asked for': 'root',
      'names constrained by nothing': 'root, state, body',
    },
  },
  {
    level: 'engine',
    code: 'crl-malformed',
    reason: 'P13: a conforming list is of version 2 and has a CRL number (§5.1.2.1, §5.2.3).',
    changes: {
      'list of version 1': 'root CRL, state CRL, body CRL',
      'list without number': 'root CRL, state CRL, body CRL',
    },
  },
  {
    level: 'engine',
    code: 'crl-missing',
    reason:
      'L2: the list breaks X.690 or its ASN.1 type (§5.1): an octet behind it, an extension or an entry twice, a version that does not exist or that has no extensions, an empty list of entries, a scope that says nothing. A list that cannot be read is none.',
    changes: {
      'another twice': 'root CRL, state CRL, body CRL',
      'no entries in a list of them': 'root CRL, state CRL, body CRL',
      'list with an octet after': 'root CRL, state CRL, body CRL',
      'list of version 1 with extensions': 'root CRL, state CRL, body CRL',
      'list of version 3': 'root CRL, state CRL, body CRL',
      'extension of the list twice': 'root CRL, state CRL, body CRL',
      'list for nothing': 'root CRL, state CRL, body CRL',
    },
  },
  {
    level: 'engine',
    code: 'crl-not-supported',
    reason:
      'R6: delta and indirect lists, removeFromCRL outside of a delta list and certificates with a freshest CRL decide nothing here. OpenSSL takes a delta list for a full one unless told of deltas, and the other entries of a list with foreign ones.',
    changes: {
      'revoked, removeFromCRL': 'root CRL, state CRL, body CRL',
      'another revoked in the name of another issuer': 'root CRL, state CRL, body CRL',
      'delta list': 'root CRL, state CRL, body CRL',
      'delta list that is not critical': 'root CRL, state CRL, body CRL',
      'freshest CRL': 'state, body, seal',
    },
  },
  {
    level: 'engine',
    code: 'crl-out-of-scope',
    reason:
      'R6: a distribution point with cRLIssuer is served by no list that is accepted here. OpenSSL takes the list of the issuer for it.',
    changes: {
      'distribution point with another issuer': 'state, body, seal',
    },
  },
  {
    level: 'engine',
    code: 'extension-repeated',
    reason:
      'P6: no extension stands twice (§4.2). OpenSSL notices it only of those that it reads itself.',
    changes: {
      'unknown extension twice': 'root, state, body, seal',
    },
  },
  {
    level: 'engine',
    code: 'extension-unknown-critical',
    reason:
      'P6: path validation does not read the extension, so it must not be critical. OpenSSL knows it for other purposes.',
    changes: {
      'Netscape type critical': 'root, state, body, seal',
      'OCSP no check critical': 'root, state, body, seal',
    },
  },
  {
    level: 'engine',
    code: 'key-not-allowed',
    reason:
      'P12: the suite has P-256, P-384, Ed25519 and RSA as rsaEncryption, points not compressed; to OpenSSL any key of 112 bits of security will do.',
    changes: {
      'key P-521': 'root, state, body, seal',
      'key secp256k1': 'root, state, body, seal',
      'key P-256 compressed': 'root, state, body, seal',
      'key Ed448': 'root, state, body, seal',
      'key RSA-PSS 3072': 'root, state, body, seal',
    },
  },
  {
    level: 'engine',
    code: 'name-constraints-too-costly',
    reason:
      "L4: the work of name constraints is bounded at 50,000 comparisons; OpenSSL's bound is 2^20.",
    changes: {
      '600,000 comparisons of names': 'chain',
    },
  },
  {
    level: 'engine',
    code: 'name-excluded',
    reason:
      'P9: a wildcard also stands for the excluded host. OpenSSL compares the text of the wildcard.',
    changes: {
      'host b.example excluded: wildcard': 'chain',
    },
  },
  {
    level: 'engine',
    code: 'name-malformed',
    reason:
      'P9: what is no host name, no mailbox (§4.2.1.6, §4.2.1.10), no mask of leading ones, or a host constraint with a leading dot is malformed and rejects. OpenSSL compares texts.',
    changes: {
      'host b.example permitted: with an empty label': 'chain',
      'host b.example permitted: with a NUL': 'chain',
      'host .b.example permitted: below': 'chain',
      'host b.example excluded: with a dot at its end': 'chain',
      'mail of host b.example permitted: with two signs': 'chain',
      'mail of host b.example permitted: quoted': 'chain',
      'address with holes in its mask: within': 'chain',
    },
  },
  {
    level: 'engine',
    code: 'path-too-large',
    reason: 'L1: at most six certificates and 64 KiB.',
    changes: {
      'extension of 70,000 octets': 'seal',
    },
  },
  {
    level: 'engine',
    code: 'path-too-long',
    reason: 'L1: at most six certificates and 64 KiB.',
    changes: {
      'six authorities between root and seal': 'chain',
    },
  },
  {
    level: 'engine',
    code: 'shape-not-conforming',
    reason: 'P13: a serial number is positive and has at most 20 octets (§4.1.2.2).',
    changes: {
      'serial number zero': 'root, state, body, seal',
      'serial number negative': 'root, state, body, seal',
      'serial number of 21 octets': 'root, state, body, seal',
    },
  },
  {
    level: 'engine',
    code: 'shape-not-conforming',
    reason: 'P13: policy constraints and name constraints are critical (§4.2.1.10, §4.2.1.11).',
    changes: {
      'policy constraints not critical': 'root, state, body, seal',
      'policy constraints not critical, policy asked for only': 'root, state, body, seal',
      'policy constraints not critical, no policy asked for': 'root, state, body, seal',
      'names constrained, not critical': 'root, state, body',
    },
  },
  {
    level: 'engine',
    code: 'shape-not-conforming',
    reason:
      'P13: constraints of names stand in authorities only, and cA and keyCertSign go together (§4.2.1.9, §4.2.1.10).',
    changes: {
      'authority by basic constraints alone': 'seal',
      'names constrained by the seal': 'seal',
    },
  },
  {
    level: 'engine',
    code: 'signature-algorithm-not-supported',
    reason:
      'P3: AlgorithmIdentifiers are compared letter for letter: ECDSA and Ed25519 have no parameters (RFC 5758 §3.2, RFC 8410 §3), the salt of RSA-PSS has the length of the hash.',
    changes: {
      'seal signed with ECDSA SHA-256 NULL': 'chain',
      'seal signed with Ed25519 NULL': 'chain',
      'seal signed with PSS salt of 20': 'chain',
    },
  },
  {
    level: 'profile',
    code: 'any-policy-not-allowed',
    reason: 'P10 of the exchange: anyPolicy stands in no certificate below the anchor.',
    changes: {
      'any policy as well': 'state, body, seal',
      'any policy as well, policy asked for only': 'state, body, seal',
      'any policy as well, no policy asked for': 'state, body, seal',
    },
  },
  {
    level: 'profile',
    code: 'crl-stale',
    reason:
      "R1: a list also ages by the policy's window, 100 days of the root and 35 of an authority.",
    changes: {
      'list of last year, current by itself': 'root CRL, state CRL, body CRL',
    },
  },
  {
    level: 'profile',
    code: 'end-entity-is-ca',
    reason: 'P11 of the exchange: an authority signs no documents.',
    changes: {
      'authority that signs documents': 'seal',
    },
  },
  {
    level: 'profile',
    code: 'extended-key-usage-wrong',
    reason:
      'P11 of the exchange: a seal has the one purpose of documentSigning, anyExtendedKeyUsage never counts, and what stands in an authority nests. `openssl verify` was asked for no purpose.',
    changes: {
      'purpose absent': 'seal',
      'purpose any': 'seal, root, state, body',
      'purpose any as well': 'seal',
      'purpose another': 'seal, root, state, body',
      'purpose another as well': 'seal',
      'purpose twice': 'seal',
    },
  },
  {
    level: 'profile',
    code: 'key-not-allowed',
    reason: 'P12 of the exchange: RSA has at least 3072 bits; the engine was asked for 2048.',
    changes: {
      'key RSA 2048': 'root, state, body, seal',
    },
  },
  {
    level: 'profile',
    code: 'key-usage-wrong',
    reason:
      'P11 of the exchange: the key usage of a seal is critical and has digitalSignature, nonRepudiation or both, nothing else.',
    changes: {
      'key usage absent': 'seal',
      'key usage not critical': 'seal',
      'key usage with keyEncipherment': 'seal',
      'key usage keyAgreement alone': 'seal',
      'key usage cRLSign': 'seal',
      'key usage decipherOnly': 'seal',
    },
  },
  {
    level: 'profile',
    code: 'name-form-not-supported',
    reason: 'P9 of the exchange: among the authorities only directory names are constrained.',
    changes: {
      'host names permitted': 'root, state, body',
      'mail of a host permitted': 'root, state, body',
      'other names permitted': 'root, state, body',
      'host b.example permitted: itself': 'chain',
      'host b.example permitted: in capitals': 'chain',
      'host b.example permitted: below': 'chain',
      'host b.example permitted: wildcard': 'chain',
      'host b.example permitted: of another form': 'chain',
      'host b.example excluded: another': 'chain',
      'mail of host b.example permitted: there': 'chain',
      'mail of host b.example permitted: there, in capitals': 'chain',
      'mail of domain .b.example permitted: below': 'chain',
      'one mailbox permitted: itself': 'chain',
      'one mailbox permitted: with a capital host': 'chain',
      'mail of host b.example excluded: elsewhere': 'chain',
      'URI of host b.example permitted: there': 'chain',
      'URI of host b.example permitted: there, with a port': 'chain',
      'address 10/8 permitted: within': 'chain',
      'other name permitted: none': 'chain',
      'address in the subject, inside what is permitted': 'chain',
    },
  },
  {
    level: 'profile',
    code: 'path-shape',
    reason:
      'P1 of the exchange: a seal stands under the authority of a body, that under the one of the state, that under the root.',
    changes: {
      'one more below the root': 'chain',
      'self-issued below the state': 'chain',
      'self-issued below the body': 'chain',
      'self-issued below the root': 'chain',
      'seal straight below the state': 'chain',
      'seal straight below the root': 'chain',
    },
  },
  {
    level: 'profile',
    code: 'policy-mapping-not-allowed',
    reason: 'P10 of the exchange: policies are not mapped.',
    changes: {
      'another policy mapped to the own, policy asked for only': 'state, body',
      'another policy mapped to the own, no policy asked for': 'state, body',
    },
  },
  {
    level: 'profile',
    code: 'policy-not-accepted',
    reason:
      'P10 of the exchange: its policy stands in every certificate below the anchor, whatever else was asked.',
    changes: {
      'policies absent, no policy asked for': 'state, body, seal',
      'another policy, no policy asked for': 'state, body, seal',
      'any policy, policy asked for only': 'state, body, seal',
      'any policy, no policy asked for': 'state, body, seal',
      'policy mapped, and nothing below has it, no policy asked for': 'state, body',
      'policy mapped to itself, policy asked for only': 'state, body',
      'policy mapped to itself, no policy asked for': 'state, body',
      'policy mapped by the body, and the seal has the other, policy asked for only': 'chain',
      'policy mapped by the body, and the seal has the other, no policy asked for': 'chain',
      'policy mapped though the state inhibits it, no policy asked for': 'chain',
      'policy mapped though the root inhibits it, policy asked for only': 'chain',
      'policy mapped though the root inhibits it, no policy asked for': 'chain',
      'any policy of the state though the root inhibits it, policy asked for only': 'chain',
      'any policy of the state though the root inhibits it, no policy asked for': 'chain',
      'any policy of the body though the state inhibits it, no policy asked for': 'chain',
      'any policy all the way, policy asked for only': 'chain',
      'any policy all the way, no policy asked for': 'chain',
    },
  },
  {
    level: 'profile',
    code: 'shape-not-conforming',
    reason:
      'P13 of the exchange: every certificate below the anchor has both key identifiers, and they link.',
    changes: {
      'own key identifier absent': 'seal',
    },
  },
]
