import { text } from '../../certificate/wording.ts'
import { thumbprint } from '../../crypto/suite.ts'
import { decodeBase64 } from '../../encoding/base64url.ts'
import type { TrustPin } from '../../trust/trust-store.ts'
import type { TrustView } from '../../trust/trust-view.ts'
import type { Warning } from './warning.ts'

/**
 * Several pinned roots of a state that its list here does not know: the state has changed its root more than
 * once since. That one of them has followed another stands in lists that have not come, so that until then a
 * list by the former one, whose key may be in other hands, would look like the next.
 */
export async function undecidedRootWarnings(
  view: Pick<TrustView, 'list'>,
  pins: readonly TrustPin[],
): Promise<Warning[]> {
  const counting = pins.filter(({ withdrawnFrom }) => withdrawnFrom === undefined)
  const states = [...new Set(counting.map(({ state }) => state))]
  const warnings = states.map(async (state): Promise<Warning[]> => {
    const ofState = counting.filter((pin) => pin.state === state)
    if (ofState.length < 2) return []
    const list = view.list(state)
    const listed = list ? [list.root, ...list.cas] : []
    const known = new Set(await Promise.all(listed.map((der) => thumbprint(decodeBase64(der)!))))
    const unknown = ofState.filter(({ rootSha256 }) => !known.has(rootSha256))
    if (unknown.length < 2) return []
    const named = unknown.map(({ rootSha256 }) => rootSha256).join(', ')
    const message = text(
      `Закреплено несколько корней ${state}, которых её действующий здесь список доверия не знает (${named}); какой из них прежний, установить нельзя, а его ключом мог бы быть подписан следующий список. Узнайте у оператора ${state}, какой корень действует, и отзовите доверие к прежнему (certex trust withdraw-root) с того дня, когда его сменили.`,
      `Several roots of ${state} are pinned that its trust list here does not know (${named}); which of them is the former one cannot be told, and its key could sign the next list. Ask the operator of ${state} which root stands, and withdraw the former one (certex trust withdraw-root) from the day on which it was followed.`,
    )
    const kind = 'former-root-undecided'
    return [{ kind, subject: state, overdue: true, at: undefined, message }]
  })
  return (await Promise.all(warnings)).flat()
}
