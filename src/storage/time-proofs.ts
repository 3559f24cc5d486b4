import { type RawBuilder, sql as raw } from 'kysely'
import type { TimeProofs } from '../exchange/validation/time-proofs.ts'

type Mirrored = NonNullable<TimeProofs['mirrored']>
type Cosigned = TimeProofs['cosigned'][number]

/**
 * The leaf of a document in the mirrored log of a peer with the first checkpoint over it that the own
 * witness cosigned, as JSON. Only what the mirror has compared with the leaves, and of a log without a fork.
 */
export function mirroredLeaf(sha256: RawBuilder<unknown>): RawBuilder<string | null> {
  return raw`(SELECT json_object('state', addressed.sender, 'origin', addressed.origin,
      'index', addressed.idx, 'at', witnessed.at)
    FROM addressed
    JOIN mirrors ON mirrors.state = addressed.sender AND mirrors.origin = addressed.origin
    JOIN witnessed ON witnessed.origin = addressed.origin AND witnessed.state = addressed.sender
      AND witnessed.size = (SELECT size FROM witnessed AS covering
        WHERE covering.origin = addressed.origin AND covering.size > addressed.idx
        ORDER BY size LIMIT 1)
    WHERE addressed.sender IN (SELECT state FROM mirrors) AND addressed.sha256 = ${sha256}
      AND witnessed.size <= mirrors.size
      AND NOT EXISTS (SELECT 1 FROM log_forks
        WHERE log_forks.state = addressed.sender AND log_forks.origin = addressed.origin)
    ORDER BY witnessed.at LIMIT 1)`
}

/** Who of other states cosigned the oldest cosigned checkpoint behind a place of the own log, as JSON. */
export function firstCosignatures(idx: RawBuilder<unknown>): RawBuilder<string> {
  return raw`(SELECT json_group_array(json_object('state', cosignatures.state,
      'witness', cosignatures.witness, 'at', cosignatures.cosigned_at,
      'origin', substr(checkpoints.note, 1, instr(checkpoints.note, char(10)) - 1)))
    FROM cosignatures JOIN checkpoints ON checkpoints.size = cosignatures.size
    WHERE cosignatures.state <> '' AND cosignatures.size = (SELECT size FROM cosignatures AS first
      WHERE first.size > ${idx} AND first.state <> '' ORDER BY size LIMIT 1))`
}

export function readMirrored(json: string | null): Mirrored | undefined {
  return json === null ? undefined : (JSON.parse(json) as Mirrored)
}

export function readCosigned(json: string): Cosigned[] {
  return JSON.parse(json) as Cosigned[]
}
