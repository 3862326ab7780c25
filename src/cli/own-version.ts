/** The version of this package. */
import { readFileSync } from 'node:fs'

import { isObject } from '../base/json.ts'

export function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return isObject(manifest) ? String(manifest['version']) : ''
}
