import { expect, it } from 'vitest'
import { restoredText } from '../../../src/cli/restore-text.ts'

it('says that a witness which has seen two histories waits until its operators settle that', () => {
  const said = restoredText('BY', {
    outcome: 'restored',
    facts: { state: 'BY', entries: 154, lastEntryAt: '2026-03-02T09:15:00Z', epoch: 'second' },
    replaced: undefined,
    log: { size: 154n, added: 12n, from: 'UZ', checkpoints: [], beyond: undefined },
    documents: 3,
    lost: { documents: 0, administrative: 0, unsettled: 0, changes: 0, taken: 0 },
    waiting: [],
    replacedDocuments: [],
  })
  expect(said).toMatchInlineSnapshot(`
    "Restored 154 entries of BY, the last of 2026-03-02T09:15:00Z, in the new epoch second
      12 of 154 entries came from the mirror at UZ, and 3 documents in this attempt
      The newest checkpoints, which were shown, bear the cosignature of no witness (older ones may): none has cosigned them yet, or one has seen two histories of it and confirms neither before its operators settle that (certex trust settle-fork there)
      The 154 behind them come from the backup, and no checkpoint shown covers them
    Clients, pins and CRLs are those of the backup: without one, pin the roots again, the own one and that of every peer (certex trust pin, certex trust approve), publish the CRLs and add the clients. Add the clients that were added since, disable those that were disabled. Then start the node: it signs checkpoints again as soon as the witnesses have confirmed its log, and waits for every peer of the configuration that is not pinned yet; one that has seen two histories of it does so when its operators have settled that (certex trust settle-fork there)."
  `)
})
