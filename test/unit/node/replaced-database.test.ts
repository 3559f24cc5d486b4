import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { migrate } from '../../../src/node/migrate.ts'
import { listReplaced } from '../../../src/node/replaced-database.ts'
import { SqliteDatabase } from '../../../src/node/sqlite-database.ts'
import { claimNode } from '../../../src/storage/node-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'certex-replaced-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function database(name: string): SqliteDatabase {
  const made = new SqliteDatabase(join(folder, name))
  migrate(made, 'test')
  return made
}

const of = { state: 'BY', epoch: 'second', at: '2026-03-02T09:00:00Z', actor: 'test' }

describe('a database that is replaced', () => {
  it.each([
    ['no database', Buffer.alloc(8192, 7)],
    ['empty', Buffer.alloc(0)],
  ])('is told of as unreadable, and ends no restore, if it is %s', async (_, bytes) => {
    const restored = database(`restored-${bytes.length}.sqlite`)
    const replaced = join(folder, `damaged-${bytes.length}.sqlite`)
    writeFileSync(replaced, bytes)
    expect(await listReplaced(restored, replaced, of)).toEqual({
      documents: 'unreadable',
      acts: [],
    })
    restored.close()
  })

  it('hands on what it had from one that it has replaced itself', async () => {
    const before = database('before.sqlite')
    await claimNode(before, { state: 'BY', environment: 'production', epoch: 'first' }, [])
    before.raw.exec(`INSERT INTO lost_documents (sha256, idx, kind, epoch) VALUES
      ('a', NULL, 'replaced', 'first'), ('b', NULL, 'replaced-change', 'first'), ('c', 4, 'certificate', 'first');
      INSERT INTO lost_numbers VALUES ('a', 'origin.ct1', 'N1', '2026-03-01T09:00:00Z')`)
    before.close()
    const restored = database('after.sqlite')
    const { documents, acts } = await listReplaced(restored, join(folder, 'before.sqlite'), of)
    expect(documents).toMatchObject([
      { sha256: 'a', kind: 'certificate', id: { type: 'origin.ct1', number: 'N1' } },
      { sha256: 'b', kind: 'status-change', id: undefined },
    ])
    expect(acts).toMatchObject([{ act: 'lost-number-settled', subject: 'a' }])
    const listed = restored.raw.prepare('SELECT sha256, kind, epoch FROM lost_documents').all()
    expect(listed).toEqual([
      { sha256: 'a', kind: 'replaced', epoch: 'second' },
      { sha256: 'b', kind: 'replaced-change', epoch: 'second' },
    ])
    restored.close()
  })
})
