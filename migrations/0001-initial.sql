-- What a node knows. Documents and entries are the truth; certificates, status_changes, outgoing,
-- decisions and trust_lists are projections of them and can be rebuilt. The rest is working state.

CREATE TABLE node (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  state TEXT NOT NULL,
  epoch TEXT NOT NULL,
  -- Grows with every pin, trust list and CRL, so that a process notices what another one changed.
  trust_revision INTEGER NOT NULL
) STRICT;

-- Exact bytes of every signed document, by digest. A table of its own, so that a lawful disposal can
-- destroy bytes while hashes and proofs remain.
CREATE TABLE documents (
  sha256 TEXT NOT NULL PRIMARY KEY,
  jws TEXT NOT NULL
) STRICT;

-- The log. The entry index is the compare-and-swap of Journal.append.
CREATE TABLE entries (
  idx INTEGER NOT NULL PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('certificate', 'status-change', 'trust-list', 'receipt', 'unknown')),
  at TEXT NOT NULL,
  leaf TEXT NOT NULL
) STRICT;

CREATE TABLE certificates (
  sha256 TEXT NOT NULL PRIMARY KEY,
  state TEXT NOT NULL,
  type TEXT NOT NULL,
  folded_number TEXT NOT NULL,
  number TEXT NOT NULL,
  issuer TEXT NOT NULL,
  recipients TEXT NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('issued', 'received')),
  appended_at TEXT NOT NULL,
  usable_from TEXT NOT NULL,
  usable_until TEXT,
  status TEXT NOT NULL,
  status_uri TEXT NOT NULL,
  status_idx INTEGER NOT NULL,
  UNIQUE (state, type, folded_number)
) STRICT;
-- Positions of the own lists only: what a peer writes into its documents must not block ours.
CREATE UNIQUE INDEX certificates_own_position ON certificates (status_uri, status_idx) WHERE origin = 'issued';
CREATE INDEX certificates_by_position ON certificates (status_uri, status_idx);
CREATE INDEX certificates_by_number ON certificates (folded_number);
CREATE INDEX certificates_by_issuer ON certificates (issuer, appended_at);

-- The n-th change of a certificate; the primary key lets exactly one of two concurrent changes win.
CREATE TABLE status_changes (
  target TEXT NOT NULL,
  n INTEGER NOT NULL,
  sha256 TEXT NOT NULL UNIQUE,
  PRIMARY KEY (target, n)
) STRICT, WITHOUT ROWID;

-- Messages to a peer in order, and what came of them.
CREATE TABLE outgoing (
  recipient TEXT NOT NULL,
  seq INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  received_at TEXT,
  outcome TEXT CHECK (outcome IN ('accepted', 'accepted-with-findings', 'refused', 'not-readable')),
  findings TEXT,
  decided_at TEXT,
  receipt TEXT,
  PRIMARY KEY (recipient, seq),
  UNIQUE (sha256, recipient)
) STRICT, WITHOUT ROWID;
CREATE INDEX outgoing_unreceived ON outgoing (recipient, seq) WHERE received_at IS NULL;
CREATE INDEX outgoing_undecided ON outgoing (recipient, seq) WHERE outcome IS NULL;

-- Last sequence number of every recipient, so that the head is read without a scan.
CREATE TABLE recipients (
  state TEXT NOT NULL PRIMARY KEY,
  last_seq INTEGER NOT NULL
) STRICT;

-- Documents that peers sent, each peer for itself: what one sends must not spoil what another may send.
-- waits_for says what a decision still needs.
CREATE TABLE inbox (
  sha256 TEXT NOT NULL,
  sender TEXT NOT NULL,
  seq INTEGER NOT NULL,
  arrived_at TEXT NOT NULL,
  waits_for TEXT,
  PRIMARY KEY (sha256, sender)
) STRICT, WITHOUT ROWID;
CREATE INDEX inbox_waiting ON inbox (arrived_at) WHERE waits_for IS NOT NULL;
CREATE INDEX inbox_waiting_by_sender ON inbox (sender, arrived_at, seq) WHERE waits_for IS NOT NULL;
CREATE INDEX inbox_by_seq ON inbox (sender, seq);

-- The one decision on each received document; the primary key keeps it one.
CREATE TABLE decisions (
  sha256 TEXT NOT NULL,
  sender TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'accepted-with-findings', 'refused', 'not-readable')),
  findings TEXT NOT NULL,
  at TEXT NOT NULL,
  receipt TEXT NOT NULL,
  PRIMARY KEY (sha256, sender)
) STRICT, WITHOUT ROWID;

-- Receipts signed after the answer to their message; delivered until the peer has taken them.
CREATE TABLE late_receipts (
  sha256 TEXT NOT NULL PRIMARY KEY,
  recipient TEXT NOT NULL,
  delivered_at TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE peers (
  state TEXT NOT NULL PRIMARY KEY,
  attempts INTEGER NOT NULL,
  next_attempt_at TEXT,
  last_error TEXT,
  last_sent_at TEXT,
  first_heard_at TEXT,
  last_heard_at TEXT,
  complete_at TEXT,
  trust_checked_at TEXT
) STRICT;

-- Sets of status list positions; next counts the positions handed out, key orders them.
CREATE TABLE status_lists (
  id INTEGER NOT NULL PRIMARY KEY,
  permutation_key TEXT NOT NULL,
  size INTEGER NOT NULL,
  next INTEGER NOT NULL,
  CHECK (next BETWEEN 0 AND size)
) STRICT;

-- Trust.
CREATE TABLE trust_pins (
  state TEXT NOT NULL PRIMARY KEY,
  root_sha256 TEXT NOT NULL,
  pinned_at TEXT NOT NULL
) STRICT;

CREATE TABLE trust_lists (
  state TEXT NOT NULL,
  version INTEGER NOT NULL,
  sha256 TEXT NOT NULL UNIQUE,
  PRIMARY KEY (state, version)
) STRICT;

CREATE TABLE crls (
  ski TEXT NOT NULL,
  state TEXT NOT NULL,
  der TEXT NOT NULL,
  -- CRLNumber in hexadecimal, padded: two lists of one second are told apart by it.
  number TEXT NOT NULL,
  this_update TEXT NOT NULL,
  next_update TEXT NOT NULL,
  stored_at TEXT NOT NULL,
  PRIMARY KEY (state, ski)
) STRICT;

-- Client systems of the own state.
CREATE TABLE clients (
  id TEXT NOT NULL PRIMARY KEY,
  role TEXT NOT NULL CHECK (role IN ('issuer', 'customs', 'authority', 'auditor')),
  party TEXT NOT NULL,
  jwk TEXT NOT NULL,
  registered_at TEXT NOT NULL,
  disabled_at TEXT
) STRICT;

CREATE TABLE access_tokens (
  sha256 TEXT NOT NULL PRIMARY KEY,
  client TEXT NOT NULL,
  expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Nonces of HTTP signatures and jti of client assertions: insert-once, pruned after their window.
CREATE TABLE used_once (
  scope TEXT NOT NULL,
  value TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  PRIMARY KEY (scope, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX used_once_expiry ON used_once (expires_at);

-- Evidence and records: never changed.
CREATE TABLE reports (
  id TEXT NOT NULL PRIMARY KEY,
  client TEXT NOT NULL,
  party TEXT NOT NULL,
  created_at TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;

CREATE TABLE accesses (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  client TEXT NOT NULL,
  party TEXT NOT NULL,
  role TEXT NOT NULL,
  operation TEXT NOT NULL,
  certificate TEXT NOT NULL,
  context TEXT
) STRICT;
CREATE INDEX accesses_by_certificate ON accesses (certificate, n);

-- What an operator must look at: conflicts, contradicting receipts, refused lists.
CREATE TABLE alarms (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  kind TEXT NOT NULL,
  peer TEXT,
  detail TEXT NOT NULL
) STRICT;

CREATE TABLE exchange_archive (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  peer TEXT NOT NULL,
  direction TEXT NOT NULL CHECK (direction IN ('sent', 'received')),
  message_id TEXT NOT NULL,
  request TEXT NOT NULL,
  response TEXT
) STRICT;
CREATE INDEX exchange_archive_by_peer ON exchange_archive (peer, n);

CREATE TRIGGER entries_stay BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
CREATE TRIGGER entries_remain BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
CREATE TRIGGER documents_stay BEFORE UPDATE ON documents BEGIN SELECT RAISE(ABORT, 'documents never change'); END;
CREATE TRIGGER documents_remain BEFORE DELETE ON documents BEGIN SELECT RAISE(ABORT, 'documents are kept'); END;
CREATE TRIGGER accesses_stay BEFORE UPDATE ON accesses BEGIN SELECT RAISE(ABORT, 'accesses are append-only'); END;
CREATE TRIGGER accesses_remain BEFORE DELETE ON accesses BEGIN SELECT RAISE(ABORT, 'accesses are append-only'); END;
CREATE TRIGGER reports_stay BEFORE UPDATE ON reports BEGIN SELECT RAISE(ABORT, 'reports never change'); END;
CREATE TRIGGER reports_remain BEFORE DELETE ON reports BEGIN SELECT RAISE(ABORT, 'reports are kept'); END;
CREATE TRIGGER exchange_archive_stays BEFORE UPDATE ON exchange_archive BEGIN SELECT RAISE(ABORT, 'the archive is append-only'); END;
CREATE TRIGGER exchange_archive_remains BEFORE DELETE ON exchange_archive BEGIN SELECT RAISE(ABORT, 'the archive is append-only'); END;
