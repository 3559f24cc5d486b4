-- The log takes documents of every kind: which there are is the program's to say (src/tlog/leaf.ts).
CREATE TABLE entries_of_every_kind (
  idx INTEGER NOT NULL PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  at TEXT NOT NULL,
  leaf TEXT NOT NULL
) STRICT;
INSERT INTO entries_of_every_kind SELECT idx, sha256, kind, at, leaf FROM entries ORDER BY idx;
DROP TABLE entries;
ALTER TABLE entries_of_every_kind RENAME TO entries;
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
CREATE TRIGGER entries_remain BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;

-- The Merkle tree over the leaves (RFC 6962). The right edge as the hashes of its complete subtrees,
-- written in the step that appends; base64, one behind the other, largest subtree first.
CREATE TABLE log_head (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  size INTEGER NOT NULL,
  frontier TEXT NOT NULL
) STRICT;
-- Full tiles (C2SP tlog-tiles): 256 hashes in base64, and the hash of the subtree they make up. Tiles at
-- the right edge are made from the entries and the full tiles below them.
CREATE TABLE log_tiles (
  level INTEGER NOT NULL,
  n INTEGER NOT NULL,
  hashes TEXT NOT NULL,
  root TEXT NOT NULL,
  PRIMARY KEY (level, n)
) STRICT;
CREATE TRIGGER log_tiles_stay BEFORE UPDATE ON log_tiles BEGIN SELECT RAISE(ABORT, 'full tiles never change'); END;
CREATE TRIGGER log_tiles_remain BEFORE DELETE ON log_tiles BEGIN SELECT RAISE(ABORT, 'full tiles are kept'); END;
-- What the log key signed: C2SP signed notes.
CREATE TABLE checkpoints (
  size INTEGER NOT NULL PRIMARY KEY,
  note TEXT NOT NULL,
  signed_at TEXT NOT NULL
) STRICT;
CREATE TRIGGER checkpoints_stay BEFORE UPDATE ON checkpoints BEGIN SELECT RAISE(ABORT, 'checkpoints never change'); END;
CREATE TRIGGER checkpoints_remain BEFORE DELETE ON checkpoints BEGIN SELECT RAISE(ABORT, 'checkpoints are kept'); END;
-- Signatures of later log keys under the same text: the signature line of a note.
CREATE TABLE checkpoint_signatures (
  size INTEGER NOT NULL,
  key_id INTEGER NOT NULL,
  line TEXT NOT NULL,
  signed_at TEXT NOT NULL,
  PRIMARY KEY (size, key_id)
) STRICT, WITHOUT ROWID;
-- Cosignatures of witnesses under them: the signature line of a note. A witness is a key (its name and id)
-- that a state has listed: names alone are anybody's.
CREATE TABLE cosignatures (
  size INTEGER NOT NULL,
  state TEXT NOT NULL,
  witness TEXT NOT NULL,
  key_id INTEGER NOT NULL,
  line TEXT NOT NULL,
  cosigned_at TEXT NOT NULL,
  PRIMARY KEY (size, state, witness, key_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX cosignatures_of_witness ON cosignatures (state, witness, key_id, size);
-- While a row stands here the database may be an old one: no checkpoint is signed.
CREATE TABLE log_doubts (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  since TEXT NOT NULL,
  reason TEXT NOT NULL CHECK (reason IN ('restored', 'contradicted'))
) STRICT;
-- What the witnesses have said meanwhile of the newest checkpoint that was signed before; size is theirs.
CREATE TABLE log_doubt_answers (
  state TEXT NOT NULL,
  witness TEXT NOT NULL,
  key_id INTEGER NOT NULL,
  answer TEXT NOT NULL CHECK (answer IN ('accepted', 'contradicted')),
  size INTEGER NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (state, witness, key_id)
) STRICT, WITHOUT ROWID;
-- The n-th checkpoint of an origin that this node cosigned; the primary key lets exactly one be it. The
-- origin belongs to the state of the first.
CREATE TABLE witnessed (
  origin TEXT NOT NULL,
  n INTEGER NOT NULL,
  state TEXT NOT NULL,
  size INTEGER NOT NULL,
  root TEXT NOT NULL,
  note TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (origin, n)
) STRICT;
CREATE INDEX witnessed_by_size ON witnessed (origin, size);
CREATE TRIGGER witnessed_stay BEFORE UPDATE ON witnessed BEGIN SELECT RAISE(ABORT, 'what was witnessed never changes'); END;
CREATE TRIGGER witnessed_remain BEFORE DELETE ON witnessed BEGIN SELECT RAISE(ABORT, 'what was witnessed is kept'); END;
-- Pairs of checkpoints that a log signed and that cannot both be true. Of different sizes: the root that
-- the larger tree has at the smaller size, and the consistency proof between the two, as base64.
CREATE TABLE log_forks (
  state TEXT NOT NULL,
  origin TEXT NOT NULL,
  found_at TEXT NOT NULL,
  first TEXT NOT NULL,
  second TEXT NOT NULL,
  proof TEXT NOT NULL,
  PRIMARY KEY (state, origin, first, second)
) STRICT;
CREATE TRIGGER log_forks_stay BEFORE UPDATE ON log_forks BEGIN SELECT RAISE(ABORT, 'proofs of forks never change'); END;
CREATE TRIGGER log_forks_remain BEFORE DELETE ON log_forks BEGIN SELECT RAISE(ABORT, 'proofs of forks are kept'); END;
-- Mirrors of the logs of others: how far each has come, and its leaves, 256 lines a bundle. The row of a
-- step replaces that of the step before it. whole_note: the checkpoint at which no leaf was missing last.
CREATE TABLE mirrors (
  state TEXT NOT NULL,
  origin TEXT NOT NULL,
  n INTEGER NOT NULL,
  size INTEGER NOT NULL,
  frontier TEXT NOT NULL,
  seen_size INTEGER NOT NULL,
  note TEXT NOT NULL,
  whole_note TEXT,
  -- Messages to this node: how many, and the number of the last.
  addressed INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (state, origin)
) STRICT;
-- root: the hash of the subtree over a full bundle; empty before it is full.
CREATE TABLE mirrored_bundles (
  state TEXT NOT NULL,
  origin TEXT NOT NULL,
  n INTEGER NOT NULL,
  leaves TEXT NOT NULL,
  root TEXT NOT NULL,
  PRIMARY KEY (state, origin, n)
) STRICT;
CREATE INDEX mirrored_roots ON mirrored_bundles (state, origin, n, root);
-- Since when each peer's log is looked into, when the mirror was whole last, and up to which arrival what
-- came was compared with it.
CREATE TABLE mirror_looks (
  state TEXT NOT NULL PRIMARY KEY,
  first_at TEXT NOT NULL,
  whole_at TEXT,
  failure TEXT,
  compared_until TEXT NOT NULL
) STRICT;
-- What these logs say was addressed to this node. settled: 0 not compared, 1 told as missing or misnumbered,
-- 2 received as it should be.
CREATE TABLE addressed (
  sender TEXT NOT NULL,
  origin TEXT NOT NULL,
  idx INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  mirrored_at TEXT NOT NULL,
  settled INTEGER NOT NULL,
  PRIMARY KEY (sender, origin, idx)
) STRICT, WITHOUT ROWID;
CREATE INDEX addressed_open ON addressed (sender, origin, settled, idx) WHERE settled < 2;
CREATE INDEX addressed_documents ON addressed (sender, sha256);
CREATE INDEX inbox_by_arrival ON inbox (sender, arrived_at, sha256);
-- Alarms that are told once, whatever process finds them.
CREATE TABLE alarms_once (
  key TEXT NOT NULL PRIMARY KEY,
  at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Pinned roots: several of one state while one root takes over from another; never dropped.
CREATE TABLE trust_pins_of_several_roots (
  state TEXT NOT NULL,
  root_sha256 TEXT NOT NULL,
  pinned_at TEXT NOT NULL,
  PRIMARY KEY (state, root_sha256)
) STRICT;
INSERT INTO trust_pins_of_several_roots SELECT state, root_sha256, pinned_at FROM trust_pins;
DROP TABLE trust_pins;
ALTER TABLE trust_pins_of_several_roots RENAME TO trust_pins;
CREATE TRIGGER trust_pins_stay BEFORE UPDATE ON trust_pins BEGIN SELECT RAISE(ABORT, 'pinned roots never change'); END;
CREATE TRIGGER trust_pins_remain BEFORE DELETE ON trust_pins BEGIN SELECT RAISE(ABORT, 'pinned roots are kept'); END;
-- Decisions on trust that take two persons: one proposes, another approves.
CREATE TABLE trust_proposals (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  subject TEXT NOT NULL,
  proposed_at TEXT NOT NULL,
  proposed_by TEXT NOT NULL
) STRICT;
CREATE INDEX trust_proposals_by_subject ON trust_proposals (kind, state, subject, n);
CREATE TRIGGER trust_proposals_stay BEFORE UPDATE ON trust_proposals BEGIN SELECT RAISE(ABORT, 'proposals never change'); END;
CREATE TRIGGER trust_proposals_remain BEFORE DELETE ON trust_proposals BEGIN SELECT RAISE(ABORT, 'proposals are kept'); END;
CREATE TABLE trust_approvals (
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  subject TEXT NOT NULL,
  proposed_by TEXT NOT NULL,
  approved_at TEXT NOT NULL,
  approved_by TEXT NOT NULL CHECK (approved_by <> proposed_by),
  PRIMARY KEY (kind, state, subject)
) STRICT;
CREATE TRIGGER trust_approvals_stay BEFORE UPDATE ON trust_approvals BEGIN SELECT RAISE(ABORT, 'approvals never change'); END;
CREATE TRIGGER trust_approvals_remain BEFORE DELETE ON trust_approvals BEGIN SELECT RAISE(ABORT, 'approvals are kept'); END;
-- From when on this node counts what a version of a trust list adds; decided once, by the policy of the
-- day. A version without a row counts at once: the first one, and those of before this table.
CREATE TABLE trust_list_delays (
  sha256 TEXT NOT NULL PRIMARY KEY,
  state TEXT NOT NULL,
  version INTEGER NOT NULL,
  additions_from TEXT NOT NULL
) STRICT;
CREATE TRIGGER trust_list_delays_stay BEFORE UPDATE ON trust_list_delays BEGIN SELECT RAISE(ABORT, 'delays never change'); END;
CREATE TRIGGER trust_list_delays_remain BEFORE DELETE ON trust_list_delays BEGIN SELECT RAISE(ABORT, 'delays are kept'); END;
-- Evidence of a fork: a list that its signer signed in the place of one that was accepted. Pieces of
-- one document are numbered; D1 holds 2 MB a row.
CREATE TABLE trust_forks (
  sha256 TEXT NOT NULL,
  part INTEGER NOT NULL,
  state TEXT NOT NULL,
  version INTEGER NOT NULL,
  seen_at TEXT NOT NULL,
  jws TEXT NOT NULL,
  PRIMARY KEY (sha256, part)
) STRICT;
CREATE TRIGGER trust_forks_stay BEFORE UPDATE ON trust_forks BEGIN SELECT RAISE(ABORT, 'evidence never changes'); END;
CREATE TRIGGER trust_forks_remain BEFORE DELETE ON trust_forks BEGIN SELECT RAISE(ABORT, 'evidence is kept'); END;

-- OCSP responses (RFC 6960) about keys of the trust lists, by issuing CA and serial number; the newest of
-- each. What is revoked, and not only on hold, no later one takes back.
CREATE TABLE ocsp_responses (
  state TEXT NOT NULL,
  ski TEXT NOT NULL,
  serial TEXT NOT NULL,
  der TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('good', 'on-hold', 'revoked')),
  this_update TEXT NOT NULL,
  next_update TEXT NOT NULL,
  stored_at TEXT NOT NULL,
  PRIMARY KEY (state, ski, serial)
) STRICT;
-- How fetching CRLs and OCSP responses goes, by the URL that is asked.
CREATE TABLE revocation_fetches (
  url TEXT NOT NULL PRIMARY KEY,
  state TEXT NOT NULL,
  succeeded_at TEXT,
  failed_at TEXT,
  failure TEXT,
  -- Failures in a row.
  attempts INTEGER NOT NULL,
  next_attempt_at TEXT
) STRICT;

-- The seal behind every certificate and when it signed by its own word; filled with the search terms
-- where an older version has not written them.
ALTER TABLE certificates ADD COLUMN seal TEXT;
ALTER TABLE certificates ADD COLUMN signed_at TEXT;
CREATE INDEX certificates_of_seal ON certificates (seal, idx);
-- Security notices as chains: n 0 declares, the others amend. Of two that amend the same one is written.
CREATE TABLE security_notices (
  notice TEXT NOT NULL,
  n INTEGER NOT NULL,
  sha256 TEXT NOT NULL UNIQUE,
  idx INTEGER NOT NULL UNIQUE,
  change TEXT NOT NULL CHECK (change IN ('declare', 'narrow', 'release')),
  issuer TEXT,
  subject_state TEXT,
  subject_body TEXT,
  seal TEXT,
  ski TEXT,
  measure TEXT CHECK (measure IN ('hold', 'inform')),
  from_at TEXT,
  until_at TEXT,
  PRIMARY KEY (notice, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX security_notices_by_subject ON security_notices (subject_state, seal, ski) WHERE n = 0;
CREATE INDEX security_notices_of_issuer ON security_notices (issuer) WHERE n = 0;
CREATE TRIGGER security_notices_stay BEFORE UPDATE ON security_notices BEGIN SELECT RAISE(ABORT, 'security notices are append-only'); END;
CREATE TRIGGER security_notices_remain BEFORE DELETE ON security_notices BEGIN SELECT RAISE(ABORT, 'security notices are append-only'); END;

-- National signatures beside certificates, and what trust services say of them: the n-th of its target.
CREATE TABLE second_signatures (
  target TEXT NOT NULL,
  n INTEGER NOT NULL,
  sha256 TEXT NOT NULL UNIQUE,
  PRIMARY KEY (target, n)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER second_signatures_stay BEFORE UPDATE ON second_signatures BEGIN SELECT RAISE(ABORT, 'second signatures are append-only'); END;
CREATE TRIGGER second_signatures_remain BEFORE DELETE ON second_signatures BEGIN SELECT RAISE(ABORT, 'second signatures are append-only'); END;
CREATE TABLE attestations (
  target TEXT NOT NULL,
  n INTEGER NOT NULL,
  sha256 TEXT NOT NULL UNIQUE,
  -- The state whose service signed, and when it verified by its own word.
  issuer TEXT NOT NULL,
  verified_at TEXT NOT NULL,
  PRIMARY KEY (target, n)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER attestations_stay BEFORE UPDATE ON attestations BEGIN SELECT RAISE(ABORT, 'attestations are append-only'); END;
CREATE TRIGGER attestations_remain BEFORE DELETE ON attestations BEGIN SELECT RAISE(ABORT, 'attestations are append-only'); END;

-- Registers of the officials who may sign, by state: personal data, never published. Made again from the log.
CREATE TABLE officials_registers (
  state TEXT NOT NULL,
  version INTEGER NOT NULL,
  sha256 TEXT NOT NULL UNIQUE,
  PRIMARY KEY (state, version)
) STRICT;

-- What stands behind the administrative entries of the log: rows first to last of a table, hashed with a
-- nonce. Each row stands behind one entry, in their order.
CREATE TABLE administrative_records (
  idx INTEGER NOT NULL PRIMARY KEY,
  rows_of TEXT NOT NULL CHECK (rows_of IN ('admin_acts', 'accesses')),
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  nonce TEXT NOT NULL,
  UNIQUE (rows_of, first),
  UNIQUE (rows_of, last),
  CHECK (first <= last)
) STRICT;
CREATE TRIGGER administrative_records_stay BEFORE UPDATE ON administrative_records BEGIN SELECT RAISE(ABORT, 'administrative records never change'); END;
CREATE TRIGGER administrative_records_remain BEFORE DELETE ON administrative_records BEGIN SELECT RAISE(ABORT, 'administrative records are kept'); END;
-- What the record of accesses is asked by beside the certificate.
CREATE INDEX accesses_by_time ON accesses (at, n);
CREATE INDEX accesses_of_client ON accesses (client, at, n);
CREATE INDEX accesses_of_officer ON accesses (json_extract(context, '$.officer'), at, n);
