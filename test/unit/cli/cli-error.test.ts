import { expect, it } from 'vitest'
import { failureOf } from '../../../src/cli/cli-error.ts'

it('says once how the native module is built, where npm has not', () => {
  const paths = Array.from({ length: 13 }, (_, n) => ` → /certex/build/${n}/better_sqlite3.node`)
  const missing = new Error(`Could not locate the bindings file. Tried:\n${paths.join('\n')}`)
  const other = Object.assign(new Error('compiled against a different Node.js version'), {
    code: 'ERR_DLOPEN_FAILED',
  })
  for (const error of [missing, other]) {
    const failure = failureOf(error)
    expect(failure).toEqual({ reason: 'failed', message: expect.any(String) })
    expect(failure.message).toContain('node bin/ensure-native.js')
  }
})
