import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { openStacks, type StackStage, template } from './testing/stack-stage.ts'

let stacks: StackStage
beforeAll(async () => {
  stacks = await openStacks()
})
afterAll(() => stacks.close())

describe('ValidateTemplate', () => {
  const validate = (wanted: JsonObject) => stacks.refused('ValidateTemplate', { TemplateBody: JSON.stringify(wanted) })
  const machine = {
    Type: 'AWS::Serverless::StateMachine',
    Properties: { Definition: { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } } },
  }
  const Role = { Value: { 'Fn::GetAtt': ['OrderRole', 'Arn'] } }

  test('takes references to what a transform will write', async () => {
    const wanted = { Transform: 'AWS::Serverless-2016-10-31', Resources: { Order: machine }, Outputs: { Role } }
    expect(await validate(wanted)).toBe('it is taken')
    expect(await stacks.call('ValidateTemplate', { TemplateBody: JSON.stringify(wanted) })).toMatchObject({
      Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_AUTO_EXPAND'],
      DeclaredTransforms: ['AWS::Serverless-2016-10-31'],
    })
  })

  test('takes a snippet that is still to be included', async () => {
    const snippet = { 'Fn::Transform': { Name: 'AWS::Include', Parameters: { Location: 's3://bucket/key' } } }
    expect(await validate(template({ Queue: { Type: 'AWS::SQS::Queue', Properties: snippet } }))).toBe('it is taken')
  })

  test('refuses references to what nothing writes', async () => {
    expect(await validate({ ...template({ Queue: { Type: 'AWS::SQS::Queue' } }), Outputs: { Role } })).toBe(
      'ValidationError: Template error: instance of Fn::GetAtt references undefined resource OrderRole',
    )
  })
})
