/** JSON pointers. Source: RFC 6901. */

/** A name as it stands in a pointer: `A/b` gives `A~1b`. */
export const escapeKey = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')

/** `['States', 'A/b', 0]` gives `/States/A~1b/0`. */
export const pointerOf = (path: readonly (string | number)[]): string => path.map((key) => `/${escapeKey(String(key))}`).join('')

/** `/States/A~1b/0` gives `['States', 'A/b', '0']`: only the document knows which of them are indexes. */
export const keysOfPointer = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
