-- Migration 0007: what has come back after a loss and takes no effect, and lost changes that people settled.

-- Documents of `lost_documents` whose bytes are here again and that change nothing. order: what stands behind
-- them in the log had taken effect when they came; a restore of this database puts them into their place.
-- taken: another document of the log holds the number that they bear.
CREATE TABLE late_documents (
  sha256 TEXT NOT NULL PRIMARY KEY,
  reason TEXT NOT NULL CHECK (reason IN ('order', 'taken'))
) STRICT, WITHOUT ROWID;
INSERT INTO late_documents
  SELECT DISTINCT sha256, 'order' FROM inbox WHERE waits_for = 'its place in the log, which a restore gives it';

-- Lost status changes of this state, and ends of its log, of which people said what became of them: the
-- certificates are changed again, or there is nothing to change.
CREATE TABLE settled_changes (
  sha256 TEXT NOT NULL PRIMARY KEY,
  settled_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER settled_changes_stay BEFORE UPDATE ON settled_changes BEGIN SELECT RAISE(ABORT, 'what was settled stays settled'); END;
CREATE TRIGGER settled_changes_remain BEFORE DELETE ON settled_changes BEGIN SELECT RAISE(ABORT, 'what was settled stays settled'); END;
CREATE INDEX lost_changes ON lost_documents (idx) WHERE kind = 'status-change';

-- The line by which a checkpoint was cosigned: it proves when. NULL: it was cosigned before this version.
ALTER TABLE witnessed ADD COLUMN cosignature TEXT;
