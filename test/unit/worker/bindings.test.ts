import { describe, expect, it } from 'vitest'
import { formatVerifierKey } from '../../../src/tlog/verifier-key.ts'
import { BindingError, readSettings } from '../../../src/worker/bindings.ts'
import { noteSigner } from '../../support/log-world.ts'

const neutral = noteSigner('witness.example/w1', 'cosignature/v1').key
const key = formatVerifierKey(neutral)
const NODE = { CERTEX_STATE: 'BY', CERTEX_PUBLIC_URL: 'https://by.example' }

describe('the variables of a node on Workers', () => {
  it('name further witnesses and the policy for its log, as a file does elsewhere', () => {
    const settings = readSettings({
      ...NODE,
      CERTEX_WITNESSES: JSON.stringify([{ name: 'neutral', key, url: 'https://witness.example' }]),
      CERTEX_LOG_POLICY: `witness neutral ${key}\nquorum neutral\n`,
      CERTEX_PUBLIC_LOG: 'true',
    })
    expect(settings.witnessing).toMatchObject({
      further: [{ name: 'neutral', key: neutral, url: 'https://witness.example' }],
      policy: { quorum: 'neutral' },
    })
    expect(settings.publicLog).toBe(true)
  })

  it('leave the log closed and the policy to the trust lists unless they say otherwise', () => {
    const { publicLog, witnessing } = readSettings(NODE)
    expect({ publicLog, witnessing }).toEqual({
      publicLog: false,
      witnessing: { further: [], policy: undefined, peers: [] },
    })
  })

  it.each([
    [{ CERTEX_LOG_POLICY: 'quorum x\n' }, 'CERTEX_LOG_POLICY: line 1: no line before it defines'],
    [{ CERTEX_LOG_POLICY: 'quorum none\n' }, 'CERTEX_LOG_POLICY: quorum none'],
    [{ CERTEX_WITNESSES: '[{"name":"n","key":"x","url":"https://x"}]' }, 'CERTEX_WITNESSES.0.key'],
  ])('are refused: %j', (given, told) => {
    expect(() => readSettings({ ...NODE, ...given })).toThrow(BindingError)
    expect(() => readSettings({ ...NODE, ...given })).toThrow(told)
  })
})
