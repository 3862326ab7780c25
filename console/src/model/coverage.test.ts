import { describe, expect, test } from 'vitest'

import { Coverage } from '../../../src/testkit/coverage/coverage.ts'
import { findCoverage } from './coverage.ts'

const DEFINITION = '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}'
const fileOf = (...definitions: readonly string[]) => {
  const coverage = new Coverage()
  for (const [index, definition] of definitions.entries())
    coverage.add({ name: `flow-${index}`, definition }, [
      { id: 1, type: 'PassStateEntered', timestamp: 1, stateEnteredEventDetails: { name: 'A', input: '{}' } },
    ])
  return { name: 'coverage.json', text: JSON.stringify(coverage) }
}

describe('a coverage file', () => {
  test('that is none is told', () => {
    expect(() => findCoverage(DEFINITION, { name: 'x.json', text: '[]' })).toThrow('x.json is no coverage')
  })

  test('of other workflows tells which', () => {
    const other = DEFINITION.replace('"End":true', '"Next":"B"').replace('}}}', '},"B":{"Type":"Succeed"}}}')
    expect(findCoverage(DEFINITION, fileOf(other))).toEqual({ kind: 'other', names: ['flow-0'] })
  })

  test('is found by its points, however the definition is written, and adds up', () => {
    const written = JSON.stringify(JSON.parse(DEFINITION), null, 2)
    const found = findCoverage(DEFINITION, fileOf(DEFINITION, written))
    expect(found.kind === 'found' && found.coverage.runs).toBe(2)
  })
})
