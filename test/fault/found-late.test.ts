import { describe, expect, it } from 'vitest'
import { findLost, type FindDependencies } from '../../src/exchange/incoming/find-lost.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { migrate } from '../../src/node/migrate.ts'
import { sqlLostPlaces } from '../../src/storage/lost-places.ts'
import { sampleDocument } from '../contract/storage-samples.ts'

/** A database one of whose answers fails, as one that is busy or out of reach does. */
function failingOnce(): SqliteDatabase {
  const database = new SqliteDatabase(':memory:')
  migrate(database, 'test')
  const query = database.query.bind(database)
  let fails = true
  database.query = async (asked) => {
    const failing = fails
    fails = false
    if (failing) throw new Error('the database is busy')
    return query(asked)
  }
  return database
}

describe('a database that fails while a lost document comes in', () => {
  it('makes it no document that came too late: the sender is told to come again', async () => {
    const { sha256, jws } = sampleDocument('one')
    const written: unknown[] = []
    const entry = { sha256, index: 0, kind: 'certificate', at: '2026-03-02T09:15:00Z' } as const
    const deps = {
      state: 'BY',
      now: () => new Date(),
      policy: { trustAdditionDelayHours: 24 },
      lost: {
        ...sqlLostPlaces(failingOnce()),
        listed: async () => [{ ...entry, standing: 'lost' }],
      },
      alarms: { raiseOnce: async (key: string) => void written.push(key) },
      append: async (step: unknown) => void written.push(step),
    } as unknown as FindDependencies
    await expect(findLost(deps, 'UZ', [{ sha256, jws, seq: 1 }])).rejects.toThrow('busy')
    expect(written).toEqual([])
  })

  it('is asked again the next time', async () => {
    const places = sqlLostPlaces(failingOnce())
    await expect(places.isFollowed('one')).rejects.toThrow('busy')
    expect(await places.isFollowed('one')).toBe(false)
  })
})
