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
