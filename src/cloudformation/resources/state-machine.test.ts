import { afterAll, beforeAll, expect, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { openStage, type Stage } from './testing/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const RoleArn = 'arn:aws:iam::123456789012:role/r'
const sfn = (action: string, input: JsonObject) => stage.aws.json(SERVICES.sfn, action, input)
const definition = (Comment: string): JsonObject => ({ Comment, StartAt: 'A', States: { A: { Type: 'Pass', End: true } } })

test('a state machine is made, changed, and loses what its template says no more', async () => {
  const before = {
    RoleArn,
    Definition: definition('1'),
    TracingConfiguration: { Enabled: true },
    EncryptionConfiguration: { Type: 'CUSTOMER_MANAGED_KMS_KEY', KmsKeyId: 'k', KmsDataKeyReusePeriodSeconds: 60 },
    Tags: [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ],
  }
  const made = await stage.create('AWS::StepFunctions::StateMachine', before)
  const { ref, attributes, change } = made.deployed
  expect(change).toBe('created')
  expect(attributes).toMatchObject({ Arn: ref, Name: 'Stack-Thing-ABCDEFGHIJKL', StateMachineRevisionId: 'INITIAL' })
  await sfn('TagResource', { resourceArn: ref, tags: [{ key: 'mine', value: 'x' }] })
  expect((await stage.update(made, before)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::StepFunctions::StateMachine', before)).rejects.toThrow('already exists')

  const changed = await stage.update(made, { RoleArn, Definition: definition('2'), Tags: [{ Key: 'a', Value: '3' }] })
  expect(changed.deployed.change).toBe('updated')
  expect(changed.deployed.attributes['StateMachineRevisionId']).not.toBe('INITIAL')
  expect(await sfn('DescribeStateMachine', { stateMachineArn: ref })).toMatchObject({
    tracingConfiguration: { enabled: false },
    encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
  })
  const { tags } = await sfn('ListTagsForResource', { resourceArn: ref })
  expect(tags).toEqual(
    expect.arrayContaining([
      { key: 'a', value: '3' },
      { key: 'mine', value: 'x' },
    ]),
  )
  expect(tags).toHaveLength(2)
  expect(await stage.remove(changed)).toBeUndefined()
  expect(await stage.remove(changed)).toBeUndefined()
})

test('versions are published of what has changed; an alias goes from one to the other', async () => {
  const machine = await stage.create('AWS::StepFunctions::StateMachine', { RoleArn, Definition: definition('1') }, 'Machine')
  const StateMachineArn = machine.deployed.ref
  const first = await stage.create('AWS::StepFunctions::StateMachineVersion', { StateMachineArn, Description: 'one' }, 'One')
  expect(first.deployed).toEqual({ ref: `${StateMachineArn}:1`, attributes: { Arn: `${StateMachineArn}:1` }, change: 'created' })
  expect((await stage.update(first, first.existing.properties)).deployed.change).toBe('unchanged')
  const to = (version: string, more: JsonObject = {}) => ({
    Name: 'live',
    RoutingConfiguration: [{ StateMachineVersionArn: version, Weight: 100 }],
    ...more,
  })
  const alias = await stage.create('AWS::StepFunctions::StateMachineAlias', to(first.deployed.ref, { Description: 'a' }), 'Alias')
  expect(alias.deployed.ref).toBe(`${StateMachineArn}:live`)
  expect((await stage.update(alias, alias.existing.properties)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::StepFunctions::StateMachineAlias', to(first.deployed.ref))).rejects.toThrow('already exists')

  await stage.update(machine, { RoleArn, Definition: definition('2') })
  const second = await stage.create('AWS::StepFunctions::StateMachineVersion', { StateMachineArn }, 'Two')
  const DeploymentPreference = { StateMachineVersionArn: second.deployed.ref, Type: 'LINEAR', Percentage: 10, Interval: 1 }
  const moved = await stage.update(alias, { Name: 'live', DeploymentPreference })
  expect(moved.deployed.change).toBe('updated')
  expect(stage.warnings).toEqual(['Alias: the alias changes over at once, not LINEAR.'])
  const shown = await sfn('DescribeStateMachineAlias', { stateMachineAliasArn: alias.deployed.ref })
  expect(shown['routingConfiguration']).toEqual([{ stateMachineVersionArn: second.deployed.ref, weight: 100 }])
  expect(shown['description'] ?? '').toBe('')
  for (const gone of [moved, second, first, machine, moved, second, first]) expect(await stage.remove(gone)).toBeUndefined()
})

test('an activity is made once, and its tags are kept', async () => {
  const made = await stage.create('AWS::StepFunctions::Activity', { Name: 'work', Tags: [{ Key: 'a', Value: '1' }] })
  expect(made.deployed.attributes).toEqual({ Arn: made.deployed.ref, Name: 'work' })
  expect((await stage.update(made, made.existing.properties)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::StepFunctions::Activity', { Name: 'work' })).rejects.toThrow('work already exists')
  expect((await stage.update(made, { Name: 'work' })).deployed.change).toBe('updated')
  expect(await sfn('ListTagsForResource', { resourceArn: made.deployed.ref })).toEqual({ tags: [] })
  expect(await stage.remove(made)).toBeUndefined()
  expect(await stage.remove(made)).toBeUndefined()
})
