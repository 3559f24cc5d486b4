import { type CompiledQuery, sql as raw } from 'kysely'
import type { LogDoubt, LogStore, WitnessName } from '../tlog/log-store.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql, type Tables } from './tables.ts'

/** The statements that begin a doubt about the own log; what witnesses said before counts no longer. */
export function doubtStatements(reason: LogDoubt['reason'], since: string): CompiledQuery[] {
  return [
    sql.deleteFrom('log_doubts').compile(),
    sql.deleteFrom('log_doubt_answers').compile(),
    sql.insertInto('log_doubts').values({ id: 1, since, reason }).compile(),
  ]
}

type Doubts = Pick<LogStore, 'doubt' | 'contradict' | 'confirm' | 'endDoubt'>

/** Doubts about the own log, over SQL. */
export function sqlLogDoubts(database: SqlDatabase): Doubts {
  return {
    async doubt() {
      const [row] = await database.query(sql.selectFrom('log_doubts').selectAll().compile())
      if (!row) return undefined
      const { since, reason } = row
      const answers = await database.query(
        sql.selectFrom('log_doubt_answers').selectAll().compile(),
      )
      return { since, reason, answers: answers.map(answerOf) }
    },

    async contradict(witness, size, at) {
      await database.atomic([
        sql
          .insertInto('log_doubts')
          .values({ id: 1, since: at, reason: 'contradicted' })
          .onConflict((conflict) => conflict.doNothing())
          .compile(),
        answerStatement(witness, 'contradicted', size, at),
      ])
    },

    async confirm(witness, size, at) {
      await database.query(answerStatement(witness, 'accepted', size, at))
    },

    async endDoubt({ since, answers }) {
      const contradictions = answers.filter(({ answer }) => answer === 'contradicted').length
      const ended = await database.query(
        sql
          .deleteFrom('log_doubts')
          .where('since', '=', since)
          .where(
            ({ selectFrom }) =>
              selectFrom('log_doubt_answers')
                .select(({ fn }) => fn.countAll<number>().as('n'))
                .where('answer', '=', 'contradicted'),
            '<=',
            contradictions,
          )
          .returning('id')
          .compile(),
      )
      if (ended.length === 0) return false
      const stale = sql
        .deleteFrom('log_doubt_answers')
        .where(({ not, exists, selectFrom }) => not(exists(selectFrom('log_doubts').select('id'))))
      await database.query(stale.compile())
      return true
    },
  }
}

/** Writes nothing where there is no doubt. */
function answerStatement(
  { state, name, keyId }: WitnessName,
  answer: 'accepted' | 'contradicted',
  size: bigint,
  at: string,
): CompiledQuery {
  return raw`INSERT INTO log_doubt_answers (state, witness, key_id, answer, size, at)
    SELECT ${state}, ${name}, ${keyId}, ${answer}, ${Number(size)}, ${at} FROM log_doubts WHERE true
    ON CONFLICT (state, witness, key_id)
      DO UPDATE SET answer = excluded.answer, size = excluded.size, at = excluded.at`.compile(sql)
}

function answerOf(row: Tables['log_doubt_answers']): LogDoubt['answers'][number] {
  const { state, witness: name, key_id: keyId, answer, size, at } = row
  return { witness: { state, name, keyId }, answer, size: BigInt(size), at }
}
