import { describe, expect, test } from 'vitest'

import type { JsonObject } from '../base/json.ts'

import { changesOf, type KnownResource, type ResourceChange, sameText } from './changes.ts'
import { pseudoParameters, StackModel } from './stack-model.ts'
import { parseTemplate } from './template/template.ts'

const REPLACED_BY: Readonly<Record<string, readonly string[]>> = { 'AWS::SQS::Queue': ['QueueName'], 'AWS::X::All': ['*'] }
const PLACE = { region: 'r', account: 'a', partition: 'aws', stackName: 's', stackId: 'i' }

/** What would become of `before` by a template of `after`. */
function changes(before: JsonObject, after: JsonObject): readonly ResourceChange[] {
  const template = parseTemplate(JSON.stringify({ Resources: after }), 'shop')
  const model = new StackModel({ template, parameters: new Map(), pseudo: pseudoParameters(PLACE), imported: () => '' })
  const known = Object.entries(
    before as Record<string, { Type: string; Properties?: JsonObject; Metadata?: JsonObject; DeletionPolicy?: string }>,
  ).map(([id, { Type, Properties = {}, Metadata = {}, DeletionPolicy = 'Delete' }]): [string, KnownResource] => [
    id,
    {
      type: Type,
      ref: `ref-${id}`,
      properties: Properties,
      metadata: Metadata,
      deletionPolicy: DeletionPolicy,
      attribute: (name) => `${id}.${name}`,
    },
  ])
  return changesOf({
    model,
    known: new Map(known),
    replacedBy: (type) => REPLACED_BY[type] ?? [],
    policyOf: (id) => String(model.resources.get(id)?.attributes['DeletionPolicy'] ?? 'Delete'),
    metadataOf: (id) => model.resources.get(id)?.metadata ?? {},
  })
}
const shortly = (before: JsonObject, after: JsonObject) =>
  changes(before, after).map(({ action, id, replacement }) =>
    [action, id, replacement].filter((part) => part !== undefined).join(' '),
  )
const queue = (Properties: JsonObject, more: JsonObject = {}) => ({ Type: 'AWS::SQS::Queue', Properties, ...more })

describe('a resource', () => {
  test('is the same where its properties are, whatever they were written as', () => {
    expect(
      changes({ Q: queue({ A: 1, B: true, C: { x: 'y', z: '1' } }) }, { Q: queue({ C: { z: 1, x: 'y' }, B: 'true', A: '1' }) }),
    ).toEqual([])
  })

  test('is added, changed, replaced, or taken away', () => {
    const before = { Same: queue({}), Edited: queue({ A: 'a' }), Renamed: queue({ QueueName: 'a' }), Dropped: queue({}) }
    const after = { New: queue({}), Same: queue({}), Edited: queue({ A: 'b' }), Renamed: queue({ QueueName: 'b' }) }
    expect(shortly(before, after)).toEqual(['Add New', 'Modify Edited False', 'Modify Renamed True', 'Remove Dropped'])
  })

  test('of another type is another resource, and one of a type that nothing can change in place', () => {
    expect(shortly({ Q: queue({}) }, { Q: { Type: 'AWS::SNS::Topic' } })).toEqual(['Modify Q True'])
    expect(shortly({ Q: { Type: 'AWS::X::All', Properties: { A: '1' } } }, { Q: { Type: 'AWS::X::All' } })).toEqual([
      'Modify Q True',
    ])
  })

  test('tells each property that differs, with what it was and what it is to be', () => {
    const [change] = changes({ Q: queue({ A: 'a', Gone: 'x' }) }, { Q: queue({ A: 'b', New: 'n' }) })
    expect(change?.details.map(({ name, before, after, recreation }) => [name, before, after, recreation])).toEqual([
      ['A', 'a', 'b', 'Never'],
      ['Gone', 'x', undefined, 'Never'],
      ['New', undefined, 'n', 'Never'],
    ])
  })

  test('is changed by metadata and policies, too', () => {
    const [change] = changes({ Q: queue({}) }, { Q: queue({}, { Metadata: { a: 'b' }, DeletionPolicy: 'Retain' }) })
    expect(change?.details.map(({ attribute }) => attribute)).toEqual(['Metadata', 'DeletionPolicy'])
    expect(change?.replacement).toBe('False')
  })
})

describe('what refers to a resource', () => {
  const follows = (more: JsonObject = {}) => queue({ A: { Ref: 'First' }, ...more })

  test('changes with it where it is replaced, and not where it is changed in place', () => {
    const before = { First: queue({ QueueName: 'a', A: '1' }), Second: queue({ A: 'ref-First' }) }
    expect(shortly(before, { First: queue({ QueueName: 'b', A: '1' }), Second: follows() })).toEqual([
      'Modify First True',
      'Modify Second False',
    ])
    expect(shortly(before, { First: queue({ QueueName: 'a', A: '2' }), Second: follows() })).toEqual(['Modify First False'])
  })

  test('is perhaps replaced where the reference is what it would be replaced by', () => {
    const before = { First: queue({ QueueName: 'a' }), Second: queue({ QueueName: 'ref-First' }) }
    const changed = changes(before, { First: queue({ QueueName: 'b' }), Second: queue({ QueueName: { Ref: 'First' } }) })
    expect(changed.map(({ id, replacement }) => [id, replacement])).toEqual([
      ['First', 'True'],
      ['Second', 'Conditional'],
    ])
    expect(changed[1]?.details).toMatchObject([{ evaluation: 'Dynamic', cause: 'First', recreation: 'Conditionally' }])
  })

  test('follows through several', () => {
    const before = { A: queue({ QueueName: 'a' }), B: queue({ QueueName: 'ref-A' }), C: queue({ X: 'ref-B' }) }
    const after = { A: queue({ QueueName: 'b' }), B: queue({ QueueName: { Ref: 'A' } }), C: queue({ X: { Ref: 'B' } }) }
    expect(shortly(before, after)).toEqual(['Modify A True', 'Modify B Conditional', 'Modify C False'])
  })
})

test('a number, a flag and their texts are one; what is absent is not what is null', () => {
  expect(sameText({ a: [1, true] })).toBe(sameText({ a: ['1', 'true'] }))
  expect(sameText(undefined)).not.toBe(sameText(null))
  expect(sameText('null')).not.toBe(sameText(null))
})
