import { describe, expect, it } from 'vitest'
import { isPrivateAddress } from '../../../src/node/private-address.ts'

describe('an address', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '100.64.0.1',
    '169.254.169.254',
    '192.168.1.1',
    '255.255.255.255',
    '::',
    '::1',
    '::10.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '64:ff9b:1::a00:1',
    '100::1',
    '2001:0:4136:e378:8000:63bf:3fff:fdd2',
    '2002:a00:1::1',
    'fd00::1',
    'fe80::1',
    'fec0::1',
    'ff02::1',
  ])('in a network of one’s own, or leading into it, is refused: %s', (address) => {
    expect(isPrivateAddress(address)).toBe(true)
  })

  it.each(['93.184.216.34', '::ffff:93.184.216.34', '2001:41d0::1', '2a00:1450::1', '100:1::1'])(
    'of the world is called: %s',
    (address) => {
      expect(isPrivateAddress(address)).toBe(false)
    },
  )
})
