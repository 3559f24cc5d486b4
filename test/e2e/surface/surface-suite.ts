import { afterAll, beforeAll, describe } from 'vitest'
import type { Surface } from '../../support/surface.ts'
import { certificatesSuite } from './certificates-suite.ts'
import { changesSuite } from './changes-suite.ts'
import { feedsSuite } from './feeds-suite.ts'
import { logSuite } from './log-suite.ts'
import { publicSuite } from './public-suite.ts'

/** The HTTP surface over two real nodes; the same words for every runtime and engine. */
export function surfaceSuite(name: string, start: () => Promise<Surface>): void {
  describe(`the surface on ${name}`, () => {
    let surface: Surface | undefined
    const running = (): Surface => {
      if (!surface) throw new Error('The nodes do not run')
      return surface
    }
    beforeAll(async () => {
      surface = await start()
    })
    afterAll(() => surface?.close())

    publicSuite(running)
    certificatesSuite(running)
    changesSuite(running)
    feedsSuite(running)
    logSuite(running)
  })
}
