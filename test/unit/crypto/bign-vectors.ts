import { hexToOctets } from '../x509/forgery.ts'

/** The first 48 octets of the table H of STB 34.101.31, which the annexes of both standards hash. */
export const H48 = hexToOctets(
  'b194bac80a08f53b366d008e584a5de48504fa9d1bb6c7ac252e72c202fdce0d5be3d61217b96181fe6786ad716b890b',
)

/** STB 34.101.31 annex A, belt-hash: octets of H → hash. */
export const BELT_HASH_VECTORS = [
  [13, 'abef9725d4c5a83597a367d14494cc2542f20f659ddfecc961a3ec550cba8c75'],
  [32, '749e4c3653aece5e48db4761227742eb6dbe13f4a80f7beff1a9cf8d10ee7786'],
  [48, '9d02ee446fb6a29fe5c982d4b13af9d3e90861bc4cef27cf306bfb0b174a154a'],
] as const

/** STB 34.101.45 annex Г, test Г.1: the public key, x and y. */
export const BIGN_PUBLIC_KEY = hexToOctets(
  'bd1a5650179d79e03fcee49d4c2bd5ddf54ce46d0cf11e4ff87bf7a890857fd0' +
    '7ac6a60361e8c8173491686d461b2826190c2eda5909054a9ab84d2ab9d99a90',
)

/** Tests Г.2 and Г.3: octets of H that were signed → signature. */
export const BIGN_SIGNATURES = [
  [
    13,
    'e36b7f0377ae4c524027c387fadf1b20ce72f1530b71f2b5fd3a8c584fe2e1aed20082e30c8af65011f4fb54649dfd3d',
  ],
  [
    48,
    '47a63c8b9c936e94b5fab3d9cbd78366290f3210e163eec8db4e921e8479d4138f112cc23e6dce65ec5ff21df4231c28',
  ],
] as const

/** The key as a SubjectPublicKeyInfo: bign-pubkey on bign-curve256v1. */
export const BIGN_SPKI = new Uint8Array([
  ...hexToOctets('305d3018060a2a7000020022652d0201060a2a7000020022652d0301034100'),
  ...BIGN_PUBLIC_KEY,
])

/** The AlgorithmIdentifier of bign-with-hbelt. */
export const BIGN_WITH_HBELT = hexToOctets('300d06092a7000020022652d0c0500')
