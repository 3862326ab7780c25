/**
 * Texts as PostgreSQL can keep them. It keeps all but U+0000, which we spell with an escape: U+0010 ("data link escape") and `0`;
 * U+0010 itself is spelled with `1` behind it. Payloads are JSON and have neither. Half a surrogate pair becomes U+FFFD, as in
 * every file.
 */
const ESCAPE = '\u0010'

export function escapeText(text: string): string {
  if (!text.includes('\0') && !text.includes(ESCAPE)) return text
  return text.replaceAll(ESCAPE, `${ESCAPE}1`).replaceAll('\0', `${ESCAPE}0`)
}

export function unescapeText(text: string): string {
  return text.includes(ESCAPE) ? text.replaceAll(`${ESCAPE}0`, '\0').replaceAll(`${ESCAPE}1`, ESCAPE) : text
}
