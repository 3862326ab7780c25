import { describe, expect, test } from 'vitest'

import { ARN, openService, settled } from '../runtime/testing/world.ts'

const ROLE = 'arn:aws:iam::000000000000:role/r'
const M = `${ARN}:stateMachine:m`
const passing = (Result: unknown = 1) => JSON.stringify({ StartAt: 'P', States: { P: { Type: 'Pass', Result, End: true } } })
const WAIT = JSON.stringify({ StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 60, End: true } } })
const NEW = { name: 'm', definition: passing(), roleArn: ROLE }
const GROUP = 'arn:aws:logs:us-east-1:000000000000:log-group:g:*'
const loggingTo = (logGroupArn: string) => ({ level: 'ALL', destinations: [{ cloudWatchLogsLogGroup: { logGroupArn } }] })

async function opened() {
  const { world, control, runtime } = await openService()
  return { world, runtime, ...control }
}

describe('CreateStateMachine', () => {
  test('makes a machine that is described as it was given, in its first revision', async () => {
    const { world, machines } = await opened()
    const { machine, versionArn } = await machines.create(NEW)
    expect(machine).toMatchObject({ arn: M, name: 'm', type: 'STANDARD', status: 'ACTIVE', createdAt: world.clock.now() })
    expect(versionArn).toBeUndefined()
    const { revision, definition } = await machines.describe(M)
    expect(definition).toBe(NEW.definition)
    expect(revision).toMatchObject({ roleArn: ROLE })
    expect(revision.revisionId).toBeUndefined()
  })

  test.each([
    ['logging', { loggingConfiguration: { level: 'OFF', includeExecutionData: false } }],
    ['tracing', { tracingConfiguration: { enabled: false } }],
    ['encryption', { encryptionConfiguration: { type: 'AWS_OWNED_KEY' } }],
  ])('with the default of %s spelled out is the same request, and no change', async (_, spelled) => {
    const { machines } = await opened()
    const { machine } = await machines.create(NEW)
    expect((await machines.create({ ...NEW, ...spelled })).machine).toEqual(machine)
    expect((await machines.update({ stateMachineArn: M, ...spelled })).revisionId).toBeUndefined()
  })

  test('told again it answers with the machine that is there, whatever role and tags it is told', async () => {
    const { world, machines, tags } = await opened()
    const { machine } = await machines.create({ ...NEW, tags: [{ key: 'k', value: 'v' }] })
    world.clock.advance(5_000)
    const again = await machines.create({ ...NEW, roleArn: `${ROLE}2`, tags: [{ key: 'other', value: 'v' }] })
    expect(again.machine).toEqual(machine)
    expect((await machines.describe(M)).revision.roleArn).toBe(ROLE)
    expect([...(await tags.list(M))]).toEqual([['k', 'v']])
  })

  test.each([
    ['definition', { definition: passing(2) }],
    ['spelling of the definition', { definition: `${passing()} ` }],
    ['type', { type: 'EXPRESS' as const }],
    ['logging', { loggingConfiguration: loggingTo(GROUP) }],
    ['tracing', { tracingConfiguration: { enabled: true } }],
    ['encryption', { encryptionConfiguration: { type: 'CUSTOMER_MANAGED_KMS_KEY', kmsKeyId: 'k' } }],
  ])('of a taken name with another %s is told that the machine exists', async (_, change) => {
    const { machines } = await opened()
    await machines.create(NEW)
    await expect(machines.create({ ...NEW, ...change })).rejects.toMatchObject({
      code: 'StateMachineAlreadyExists',
      message: `State Machine Already Exists: '${M}'`,
    })
    expect((await machines.describe(M)).definition).toBe(NEW.definition)
  })

  test('of a taken name is refused once the machine was updated to something else', async () => {
    const { machines } = await opened()
    await machines.create(NEW)
    await machines.update({ stateMachineArn: M, definition: passing(2) })
    await expect(machines.create(NEW)).rejects.toMatchObject({ code: 'StateMachineAlreadyExists' })
    await machines.create({ ...NEW, definition: passing(2) })
  })

  test('tells all that is wrong with a definition in one sentence, and makes nothing', async () => {
    const { machines } = await opened()
    const definition = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' }, C: { Type: 'Nope' } } })
    const refusal = await machines.create({ ...NEW, definition }).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'InvalidDefinition', status: 400 })
    const { message } = refusal as Error
    expect(message).toMatch(/^Invalid State Machine Definition: '.*'$/)
    for (const place of ['/States/A/Next', '/States/C']) expect(message).toContain(` at ${place}`)
    expect((await machines.list(10)).rows).toEqual([])
  })

  test.each(['', ' \n', 'null', '[]', '1'])('refuses a definition that is no object: %j', async (definition) => {
    const { machines } = await opened()
    const refusal = {
      code: 'InvalidDefinition',
      message: "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object'",
    }
    await expect(machines.create({ ...NEW, definition })).rejects.toMatchObject(refusal)
    expect(await machines.validate(definition, 'STANDARD')).toMatchObject([{ code: 'SCHEMA_VALIDATION_FAILED' }])
    await machines.create(NEW)
    await expect(machines.update({ stateMachineArn: M, definition })).rejects.toMatchObject(refusal)
  })

  test.each(['x', '', 'arn:aws:iam::aws:policy/AWSBatchFullAccess', 'arn:aws:iam::1:role/r', 'arn:aws:iam::000000000000:role/'])(
    'refuses what is no ARN of a role: %j',
    async (roleArn) => {
      const { machines } = await opened()
      const refusal = { code: 'InvalidArn', message: `Invalid Role Arn: '${roleArn}'` }
      await expect(machines.create({ ...NEW, roleArn })).rejects.toMatchObject(refusal)
      await machines.create(NEW)
      await expect(machines.update({ stateMachineArn: M, roleArn })).rejects.toMatchObject(refusal)
    },
  )

  test('judges a definition by the type of the machine', async () => {
    const { machines } = await opened()
    const Resource = 'arn:aws:states:::sqs:sendMessage.waitForTaskToken'
    const task = { Type: 'Task', Resource, Parameters: { QueueUrl: 'q', MessageBody: 'm' }, End: true }
    const definition = JSON.stringify({ StartAt: 'Publish', States: { Publish: task } })
    await expect(machines.create({ ...NEW, definition, type: 'EXPRESS' })).rejects.toMatchObject({
      // Recorded: api_express.
      message:
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Express state machine does not support '.waitForTaskToken' service integration  at /States/Publish/Resource'",
    })
    await machines.create({ ...NEW, definition, type: 'STANDARD' })
  })

  test('publishes its first version where that is asked for, and no second one when it is told again', async () => {
    const { machines, versions } = await opened()
    const first = await machines.create({ ...NEW, publish: true, versionDescription: 'one' })
    expect(first.versionArn).toBe(`${M}:1`)
    expect((await machines.create({ ...NEW, publish: true, versionDescription: 'one' })).versionArn).toBe(`${M}:1`)
    expect((await versions.list(M, 10)).rows).toMatchObject([{ arn: `${M}:1`, description: 'one' }])
  })

  test('takes a version description only with a version', async () => {
    const { machines } = await opened()
    for (const publish of [undefined, false])
      await expect(
        machines.create({ ...NEW, versionDescription: 'one', ...(publish !== undefined && { publish }) }),
      ).rejects.toMatchObject({
        code: 'ValidationException',
        message: 'Version description can only be set when publish is true',
      })
  })

  test('takes fifty tags and not one more', async () => {
    const { machines, tags } = await opened()
    const of = (count: number) => Array.from({ length: count }, (_, i) => ({ key: `k${i}`, value: 'v' }))
    await expect(machines.create({ ...NEW, tags: of(51) })).rejects.toMatchObject({ code: 'TooManyTags' })
    expect((await machines.list(10)).rows).toEqual([])
    await machines.create({ ...NEW, tags: of(50) })
    expect((await tags.list(M)).size).toBe(50)
  })
})

describe('a logging configuration', () => {
  const refused = async (loggingConfiguration: unknown, missing: readonly string[] = []) => {
    const { world, machines } = await opened()
    for (const arn of missing) world.missingLogGroups.add(arn)
    return machines.create({ ...NEW, loggingConfiguration }).then(
      () => undefined,
      (error: Error) => error,
    )
  }
  const one = { cloudWatchLogsLogGroup: { logGroupArn: GROUP } }

  test.each([
    [[], 'Must specify exactly one Log Destination.'],
    [undefined, 'Must specify exactly one Log Destination.'],
    [[one, one], 'Must specify exactly one Log Destination.'],
    [[{}], 'Must specify a Log Destination.'],
    [[{ cloudWatchLogsLogGroup: {} }], 'Must specify a Log Destination.'],
    [[{ cloudWatchLogsLogGroup: { logGroupArn: GROUP.slice(0, -2) } }], 'Must specify a Log Destination.'],
  ])('with the destinations %j is refused', async (destinations, reason) => {
    expect(await refused({ level: 'ALL', destinations })).toMatchObject({
      code: 'InvalidLoggingConfiguration',
      message: `Invalid Logging Configuration: ${reason}`,
    })
  })

  test('is refused when its group is not there, by create and by update', async () => {
    const refusal = {
      code: 'InvalidLoggingConfiguration',
      message: 'Invalid Logging Configuration: Log Destination not found.',
    }
    expect(await refused(loggingTo(GROUP), [GROUP])).toMatchObject(refusal)
    const { world, machines } = await opened()
    await machines.create(NEW)
    world.missingLogGroups.add(GROUP)
    const update = machines.update({ stateMachineArn: M, loggingConfiguration: loggingTo(GROUP) })
    await expect(update).rejects.toMatchObject(refusal)
  })

  test('that is off needs no destination', async () => {
    expect(await refused({ level: 'OFF' })).toBeUndefined()
    expect(await refused({ destinations: [] })).toBeUndefined()
    expect(await refused(loggingTo(GROUP))).toBeUndefined()
  })
})

describe('UpdateStateMachine', () => {
  test('makes a revision with an id of its own and leaves what it was not told as it was', async () => {
    const { world, machines } = await opened()
    await machines.create({ ...NEW, tracingConfiguration: { enabled: true } })
    world.clock.advance(1_000)
    const { revisionId, updateDate, versionArn } = await machines.update({ stateMachineArn: M, definition: passing(2) })
    expect(updateDate).toBe(world.clock.now())
    expect(versionArn).toBeUndefined()
    const { revision, machine } = await machines.describe(M)
    expect(revision).toMatchObject({
      revisionId,
      roleArn: ROLE,
      definition: passing(2),
      tracingConfiguration: '{"enabled":true}',
      createdAt: updateDate,
    })
    expect(machine.createdAt).toBe(updateDate - 1_000)
  })

  test.each([
    ['definition', { definition: passing(2) }],
    ['role', { roleArn: `${ROLE}2` }],
    ['logging', { loggingConfiguration: loggingTo(GROUP) }],
    ['tracing', { tracingConfiguration: { enabled: true } }],
    ['encryption', { encryptionConfiguration: { type: 'CUSTOMER_MANAGED_KMS_KEY', kmsKeyId: 'k' } }],
  ])('of the %s is a revision; the same once more is none', async (_, change) => {
    const { machines } = await opened()
    await machines.create(NEW)
    const { revisionId } = await machines.update({ stateMachineArn: M, ...change })
    expect(revisionId).toMatch(/^[0-9a-f]{8}-/)
    expect((await machines.update({ stateMachineArn: M, ...change })).revisionId).toBe(revisionId)
    expect((await machines.update({ stateMachineArn: M, definition: passing(3) })).revisionId).not.toBe(revisionId)
  })

  test('that tells nothing to change is refused', async () => {
    const { machines } = await opened()
    await machines.create(NEW)
    await expect(machines.update({ stateMachineArn: M, publish: true })).rejects.toMatchObject({
      code: 'MissingRequiredParameter',
      message: 'Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified',
    })
  })

  test('with an invalid definition, or a version description without a version, changes nothing', async () => {
    const { machines } = await opened()
    await machines.create(NEW)
    const refused = [{ definition: '{}' }, { definition: passing(2), versionDescription: 'd' }]
    for (const change of refused) await expect(machines.update({ stateMachineArn: M, ...change })).rejects.toThrow()
    expect((await machines.describe(M)).definition).toBe(NEW.definition)
  })

  test('judges the definition by the type that the machine has', async () => {
    const { machines } = await opened()
    await machines.create({ ...NEW, type: 'EXPRESS' })
    const activity = { Type: 'Task', Resource: `${ARN}:activity:a`, End: true }
    const definition = JSON.stringify({ StartAt: 'T', States: { T: activity } })
    await expect(machines.update({ stateMachineArn: M, definition })).rejects.toMatchObject({
      message:
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Express state machine does not support Activity ARN at /States/T/Resource'",
    })
  })

  test('publishes the new revision where that is asked for', async () => {
    const { machines } = await opened()
    await machines.create({ ...NEW, publish: true })
    const update = { stateMachineArn: M, publish: true, versionDescription: 'two' }
    expect((await machines.update({ ...update, definition: passing(2) })).versionArn).toBe(`${M}:2`)
    expect((await machines.describe(`${M}:2`)).definition).toBe(passing(2))
    expect((await machines.describe(`${M}:1`)).definition).toBe(passing(1))
  })

  test.each([`${M}:1`, `${M}:alias`, `${ARN}:stateMachine:none`])('of %s finds no machine', async (stateMachineArn) => {
    const { machines } = await opened()
    await machines.create({ ...NEW, publish: true })
    await expect(machines.update({ stateMachineArn, definition: passing(2) })).rejects.toMatchObject({
      code: 'StateMachineDoesNotExist',
      message: `State Machine Does Not Exist: '${stateMachineArn}'`,
    })
  })

  test('is for the executions that begin after it: one that runs keeps what it began with', async () => {
    const { machines, executions } = await opened()
    await machines.create({ ...NEW, definition: WAIT })
    const { executionArn: before } = await executions.start({ stateMachineArn: M, name: 'before' })
    await machines.update({ stateMachineArn: M, definition: passing(2), roleArn: `${ROLE}2` })
    const { executionArn: after } = await executions.start({ stateMachineArn: M, name: 'after' })
    await settled()
    const asRun = async (arn: string) => (await executions.machineOf(await executions.find(arn))).revision
    expect(await asRun(before)).toMatchObject({ definition: WAIT, roleArn: ROLE })
    expect(await asRun(after)).toMatchObject({ definition: passing(2), roleArn: `${ROLE}2` })
    expect(await executions.find(before)).toMatchObject({ status: 'RUNNING' })
    expect(await executions.find(after)).toMatchObject({ status: 'SUCCEEDED', output: '2' })
  })
})

describe('DeleteStateMachine', () => {
  test('takes the machine away with its versions and aliases; a missing one is deleted already', async () => {
    const { machines, versions, executions } = await opened()
    await machines.create({ ...NEW, publish: true })
    await versions.createAlias('live', undefined, [{ stateMachineVersionArn: `${M}:1`, weight: 100 }])
    await machines.remove(M)
    await machines.remove(M)
    for (const arn of [M, `${M}:1`, `${M}:live`]) {
      const none = { code: 'StateMachineDoesNotExist', message: `State Machine Does Not Exist: '${arn}'` }
      await expect(machines.describe(arn)).rejects.toMatchObject(none)
      await expect(executions.start({ stateMachineArn: arn })).rejects.toMatchObject(none)
    }
    expect((await machines.list(10)).rows).toEqual([])
  })

  test('frees the name: a namesake has nothing of what was there before', async () => {
    const { machines, versions, executions, tags } = await opened()
    await machines.create({ ...NEW, publish: true, tags: [{ key: 'k', value: 'v' }] })
    await executions.start({ stateMachineArn: M, name: 'e' })
    await settled()
    await machines.remove(M)
    await machines.create({ ...NEW, definition: passing(2) })
    expect((await versions.list(M, 10)).rows).toEqual([])
    expect((await tags.list(M)).size).toBe(0)
    expect((await executions.list({ stateMachineArn: M }, 10)).rows).toEqual([])
    expect((await machines.describe(M)).definition).toBe(passing(2))
  })

  test.each([`${M}:1`, `${M}:live`])('of %s is refused: that is a part of a machine, which stays', async (arn) => {
    const { machines, versions } = await opened()
    await machines.create({ ...NEW, publish: true })
    await versions.createAlias('live', undefined, [{ stateMachineVersionArn: `${M}:1`, weight: 100 }])
    await expect(machines.remove(arn)).rejects.toMatchObject({
      code: 'ValidationException',
      message: `Invalid State Machine ARN: '${arn}'`,
    })
    expect((await machines.describe(arn)).machine.status).toBe('ACTIVE')
  })

  test('leaves the executions there, with the machine that they ran', async () => {
    const { machines, executions } = await opened()
    await machines.create(NEW)
    const { executionArn } = await executions.start({ stateMachineArn: M, name: 'e' })
    await settled()
    await machines.remove(M)
    const execution = await executions.find(executionArn)
    expect(execution.status).toBe('SUCCEEDED')
    expect((await executions.machineOf(execution)).definition).toBe(NEW.definition)
    expect((await executions.history(executionArn, 100, false)).rows.length).toBeGreaterThan(0)
  })

  test.each([`${ARN}:activity:m`, `${ARN}:execution:m:e`, 'm', 'arn:aws:lambda:us-east-1:0:function:m'])(
    'of %s is refused: that is no machine',
    async (arn) => {
      const { machines } = await opened()
      await expect(machines.remove(arn)).rejects.toMatchObject({
        code: 'InvalidArn',
        message: `Invalid Arn: 'Invalid ARN prefix: ${arn}'`,
      })
    },
  )
})

describe('a distributed Map within a machine', () => {
  const processor = (State: string) => ({
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    StartAt: State,
    States: { [State]: { Type: 'Pass', End: true } },
  })
  const definition = JSON.stringify({
    StartAt: 'Out',
    States: {
      Out: {
        Type: 'Parallel',
        End: true,
        Branches: [
          { StartAt: 'M', States: { M: { Type: 'Map', Label: 'inner', ItemProcessor: processor('In'), End: true } } },
          { StartAt: 'O', States: { O: { Type: 'Map', Label: 'other', ItemProcessor: processor('Else'), End: true } } },
        ],
      },
    },
  })

  test('is described by its label, however deep', async () => {
    const { machines } = await opened()
    await machines.create({ ...NEW, definition })
    const described = await machines.describe(`${M}/other`)
    expect(described.label).toBe('other')
    expect(JSON.parse(described.definition)).toEqual(processor('Else'))
    await expect(machines.describe(`${M}/none`)).rejects.toMatchObject({ code: 'StateMachineDoesNotExist' })
  })

  test('without a label is described by the one that its name gives', async () => {
    const { machines } = await opened()
    const States = { 'Each file!': { Type: 'Map', ItemProcessor: processor('In'), End: true } }
    await machines.create({ ...NEW, definition: JSON.stringify({ StartAt: 'Each file!', States }) })
    expect(JSON.parse((await machines.describe(`${M}/Eachfile`)).definition)).toEqual(processor('In'))
  })

  test('is neither started, updated nor deleted for itself, and its machine stays as it was', async () => {
    const { machines, executions } = await opened()
    await machines.create({ ...NEW, definition })
    const refusal = { code: 'ValidationException', detail: { reason: 'API_DOES_NOT_SUPPORT_LABELED_ARNS' } }
    await expect(executions.start({ stateMachineArn: `${M}/inner` })).rejects.toMatchObject(refusal)
    await expect(machines.update({ stateMachineArn: `${M}/inner`, definition: passing() })).rejects.toMatchObject(refusal)
    await expect(machines.remove(`${M}/inner`)).rejects.toMatchObject(refusal)
    expect((await machines.describe(M)).definition).toBe(definition)
  })
})

describe('the list of machines', () => {
  test('comes page by page, each machine once', async () => {
    const { machines } = await opened()
    for (const name of ['c', 'a', 'b', 'd', 'e']) await machines.create({ ...NEW, name })
    const names: string[] = []
    let token: string | undefined
    do {
      const page = await machines.list(2, token)
      expect(page.rows.length).toBeLessThanOrEqual(2)
      names.push(...page.rows.map(({ name }) => name))
      token = page.next
    } while (token !== undefined)
    expect(names.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  test('does not take the token of another list', async () => {
    const { machines, activities } = await opened()
    for (const name of ['a', 'b']) await activities.create(name, undefined, undefined)
    const { next } = await activities.list(1)
    expect(next).toBeDefined()
    await expect(machines.list(1, next)).rejects.toMatchObject({
      code: 'InvalidToken',
      message: "Invalid Token: 'Invalid token'",
    })
  })
})

test('which variables each state mentions is shown with the machine', async () => {
  const { machines } = await opened()
  const definition = JSON.stringify({
    QueryLanguage: 'JSONata',
    StartAt: 'A',
    States: {
      A: { Type: 'Pass', Assign: { x: 1, y: 2 }, Next: 'B' },
      B: { Type: 'Pass', Output: '{% $x + $y %}', End: true },
    },
  })
  await machines.create({ ...NEW, definition })
  expect((await machines.describe(M)).references).toEqual({ B: ['x', 'y'] })
})
