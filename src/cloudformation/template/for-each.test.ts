import { expect, test } from 'vitest'

import { TemplateError } from '../problem.ts'
import { parseTemplate } from './template.ts'

const HEAD = `
Transform: AWS::LanguageExtensions
Parameters: {Names: {Type: CommaDelimitedList, Default: "b, c-d"}}
Mappings: {M: {k: {list: [x, y]}}}
`

test('a loop becomes its members, in resources, their properties, conditions and outputs', () => {
  const { resources, outputs, conditions, warnings } = parseTemplate(
    `${HEAD}
Conditions:
  Fn::ForEach::Cs: [I, [One], {"Is${'${I}'}": !Equals [!Ref I, x]}]
Resources:
  Fn::ForEach::Queues:
    - Name
    - !Ref Names
    - Queue&{Name}:
        Type: AWS::SQS::Queue
        Properties:
          QueueName: !Sub "${'${AWS::StackName}-${Name}'}"
          Own: !Ref Name
          Fn::ForEach::Tags: [K, [p, q], {"${'${K}'}": "${'${Name}/${K}'}"}]
  Fn::ForEach::Outer:
    - A
    - !FindInMap [M, k, list]
    - Fn::ForEach::Inner: [B, ["1", 2], {"T${'${A}${B}'}": {Type: AWS::SNS::Topic}}]
Outputs:
  Fn::ForEach::Os: [Name, [c-d], {"Out&{Name}": {Value: !GetAtt "Queue&{Name}.Arn"}}]
`,
    't.yaml',
    { Names: 'a,c-d' },
  )
  expect([...resources.keys()]).toEqual(['Queuea', 'Queuecd', 'Tx1', 'Tx2', 'Ty1', 'Ty2'])
  expect(resources.get('Queuecd')?.properties).toEqual({
    QueueName: { 'Fn::Sub': '${AWS::StackName}-c-d' },
    Own: 'c-d',
    p: 'c-d/p',
    q: 'c-d/q',
  })
  expect([...outputs]).toEqual([['Outcd', { Value: { 'Fn::GetAtt': ['Queuecd', 'Arn'] } }]])
  expect([...conditions]).toEqual([['IsOne', { 'Fn::Equals': ['One', 'x'] }]])
  expect(warnings).toEqual([])
})

test.each(['Fn::ForEach::L: [N, !GetAtt Q.List, {"A${N}": {Type: T}}]', 'Fn::ForEach::L: [N, [a]]', 'Fn::ForEach::L: {N: [a]}'])(
  'a loop that cannot be written out is told, and left out: %s',
  (loop) => {
    const { resources, warnings } = parseTemplate(`Resources:\n  Q: {Type: T}\n  ${loop}\n`, 't.yaml')
    expect([...resources.keys()]).toEqual(['Q'])
    expect(warnings).toMatchObject([{ message: expect.stringContaining('Fn::ForEach::L is left out') }])
  },
)

test('loops within loops are bounded', () => {
  const list = JSON.stringify(Array.from({ length: 99 }, (_, i) => `i${i}`))
  let body = '{"X": {Type: T}}'
  for (let depth = 0; depth < 8; depth++) body = `{Fn::ForEach::L${depth}: [N${depth}, ${list}, ${body}]}`
  expect(() => parseTemplate(`Resources: ${body}`, 't.yaml')).toThrow(TemplateError)
})
