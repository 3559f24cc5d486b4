-- Alarms, reports, verdicts and proofs against others stand behind entries of the log as acts and accesses
-- do: each such table numbers its rows. Which there are is the program's to say (CoveredTable).
CREATE TABLE administrative_records_of_every_table (
  idx INTEGER NOT NULL PRIMARY KEY,
  rows_of TEXT NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  nonce TEXT NOT NULL,
  UNIQUE (rows_of, first),
  UNIQUE (rows_of, last),
  CHECK (first <= last)
) STRICT;
INSERT INTO administrative_records_of_every_table SELECT idx, rows_of, first, last, nonce FROM administrative_records ORDER BY idx;
DROP TABLE administrative_records;
ALTER TABLE administrative_records_of_every_table RENAME TO administrative_records;
CREATE TRIGGER administrative_records_stay BEFORE UPDATE ON administrative_records BEGIN SELECT RAISE(ABORT, 'administrative records never change'); END;
CREATE TRIGGER administrative_records_remain BEFORE DELETE ON administrative_records BEGIN SELECT RAISE(ABORT, 'administrative records are kept'); END;

CREATE TABLE numbered_reports (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  client TEXT NOT NULL,
  party TEXT NOT NULL,
  created_at TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
INSERT INTO numbered_reports (id, client, party, created_at, body) SELECT id, client, party, created_at, body FROM reports ORDER BY rowid;
DROP TABLE reports;
ALTER TABLE numbered_reports RENAME TO reports;
CREATE TRIGGER reports_stay BEFORE UPDATE ON reports BEGIN SELECT RAISE(ABORT, 'reports never change'); END;
CREATE TRIGGER reports_remain BEFORE DELETE ON reports BEGIN SELECT RAISE(ABORT, 'reports are kept'); END;

CREATE TABLE numbered_log_forks (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  state TEXT NOT NULL,
  origin TEXT NOT NULL,
  found_at TEXT NOT NULL,
  first TEXT NOT NULL,
  second TEXT NOT NULL,
  proof TEXT NOT NULL,
  UNIQUE (state, origin, first, second)
) STRICT;
INSERT INTO numbered_log_forks (state, origin, found_at, first, second, proof) SELECT state, origin, found_at, first, second, proof FROM log_forks ORDER BY rowid;
DROP TABLE log_forks;
ALTER TABLE numbered_log_forks RENAME TO log_forks;
CREATE TRIGGER log_forks_stay BEFORE UPDATE ON log_forks BEGIN SELECT RAISE(ABORT, 'proofs of forks never change'); END;
CREATE TRIGGER log_forks_remain BEFORE DELETE ON log_forks BEGIN SELECT RAISE(ABORT, 'proofs of forks are kept'); END;

CREATE TABLE numbered_log_rollbacks (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  state TEXT NOT NULL,
  origin TEXT NOT NULL,
  size INTEGER NOT NULL,
  found_at TEXT NOT NULL,
  before TEXT NOT NULL,
  shown TEXT NOT NULL,
  UNIQUE (state, origin, size)
) STRICT;
INSERT INTO numbered_log_rollbacks (state, origin, size, found_at, before, shown) SELECT state, origin, size, found_at, before, shown FROM log_rollbacks ORDER BY rowid;
DROP TABLE log_rollbacks;
ALTER TABLE numbered_log_rollbacks RENAME TO log_rollbacks;
CREATE TRIGGER log_rollbacks_stay BEFORE UPDATE ON log_rollbacks BEGIN SELECT RAISE(ABORT, 'proofs of rollbacks never change'); END;
CREATE TRIGGER log_rollbacks_remain BEFORE DELETE ON log_rollbacks BEGIN SELECT RAISE(ABORT, 'proofs of rollbacks are kept'); END;

CREATE TABLE numbered_trust_forks (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  sha256 TEXT NOT NULL,
  part INTEGER NOT NULL,
  state TEXT NOT NULL,
  version INTEGER NOT NULL,
  seen_at TEXT NOT NULL,
  jws TEXT NOT NULL,
  UNIQUE (sha256, part)
) STRICT;
INSERT INTO numbered_trust_forks (sha256, part, state, version, seen_at, jws) SELECT sha256, part, state, version, seen_at, jws FROM trust_forks ORDER BY rowid;
DROP TABLE trust_forks;
ALTER TABLE numbered_trust_forks RENAME TO trust_forks;
CREATE TRIGGER trust_forks_stay BEFORE UPDATE ON trust_forks BEGIN SELECT RAISE(ABORT, 'evidence never changes'); END;
CREATE TRIGGER trust_forks_remain BEFORE DELETE ON trust_forks BEGIN SELECT RAISE(ABORT, 'evidence is kept'); END;

CREATE TRIGGER alarms_stay BEFORE UPDATE ON alarms BEGIN SELECT RAISE(ABORT, 'alarms never change'); END;
CREATE TRIGGER alarms_remain BEFORE DELETE ON alarms BEGIN SELECT RAISE(ABORT, 'alarms are kept'); END;

-- By what certificates were judged (rules/1), by the digest that its act names.
CREATE TABLE rule_texts (
  sha256 TEXT NOT NULL PRIMARY KEY,
  text TEXT NOT NULL
) STRICT;
CREATE TRIGGER rule_texts_stay BEFORE UPDATE ON rule_texts BEGIN SELECT RAISE(ABORT, 'versions of the rules never change'); END;
CREATE TRIGGER rule_texts_remain BEFORE DELETE ON rule_texts BEGIN SELECT RAISE(ABORT, 'versions of the rules are kept'); END;

-- The same decisions signed again: a receipt whose seal its recipient believes no more, and the one after it.
CREATE TABLE further_receipts (
  receipt TEXT NOT NULL PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;
CREATE TRIGGER further_receipts_stay BEFORE UPDATE ON further_receipts BEGIN SELECT RAISE(ABORT, 'receipts are append-only'); END;
CREATE TRIGGER further_receipts_remain BEFORE DELETE ON further_receipts BEGIN SELECT RAISE(ABORT, 'receipts are append-only'); END;

-- The exchange in which a document of a peer came, by when it did.
CREATE INDEX exchange_archive_by_time ON exchange_archive (peer, at);

-- Whose calls those of a client system are: decisions on trust take two persons, not two systems.
ALTER TABLE clients ADD COLUMN person TEXT;

-- A view is compared behind this key, NULL until it is compared the first time: not where its document says,
-- but where comparing had come when it came (reconciled_up_to), if that is less.
ALTER TABLE reconciliation_checks ADD COLUMN compared_after INTEGER;
CREATE TABLE reconciled_up_to (
  peer TEXT NOT NULL,
  view TEXT NOT NULL CHECK (view IN ('sent', 'received', 'decided', 'answered')),
  up_to INTEGER NOT NULL,
  PRIMARY KEY (peer, view)
) STRICT, WITHOUT ROWID;
