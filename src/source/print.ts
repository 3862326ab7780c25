/** A value as a text of its own, as one would lay it out anew. */
import { stringify } from 'yaml'

import type { Json } from '../base/json.ts'

import type { Notation } from './source.ts'

export const print = (value: Json, notation: Notation): string =>
  notation === 'JSON' ? JSON.stringify(value, null, 2) : stringify(value, { aliasDuplicateObjects: false })
