import { expect, test } from 'vitest'

import { describeRule, drawGraph } from './graph.ts'

test('states are nodes within their blocks, transitions are edges with what leads there', () => {
  const { nodes, edges } = drawGraph({
    StartAt: 'C',
    States: {
      C: { Type: 'Choice', Choices: [{ Variable: '$.n', NumericGreaterThan: 1, Next: 'M' }], Default: 'T' },
      M: { Type: 'Map', ItemProcessor: { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } }, End: true },
      T: { Type: 'Task', Next: 'M', Catch: [{ ErrorEquals: ['A', 'B'], Next: 'M' }] },
    },
  })
  expect(nodes.filter(({ kind }) => kind === 'state').map(({ name, block }) => `${block}|${name}`)).toEqual([
    '|C',
    '|M',
    '|T',
    '/States/M/ItemProcessor|P',
  ])
  expect(nodes.find(({ name }) => name === 'M')?.blocks).toEqual(['/States/M/ItemProcessor'])
  const shown = edges.map(({ from, to, kind, label }) => `${from} -${kind}-> ${to}${label === undefined ? '' : ` (${label})`}`)
  expect(shown).toEqual([
    '#start -start-> /States/C',
    '/States/C -choice-> /States/M ($.n > 1)',
    '/States/C -default-> /States/T (Default)',
    '/States/M -end-> #end',
    '/States/T -next-> /States/M',
    '/States/T -catch-> /States/M (A, B)',
    '/States/M/ItemProcessor#start -start-> /States/M/ItemProcessor/States/P',
    '/States/M/ItemProcessor/States/P -end-> /States/M/ItemProcessor#end',
  ])
})

test('what is half written is drawn as far as it goes', () => {
  expect(drawGraph({}).edges).toEqual([])
  expect(drawGraph({ StartAt: 'A', States: { A: { Next: 'B' } } }).edges).toEqual([
    { from: '#start', to: '/States/A', kind: 'start', label: undefined },
  ])
})

test.each([
  [{ Condition: '{% $x > 1 %}' }, '$x > 1'],
  [{ Not: { Variable: '$.a', StringEquals: 'x' } }, 'not ($.a = "x")'],
  [
    {
      And: [
        { Variable: '$.a', IsPresent: true },
        { Variable: '$.b', NumericLessThanPath: '$.c' },
      ],
    },
    '$.a is present and $.b < $.c',
  ],
  [{ Variable: '$.a', IsNull: false }, '$.a is not null'],
])('%j reads %s', (rule, text) => expect(describeRule(rule)).toBe(text))
