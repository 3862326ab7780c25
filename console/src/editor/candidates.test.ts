import { expect, test } from 'vitest'

import { Document } from '../../../src/asl/document/document.ts'
import { candidatesAt } from './candidates.ts'

/** The cursor stands where the bar is. */
function offered(text: string): readonly string[] {
  const offset = text.indexOf('|')
  return candidatesAt(Document.parse(text.replace('|', '')), offset).options.map(({ label }) => label)
}

test('a state is offered the fields of its type and query language that it lacks', () => {
  const json = offered('{"StartAt":"A","States":{"A":{"Type":"Wait","End":true,"|"}}}')
  expect(json).toEqual(expect.arrayContaining(['Seconds', 'SecondsPath', 'InputPath', 'Assign']))
  for (const name of ['Type', 'End', 'Output', 'Resource']) expect(json).not.toContain(name)
  const yaml = offered('QueryLanguage: JSONata\nStates:\n  A:\n    Type: Wait\n    O|: 1\n')
  expect(yaml).toContain('Output')
  expect(yaml).not.toContain('SecondsPath')
})

test('the machine, retriers and choice rules have fields of their own', () => {
  expect(offered('{"StartAt":"A","|"}')).toEqual(['Comment', 'States', 'QueryLanguage', 'Version', 'TimeoutSeconds'])
  expect(offered('{"States":{"A":{"Type":"Task","Retry":[{"ErrorEquals":[],"|"}]}}}')).toContain('MaxAttempts')
  expect(offered('{"States":{"A":{"Type":"Choice","Choices":[{"Not":{"|"}}]}}}')).toContain('NumericEqualsPath')
})

test('a transition is offered the states that it may lead to', () => {
  const inner = '{"StartAt":"X","States":{"X":{"Type":"Pass","Next":"|"},"Y":{"Type":"Succeed"}}}'
  expect(offered(`{"States":{"A":{"Type":"Map","ItemProcessor":${inner}},"B":{"Type":"Succeed"}}}`)).toEqual(['X', 'Y'])
  expect(offered('{"StartAt":"|","States":{"A":{"Type":"Succeed"}}}')).toEqual(['A'])
})

test('values come from the language', () => {
  expect(offered('{"States":{"A":{"Type":"|"}}}')).toContain('Parallel')
  expect(offered('{"States":{"A":{"Type":"Task","Resource":"|"}}}')).toContain('arn:aws:states:::states:startExecution.sync:2')
  expect(offered('{"States":{"A":{"Type":"Task","Catch":[{"ErrorEquals":["|"]}]}}}')).toContain('States.Timeout')
  expect(offered('{"States":{"A":{"Type":"Map","ItemProcessor":{"ProcessorConfig":{"Mode":"|"}}}}}')).toEqual([
    'INLINE',
    'DISTRIBUTED',
  ])
  expect(offered('{"States":{"A":{"Type":"Pass","Parameters":{"a.$":"|"}}}}')).toContain('States.Format()')
})

test('among states, whole ones are offered', () => {
  expect(offered('{"States":{"A":{"Type":"Pass"},"|"}}')).toContain('New Choice')
})
