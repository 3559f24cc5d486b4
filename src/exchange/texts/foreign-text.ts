/** What breaks a line, steers a terminal or shows writing in another order than it stands. */
const CONTROLS = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu

/** Text of others on one line of ours: each control character is replaced by U+FFFD. */
export function onOneLine(text: string): string {
  return text.replaceAll(CONTROLS, '\ufffd')
}

/**
 * Text of others within a sentence of ours. What is more than a word stands in quotation marks that it cannot
 * close, so that nobody takes it for the sentence, and no command in it for advice (`QUOTED_FOREIGN`).
 */
export function foreignText(text: string): string {
  if (/^[\w./:@+-]+$/.test(text)) return text
  return `“${onOneLine(text).replaceAll(/[“”]/g, '"')}”`
}

/** What `foreignText` has put in quotation marks, as the source of a regular expression. */
export const QUOTED_FOREIGN = '“[^“”]*”'
