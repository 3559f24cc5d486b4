import { text } from '../certificate/wording.ts'
import { sha256 } from '../crypto/suite.ts'
import { decodeBase64, encodeBase64url } from '../encoding/base64url.ts'
import { claimedList } from '../exchange/evidence/trust.ts'
import type { Anchor } from './arguments.ts'
import { fingerprintText } from './fingerprint-text.ts'
import type { Language } from './language.ts'

export interface RootToCompare {
  readonly state: string
  /** SHA-256 of its DER, base64url. */
  readonly rootSha256: string
}

/** The roots that trust lists show, of states for which no anchor was given. Nobody vouches for them. */
export async function rootsToCompare(
  lists: readonly string[],
  anchors: readonly Anchor[],
): Promise<RootToCompare[]> {
  const found = new Map<string, RootToCompare>()
  for (const jws of lists) {
    const list = claimedList(jws)
    if (!list || anchors.some(({ state = list.state }) => state === list.state)) continue
    const der = decodeBase64(list.root) ?? new Uint8Array()
    const root = { state: list.state, rootSha256: encodeBase64url(await sha256(der)) }
    found.set(`${root.state} ${root.rootSha256}`, root)
  }
  return [...found.values()].toSorted((a, b) => (a.state < b.state ? -1 : 1))
}

/** The roots for reading, and that a fingerprint taken from the file itself proves nothing. */
export function rootsText(roots: readonly RootToCompare[], language: Language): string {
  const states = [...new Set(roots.map(({ state }) => state))].join(', ')
  return [
    `certex: ${NOT_GIVEN[language]} ${states} (--anchor). ${NO_SELF_PROOF[language]}`,
    ...roots.map(({ state, rootSha256 }) => `  ${state} ${fingerprintText(rootSha256)}`),
    COMPARE[language],
  ].join('\n')
}

const NOT_GIVEN = text(
  'Не указан отпечаток корневого сертификата:',
  'No fingerprint of a root was given for',
)
const NO_SELF_PROOF = text(
  'Ничему, что под ним подписано, не верят: файл не доказывает сам себя. Корни, которые в нём указаны, SHA-256:',
  'Nothing under that root is believed: no file proves itself. The roots that are shown, SHA-256:',
)
const COMPARE = text(
  'Сличите их с отпечатками, сообщёнными вам лично, и укажите те, что сообщены, в --anchor ГОСУДАРСТВО=ОТПЕЧАТОК. Отпечаток, переписанный отсюда, ничего не доказывает.',
  'Compare them with the fingerprints that you were told in person, and give those you were told: --anchor STATE=FINGERPRINT. A fingerprint copied from here proves nothing.',
)

/** Where there is not even a list to show a root. */
export const NO_LIST_GIVEN = text(
  'Не указан список доверия (--trust-list): подписанный документ его не содержит, и без него установить подписавшего нельзя. Укажите его вместе с отпечатком корневого сертификата, сообщённым вам лично (--anchor).',
  'No trust list was given (--trust-list): a signed document does not bring its own, and without one the signer cannot be established. Give it with the fingerprint of its root that you were told in person (--anchor).',
)

export const NO_ROOT_SHOWN = text(
  'В файле доказательств нет списка доверия, который можно прочесть, поэтому корней для сличения в нём нет. Запросите у узла новый файл.',
  'The evidence pack holds no trust list that can be read, and so shows no root to compare. Ask the node for a new pack.',
)
