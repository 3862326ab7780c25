import { expect, test } from 'vitest'

import type { Json } from '../../base/json.ts'

import { holds, IntrinsicError, referencesOf, resolve, type Scope } from './intrinsics.ts'
import { CycleError, orderByReferences } from './order.ts'

const scope: Scope = {
  template: {
    mappings: { M: { 'us-east-1': { size: 'big' } } },
    conditions: new Map<string, Json>([
      ['IsProd', { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] }],
      ['IsTest', { 'Fn::Not': [{ Condition: 'IsProd' }] }],
      ['Both', { 'Fn::And': [{ Condition: 'IsTest' }, { 'Fn::Or': [{ Condition: 'IsProd' }, { Condition: 'IsTest' }] }] }],
      ['Loop', { 'Fn::Not': [{ Condition: 'Loop' }] }],
    ]),
  },
  parameters: new Map<string, Json>([
    ['Stage', 'test'],
    ['List', ['a', 'b']],
  ]),
  pseudo: new Map([['AWS::Region', 'us-east-1']]),
  ref: (id) => (id === 'Topic' ? 'arn:topic' : undefined),
  attribute: (id, name) => (id === 'Topic' && name === 'TopicName' ? 'topic' : undefined),
  imported: (name) => `import of ${name}`,
}

test.each<[Json, Json]>([
  [{ Ref: 'Topic' }, 'arn:topic'],
  [{ Ref: 'List' }, ['a', 'b']],
  [{ 'Fn::GetAtt': ['Topic', 'TopicName'] }, 'topic'],
  [{ 'Fn::GetAtt': 'Topic.TopicName' }, 'topic'],
  [{ 'Fn::Sub': '${Topic} ${Topic.TopicName} ${AWS::Region} ${!Literal} ${List}' }, 'arn:topic topic us-east-1 ${Literal} a,b'],
  [{ 'Fn::Sub': ['${x}-${Stage}', { x: { Ref: 'Topic' } }] }, 'arn:topic-test'],
  [{ 'Fn::Join': ['-', ['a', { Ref: 'Stage' }, 3]] }, 'a-test-3'],
  [{ 'Fn::Join': [',', { Ref: 'List' }] }, 'a,b'],
  [{ 'Fn::Select': [1, { 'Fn::Split': ['|', 'a|b'] }] }, 'b'],
  [{ 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 'size'] }, 'big'],
  [{ 'Fn::FindInMap': ['M', 'eu-west-1', 'size', { DefaultValue: { Ref: 'Stage' } }] }, 'test'],
  [{ 'Fn::ImportValue': { 'Fn::Sub': '${Stage}-Topic' } }, 'import of test-Topic'],
  [{ 'Fn::If': ['IsProd', 1, 2] }, 2],
  [{ a: { 'Fn::If': ['IsProd', 1, { Ref: 'AWS::NoValue' }] }, b: [{ Ref: 'AWS::NoValue' }, 1] }, { b: [1] }],
  [{ 'Fn::Base64': 'x' }, 'eA=='],
  [{ 'Fn::ToJsonString': { a: { Ref: 'Stage' } } }, '{"a":"test"}'],
  [{ Condition: '{% $x %}' }, { Condition: '{% $x %}' }],
  [JSON.parse('{"__proto__":{"Ref":"Stage"}}') as Json, JSON.parse('{"__proto__":"test"}') as Json],
])('%j is %j', (value, expected) => {
  expect(resolve(value, scope)).toEqual(expected)
})

test.each<[Json, string]>([
  [{ Ref: 'Nothing' }, 'Unresolved resource dependencies [Nothing] in the Resources block of the template'],
  [{ Ref: ['Topic'] }, 'Template error: every Ref object must have a single String value.'],
  [{ 'Fn::GetAtt': ['Topic', 'Color'] }, 'Template error: resource Topic does not support attribute type Color in Fn::GetAtt'],
  [{ 'Fn::Sub': '${Topic.Color}' }, 'Template error: resource Topic does not support attribute type Color in Fn::GetAtt'],
  [
    { 'Fn::Transform': {} },
    'Template error: encountered unsupported function: Fn::Transform Supported functions are: [Fn::Base64,',
  ],
  [{ 'Fn::Join': ['-'] }, 'Template error: every Fn::Join object requires two parameters'],
  [{ 'Fn::Join': ['-', 'text'] }, 'Template error: every Fn::Join object requires two parameters'],
  [{ 'Fn::Select': [7, ['a']] }, 'Template error: Fn::Select cannot select nonexistent value at index 7'],
  [{ 'Fn::Select': ['length', ['a']] }, 'an integer index and a list'],
  [{ 'Fn::If': ['constructor', 1, 2] }, 'Template error: unresolved condition dependency constructor in Fn::If'],
  [{ 'Fn::FindInMap': ['M', 'eu-west-1', 'size'] }, 'Template error: Unable to get mapping for M::eu-west-1::size'],
  [
    { 'Fn::FindInMap': ['N', 'a', 'b'] },
    "Template error: Mapping named 'N' is not present in the 'Mappings' section of template.",
  ],
])('%j is refused', (value, message) => {
  expect(() => resolve(value, scope)).toThrow(IntrinsicError)
  expect(() => resolve(value, scope)).toThrow(message)
})

test('conditions may refer to each other, but not in a circle', () => {
  expect(holds('IsTest', scope)).toBe(true)
  expect(holds('Both', scope)).toBe(true)
  expect(() => holds('Loop', scope)).toThrow('Found circular condition dependency: Loop')
})

test('a condition is asked once, however many others name it', () => {
  const both = (name: string): Json => ({ 'Fn::And': [{ Condition: name }, { Condition: name }] })
  const chain = Array.from({ length: 200 }, (_, i): [string, Json] => [`C${i + 1}`, both(`C${i}`)])
  const conditions = new Map<string, Json>([['C0', { 'Fn::Equals': ['a', 'a'] }], ...chain])
  expect(holds('C200', { ...scope, template: { mappings: {}, conditions } })).toBe(true)
})

test('references are found wherever they are written', () => {
  const value = {
    a: { Ref: 'A' },
    b: [{ 'Fn::GetAtt': ['B', 'Arn'] }, { 'Fn::GetAtt': 'C.Arn' }],
    c: { 'Fn::Sub': '${D}${E.Arn}${!F}' },
    d: { 'Fn::Sub': ['${own}${G}', { own: { Ref: 'H' } }] },
  }
  expect([...referencesOf(value)].sort()).toEqual(['A', 'B', 'C', 'D', 'E', 'G', 'H'])
})

test('resources come after what they refer to, else in the order of the template', () => {
  const order = orderByReferences(
    new Map([
      ['A', ['C']],
      ['B', []],
      ['C', ['D', 'Parameter']],
      ['D', []],
    ]),
  )
  expect(order).toEqual(['D', 'C', 'A', 'B'])
})

test('a circle is reported with its members', () => {
  const dependencies = new Map([
    ['A', ['B']],
    ['B', ['C']],
    ['C', ['B']],
  ])
  expect(() => orderByReferences(dependencies)).toThrow(CycleError)
  expect(() => orderByReferences(dependencies)).toThrow('B -> C -> B')
})
