/**
 * Regular expressions that the machine's own engine matches in linear time, several times faster than RE2: plain characters
 * and classes with at most one repetition, which must be the last thing in the pattern unless the pattern can only match
 * at the start of the text. Without groups, alternatives or a second repetition there is nothing to backtrack into.
 */

/** Longer patterns go to RE2: every place of the text is tried against the whole fixed part. */
const SOURCE_CHARS_MAX = 100

const CLASS = String.raw`\[\^?(?:\\[dDwWsStnr.\\/*+?()[\]{}|^$-]|[^\\\]])+\]`
const ATOM = String.raw`(?:\\[dDwWsStnr.\\/*+?()[\]{}|^$]|${CLASS}|[^\\^$*+?()[\]{}|])`
const REPEATED_LAST = new RegExp(`^\\^?${ATOM}*(?:${ATOM}[*+])?$`)
const ANCHORED = new RegExp(`^\\^${ATOM}*(?:${ATOM}[*+])?${ATOM}*\\$?$`)
const FIXED = new RegExp(`^\\^?${ATOM}+\\$?$`)

/** The same expression for repeated searches by code points; undefined when it is not of the safe kind. */
export function nativePattern({ source, flags }: RegExp): RegExp | undefined {
  if (source.length > SOURCE_CHARS_MAX) return undefined
  const isAnchored = ANCHORED.test(source) && !flags.includes('m')
  if (!isAnchored && !REPEATED_LAST.test(source) && !FIXED.test(source)) return undefined
  try {
    return new RegExp(source, `gu${flags.replace(/[gu]/g, '')}`)
  } catch {
    // Escapes that only the older syntax reads.
    return undefined
  }
}
