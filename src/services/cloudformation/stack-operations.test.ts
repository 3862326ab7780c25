import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import {
  ACTIVITY,
  broken,
  custom,
  gate,
  machineOf,
  openStacks,
  parameter,
  type StackStage,
  template,
} from './testing/stack-stage.ts'

let stacks: StackStage
beforeAll(async () => {
  stacks = await openStacks()
})
afterAll(() => stacks.close())

const BAD_NAME = 'Resource handler returned message: "Parameter name: can\'t be prefixed with "ssm"'
/** Without what differs from run to run. */
const told = async (name: string, since = 0) =>
  (await stacks.events(name, since)).map((line) =>
    line.includes(BAD_NAME) ? line.replace(/: Resource handler.*$/s, ': refused') : line,
  )
const eventsOf = async (name: string) => (await stacks.events(name)).length

/** Its event tells why; nobody is called. */
const bucketOf = (BucketName: string): JsonObject => ({ Type: 'AWS::S3::Bucket', Properties: { BucketName } })
const put = (path: string, body: string) =>
  stacks.aws.restXml(SERVICES.s3, 'PUT', path, new URLSearchParams(), body, 'text/plain')

describe('creation', () => {
  test('goes from what is referred to to what refers to it, and tells outputs', async () => {
    const { StackId } = await stacks.create(
      'chain',
      template(
        { Second: parameter({ Ref: 'First' }), First: parameter('v'), Third: parameter('x', {}, { DependsOn: 'Second' }) },
        {
          Description: 'A chain',
          Outputs: { Name: { Value: { Ref: 'First' }, Description: 'Its name' }, None: { Condition: 'No', Value: 'x' } },
          Conditions: { No: { 'Fn::Equals': ['a', 'b'] } },
        },
      ),
      { Tags: [{ Key: 'team', Value: 'a' }], ClientRequestToken: 'token-1' },
    )
    expect(await stacks.stack('chain')).toMatchObject({
      StackId,
      StackStatus: 'CREATE_COMPLETE',
      Description: 'A chain',
      Tags: [{ Key: 'team', Value: 'a' }],
      Outputs: [{ OutputKey: 'Name', OutputValue: expect.stringMatching(/^chain-First-[A-Z0-9]{12}$/), Description: 'Its name' }],
      DisableRollback: 'false',
      EnableTerminationProtection: 'false',
    })
    expect(await stacks.parameter(await stacks.ref('chain', 'Second'))).toBe(await stacks.ref('chain', 'First'))
    const lines = (id: string) => [
      `${id} CREATE_IN_PROGRESS`,
      `${id} CREATE_IN_PROGRESS: Resource creation Initiated`,
      `${id} CREATE_COMPLETE`,
    ]
    expect(await told('chain')).toEqual([
      'chain CREATE_IN_PROGRESS: User Initiated',
      ...['First', 'Second', 'Third'].flatMap(lines),
      'chain CREATE_COMPLETE',
    ])
    const events = await stacks.all('DescribeStackEvents', 'StackEvents', { StackName: 'chain' })
    expect(new Set(events.map(({ ClientRequestToken }) => ClientRequestToken))).toEqual(new Set(['token-1']))
  })

  test('that fails is rolled back: what was made is taken away, what was not begun is not made', async () => {
    await stacks.create(
      'fails',
      template({ Good: parameter('v'), Bad: broken({ DependsOn: 'Good' }), Late: broken({ DependsOn: 'Bad' }) }),
    )
    expect(await stacks.status('fails')).toBe('ROLLBACK_COMPLETE')
    expect(await told('fails')).toEqual([
      'fails CREATE_IN_PROGRESS: User Initiated',
      'Good CREATE_IN_PROGRESS',
      'Good CREATE_IN_PROGRESS: Resource creation Initiated',
      'Good CREATE_COMPLETE',
      'Bad CREATE_IN_PROGRESS',
      'Bad CREATE_FAILED: refused',
      'fails ROLLBACK_IN_PROGRESS: The following resource(s) failed to create: [Bad]. Rollback requested by user.',
      'Bad DELETE_COMPLETE',
      'Good DELETE_IN_PROGRESS',
      'Good DELETE_COMPLETE',
      'fails ROLLBACK_COMPLETE',
    ])
    const { Good } = await stacks.resources('fails')
    expect([Good?.['ResourceStatus'], await stacks.parameter(String(Good?.['PhysicalResourceId']))]).toEqual([
      'DELETE_COMPLETE',
      undefined,
    ])
    const again = { StackName: 'fails', TemplateBody: JSON.stringify(template({ A: parameter('a') })) }
    const refusal =
      /^ValidationError: Stack:arn:aws:cloudformation:us-east-1:123456789012:stack\/fails\/\S+ is in ROLLBACK_COMPLETE state and can not be updated\.$/
    expect(await stacks.refused('UpdateStack', again)).toMatch(refusal)
    expect(await stacks.refused('CreateChangeSet', { ...again, ChangeSetName: 'again' })).toMatch(refusal)
    expect(await stacks.refused('CreateChangeSet', { ...again, ChangeSetName: 'again', ChangeSetType: 'CREATE' })).toBe(
      'ValidationError: Stack [fails] already exists and cannot be created again with the changeSet [again].',
    )
  })

  test('cancels what waits beside what fails', async () => {
    await stacks.create('cancels', template({ ...gate('Gate'), Bad: broken({ DependsOn: 'GateHandle' }) }))
    expect(await stacks.status('cancels')).toBe('ROLLBACK_COMPLETE')
    const lines = await told('cancels')
    expect(lines).toContain('Gate CREATE_FAILED: Resource creation cancelled')
    expect(lines).toContain(
      'cancels ROLLBACK_IN_PROGRESS: The following resource(s) failed to create: [Bad]. Rollback requested by user.',
    )
    expect(await stacks.executions('cancels')).toEqual([])
  })

  test('that is to be left as it failed can be rolled back later', async () => {
    await stacks.create('left', template({ Good: parameter('v'), Bad: broken({ DependsOn: 'Good' }) }), {
      OnFailure: 'DO_NOTHING',
    })
    expect(await stacks.status('left')).toBe('CREATE_FAILED: The following resource(s) failed to create: [Bad]. ')
    const good = await stacks.ref('left', 'Good')
    expect(await stacks.parameter(good)).toBe('v')
    await stacks.call('RollbackStack', { StackName: 'left' })
    expect(await stacks.status('left')).toBe('ROLLBACK_COMPLETE')
    expect(await stacks.parameter(good)).toBeUndefined()
  })

  test('that is to be deleted where it fails is', async () => {
    const { StackId } = await stacks.create('removed', template({ Good: parameter('v'), Bad: broken() }), { OnFailure: 'DELETE' })
    const id = String(StackId)
    expect(await stacks.status(id)).toBe('DELETE_COMPLETE')
    expect(await told(id)).toContain(
      'removed DELETE_IN_PROGRESS: The following resource(s) failed to create: [Bad]. Delete requested by user.',
    )
    expect(await stacks.refused('DescribeStacks', { StackName: 'removed' })).toBe(
      'ValidationError: Stack with id removed does not exist',
    )
  })

  test('takes OnFailure or DisableRollback, not both', async () => {
    const both = {
      StackName: 'both',
      TemplateBody: JSON.stringify(template({ P: parameter('v') })),
      OnFailure: 'DELETE',
      DisableRollback: 'true',
    }
    expect(await stacks.refused('CreateStack', both)).toBe(
      'ValidationError: You can specify either OnFailure or DisableRollback, but not both.',
    )
  })

  test('of what somebody else has under the name fails, and takes nothing of theirs', async () => {
    await stacks.aws.json(SERVICES.ssm, 'PutParameter', { Name: '/taken', Value: 'theirs', Type: 'String' })
    await stacks.create('thief', template({ Taken: parameter('mine', { Name: '/taken' }) }))
    expect(await stacks.status('thief')).toBe('ROLLBACK_COMPLETE')
    expect(await told('thief')).toContain(
      "Taken CREATE_FAILED: Resource of type 'AWS::SSM::Parameter' with identifier '/taken' already exists.",
    )
    expect(await stacks.parameter('/taken')).toBe('theirs')

    await stacks.create('owner', template({ Mine: parameter('v', { Name: '/owned' }) }))
    await stacks.create('second', template({ Mine: parameter('w', { Name: '/owned' }) }))
    expect((await told('second')).join()).toMatch(
      /Mine CREATE_FAILED: \/owned already exists in stack arn:aws:cloudformation:\S+:stack\/owner\//,
    )
    expect(await stacks.parameter('/owned')).toBe('v')
  })

  test('of a type that is not here makes a placeholder, and says so', async () => {
    await stacks.create(
      'stubs',
      template({ Vpc: { Type: 'AWS::EC2::VPC' }, Name: parameter({ 'Fn::GetAtt': ['Vpc', 'CidrBlock'] }) }),
    )
    expect(await stacks.status('stubs')).toBe('CREATE_COMPLETE')
    expect(await told('stubs')).toContain('Vpc CREATE_IN_PROGRESS: Regente has no AWS::EC2::VPC: a placeholder stands for it.')
    expect(await stacks.ref('stubs', 'Vpc')).toMatch(/^vpc-[0-9a-f]{17}$/)
  })

  test("of CDK's function that calls EC2 asks nobody", async () => {
    const Restricted = { Type: 'Custom::VpcRestrictDefaultSG', Properties: { ServiceToken: 'nobody' } }
    await stacks.create('restricts', template({ Restricted }))
    expect(await stacks.status('restricts')).toBe('CREATE_COMPLETE')
    expect((await told('restricts')).join()).toContain('Regente has no Custom::VpcRestrictDefaultSG')
  })

  test('is asked for once by two who ask at once, and by one who asks twice', async () => {
    const asked = () =>
      stacks.refused('CreateStack', { StackName: 'race', TemplateBody: JSON.stringify(template({ P: parameter('v') })) })
    expect((await Promise.all([asked(), asked()])).toSorted()).toEqual([
      'AlreadyExistsException: Stack [race] already exists',
      'it is taken',
    ])
    const again = { ClientRequestToken: 'same' }
    const [one, two] = [
      await stacks.create('token', template({ P: parameter('v') }), again),
      await stacks.create('token', template({ P: parameter('v') }), again),
    ]
    expect(one['StackId']).toBe(two['StackId'])
  })

  test('takes names as long as they may be', async () => {
    const name = `s${'x'.repeat(127)}`
    const id = `R${'y'.repeat(254)}`
    await stacks.create(
      name,
      template({ [id]: parameter('v'), [`${id.slice(0, -1)}z`]: parameter('w'), [`${id.slice(0, -1)}q`]: broken() }),
    )
    expect(await stacks.status(name)).toBe('ROLLBACK_COMPLETE')
    await stacks.delete(name)
    expect(await stacks.refused('CreateStack', { StackName: `${name}x`, TemplateBody: '{}' })).toContain(
      "at 'stackName' failed to satisfy constraint: Member must have length less than or equal to 128",
    )
    expect(await stacks.refused('CreateStack', { StackName: '1a', TemplateBody: '{}' })).toContain(
      "Value '1a' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*",
    )
  })
})

describe('an update', () => {
  test('of nothing is refused', async () => {
    await stacks.create('same', template({ P: parameter('v') }), { Tags: [{ Key: 'a', Value: 'b' }] })
    expect(await stacks.refused('UpdateStack', { StackName: 'same', UsePreviousTemplate: 'true' })).toBe(
      'ValidationError: No updates are to be performed.',
    )
    const reformatted = JSON.stringify(template({ P: parameter('v') }), null, 2)
    expect(await stacks.refused('UpdateStack', { StackName: 'same', TemplateBody: reformatted })).toBe(
      'ValidationError: No updates are to be performed.',
    )
    expect(await stacks.refused('UpdateStack', { StackName: 'nobody', UsePreviousTemplate: 'true' })).toBe(
      'ValidationError: Stack with id nobody does not exist',
    )
  })

  test('changes in place, replaces, adds, and takes away at the end', async () => {
    await stacks.create(
      'changes',
      template({ Edited: parameter('a'), Renamed: parameter('b', { Name: '/old' }), Dropped: parameter('c') }),
    )
    const [edited, dropped, since] = [
      await stacks.ref('changes', 'Edited'),
      await stacks.ref('changes', 'Dropped'),
      await eventsOf('changes'),
    ]
    await stacks.update(
      'changes',
      template({ Edited: parameter('A'), Renamed: parameter('b', { Name: '/new' }), Added: parameter({ Ref: 'Renamed' }) }),
    )
    expect(await stacks.status('changes')).toBe('UPDATE_COMPLETE')
    const lines = await told('changes', since)
    expect(lines).toContain(
      'Renamed UPDATE_IN_PROGRESS: Requested update requires the creation of a new physical resource; hence creating one.',
    )
    expect(lines[0]).toBe('changes UPDATE_IN_PROGRESS: User Initiated')
    expect(lines.slice(lines.indexOf('changes UPDATE_COMPLETE_CLEANUP_IN_PROGRESS')).toSorted()).toEqual([
      'Dropped DELETE_COMPLETE',
      'Dropped DELETE_IN_PROGRESS',
      'Renamed DELETE_COMPLETE',
      'Renamed DELETE_IN_PROGRESS',
      'changes UPDATE_COMPLETE',
      'changes UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
    ])
    expect(Object.keys(await stacks.resources('changes'))).toEqual(['Added', 'Edited', 'Renamed'])
    expect(await stacks.ref('changes', 'Edited')).toBe(edited)
    const names = [edited, '/old', '/new', dropped, await stacks.ref('changes', 'Added')]
    expect(await Promise.all(names.map((name) => stacks.parameter(name)))).toEqual(['A', undefined, 'b', undefined, '/new'])
  })

  test('that fails gives everything back, and can be tried again', async () => {
    await stacks.create(
      'reverts',
      template({ Edited: parameter('a'), Renamed: parameter('b', { Name: '/kept' }), Dropped: parameter('c') }),
    )
    const [edited, dropped, since] = [
      await stacks.ref('reverts', 'Edited'),
      await stacks.ref('reverts', 'Dropped'),
      await eventsOf('reverts'),
    ]
    const wanted = {
      Edited: parameter('A'),
      Renamed: parameter('b', { Name: '/tried' }),
      Added: parameter('d', { Name: '/added' }),
    }
    await stacks.update('reverts', template({ ...wanted, Bad: broken({ DependsOn: ['Edited', 'Renamed', 'Added'] }) }))
    expect(await stacks.status('reverts')).toBe('UPDATE_ROLLBACK_COMPLETE')
    const lines = await told('reverts', since)
    const rollback = lines.slice(lines.indexOf('Bad CREATE_FAILED: refused') + 1)
    expect(rollback[0]).toBe('reverts UPDATE_ROLLBACK_IN_PROGRESS: The following resource(s) failed to create: [Bad]. ')
    const restored = rollback.slice(1, rollback.indexOf('reverts UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS'))
    expect(restored.toSorted()).toEqual(['Edited UPDATE_COMPLETE', 'Edited UPDATE_IN_PROGRESS', 'Renamed UPDATE_COMPLETE'])
    expect(rollback.slice(restored.length + 2).toSorted()).toEqual([
      'Added DELETE_COMPLETE',
      'Added DELETE_IN_PROGRESS',
      'Bad DELETE_COMPLETE',
      'Renamed DELETE_COMPLETE',
      'Renamed DELETE_IN_PROGRESS',
      'reverts UPDATE_ROLLBACK_COMPLETE',
    ])
    const values = await Promise.all([edited, '/kept', '/tried', '/added', dropped].map((name) => stacks.parameter(name)))
    expect(values).toEqual(['a', 'b', undefined, undefined, 'c'])
    expect(Object.keys(await stacks.resources('reverts'))).toEqual(['Dropped', 'Edited', 'Renamed'])
    await stacks.update('reverts', template(wanted))
    expect(await stacks.status('reverts')).toBe('UPDATE_COMPLETE')
    expect(await Promise.all([edited, '/kept', '/tried', '/added', dropped].map((name) => stacks.parameter(name)))).toEqual([
      'A',
      undefined,
      'b',
      'd',
      undefined,
    ])
  })

  test('of which several resources fail tells them all', async () => {
    await stacks.create('several', template({ P: parameter('v') }))
    await stacks.update('several', template({ P: parameter('v'), A: broken(), B: broken() }))
    expect(await stacks.status('several')).toBe('UPDATE_ROLLBACK_COMPLETE')
    expect((await told('several')).join('\n')).toMatch(
      /several UPDATE_ROLLBACK_IN_PROGRESS: The following resource\(s\) failed to create: \[[AB](?:, [AB])?\]\. $/m,
    )
  })

  test('that waits can be cancelled; meanwhile nothing else is done with the stack', async () => {
    await stacks.create('waits', template({ P: parameter('v') }))
    const updating = stacks.update('waits', template({ P: parameter('w'), ...gate('Gate', { DependsOn: 'P' }) }))
    await stacks.waitsFor('waits', 'Gate')
    const id = String((await stacks.stack('waits'))['StackId'])
    expect(
      await stacks.refused('UpdateStack', { StackName: 'waits', TemplateBody: JSON.stringify(template({ P: parameter('x') })) }),
    ).toBe(`ValidationError: Stack:${id} is in UPDATE_IN_PROGRESS state and can not be updated.`)
    expect(await stacks.refused('DeleteStack', { StackName: 'waits' })).toBe(
      `ValidationError: Stack [${id}] cannot be deleted while in status UPDATE_IN_PROGRESS`,
    )
    await stacks.call('CancelUpdateStack', { StackName: 'waits' })
    await updating
    expect(await stacks.status('waits')).toBe('UPDATE_ROLLBACK_COMPLETE')
    const lines = await told('waits')
    expect(lines).toContain('Gate CREATE_FAILED: Resource creation cancelled')
    expect(lines).toContain('waits UPDATE_ROLLBACK_IN_PROGRESS: User Initiated')
    expect(await stacks.parameter(await stacks.ref('waits', 'P'))).toBe('v')
    expect(await stacks.refused('CancelUpdateStack', { StackName: 'waits' })).toBe(
      'ValidationError: CancelUpdateStack cannot be called from current stack status',
    )
  })

  test('without rollback stays as it failed, and is rolled back when it is asked for', async () => {
    await stacks.create('keeps', template({ P: parameter('v') }))
    const since = await eventsOf('keeps')
    await stacks.update('keeps', template({ P: parameter('w'), Q: parameter('q'), Bad: broken({ DependsOn: ['P', 'Q'] }) }), {
      DisableRollback: 'true',
    })
    expect(await stacks.status('keeps')).toBe('UPDATE_FAILED: The following resource(s) failed to create: [Bad]. ')
    const [p, q] = [await stacks.ref('keeps', 'P'), await stacks.ref('keeps', 'Q')]
    expect([await stacks.parameter(p), await stacks.parameter(q)]).toEqual(['w', 'q'])
    await stacks.call('RollbackStack', { StackName: 'keeps' })
    expect(await stacks.status('keeps')).toBe('UPDATE_ROLLBACK_COMPLETE')
    expect([await stacks.parameter(p), await stacks.parameter(q)]).toEqual(['v', undefined])
    expect((await told('keeps', since)).at(-1)).toBe('keeps UPDATE_ROLLBACK_COMPLETE')
    expect(await stacks.refused('RollbackStack', { StackName: 'keeps' })).toContain('UPDATE_ROLLBACK_COMPLETE')
  })

  test('keeps tags and topics that the request does not name, and takes them away where it names none', async () => {
    await stacks.create('tags', template({ P: parameter('v') }), { Tags: [{ Key: 'a', Value: 'b' }] })
    await stacks.update('tags', template({ P: parameter('w') }))
    expect((await stacks.stack('tags'))['Tags']).toEqual([{ Key: 'a', Value: 'b' }])
    await stacks.update('tags', template({ P: parameter('w') }), { Tags: '' })
    expect(await stacks.stack('tags')).toMatchObject({ Tags: '', StackStatus: 'UPDATE_COMPLETE' })
  })
})

describe('a rollback that fails', () => {
  const REFUSES = `
    const isBack = event.RequestType === 'Update' && event.ResourceProperties.Value === 'one'
    await answer(isBack ? { Status: 'FAILED', Reason: 'no way back' } : {})`

  /** An update failed, and so did its rollback. */
  async function stuck(name: string): Promise<void> {
    const token = await stacks.answering(name, REFUSES)
    const at = (Value: string): JsonObject => ({ Thing: custom(token, { Value }), P: parameter(Value) })
    await stacks.create(name, template(at('one')))
    await stacks.update(
      name,
      template({ ...at('two'), Added: parameter('x'), Bad: broken({ DependsOn: ['Thing', 'P', 'Added'] }) }),
    )
    expect(await stacks.status(name)).toBe('UPDATE_ROLLBACK_FAILED: The following resource(s) failed to update: [Thing]. ')
    expect((await told(name)).join('\n')).toMatch(/^Thing UPDATE_FAILED: Received response status \[FAILED\] .*: no way back/m)
    expect(await stacks.parameter(await stacks.ref(name, 'P')), 'all else is what it was').toBe('one')
  }

  test('is told, and goes on when what stood in its way is gone', async () => {
    await stuck('stuck')
    const body = JSON.stringify(template({ P: parameter('x') }))
    expect(await stacks.refused('UpdateStack', { StackName: 'stuck', TemplateBody: body })).toContain(
      'is in UPDATE_ROLLBACK_FAILED state and can not be updated.',
    )
    await stacks.call('ContinueUpdateRollback', { StackName: 'stuck' })
    expect(await stacks.status('stuck')).toMatch(/^UPDATE_ROLLBACK_FAILED/)
    const added = await stacks.ref('stuck', 'Added')
    await stacks.answering('stuck', 'await answer({})')
    await stacks.call('ContinueUpdateRollback', { StackName: 'stuck' })
    expect(await stacks.status('stuck')).toBe('UPDATE_ROLLBACK_COMPLETE')
    expect(await stacks.parameter(added)).toBeUndefined()
    expect(Object.keys(await stacks.resources('stuck'))).toEqual(['P', 'Thing'])
    expect(await stacks.refused('ContinueUpdateRollback', { StackName: 'stuck' })).toContain('UPDATE_ROLLBACK_COMPLETE')
    await stacks.delete('stuck')
  })

  test('passes over what it is told to', async () => {
    await stuck('skips')
    expect(await stacks.refused('ContinueUpdateRollback', { StackName: 'skips', ResourcesToSkip: ['Nothing'] })).toContain(
      '[Nothing]',
    )
    await stacks.call('ContinueUpdateRollback', { StackName: 'skips', ResourcesToSkip: ['Thing'] })
    expect(await stacks.status('skips')).toBe('UPDATE_ROLLBACK_COMPLETE')
    expect(Object.keys(await stacks.resources('skips'))).toEqual(['P', 'Thing'])
  })

  test('can be given up: the stack is deleted with all that it has', async () => {
    await stuck('given-up')
    const [p, added] = [await stacks.ref('given-up', 'P'), await stacks.ref('given-up', 'Added')]
    await stacks.delete('given-up')
    expect(await stacks.refused('DescribeStacks', { StackName: 'given-up' })).toContain('does not exist')
    expect([await stacks.parameter(p), await stacks.parameter(added)]).toEqual([undefined, undefined])
  })
})

describe('a deletion', () => {
  test('goes the other way round, and forgets the name', async () => {
    const { StackId } = await stacks.create('gone', template({ First: parameter('v'), Second: parameter({ Ref: 'First' }) }))
    const [id, since] = [String(StackId), await eventsOf('gone')]
    await stacks.delete('gone')
    expect(await told(id, since)).toEqual([
      'gone DELETE_IN_PROGRESS: User Initiated',
      'Second DELETE_IN_PROGRESS',
      'Second DELETE_COMPLETE',
      'First DELETE_IN_PROGRESS',
      'First DELETE_COMPLETE',
      'gone DELETE_COMPLETE',
    ])
    expect(await stacks.refused('DescribeStacks', { StackName: 'gone' })).toBe(
      'ValidationError: Stack with id gone does not exist',
    )
    expect(await stacks.stack(id)).toMatchObject({ StackStatus: 'DELETE_COMPLETE', DeletionTime: expect.any(String) })
    expect(await stacks.refused('DeleteStack', { StackName: 'gone' }), 'of none is nothing').toBe('it is taken')
    expect(await stacks.refused('DeleteStack', { StackName: id }), 'nor twice').toBe('it is taken')
    const described = stacks.aws.json(SERVICES.sfn, 'DescribeStateMachine', { stateMachineArn: machineOf('gone') })
    await expect(described).rejects.toThrow('State Machine Does Not Exist')
    expect((await stacks.create('gone', template({ First: parameter('v') })))['StackId']).not.toBe(id)
  })

  test('of what holds something fails; then it can be left, or forced', async () => {
    const names = ['full', 'forced']
    for (const name of names) {
      await stacks.create(name, template({ Bucket: bucketOf(`bucket-${name}`), P: parameter('v') }))
      await put(`/bucket-${name}/key`, 'text')
      await stacks.delete(name)
      expect(await stacks.status(name)).toBe('DELETE_FAILED: The following resource(s) failed to delete: [Bucket]. ')
    }
    expect((await told('full')).join('\n')).toMatch(/^Bucket DELETE_FAILED: .*The bucket you tried to delete is not empty/m)
    const [full, forced] = await Promise.all(names.map(async (name) => String((await stacks.stack(name))['StackId'])))
    await stacks.delete('full', { RetainResources: ['Bucket'] })
    expect(await stacks.status(full ?? '')).toBe('DELETE_COMPLETE')
    expect(await told(full ?? '')).toContain('Bucket DELETE_SKIPPED')
    await stacks.delete('forced', { DeletionMode: 'FORCE_DELETE_STACK' })
    expect(await stacks.status(forced ?? '')).toBe('DELETE_COMPLETE')
    expect((await stacks.aws.restXml(SERVICES.s3, 'GET', '/bucket-full/key')).body.toString()).toBe('text')
    await stacks.create('whole', template({ P: parameter('v') }))
    expect(await stacks.refused('DeleteStack', { StackName: 'whole', RetainResources: ['P'] })).toContain(
      'must be in the DELETE_FAILED state',
    )
  })

  test('leaves what is to be retained', async () => {
    const resources = {
      Kept: parameter('v', { Name: '/retained' }, { DeletionPolicy: 'Retain' }),
      Made: parameter('v', { Name: '/retained-but' }, { DeletionPolicy: 'RetainExceptOnCreate' }),
    }
    const { StackId } = await stacks.create('retains', template(resources))
    await stacks.delete('retains')
    expect((await told(String(StackId))).filter((line) => line.includes('SKIPPED')).toSorted()).toEqual([
      'Kept DELETE_SKIPPED',
      'Made DELETE_SKIPPED',
    ])
    expect([await stacks.parameter('/retained'), await stacks.parameter('/retained-but')]).toEqual(['v', 'v'])

    const second = {
      Kept: parameter('v', { Name: '/kept-2' }, resources.Kept),
      Made: parameter('v', { Name: '/made-2' }, { DeletionPolicy: 'RetainExceptOnCreate' }),
    }
    await stacks.create('retains-not', template({ ...second, Bad: broken({ DependsOn: ['Kept', 'Made'] }) }))
    expect(await stacks.status('retains-not')).toBe('ROLLBACK_COMPLETE')
    expect([await stacks.parameter('/made-2')], 'of a stack that was never made').toEqual([undefined])
  })

  test('of a replaced or dropped resource heeds its policies', async () => {
    const old = {
      Renamed: parameter('v', { Name: '/first-name' }, { UpdateReplacePolicy: 'Retain' }),
      Dropped: parameter('d', { Name: '/dropped' }, { DeletionPolicy: 'Retain' }),
    }
    await stacks.create('policies', template(old))
    await stacks.update(
      'policies',
      template({ Renamed: parameter('v', { Name: '/second-name' }, { UpdateReplacePolicy: 'Retain' }) }),
    )
    expect((await told('policies')).filter((line) => line.includes('SKIPPED')).toSorted()).toEqual([
      'Dropped DELETE_SKIPPED',
      'Renamed DELETE_SKIPPED',
    ])
    expect([
      await stacks.parameter('/first-name'),
      await stacks.parameter('/second-name'),
      await stacks.parameter('/dropped'),
    ]).toEqual(['v', 'v', 'd'])
  })

  test('of a stack that is being made ends its making', async () => {
    const creating = stacks.create('early', template({ P: parameter('v'), ...gate('Gate', { DependsOn: 'P' }) }))
    await stacks.waitsFor('early', 'Gate')
    const [id, p] = [String((await stacks.stack('early'))['StackId']), await stacks.ref('early', 'P')]
    await stacks.delete('early')
    await creating
    expect(await stacks.status(id)).toBe('DELETE_COMPLETE')
    expect(await stacks.parameter(p)).toBeUndefined()
    expect(await stacks.executions('early')).toEqual([])
  })

  test('is refused where the stack is protected', async () => {
    await stacks.create('safe', template({ P: parameter('v') }), { EnableTerminationProtection: 'true' })
    expect(await stacks.refused('DeleteStack', { StackName: 'safe' })).toBe(
      'ValidationError: Stack [safe] cannot be deleted while TerminationProtection is enabled',
    )
    await stacks.call('UpdateTerminationProtection', { StackName: 'safe', EnableTerminationProtection: 'false' })
    await stacks.delete('safe')
    expect(await stacks.refused('DescribeStacks', { StackName: 'safe' })).toContain('does not exist')
  })
})

describe('what somebody does to the engine', () => {
  test('a state machine that is deleted is made again for the next operation', async () => {
    await stacks.create('machine', template({ P: parameter('v') }))
    await stacks.aws.json(SERVICES.sfn, 'DeleteStateMachine', { stateMachineArn: machineOf('machine') })
    await stacks.update('machine', template({ P: parameter('w') }))
    expect(await stacks.status('machine')).toBe('UPDATE_COMPLETE')
  })

  // The service looks every ten seconds.
  test.concurrent.each([
    ['an execution that is stopped', 'stopped', 'ABORTED'],
    ['an execution whose activity is deleted', 'activity', 'FAILED'],
  ])('%s ends its operation, which can be rolled back', async (_, name, status) => {
    const resources = { P: parameter('v'), ...gate('Gate', { DependsOn: 'P' }), After: parameter('w', {}, { DependsOn: 'Gate' }) }
    const creating = stacks.create(name, template(resources))
    await stacks.waitsFor(name, 'Gate')
    const [{ executionArn = '' } = {}] = await stacks.executions(name)
    if (status === 'ABORTED') await stacks.aws.json(SERVICES.sfn, 'StopExecution', { executionArn })
    else await stacks.aws.json(SERVICES.sfn, 'DeleteActivity', { activityArn: ACTIVITY })
    if (status === 'FAILED') await stacks.signal(name, 'GateHandle')
    await creating
    expect(await stacks.status(name)).toMatch(new RegExp(`^CREATE_FAILED: The execution \\S+ of this operation is ${status}\\.$`))
    const p = await stacks.ref(name, 'P')
    await stacks.call('RollbackStack', { StackName: name })
    expect(await stacks.status(name)).toBe('ROLLBACK_COMPLETE')
    expect(await stacks.parameter(p)).toBeUndefined()
  })
})
