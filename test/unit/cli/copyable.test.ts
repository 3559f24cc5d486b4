import { expect, it } from 'vitest'
import { copyable } from '../../../src/cli/copyable.ts'

it('gives the commands of a text the configuration, and asks for the name of the next person', () => {
  const text =
    'certex trust hasten --state UZ --version 7, then certex trust approve --state UZ --version 7. See certex lost list, certex trust pin.'
  expect(copyable(text, { config: 'by/node.json', as: 'Anna K.' })).toBe(
    'certex trust hasten --config by/node.json --as <NAME> --state UZ --version 7, then certex trust approve --config by/node.json --as <NAME> --state UZ --version 7. See certex lost list --config by/node.json, certex trust pin.',
  )
  expect(copyable('certex trust show', { config: "o'er there.json" })).toBe(
    "certex trust show --config 'o'\\''er there.json'",
  )
})

it('leaves alone what takes no configuration, what has one, and everything where none was given', () => {
  const texts = [
    'certex trust issue --pki keys, certex pki renew-crls, certex client generate-key',
    'certex trust publish --config FILE --crls keys/crls',
    'certex lost list --config FILE',
    'its operators settle that (certex trust settle-fork there)',
  ]
  for (const text of texts) expect(copyable(text, { config: 'node.json' })).toBe(text)
  expect(copyable('certex trust approve --state UZ', {})).toBe('certex trust approve --state UZ')
})
