import type { D1Binding } from './d1.ts'

/** The migration that this program was written for; see migrations/. */
export const NEWEST_MIGRATION = '0008-kept-evidence.sql'

/** What keeps a D1 database from being used, by the list that wrangler keeps of what it applied. */
export async function schemaObstacle(
  binding: D1Binding,
): Promise<'not-migrated' | 'newer-than-program' | undefined> {
  let applied: readonly unknown[]
  try {
    ;({ results: applied } = await binding
      .prepare('SELECT name FROM d1_migrations ORDER BY name DESC LIMIT 1')
      .bind()
      .all())
  } catch (error) {
    if (error instanceof Error && error.message.includes('no such table')) return 'not-migrated'
    throw error
  }
  const newest = (applied[0] as { name: string } | undefined)?.name ?? ''
  if (newest === NEWEST_MIGRATION) return undefined
  return newest < NEWEST_MIGRATION ? 'not-migrated' : 'newer-than-program'
}
