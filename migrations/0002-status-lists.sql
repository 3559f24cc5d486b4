-- Grows with every change that a status list shows, so that a process notices what another one changed.
CREATE TABLE status_list_revisions (
  uri TEXT NOT NULL PRIMARY KEY,
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A list is made of the few positions that are not valid: they are read without the many that are.
CREATE INDEX certificates_by_status ON certificates (status_uri, origin, status, status_idx);
