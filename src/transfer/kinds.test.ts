import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { KINDS } from './inventory.ts'

test('docs/import-export.md tells what is copied of each kind', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/import-export.md'), 'utf8')
  expect([...text.matchAll(/^\| `(\w+)` \|/gm)].map(([, kind]) => kind)).toEqual([...KINDS])
})
