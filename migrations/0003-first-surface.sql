-- Place of a certificate in the log, by which lists page; its successor; how its search terms were made.
ALTER TABLE certificates ADD COLUMN idx INTEGER NOT NULL DEFAULT -1;
ALTER TABLE certificates ADD COLUMN replaced_by TEXT;
ALTER TABLE certificates ADD COLUMN search_version INTEGER NOT NULL DEFAULT 0;
UPDATE certificates SET idx = (SELECT entries.idx FROM entries WHERE entries.sha256 = certificates.sha256);
CREATE UNIQUE INDEX certificates_by_idx ON certificates (idx);
CREATE INDEX certificates_by_successor ON certificates (replaced_by) WHERE replaced_by IS NOT NULL;
CREATE INDEX certificates_to_index ON certificates (search_version, idx);

-- What lists are narrowed by, each in the order of the log.
DROP INDEX certificates_by_number;
DROP INDEX certificates_by_issuer;
CREATE INDEX certificates_of_issuer ON certificates (issuer, idx);
CREATE INDEX certificates_of_origin ON certificates (origin, idx);
CREATE INDEX certificates_of_type ON certificates (type, idx);
CREATE INDEX certificates_of_state ON certificates (state, idx);
CREATE INDEX certificates_in_status ON certificates (status, idx);
CREATE INDEX certificates_usable_from ON certificates (usable_from, idx);
CREATE INDEX certificates_appended_at ON certificates (appended_at, idx);

-- What certificates are found by: folded words of parties, numbers, codes. Made from the documents again
-- whenever the way of folding changes.
CREATE TABLE search_terms (
  kind TEXT NOT NULL,
  term TEXT NOT NULL,
  idx INTEGER NOT NULL,
  PRIMARY KEY (kind, term, idx)
) STRICT, WITHOUT ROWID;
CREATE INDEX search_terms_by_certificate ON search_terms (idx, kind, term);

-- Numbers and status positions held for bodies that sign themselves, until their document comes.
CREATE TABLE reservations (
  type TEXT NOT NULL,
  folded_number TEXT NOT NULL,
  issuer TEXT NOT NULL,
  status_uri TEXT NOT NULL,
  status_idx INTEGER NOT NULL,
  claims TEXT NOT NULL,
  reserved_at TEXT NOT NULL,
  PRIMARY KEY (type, folded_number)
) STRICT, WITHOUT ROWID;

-- Up to where everything has come from a peer, in its own numbering; NULL epoch: not known yet.
ALTER TABLE peers ADD COLUMN feed_epoch TEXT;
ALTER TABLE peers ADD COLUMN feed_seq INTEGER NOT NULL DEFAULT 0;
-- By how much a peer's clock was ahead of ours when it last answered.
ALTER TABLE peers ADD COLUMN clock_ahead_ms INTEGER;

-- Documents of a training environment never meet those of production.
ALTER TABLE node ADD COLUMN environment TEXT NOT NULL DEFAULT 'production';

-- What those who run the node changed: clients, pins, lists, keys. Never changed itself.
CREATE TABLE admin_acts (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  act TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT
) STRICT;
CREATE TRIGGER admin_acts_stay BEFORE UPDATE ON admin_acts BEGIN SELECT RAISE(ABORT, 'administrative acts are append-only'); END;
CREATE TRIGGER admin_acts_remain BEFORE DELETE ON admin_acts BEGIN SELECT RAISE(ABORT, 'administrative acts are append-only'); END;

-- The decisions that one receipt brought, for the feed of events.
CREATE INDEX outgoing_by_receipt ON outgoing (receipt) WHERE receipt IS NOT NULL;

-- The certificate that an incoming status change claims to change: what waits for it is found at once.
ALTER TABLE inbox ADD COLUMN target TEXT;
CREATE INDEX inbox_waiting_by_target ON inbox (sender, target, seq) WHERE waits_for IS NOT NULL;
CREATE INDEX inbox_waiting_by_reason ON inbox (sender, waits_for, seq) WHERE waits_for IS NOT NULL;

-- D1 holds 2 MB a row: a longer exchange goes on in rows of its own, parts 2, 3, …
ALTER TABLE exchange_archive ADD COLUMN part INTEGER NOT NULL DEFAULT 1;
