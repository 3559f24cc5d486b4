import { derTargets } from './der-targets.ts'
import { jwsTargets } from './jws-targets.ts'
import type { Material } from './material.ts'
import type { Target } from './target.ts'
import { textTargets } from './text-targets.ts'

/** Every reader of what a stranger sends. */
export function targetsOver(material: Material): Target[] {
  return [...derTargets(material), ...jwsTargets(material), ...textTargets(material)]
}
