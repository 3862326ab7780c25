/** JSON pointers. Source: RFC 6901. */
import type { Key } from './tree.ts'

/** `['States', 'A/b', 0]` gives `/States/A~1b/0`. */
export const pointerOf = (path: readonly Key[]): string =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** `/States/A~1b/0` gives `['States', 'A/b', '0']`: only the document knows which of them are indexes. */
export const keysOfPointer = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
