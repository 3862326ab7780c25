import { expect, test } from 'vitest'

import { type Field, MACHINE, type Members, STATES } from '../../../src/asl/schema.ts'
import { FIELD_TEXTS } from './fields.ts'

test('every field of the language is explained', () => {
  const names = new Set<string>()
  const visit = ({ fields }: Members) => {
    for (const [name, field] of Object.entries<Field>(fields)) {
      names.add(name)
      if (field.members) visit(field.members)
    }
  }
  for (const members of [MACHINE, ...Object.values(STATES)]) visit(members)
  const others = ['And', 'Or', 'Not', 'Variable', 'Condition']
  expect(Object.keys(FIELD_TEXTS).sort()).toEqual([...new Set([...names, ...others])].sort())
})
