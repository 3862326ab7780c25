import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { broken, openStacks, parameter, type Row, rowsAt, type StackStage, template } from './testing/stack-stage.ts'

let stacks: StackStage
beforeAll(async () => {
  stacks = await openStacks()
})
afterAll(() => stacks.close())

const propose = (StackName: string, wanted: JsonObject, more: JsonObject = {}) =>
  stacks.call('CreateChangeSet', { StackName, ChangeSetName: 'change', TemplateBody: JSON.stringify(wanted), ...more })
const describeSet = (StackName: string, ChangeSetName = 'change') =>
  stacks.call('DescribeChangeSet', { StackName, ChangeSetName })
const execute = (StackName: string, ChangeSetName = 'change', more: JsonObject = {}) =>
  stacks.call('ExecuteChangeSet', { StackName, ChangeSetName, ...more })
/** `Modify Topic True`, in their order. */
const changesOf = (changeSet: Row): readonly string[] =>
  rowsAt(changeSet, 'Changes').map(({ ResourceChange }) => {
    const { Action, LogicalResourceId, Replacement } = ResourceChange as Row
    return [Action, LogicalResourceId, Replacement].filter((part) => part !== undefined).join(' ')
  })
const machine = (definition: string, name: string): JsonObject => ({
  Type: 'AWS::StepFunctions::Activity',
  Properties: { Name: name, Tags: [{ Key: 'd', Value: definition }] },
})

describe('a change set for a new stack', () => {
  test('leaves it in review until it is executed', async () => {
    const { Id, StackId } = await propose('new', template({ P: parameter('v') }), {
      ChangeSetType: 'CREATE',
      Description: 'The first',
    })
    expect(Id).toMatch(/^arn:aws:cloudformation:us-east-1:123456789012:changeSet\/change\/[0-9a-f-]{36}$/)
    expect(await stacks.stack('new')).toMatchObject({ StackId, StackStatus: 'REVIEW_IN_PROGRESS' })
    const proposed = await describeSet('new')
    expect(proposed).toMatchObject({
      Status: 'CREATE_COMPLETE',
      ExecutionStatus: 'AVAILABLE',
      Description: 'The first',
      ChangeSetId: Id,
    })
    expect(changesOf(proposed)).toEqual(['Add P'])
    await execute('new')
    expect(await stacks.stack('new')).toMatchObject({ StackId, StackStatus: 'CREATE_COMPLETE', ChangeSetId: Id })
    expect(await describeSet('new')).toMatchObject({ ExecutionStatus: 'EXECUTE_COMPLETE' })
    expect(await stacks.refused('ExecuteChangeSet', { StackName: 'new', ChangeSetName: 'change' })).toBe(
      `InvalidChangeSetStatus: ChangeSet [${Id}] cannot be executed in its current execution status of [EXECUTE_COMPLETE]`,
    )
  })

  test('goes with the stack that is in review', async () => {
    await propose('review', template({ P: parameter('v') }), { ChangeSetType: 'CREATE' })
    const body = JSON.stringify(template({ P: parameter('v') }))
    expect(await stacks.refused('UpdateStack', { StackName: 'review', TemplateBody: body })).toContain('REVIEW_IN_PROGRESS')
    await stacks.delete('review')
    expect(await stacks.refused('DescribeStacks', { StackName: 'review' })).toBe(
      'ValidationError: Stack with id review does not exist',
    )
    expect(await stacks.refused('DescribeChangeSet', { StackName: 'review', ChangeSetName: 'change' })).toContain(
      'does not exist',
    )
  })

  test('that fails is rolled back, kept or removed as it says', async () => {
    const bad = template({ P: parameter('v'), Bad: broken({ DependsOn: 'P' }) })
    await propose('rolled', bad, { ChangeSetType: 'CREATE' })
    await execute('rolled')
    expect(await stacks.status('rolled')).toBe('ROLLBACK_COMPLETE')
    await propose('kept', bad, { ChangeSetType: 'CREATE', OnStackFailure: 'DO_NOTHING' })
    await execute('kept')
    expect(await stacks.status('kept')).toMatch(/^CREATE_FAILED/)
    const { StackId } = await propose('dropped', bad, { ChangeSetType: 'CREATE', OnStackFailure: 'DELETE' })
    await execute('dropped')
    expect(await stacks.status(String(StackId))).toBe('DELETE_COMPLETE')
  })

  test('is executed once by two who execute it at once', async () => {
    await propose('race', template({ P: parameter('v') }), { ChangeSetType: 'CREATE' })
    const input = { StackName: 'race', ChangeSetName: 'change' }
    const answers = await Promise.all([stacks.refused('ExecuteChangeSet', input), stacks.refused('ExecuteChangeSet', input)])
    expect(answers.filter((answer) => answer === 'it is taken')).toHaveLength(1)
    expect(await stacks.status('race')).toBe('CREATE_COMPLETE')
  })
})

describe('a change set for a stack', () => {
  test('tells what is added, changed, replaced and removed, and why', async () => {
    const before = {
      Edited: parameter('a'),
      Renamed: machine('a', 'renamed-1'),
      Follows: parameter({ Ref: 'Renamed' }),
      Dropped: parameter('c'),
      Same: parameter('s'),
    }
    await stacks.create('differs', template(before))
    const after = {
      ...before,
      Edited: parameter('A', { Description: 'new' }),
      Renamed: machine('a', 'renamed-2'),
      Added: parameter('n'),
      Dropped: undefined as unknown as JsonObject,
    }
    await propose('differs', JSON.parse(JSON.stringify(template(after))))
    const proposed = await describeSet('differs')
    expect(changesOf(proposed).toSorted()).toEqual([
      'Add Added',
      'Modify Edited False',
      'Modify Follows False',
      'Modify Renamed True',
      'Remove Dropped',
    ])
    const byId = new Map(
      rowsAt(proposed, 'Changes').map(({ ResourceChange }) => [
        (ResourceChange as Row)['LogicalResourceId'],
        ResourceChange as Row,
      ]),
    )
    expect(byId.get('Edited')).toMatchObject({ Scope: ['Properties'], PhysicalResourceId: await stacks.ref('differs', 'Edited') })
    const details = rowsAt(byId.get('Edited') ?? {}, 'Details').map(({ Target }) => Target as Row)
    expect(details.map(({ Name, RequiresRecreation }) => `${Name} ${RequiresRecreation}`)).toEqual([
      'Description Never',
      'Value Never',
    ])
    expect(rowsAt(byId.get('Follows') ?? {}, 'Details')).toEqual([
      expect.objectContaining({ Evaluation: 'Dynamic', ChangeSource: 'ResourceReference', CausingEntity: 'Renamed' }),
    ])
    expect(byId.get('Renamed')).toMatchObject({ PolicyAction: 'ReplaceAndDelete' })
    expect(byId.get('Dropped')).toMatchObject({ PolicyAction: 'Delete' })
    await execute('differs')
    expect(await stacks.status('differs')).toBe('UPDATE_COMPLETE')
    expect(await stacks.parameter(await stacks.ref('differs', 'Follows'))).toContain('renamed-2')
  })

  test('without changes fails, and cannot be executed', async () => {
    await stacks.create('equal', template({ P: parameter('v') }))
    const { Id } = await propose('equal', template({ P: parameter('v') }))
    expect(await describeSet('equal')).toMatchObject({
      Status: 'FAILED',
      ExecutionStatus: 'UNAVAILABLE',
      StatusReason: "The submitted information didn't contain changes. Submit different information to create a change set.",
    })
    expect(await stacks.refused('ExecuteChangeSet', { StackName: 'equal', ChangeSetName: 'change' })).toBe(
      `InvalidChangeSetStatus: ChangeSet [${Id}] cannot be executed in its current status of [FAILED]`,
    )
    await stacks.call('DeleteChangeSet', { StackName: 'equal', ChangeSetName: 'change' })
    expect(rowsAt(await stacks.call('ListChangeSets', { StackName: 'equal' }), 'Summaries')).toEqual([])
  })

  test('is of no use any more when the stack was changed otherwise', async () => {
    await stacks.create('moved', template({ P: parameter('v') }))
    const { Id } = await propose('moved', template({ P: parameter('w') }))
    await stacks.update('moved', template({ P: parameter('x') }))
    expect(await describeSet('moved')).toMatchObject({ ExecutionStatus: 'OBSOLETE' })
    expect(await stacks.refused('ExecuteChangeSet', { StackName: 'moved', ChangeSetName: 'change' })).toBe(
      `InvalidChangeSetStatus: ChangeSet [${Id}] cannot be executed in its current execution status of [OBSOLETE]`,
    )
  })

  test('that is executed takes the others with it', async () => {
    await stacks.create('others', template({ P: parameter('v') }))
    await propose('others', template({ P: parameter('w') }))
    await propose('others', template({ P: parameter('x') }), { ChangeSetName: 'other' })
    expect(
      await stacks.refused('CreateChangeSet', { StackName: 'others', ChangeSetName: 'other', TemplateBody: '{}' }),
    ).toContain('AlreadyExistsException')
    await execute('others', 'other')
    const left = rowsAt(await stacks.call('ListChangeSets', { StackName: 'others' }), 'Summaries')
    expect(left.map(({ ChangeSetName }) => ChangeSetName)).toEqual(['other'])
    expect(await stacks.refused('DescribeChangeSet', { StackName: 'others', ChangeSetName: 'change' })).toBe(
      'ChangeSetNotFound: ChangeSet [change] does not exist',
    )
  })

  test('of names as bad as can be is refused', async () => {
    const input = { StackName: 'others', TemplateBody: '{}' }
    expect(await stacks.refused('CreateChangeSet', { ...input, ChangeSetName: '1' })).toContain(
      "at 'changeSetName' failed to satisfy constraint",
    )
    expect(await stacks.refused('CreateChangeSet', { ...input, ChangeSetName: `c${'x'.repeat(128)}` })).toContain(
      'less than or equal to 128',
    )
    expect(await stacks.refused('CreateChangeSet', { ...input, StackName: 'nobody', ChangeSetName: 'c' })).toMatch(
      /^ValidationError: Stack .*nobody.* does not exist$/,
    )
  })
})
