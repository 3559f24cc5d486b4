/**
 * Letters and the Latin they are compared as. One table for all languages of the exchange: where a
 * letter has two readings (Belarusian and Uzbek ў, Russian and Uzbek ж) it takes the one that the
 * letters of both scripts can share. `y` stands for й until it is known what follows it.
 *
 * | class | Cyrillic | Latin |
 * |---|---|---|
 * | a | а ә | a |
 * | e | е э ё є йо йе | e yo ye |
 * | i | и й ы і ї ӣ, runs of them | i y, runs of them |
 * | o | о ў ө | o oʻ ö ŭ |
 * | u | у ү ұ ӯ | u ü |
 * | ia iu | я ю | ya yu |
 * | g | г ғ ґ | g gʻ ğ |
 * | h | х ҳ һ | h x kh |
 * | k | к қ | k q |
 * | v | в | v w |
 * | zh | ж җ ҷ дж | j zh ž dj dzh |
 * | sh | ш щ шч | sh š ş shch |
 * | ch ts | ч ц | ch č ç, ts |
 * | nothing | ь ъ | apostrophes of every kind |
 */
const CYRILLIC =
  'аa бb вv гg дd еe жzh зz иi йy кk лl мm нn оo пp рr сs тt уu фf хh цts чch шsh щsh ъ ыi ь эe юyu яya ' +
  'іi јy ғg ґg қk ҡk ҝk ҳh һh әa өo үu ұu ңn ҥn җzh ҷzh џzh ҹch єe љl њn ѕz ѣe ѳf ѵi'

/** Letters with marks that mean another letter; every other mark is dropped (ё is е, ü is u). */
const MARKED: Readonly<Record<string, string>> = {
  'и\u0306': 'y',
  'у\u0306': 'o',
  'u\u0306': 'o',
  's\u030c': 'sh',
  's\u0327': 'sh',
  'c\u030c': 'ch',
  'c\u0327': 'ch',
  'z\u030c': 'zh',
}

const LATIN = 'jzh qk xh wv æae œoe øo łl đd ðd þth ŋn ħh ŧt əa ɵo ıi ßss ςσ'

/** By the small letter, decomposed. */
export const LETTERS: ReadonlyMap<string, string> = new Map([
  ...`${CYRILLIC} ${LATIN}`.split(' ').map((entry) => [entry[0]!, entry.slice(1)] as const),
  ...Object.entries(MARKED),
])
