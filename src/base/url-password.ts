/** Passwords in URLs: they are for the other side alone, and for no log, list of processes or message. */

const HIDDEN = '****'

/**
 * The text with `****` in place of passwords in URLs: `postgres://user:****@host/db?password=****`. What is no URL but may be meant
 * as one loses all between `:` and the last `@` too.
 */
export const hidePassword = (text: string): string =>
  text
    .replace(/((?:^|\/\/|=)[^:/?#@\s]*):(?!\/\/)\S*@/g, `$1:${HIDDEN}@`)
    .replace(/([?&](?:ssl)?password=)[^&#\s]*/gi, `$1${HIDDEN}`)

/** Whether there is anything to hide. */
export const hasPassword = (text: string): boolean => hidePassword(text) !== text
