-- What each side of an exchange says it sent, received and decided, day by day: documents of this node and
-- of its peers, a projection of the log. The numbers and roots stand in the documents themselves.
CREATE TABLE reconciliations (
  sha256 TEXT NOT NULL PRIMARY KEY,
  maker TEXT NOT NULL,
  recipient TEXT NOT NULL,
  epoch TEXT NOT NULL,
  until TEXT NOT NULL,
  UNIQUE (maker, recipient, until, epoch)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER reconciliations_stay BEFORE UPDATE ON reconciliations BEGIN SELECT RAISE(ABORT, 'reconciliations never change'); END;
CREATE TRIGGER reconciliations_remain BEFORE DELETE ON reconciliations BEGIN SELECT RAISE(ABORT, 'reconciliations are kept'); END;
-- Views of a peer's document that are not agreed yet, and when they are compared again: working state.
CREATE TABLE reconciliation_checks (
  sha256 TEXT NOT NULL,
  view TEXT NOT NULL CHECK (view IN ('sent', 'received', 'decided', 'answered')),
  peer TEXT NOT NULL,
  since TEXT NOT NULL,
  checks INTEGER NOT NULL,
  next_at TEXT NOT NULL,
  PRIMARY KEY (sha256, view)
) STRICT, WITHOUT ROWID;
CREATE INDEX reconciliation_checks_due ON reconciliation_checks (peer, next_at);
-- What the comparison of one view came to, each time that it came to something else; the last one stands.
CREATE TABLE reconciliation_verdicts (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  sha256 TEXT NOT NULL,
  view TEXT NOT NULL CHECK (view IN ('sent', 'received', 'decided', 'answered')),
  at TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('agrees', 'differs', 'cannot-tell')),
  reason TEXT NOT NULL,
  -- What differs, oldest first, as JSON; complete 0: there is more of it.
  differences TEXT NOT NULL,
  complete INTEGER NOT NULL CHECK (complete IN (0, 1))
) STRICT;
CREATE INDEX reconciliation_verdicts_of ON reconciliation_verdicts (sha256, view, n);
CREATE TRIGGER reconciliation_verdicts_stay BEFORE UPDATE ON reconciliation_verdicts BEGIN SELECT RAISE(ABORT, 'verdicts are append-only'); END;
CREATE TRIGGER reconciliation_verdicts_remain BEFORE DELETE ON reconciliation_verdicts BEGIN SELECT RAISE(ABORT, 'verdicts are append-only'); END;
-- Decisions of a stretch of time, both ways.
CREATE INDEX decisions_by_time ON decisions (sender, at, sha256);
CREATE INDEX outgoing_by_decision ON outgoing (recipient, decided_at, sha256) WHERE decided_at IS NOT NULL;

-- Logs that were shown shorter than they had been: both signed checkpoints. The size is the larger one.
CREATE TABLE log_rollbacks (
  state TEXT NOT NULL,
  origin TEXT NOT NULL,
  size INTEGER NOT NULL,
  found_at TEXT NOT NULL,
  before TEXT NOT NULL,
  shown TEXT NOT NULL,
  PRIMARY KEY (state, origin, size)
) STRICT;
CREATE TRIGGER log_rollbacks_stay BEFORE UPDATE ON log_rollbacks BEGIN SELECT RAISE(ABORT, 'proofs of rollbacks never change'); END;
CREATE TRIGGER log_rollbacks_remain BEFORE DELETE ON log_rollbacks BEGIN SELECT RAISE(ABORT, 'proofs of rollbacks are kept'); END;

-- Leaves whose documents or records a restore could not bring back, and what its own receipts name beside
-- them (idx NULL). Lost as long as no bytes are here. epoch: of the restore that listed them.
CREATE TABLE lost_documents (
  sha256 TEXT NOT NULL PRIMARY KEY,
  idx INTEGER,
  kind TEXT NOT NULL,
  epoch TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX lost_documents_by_place ON lost_documents (idx);
CREATE INDEX lost_certificates ON lost_documents (sha256) WHERE kind = 'certificate';
CREATE TRIGGER lost_documents_stay BEFORE UPDATE ON lost_documents BEGIN SELECT RAISE(ABORT, 'what was lost stays listed'); END;
CREATE TRIGGER lost_documents_remain BEFORE DELETE ON lost_documents BEGIN SELECT RAISE(ABORT, 'what was lost stays listed'); END;
-- The numbers that lost certificates bore, as people found out; NULL: the bodies answer for not using it again.
CREATE TABLE lost_numbers (
  sha256 TEXT NOT NULL PRIMARY KEY,
  type TEXT,
  folded_number TEXT,
  settled_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX lost_numbers_by_number ON lost_numbers (type, folded_number);
CREATE TRIGGER lost_numbers_stay BEFORE UPDATE ON lost_numbers BEGIN SELECT RAISE(ABORT, 'numbers of lost certificates stay used'); END;
CREATE TRIGGER lost_numbers_remain BEFORE DELETE ON lost_numbers BEGIN SELECT RAISE(ABORT, 'numbers of lost certificates stay used'); END;

-- Checkpoints that a log has signed and of which nothing was shown that bears them out or refutes them: to
-- be compared when more of the log is mirrored. At most a few of a log.
CREATE TABLE unproven_checkpoints (
  state TEXT NOT NULL,
  origin TEXT NOT NULL,
  size INTEGER NOT NULL,
  root TEXT NOT NULL,
  note TEXT NOT NULL,
  seen_at TEXT NOT NULL,
  PRIMARY KEY (state, origin, size, root)
) STRICT, WITHOUT ROWID;
-- What the logs of a state have filled here on the day of the last bytes.
CREATE TABLE peer_log_bytes (
  state TEXT NOT NULL,
  store TEXT NOT NULL CHECK (store IN ('mirror', 'witness')),
  day TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (state, store)
) STRICT, WITHOUT ROWID;
-- The newest whole checkpoint of a state was signed after this instant: it was not shown then.
ALTER TABLE mirror_looks ADD COLUMN newer_than TEXT;
