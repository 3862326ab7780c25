import { describe, expect, test } from 'vitest'

import type { Json, JsonObject } from '../base/json.ts'

import { type Answers, levelsOf, pseudoParameters, StackModel } from './stack-model.ts'
import { IntrinsicError } from './template/intrinsics.ts'
import { parseTemplate } from './template/template.ts'

const PLACE = { region: 'eu-west-1', account: '123456789012', partition: 'aws', stackName: 'shop', stackId: 'arn:shop' }

function modelOf(template: JsonObject, parameters: Readonly<Record<string, Json>> = {}): StackModel {
  return new StackModel({
    template: parseTemplate(JSON.stringify(template), 'shop'),
    parameters: new Map(Object.entries(parameters)),
    pseudo: pseudoParameters({ ...PLACE, notificationArns: ['arn:a', 'arn:b'] }),
    imported(name) {
      if (name !== 'shared') throw new IntrinsicError(`No export named ${name} found.`)
      return 'from elsewhere'
    },
  })
}

/** Refs are the ids in capitals, attributes stand behind a dot. */
const ANSWERS: Answers = { ref: (id) => id.toUpperCase(), attribute: (id, name) => `${id.toUpperCase()}.${name}` }
const queue = (properties: JsonObject = {}, more: JsonObject = {}) => ({
  Type: 'AWS::SQS::Queue',
  Properties: properties,
  ...more,
})

describe('resources', () => {
  test('are those whose condition holds; what they refer to comes first', () => {
    const model = modelOf(
      {
        Parameters: { Stage: { Type: 'String' } },
        Conditions: { IsProd: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] } },
        Resources: {
          Last: queue({ A: { Ref: 'Middle' }, B: { 'Fn::If': ['IsProd', { Ref: 'Prod' }, 'none'] } }),
          Middle: queue({ A: { 'Fn::Sub': '$' + '{First.Arn}' } }),
          First: queue(),
          Prod: queue({}, { Condition: 'IsProd' }),
          Beside: queue({}, { DependsOn: ['First', 'Prod'] }),
        },
      },
      { Stage: 'test' },
    )
    expect([...model.resources.keys()].toSorted()).toEqual(['Beside', 'First', 'Last', 'Middle'])
    expect(model.levels().map((level) => level.toSorted())).toEqual([['First'], ['Beside', 'Middle'], ['Last']])
    expect(
      model.levels(new Set(['Last', 'Beside'])).map((level) => level.toSorted()),
      'of some, as far as they are among them',
    ).toEqual([['Beside', 'Last']])
  })

  test('that wait for each other are refused, and those that refer to what is not made', () => {
    const circle = { A: queue({ X: { Ref: 'B' } }), B: queue({ X: { Ref: 'A' } }) }
    expect(() => modelOf({ Resources: circle })).toThrow('Circular dependency between resources: [A, B]')
    const absent = {
      Conditions: { No: { 'Fn::Equals': ['a', 'b'] } },
      Resources: { A: queue({ X: { Ref: 'B' } }), B: queue({}, { Condition: 'No' }) },
    }
    expect(() => modelOf(absent)).toThrow('Unresolved resource dependencies [B] in the Resources block of the template')
  })

  test('have properties without functions, once it is known what others answer', () => {
    const model = modelOf({
      Resources: {
        A: queue({
          Text: { 'Fn::Join': ['-', [{ Ref: 'AWS::StackName' }, { Ref: 'B' }]] },
          Gone: { Ref: 'AWS::NoValue' },
          Topics: { Ref: 'AWS::NotificationARNs' },
        }),
        B: queue({ Imported: { 'Fn::ImportValue': 'shared' } }),
      },
    })
    expect(model.propertiesOf('A', ANSWERS)).toMatchObject({ Text: 'shop-B' })
    expect(model.propertiesOf('A', ANSWERS)).not.toHaveProperty('Gone')
    expect(model.propertiesOf('B', ANSWERS)).toEqual({ Imported: 'from elsewhere' })
    expect(model.imports()).toEqual(['shared'])
    expect(() => model.propertiesOf('A', { ref: () => undefined, attribute: () => undefined })).toThrow(IntrinsicError)
  })
})

test('outputs are those whose condition holds, as texts, with the names that they are exported under', () => {
  const model = modelOf({
    Conditions: { No: { 'Fn::Equals': ['a', 'b'] } },
    Resources: { A: queue() },
    Outputs: {
      Arn: {
        Value: { 'Fn::GetAtt': ['A', 'Arn'] },
        Description: 'of A',
        Export: { Name: { 'Fn::Sub': '$' + '{AWS::StackName}-arn' } },
      },
      Number: { Value: 3 },
      Gone: { Condition: 'No', Value: 'x' },
    },
  })
  expect(model.outputs(ANSWERS)).toEqual([
    { key: 'Arn', value: 'A.Arn', description: 'of A', exportName: 'shop-arn' },
    { key: 'Number', value: '3' },
  ])
})

test('levels put each after those that it depends on; what goes round in circles comes last, all at once', () => {
  const levels = levelsOf(
    new Map([
      ['a', []],
      ['b', ['a', 'elsewhere']],
      ['c', ['a', 'b']],
      ['d', ['e']],
      ['e', ['d']],
      ['f', ['f']],
    ]),
  )
  expect(levels).toEqual([['a', 'f'], ['b'], ['c'], ['d', 'e']])
})

test('a chain of five hundred is as many levels, at once', () => {
  const chain = Object.fromEntries(
    Array.from({ length: 500 }, (_, i) => [`Q${i}`, queue(i === 0 ? {} : { Before: { Ref: `Q${i - 1}` } })]),
  )
  const begun = performance.now()
  expect(modelOf({ Resources: chain }).levels()).toHaveLength(500)
  expect(performance.now() - begun).toBeLessThan(2_000)
})
