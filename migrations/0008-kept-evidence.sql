-- Migration 0008: what was kept of evidence of revocation stands behind entries of the log.

-- One row whenever a CRL (serial NULL), or an OCSP response that says something against a key, is kept for the
-- first time or takes the place of the one before it, in the same step: whoever has the file cannot put an earlier
-- one back unseen. number: of a CRL; status: of a response. sha256: of the DER octets.
CREATE TABLE kept_evidence (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  state TEXT NOT NULL,
  ski TEXT NOT NULL,
  serial TEXT,
  number TEXT,
  status TEXT,
  this_update TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  stored_at TEXT NOT NULL,
  UNIQUE (state, ski, serial, sha256, stored_at)
) STRICT;
CREATE TRIGGER kept_evidence_stay BEFORE UPDATE ON kept_evidence BEGIN SELECT RAISE(ABORT, 'what was kept never changes'); END;
CREATE TRIGGER kept_evidence_remain BEFORE DELETE ON kept_evidence BEGIN SELECT RAISE(ABORT, 'what was kept stays told'); END;

-- While a row without origin stands here of the epoch of the node, its database was restored: the witness cosigns
-- nothing of a log before it has read back from it what it had cosigned, which a row with the origin says.
CREATE TABLE witness_recalls (
  epoch TEXT NOT NULL,
  origin TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (epoch, origin)
) STRICT, WITHOUT ROWID;
