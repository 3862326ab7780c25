import { afterAll, beforeAll, expect, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { broken, gate, openStacks, parameter, type StackStage, template } from './testing/stack-stage.ts'

let stacks: StackStage
beforeAll(async () => {
  stacks = await openStacks()
  await stacks.aws.restXml(SERVICES.s3, 'PUT', '/templates')
})
afterAll(() => stacks.close())

/** The address of a template in a bucket, as AWS tells it. */
async function stored(key: string, wanted: JsonObject): Promise<string> {
  await stacks.aws.restXml(
    SERVICES.s3,
    'PUT',
    `/templates/${key}`,
    new URLSearchParams(),
    JSON.stringify(wanted),
    'application/json',
  )
  return `https://templates.s3.us-east-1.amazonaws.com/${key}`
}
const inner = (TemplateURL: string, properties: JsonObject = {}, attributes: JsonObject = {}): JsonObject => ({
  Type: 'AWS::CloudFormation::Stack',
  Properties: { TemplateURL, ...properties },
  ...attributes,
})
const CHILD = template(
  { P: parameter({ Ref: 'Value' }) },
  { Parameters: { Value: { Type: 'String', Default: 'v' } }, Outputs: { Name: { Value: { Ref: 'P' } } } },
)

test('a stack within a stack has parameters, outputs, and goes with the one that holds it', async () => {
  const url = await stored('child', CHILD)
  await stacks.create(
    'outer',
    template({ Child: inner(url, { Parameters: { Value: 'w' } }), Name: parameter({ 'Fn::GetAtt': ['Child', 'Outputs.Name'] }) }),
  )
  expect(await stacks.status('outer')).toBe('CREATE_COMPLETE')
  const child = await stacks.ref('outer', 'Child')
  expect(child).toMatch(/^arn:aws:cloudformation:us-east-1:123456789012:stack\/outer-Child-[A-Z0-9]{12}\//)
  const { StackId } = await stacks.stack('outer')
  expect(await stacks.stack(child)).toMatchObject({ ParentId: StackId, RootId: StackId, StackStatus: 'CREATE_COMPLETE' })
  const p = await stacks.ref(child, 'P')
  expect([await stacks.parameter(p), await stacks.parameter(await stacks.ref('outer', 'Name'))]).toEqual(['w', p])

  await stacks.update(
    'outer',
    template({ Child: inner(url, { Parameters: { Value: 'x' } }), Name: parameter({ 'Fn::GetAtt': ['Child', 'Outputs.Name'] }) }),
  )
  expect(await stacks.stack(child)).toMatchObject({ StackStatus: 'UPDATE_COMPLETE' })
  expect([await stacks.ref('outer', 'Child'), await stacks.parameter(p)]).toEqual([child, 'x'])

  await stacks.delete('outer')
  expect(await stacks.stack(child)).toMatchObject({ StackStatus: 'DELETE_COMPLETE' })
  expect(await stacks.parameter(p)).toBeUndefined()
})

test('one that cannot be made is told by its own reason, and nothing is left', async () => {
  const url = await stored('bad', template({ P: parameter('v', { Name: '/inner' }), Bad: broken({ DependsOn: 'P' }) }))
  await stacks.create('holds-bad', template({ Child: inner(url) }))
  expect(await stacks.status('holds-bad')).toBe('ROLLBACK_COMPLETE')
  expect((await stacks.events('holds-bad')).join('\n')).toMatch(
    /^Child CREATE_FAILED: Embedded stack arn:\S+ was not successfully created: The following resource\(s\) failed to create: \[Bad\]\. $/m,
  )
  expect(await stacks.stack(await stacks.ref('holds-bad', 'Child'))).toMatchObject({ StackStatus: 'DELETE_COMPLETE' })
  expect(await stacks.parameter('/inner')).toBeUndefined()
})

test('one whose template is nowhere fails with words of it', async () => {
  await stacks.create('holds-none', template({ Child: inner('https://s3.amazonaws.com/templates/none') }))
  expect((await stacks.events('holds-none')).join('\n')).toMatch(
    /^Child CREATE_FAILED: .*S3 error: The specified key does not exist\./m,
  )
})

test('what its parent takes back it takes back, too', async () => {
  const [good, bad] = [
    await stored('good', CHILD),
    await stored('worse', template({ P: parameter('y'), Bad: broken({ DependsOn: 'P' }) })),
  ]
  await stacks.create('reverts', template({ Child: inner(good) }))
  const child = await stacks.ref('reverts', 'Child')
  const p = await stacks.ref(child, 'P')

  await stacks.update(
    'reverts',
    template({ Child: inner(good, { Parameters: { Value: 'changed' } }), Bad: broken({ DependsOn: 'Child' }) }),
  )
  expect(await stacks.status('reverts'), 'another resource has failed').toBe('UPDATE_ROLLBACK_COMPLETE')
  expect(await stacks.parameter(p)).toBe('v')

  await stacks.update('reverts', template({ Child: inner(bad) }))
  expect(await stacks.status('reverts'), 'it has failed itself').toBe('UPDATE_ROLLBACK_COMPLETE')
  expect(await stacks.parameter(p)).toBe('v')
  expect((await stacks.events('reverts')).join('\n')).toMatch(
    /^Child UPDATE_FAILED: Embedded stack arn:\S+ was not successfully updated\. Currently in UPDATE_ROLLBACK_COMPLETE with reason: The following resource\(s\) failed to create: \[Bad\]\. $/m,
  )
  await stacks.update('reverts', template({ Child: inner(good, { Parameters: { Value: 'again' } }) }))
  expect([await stacks.status('reverts'), await stacks.parameter(p)]).toEqual(['UPDATE_COMPLETE', 'again'])
})

test('one that is dropped from its parent is deleted', async () => {
  const url = await stored('dropped', CHILD)
  await stacks.create('drops', template({ Child: inner(url), Q: parameter('q') }))
  const child = await stacks.ref('drops', 'Child')
  await stacks.update('drops', template({ Q: parameter('q') }))
  expect(await stacks.stack(child)).toMatchObject({ StackStatus: 'DELETE_COMPLETE' })
})

test('one that waits when its parent is deleted, or fails beside it, waits no longer', async () => {
  const url = await stored('waits', template(gate('Gate')))
  const creating = stacks.create('deleted-early', template({ Child: inner(url) }))
  await stacks.waitsFor('deleted-early', 'Child')
  const id = String((await stacks.stack('deleted-early'))['StackId'])
  for (let child = ''; child === ''; ) child = await stacks.ref(id, 'Child')
  await stacks.waitsFor(await stacks.ref(id, 'Child'), 'Gate')
  await stacks.delete('deleted-early')
  await creating
  expect(await stacks.status(id)).toBe('DELETE_COMPLETE')

  await stacks.create('fails-beside', template({ Child: inner(url), Bad: broken() }))
  expect(await stacks.status('fails-beside')).toBe('ROLLBACK_COMPLETE')
})
