import type Sqlite from 'better-sqlite3'
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { COVERED_TABLES } from '../../src/exchange/log/administrative-entry.ts'
import type { PreparedState } from '../../src/node/dev-state.ts'
import { eventually } from './two-nodes.ts'

const LAUNCHER = fileURLToPath(new URL('../../bin/certex.js', import.meta.url))

/** Queries that must find nothing in the database of a node, whenever it was killed. */
const FLAWS: Readonly<Record<string, string>> = {
  'gap in the log': `SELECT idx FROM entries WHERE idx >= (SELECT count(*) FROM entries) OR idx < 0`,
  'entry without its document': `SELECT idx FROM entries
     WHERE kind <> 'administrative' AND sha256 NOT IN (SELECT sha256 FROM documents)`,
  'administrative entry without its record': `SELECT idx FROM entries
     WHERE kind = 'administrative' AND idx NOT IN (SELECT idx FROM administrative_records)`,
  'administrative record without its entry': `SELECT idx FROM administrative_records
     WHERE idx NOT IN (SELECT idx FROM entries WHERE kind = 'administrative')`,
  'administrative record without its rows': `SELECT idx FROM administrative_records WHERE last - first + 1 <> ${COVERED_TABLES.map(
    (table) =>
      `(SELECT count(*) FROM ${table} WHERE rows_of = '${table}' AND n BETWEEN first AND last)`,
  ).join(' + ')}`,
  'act without its entry': `SELECT n FROM admin_acts WHERE act <> 'migrated' AND NOT EXISTS (
     SELECT 1 FROM administrative_records WHERE rows_of = 'admin_acts' AND n BETWEEN first AND last)`,
  'document of nobody': `SELECT sha256 FROM documents
     WHERE sha256 NOT IN (SELECT sha256 FROM entries) AND sha256 NOT IN (SELECT sha256 FROM inbox)`,
  'certificate without its entry': `SELECT sha256 FROM certificates
     WHERE sha256 NOT IN (SELECT sha256 FROM entries WHERE kind = 'certificate')`,
  'entry without its certificate': `SELECT sha256 FROM entries
     WHERE kind = 'certificate' AND sha256 NOT IN (SELECT sha256 FROM certificates)`,
  'entry without its status change': `SELECT sha256 FROM entries
     WHERE kind = 'status-change' AND sha256 NOT IN (SELECT sha256 FROM status_changes)`,
  'message without its entry': `SELECT recipient, seq FROM outgoing
     WHERE sha256 NOT IN (SELECT sha256 FROM entries)`,
  'gap in a sequence': `SELECT recipient, count(*), max(seq) FROM outgoing
     GROUP BY recipient HAVING count(*) <> max(seq) OR min(seq) <> 1`,
  'recipient out of step': `SELECT state FROM recipients
     WHERE last_seq <> (SELECT max(seq) FROM outgoing WHERE recipient = state)`,
  'message that its leaf does not name': `SELECT recipient, seq FROM outgoing JOIN entries USING (sha256)
     WHERE json_extract(leaf, '$.to.' || recipient) IS NOT seq`,
  'leaf that names a message that is not': `SELECT idx, key FROM entries, json_each(leaf, '$.to')
     WHERE NOT EXISTS (SELECT 1 FROM outgoing WHERE recipient = key AND outgoing.sha256 = entries.sha256)`,
  'decision without its receipt': `SELECT sha256 FROM decisions
     WHERE receipt NOT IN (SELECT sha256 FROM entries WHERE kind = 'receipt')`,
  'decision on what never arrived': `SELECT sha256 FROM decisions
     WHERE (sha256, sender) NOT IN (SELECT sha256, sender FROM inbox)`,
  'decision that still waits': `SELECT sha256 FROM inbox JOIN decisions USING (sha256, sender)
     WHERE waits_for IS NOT NULL`,
  'conflict that nobody was told of': `SELECT sha256 FROM decisions WHERE findings = '["CONFLICT"]'
     AND NOT EXISTS (SELECT 1 FROM alarms WHERE detail LIKE decisions.sha256 || '%')`,
  'arrival that neither waits nor is decided': `SELECT sha256 FROM inbox
     WHERE waits_for IS NULL AND (sha256, sender) NOT IN (SELECT sha256, sender FROM decisions)`,
}

/** What is half-written in a node's database; nothing, if its promises hold. */
export function flawsOf(database: Sqlite.Database): string[] {
  const [{ integrity_check: integrity }] = database.pragma('integrity_check') as [
    { integrity_check: string },
  ]
  const flaws = integrity === 'ok' ? [] : [integrity]
  for (const [flaw, query] of Object.entries(FLAWS))
    for (const row of database.prepare(query).all()) flaws.push(`${flaw}: ${JSON.stringify(row)}`)
  return flaws
}

/** A node in a process of its own that can be killed. */
export interface NodeProcess {
  start(): Promise<void>
  /** kill -9; resolves when the process is gone. */
  kill(): Promise<void>
  /** Whether it is gone, of itself or not. */
  isGone(): boolean
  /** SIGTERM; the exit code. */
  stop(): Promise<number | null>
  /** What it logged as an error, over all its lives. */
  readonly errors: readonly string[]
}

/** `env`: beside the environment of the test. */
export function nodeProcess(
  { configFile, url }: PreparedState,
  env: Readonly<Record<string, string>> = {},
): NodeProcess {
  const errors: string[] = []
  let child: ChildProcess | undefined

  async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const ending = child
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return null
    const ended = new Promise<number | null>((resolve) => ending.once('exit', resolve))
    ending.kill(signal)
    return ended
  }

  return {
    errors,
    async start() {
      child = spawn(process.execPath, [LAUNCHER, 'serve', '--config', configFile], {
        stdio: ['ignore', 'ignore', 'pipe'],
        // A node takes every name of this kind for a setting of its own.
        env: { ...process.env, CERTEX_CRASH_SEED: undefined, ...env },
      })
      let text = ''
      child.stderr!.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (text + chunk).split('\n')
        text = lines.pop()!
        errors.push(...lines.filter((line) => !/"level":"(info|warn)"/.test(line)))
      })
      await eventually(`${url} is ready`, () =>
        fetch(`${url}/ready`).then(
          ({ ok }) => ok,
          () => false,
        ),
      )
    },
    async kill() {
      await end('SIGKILL')
    },
    isGone: () => child === undefined || child.exitCode !== null || child.signalCode !== null,
    stop: () => end('SIGTERM'),
  }
}

/** Numbers in [0, 1) that follow from the seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
