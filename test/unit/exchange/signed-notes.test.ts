import { expect, it } from 'vitest'
import { flawOfNote } from '../../../src/exchange/audit/signed-notes.ts'
import { flawOfPeerNote } from '../../../src/storage/audit/peer-notes.ts'
import { formatCheckpoint } from '../../../src/tlog/checkpoint.ts'
import { signNote } from '../../../src/tlog/note-signature.ts'
import { formatSignedNote } from '../../../src/tlog/signed-note.ts'
import { noteSigner, ORIGIN } from '../../support/log-world.ts'

it('an extension line is the right of another log, and no fault of whoever keeps its note', async () => {
  const signer = noteSigner(ORIGIN, 'ed25519')
  const rootHash = new Uint8Array(32).fill(7)
  const extensions = ['an extension line of another program']
  const text = formatCheckpoint({ origin: ORIGIN, size: 7n, rootHash, extensions })
  const note = formatSignedNote({ text, signatures: [await signNote(text, signer)] })
  const keys = [signer.key]
  expect(await flawOfPeerNote({ note, origin: ORIGIN }, keys, 7)).toBeUndefined()
  expect(await flawOfPeerNote({ note, origin: ORIGIN }, keys, 8)).toMatch(/of 7 entries/)
  // The own log never writes one: there it was put in.
  expect(await flawOfNote(note, { keys, size: 7n })).toMatch(/says more than the log ever does/)
})
