import { describe, expect, test } from 'vitest'

import { ARN, pass, settled } from '../runtime/testing/world.ts'

import type { OperationName } from './model.ts'
import { machineOf, openApi, PASSING, ROLE } from './testing/ask.ts'

const M = `${ARN}:stateMachine:m`
const E = `${ARN}:execution:m:e`
const A = `${ARN}:activity:a`
const NOW = Date.UTC(2026, 0, 1) / 1000
const NEW = { name: 'm', definition: PASSING, roleArn: ROLE }
const WAIT = machineOf({ W: { Type: 'Wait', Seconds: 2.0, End: true } })
const FAIL = machineOf({ F: { Type: 'Fail', Error: 'E', Cause: 'why' } })
const TASK = machineOf({ T: { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', Parameters: { Message: 'x' }, End: true } })

/** A machine, and an execution of it. */
async function started(definition = PASSING, more: object = {}, start: object = {}) {
  const api = await openApi()
  await api.ask('CreateStateMachine', { ...NEW, definition, ...more })
  await api.ask('StartExecution', { stateMachineArn: M, name: 'e', ...start })
  await settled()
  return api
}

describe('bounds of AWS model, each at its last and one more:', () => {
  const longer = (n: number) => 'x'.repeat(n)
  const cases: readonly [OperationName, string, number, object][] = [
    ['CreateStateMachine', 'name', 80, NEW],
    ['CreateStateMachine', 'roleArn', 256, NEW],
    ['CreateStateMachine', 'versionDescription', 256, { ...NEW, publish: true }],
    ['CreateActivity', 'name', 80, {}],
    ['StartExecution', 'name', 80, { stateMachineArn: M }],
    ['StartExecution', 'stateMachineArn', 256, {}],
    ['StartExecution', 'traceHeader', 256, { stateMachineArn: M }],
    ['StopExecution', 'error', 256, { executionArn: E }],
    ['StopExecution', 'cause', 32_768, { executionArn: E }],
    ['RedriveExecution', 'clientToken', 64, { executionArn: E }],
    ['DescribeMapRun', 'mapRunArn', 2_000, {}],
    ['ListExecutions', 'nextToken', 3_096, { stateMachineArn: M }],
    ['ListStateMachines', 'nextToken', 1_024, {}],
    ['GetActivityTask', 'workerName', 80, { activityArn: A }],
    ['SendTaskSuccess', 'taskToken', 2_048, { output: '1' }],
    ['SendTaskSuccess', 'output', 262_144, { taskToken: 't' }],
    ['SendTaskFailure', 'error', 256, { taskToken: 't' }],
    ['SendTaskFailure', 'cause', 32_768, { taskToken: 't' }],
    ['CreateStateMachineAlias', 'name', 80, { routingConfiguration: [{ stateMachineVersionArn: `${M}:1`, weight: 100 }] }],
    ['TestState', 'stateName', 80, { definition: PASSING }],
  ]
  test.each(cases)('%s %s, %d', async (name, member, max, input) => {
    const { ask, refusal } = await openApi()
    const tooLong = `Value '${longer(max + 1).slice(0, 10_000)}' at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${max}`
    const { code, message } = await refusal(name, { ...input, [member]: longer(max + 1) })
    expect(code).toBe('ValidationException')
    expect(message).toContain(tooLong)
    const answer = await ask(name, { ...input, [member]: longer(max) }).catch((error: Error) => error)
    expect(answer instanceof Error ? answer.message : '').not.toContain("validation error detected: Value 'x")
  })

  test.each([
    ['maxResults', -1, 'greater than or equal to 0'],
    ['maxResults', 1_001, 'less than or equal to 1000'],
  ] as const)('%s %d', async (member, value, bound) => {
    const { refusal } = await openApi()
    for (const name of ['ListStateMachines', 'ListActivities'] as const)
      expect((await refusal(name, { [member]: value })).message).toBe(
        `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must have value ${bound}`,
      )
  })

  test('maxResults of 0 is a hundred', async () => {
    const { ask } = await openApi()
    for (let n = 0; n < 101; n++) await ask('CreateActivity', { name: `a${n}` })
    expect((await ask('ListActivities', { maxResults: 0 }))['activities']).toHaveLength(100)
    expect((await ask('ListActivities'))['nextToken']).toEqual(expect.any(String))
    expect((await ask('ListActivities', { maxResults: 1_000 }))['activities']).toHaveLength(101)
  })
})

describe('what AWS does not know', () => {
  test.each([
    ['CreateStateMachine', { ...NEW, type: 'FAST' }, 'type', '[STANDARD, EXPRESS]'],
    ['DescribeExecution', { executionArn: E, includedData: 'SOME' }, 'includedData', '[ALL_DATA, METADATA_ONLY]'],
    [
      'ListExecutions',
      { stateMachineArn: M, statusFilter: 'PENDING' },
      'statusFilter',
      '[RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED, PENDING_REDRIVE]',
    ],
    ['ListExecutions', { stateMachineArn: M, redriveFilter: 'NO' }, 'redriveFilter', '[REDRIVEN, NOT_REDRIVEN]'],
    ['TestState', { definition: PASSING, inspectionLevel: 'ALL' }, 'inspectionLevel', '[INFO, DEBUG, TRACE]'],
    ['ValidateStateMachineDefinition', { definition: PASSING, severity: 'INFO' }, 'severity', '[ERROR, WARNING]'],
  ] as const)('%s: a value of %j', async (name, input, member, set) => {
    const { refusal } = await openApi()
    const value = (input as Readonly<Record<string, unknown>>)[member]
    expect(await refusal(name, input)).toEqual({
      code: 'ValidationException',
      message: `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy enum value set: ${set}`,
    })
  })

  test('members of no meaning are let by, as AWS does', async () => {
    const { ask } = await openApi()
    expect(await ask('CreateActivity', { name: 'a', color: 'red', toString: 1 })).toEqual({ activityArn: A, creationDate: NOW })
  })
})

describe('state machines', () => {
  test('are answered with times in seconds, and no member that has no value', async () => {
    const { world, ask } = await openApi()
    world.clock.advance(1_234)
    expect(await ask('CreateStateMachine', NEW)).toEqual({ stateMachineArn: M, creationDate: NOW + 1.234 })
    expect(await ask('DescribeStateMachine', { stateMachineArn: M })).toEqual({
      stateMachineArn: M,
      name: 'm',
      type: 'STANDARD',
      status: 'ACTIVE',
      definition: PASSING,
      roleArn: ROLE,
      creationDate: NOW + 1.234,
      loggingConfiguration: { level: 'OFF', includeExecutionData: false },
      tracingConfiguration: { enabled: false },
      encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
    })
    expect(await ask('ListStateMachines')).toEqual({
      stateMachines: [{ stateMachineArn: M, name: 'm', type: 'STANDARD', creationDate: NOW + 1.234 }],
    })
    expect(await ask('DeleteStateMachine', { stateMachineArn: M })).toEqual({})
  })

  test('show their configurations as they were given', async () => {
    const { ask } = await openApi()
    const given = {
      loggingConfiguration: {
        level: 'ERROR',
        includeExecutionData: true,
        destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: 'arn:aws:logs:us-east-1:000000000000:log-group:g:*' } }],
      },
      tracingConfiguration: { enabled: true },
      encryptionConfiguration: { type: 'CUSTOMER_MANAGED_KMS_KEY', kmsKeyId: 'k', kmsDataKeyReusePeriodSeconds: 60 },
    }
    await ask('CreateStateMachine', { ...NEW, ...given })
    expect(await ask('DescribeStateMachine', { stateMachineArn: M })).toMatchObject(given)
  })

  test('without their data show no definition and no variables', async () => {
    const { ask } = await openApi()
    const definition = JSON.stringify({
      QueryLanguage: 'JSONata',
      StartAt: 'A',
      States: { A: { Type: 'Pass', Assign: { x: 1 }, Next: 'B' }, B: { Type: 'Pass', Output: '{% $x %}', End: true } },
    })
    await ask('CreateStateMachine', { ...NEW, definition })
    expect(await ask('DescribeStateMachine', { stateMachineArn: M })).toMatchObject({ variableReferences: { B: ['x'] } })
    const metadata = await ask('DescribeStateMachine', { stateMachineArn: M, includedData: 'METADATA_ONLY' })
    expect(metadata).toMatchObject({ definition: '{}' })
    expect(metadata).not.toHaveProperty('variableReferences')
  })

  test('are updated to a revision, published and described by version', async () => {
    const { world, ask } = await openApi()
    await ask('CreateStateMachine', NEW)
    world.clock.advance(1_000)
    const updated = await ask('UpdateStateMachine', {
      stateMachineArn: M,
      definition: WAIT.replace('2', '3'),
      publish: true,
      versionDescription: 'first',
    })
    expect(updated).toEqual({ updateDate: NOW + 1, revisionId: expect.any(String), stateMachineVersionArn: `${M}:1` })
    const version = await ask('DescribeStateMachine', { stateMachineArn: `${M}:1` })
    expect(version).toMatchObject({ stateMachineArn: `${M}:1`, description: 'first', revisionId: updated['revisionId'] })
    expect(await ask('ListStateMachineVersions', { stateMachineArn: M })).toEqual({
      stateMachineVersions: [{ stateMachineVersionArn: `${M}:1`, creationDate: NOW + 1 }],
    })
  })

  test('are validated: all that is wrong, or as much as is asked for', async () => {
    const { ask } = await openApi()
    expect(await ask('ValidateStateMachineDefinition', { definition: PASSING })).toEqual({
      result: 'OK',
      diagnostics: [],
      truncated: false,
    })
    const definition = machineOf({ A: { Type: 'Pass' }, B: { Type: 'Pass' }, C: { Type: 'Pass' } })
    const all = await ask('ValidateStateMachineDefinition', { definition })
    expect(all).toMatchObject({ result: 'FAIL', truncated: false })
    const found = all['diagnostics'] as readonly object[]
    expect(found.length).toBeGreaterThan(2)
    const two = await ask('ValidateStateMachineDefinition', { definition, maxResults: 2 })
    expect(two).toEqual({ result: 'FAIL', diagnostics: found.slice(0, 2), truncated: true })
  })
})

describe('aliases', () => {
  const route = (version: number, weight: number) => ({ stateMachineVersionArn: `${M}:${version}`, weight })

  test('are answered as AWS answers them', async () => {
    const { world, ask } = await openApi()
    await ask('CreateStateMachine', { ...NEW, publish: true })
    const made = await ask('CreateStateMachineAlias', { name: 'live', description: 'd', routingConfiguration: [route(1, 100)] })
    expect(made).toEqual({ stateMachineAliasArn: `${M}:live`, creationDate: NOW })
    world.clock.advance(2_000)
    const arn = { stateMachineAliasArn: `${M}:live` }
    expect(await ask('UpdateStateMachineAlias', { ...arn, description: 'e' })).toEqual({ updateDate: NOW + 2 })
    expect(await ask('DescribeStateMachineAlias', arn)).toEqual({
      ...arn,
      name: 'live',
      description: 'e',
      routingConfiguration: [route(1, 100)],
      creationDate: NOW,
      updateDate: NOW + 2,
    })
    expect(await ask('ListStateMachineAliases', { stateMachineArn: M })).toEqual({
      stateMachineAliases: [{ ...arn, creationDate: NOW }],
    })
    expect(await ask('DeleteStateMachineAlias', arn)).toEqual({})
  })

  test.each([
    [[], "Value '[]' at 'routingConfiguration' failed to satisfy constraint: Member must have length greater than or equal to 1"],
    [
      [route(1, 101)],
      "Value '101' at 'routingConfiguration.1.member.weight' failed to satisfy constraint: Member must have value less than or equal to 100",
    ],
    [
      [route(1, -1)],
      "Value '-1' at 'routingConfiguration.1.member.weight' failed to satisfy constraint: Member must have value greater than or equal to 0",
    ],
    [
      [{ weight: 100 }],
      "Value null at 'routingConfiguration.1.member.stateMachineVersionArn' failed to satisfy constraint: Member must not be null",
    ],
    [
      [{ stateMachineVersionArn: `${M}:1` }],
      "Value null at 'routingConfiguration.1.member.weight' failed to satisfy constraint: Member must not be null",
    ],
  ])('routed by %j are refused', async (routingConfiguration, problem) => {
    const { refusal } = await openApi()
    expect(await refusal('CreateStateMachineAlias', { name: 'live', routingConfiguration })).toEqual({
      code: 'ValidationException',
      message: `1 validation error detected: ${problem}`,
    })
  })
})

describe('executions', () => {
  test('are answered with times in seconds, and their data', async () => {
    const { ask } = await started(PASSING, {}, { input: '{"a": 1}', traceHeader: 't' })
    expect(await ask('DescribeExecution', { executionArn: E })).toEqual({
      executionArn: E,
      stateMachineArn: M,
      name: 'e',
      status: 'SUCCEEDED',
      startDate: NOW,
      stopDate: NOW,
      input: '{"a": 1}',
      inputDetails: { included: true },
      output: '{"a": 1}',
      outputDetails: { included: true },
      traceHeader: 't',
      redriveCount: 0,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
    })
  })

  test('without their data show what is not theirs', async () => {
    const { ask } = await started(PASSING, {}, { input: '{"a": 1}' })
    const shown = await ask('DescribeExecution', { executionArn: E, includedData: 'METADATA_ONLY' })
    expect(shown).toMatchObject({ inputDetails: { included: false }, outputDetails: { included: false } })
    for (const member of ['input', 'output']) expect(shown).not.toHaveProperty(member)
  })

  test('that run have no end; that failed have error and cause, and may be redriven', async () => {
    const running = await started(WAIT)
    const shown = await running.ask('DescribeExecution', { executionArn: E })
    expect(shown).toMatchObject({ status: 'RUNNING', redriveStatus: 'NOT_REDRIVABLE' })
    for (const member of ['stopDate', 'output', 'outputDetails', 'error']) expect(shown).not.toHaveProperty(member)
    const failed = await started(FAIL)
    expect(await failed.ask('DescribeExecution', { executionArn: E })).toMatchObject({
      status: 'FAILED',
      error: 'E',
      cause: 'why',
      redriveStatus: 'REDRIVABLE',
    })
  })

  test('are stopped and redriven, each told when', async () => {
    const { world, ask } = await started(TASK)
    world.clock.advance(1_500)
    expect(await ask('StopExecution', { executionArn: E, error: 'S' })).toEqual({ stopDate: NOW + 1.5 })
    world.clock.advance(500)
    expect(await ask('RedriveExecution', { executionArn: E })).toEqual({ redriveDate: NOW + 2 })
    expect(await ask('DescribeExecution', { executionArn: E })).toMatchObject({
      status: 'RUNNING',
      redriveCount: 1,
      redriveDate: NOW + 2,
    })
  })

  test('are listed in short, by the version or alias that they came through', async () => {
    const { ask } = await started(PASSING, { publish: true })
    await ask('CreateStateMachineAlias', {
      name: 'live',
      routingConfiguration: [{ stateMachineVersionArn: `${M}:1`, weight: 100 }],
    })
    await ask('StartExecution', { stateMachineArn: `${M}:live`, name: 'f' })
    await settled()
    const short = { stateMachineArn: M, status: 'SUCCEEDED', startDate: NOW, stopDate: NOW, redriveCount: 0 }
    expect((await ask('ListExecutions', { stateMachineArn: M }))['executions']).toEqual([
      {
        ...short,
        executionArn: `${ARN}:execution:m:f`,
        name: 'f',
        stateMachineVersionArn: `${M}:1`,
        stateMachineAliasArn: `${M}:live`,
      },
      { ...short, executionArn: E, name: 'e' },
    ])
  })

  test('tell their history, forward and back, with data and without', async () => {
    const { ask } = await started(PASSING, {}, { input: '[1]' })
    const { events, nextToken } = (await ask('GetExecutionHistory', { executionArn: E })) as {
      events: readonly Record<string, unknown>[]
      nextToken?: string
    }
    expect(nextToken).toBeUndefined()
    expect(events[0]).toEqual({
      id: 1,
      previousEventId: 0,
      timestamp: NOW,
      type: 'ExecutionStarted',
      executionStartedEventDetails: { input: '[1]', inputDetails: { truncated: false }, roleArn: ROLE },
    })
    const back = (await ask('GetExecutionHistory', { executionArn: E, reverseOrder: true }))['events']
    expect(back).toEqual(events.toReversed())
    const bare = (await ask('GetExecutionHistory', { executionArn: E, includeExecutionData: false }))['events']
    expect(JSON.stringify(bare)).not.toContain('[1]')
    const page = await ask('GetExecutionHistory', { executionArn: E, maxResults: 2 })
    const rest = await ask('GetExecutionHistory', { executionArn: E, nextToken: page['nextToken'] })
    expect([...(page['events'] as unknown[]), ...(rest['events'] as unknown[])]).toEqual(events)
  })

  test('show the machine that they run', async () => {
    const { ask } = await started(WAIT)
    await ask('UpdateStateMachine', { stateMachineArn: M, definition: PASSING })
    expect(await ask('DescribeStateMachineForExecution', { executionArn: E })).toMatchObject({
      stateMachineArn: M,
      name: 'm',
      definition: WAIT,
      roleArn: ROLE,
      updateDate: NOW,
    })
  })

  test('of an Express machine are run to their end, billed by the 100 ms, at least one', async () => {
    const { world, ask } = await openApi()
    await ask('CreateStateMachine', { ...NEW, definition: PASSING, type: 'EXPRESS' })
    const quick = await ask('StartSyncExecution', { stateMachineArn: M, name: 'n', input: '7', traceHeader: 't' })
    expect(quick).toEqual({
      executionArn: expect.stringMatching(/:express:m:n:[0-9a-f-]{36}$/),
      stateMachineArn: M,
      name: 'n',
      startDate: NOW,
      stopDate: NOW,
      status: 'SUCCEEDED',
      input: '7',
      inputDetails: { included: true },
      output: '7',
      outputDetails: { included: true },
      traceHeader: 't',
      billingDetails: { billedMemoryUsedInMB: 64, billedDurationInMilliseconds: 100 },
    })
    await ask('UpdateStateMachine', { stateMachineArn: M, definition: FAIL })
    const failed = await ask('StartSyncExecution', { stateMachineArn: M })
    expect(failed).toMatchObject({ status: 'FAILED', error: 'E', outputDetails: { included: true } })
    expect(failed).not.toHaveProperty('output')
    await ask('UpdateStateMachine', { stateMachineArn: M, definition: WAIT })
    const slow = ask('StartSyncExecution', { stateMachineArn: M, includedData: 'METADATA_ONLY' })
    await settled()
    await pass(world, 3)
    const answer = await slow
    expect(answer).toMatchObject({ billingDetails: { billedDurationInMilliseconds: 2_000 }, outputDetails: { included: false } })
    for (const member of ['input', 'output']) expect(answer).not.toHaveProperty(member)
  })
})

describe('Map Runs', () => {
  const definition = machineOf({
    M: {
      Type: 'Map',
      Label: 'l',
      MaxConcurrency: 2,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        ...JSON.parse(TASK),
      },
      End: true,
    },
  })
  const NONE = {
    succeeded: 0,
    failed: 0,
    timedOut: 0,
    aborted: 0,
    resultsWritten: 0,
    failuresNotRedrivable: 0,
    pendingRedrive: 0,
  }

  test('are listed, described with their counts, and changed', async () => {
    const { world, ask, refusal } = await started(definition, {}, { input: '[1,2,3]' })
    await pass(world, 1)
    const { mapRuns } = (await ask('ListMapRuns', { executionArn: E })) as { mapRuns: readonly Record<string, unknown>[] }
    const [run] = mapRuns
    expect(run).toEqual({
      executionArn: E,
      mapRunArn: expect.stringContaining(':mapRun:m/l:'),
      stateMachineArn: `${M}/l`,
      startDate: expect.any(Number),
    })
    const mapRunArn = run?.['mapRunArn']
    const counts = { ...NONE, pending: 1, running: 2, total: 3 }
    expect(await ask('DescribeMapRun', { mapRunArn })).toEqual({
      mapRunArn,
      executionArn: E,
      status: 'RUNNING',
      startDate: expect.any(Number),
      maxConcurrency: 2,
      toleratedFailurePercentage: 0,
      toleratedFailureCount: 0,
      redriveCount: 0,
      itemCounts: counts,
      executionCounts: counts,
    })
    expect(await ask('UpdateMapRun', { mapRunArn, toleratedFailurePercentage: 12.5 })).toEqual({})
    expect(await ask('DescribeMapRun', { mapRunArn })).toMatchObject({ toleratedFailurePercentage: 12.5, maxConcurrency: 2 })
    expect((await refusal('UpdateMapRun', { mapRunArn, toleratedFailurePercentage: 101 })).message).toContain(
      "Value '101' at 'toleratedFailurePercentage' failed to satisfy constraint: Member must have value less than or equal to 100",
    )
    const { executions } = (await ask('ListExecutions', { mapRunArn })) as { executions: readonly Record<string, unknown>[] }
    expect(executions[0]).toMatchObject({ mapRunArn, itemCount: 1, stateMachineArn: `${M}/l`, status: 'RUNNING' })
    const child = executions[0]?.['executionArn']
    expect(await ask('DescribeExecution', { executionArn: child })).toMatchObject({ mapRunArn })
    expect(await ask('DescribeStateMachineForExecution', { executionArn: child })).toMatchObject({ label: 'l', mapRunArn })
  })
})

describe('activities and tags', () => {
  test('are answered as AWS answers them', async () => {
    const { ask } = await openApi()
    const tags = [{ key: 'k', value: 'v' }]
    expect(await ask('CreateActivity', { name: 'a', tags })).toEqual({ activityArn: A, creationDate: NOW })
    expect(await ask('DescribeActivity', { activityArn: A })).toEqual({
      activityArn: A,
      name: 'a',
      creationDate: NOW,
      encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
    })
    expect(await ask('ListActivities')).toEqual({ activities: [{ activityArn: A, name: 'a', creationDate: NOW }] })
    expect(await ask('ListTagsForResource', { resourceArn: A })).toEqual({ tags })
    expect(await ask('UntagResource', { resourceArn: A, tagKeys: ['k'] })).toEqual({})
    expect(await ask('TagResource', { resourceArn: A, tags: [{ key: 'x', value: '' }] })).toEqual({})
    expect(await ask('ListTagsForResource', { resourceArn: A })).toEqual({ tags: [{ key: 'x', value: '' }] })
    expect(await ask('DeleteActivity', { activityArn: A })).toEqual({})
  })

  test('refuse tags whose key or value is too long, with their place', async () => {
    const { refusal } = await openApi()
    const tags = [
      { key: 'k', value: 'v' },
      { key: 'x'.repeat(129), value: 'x'.repeat(257) },
    ]
    const { message } = await refusal('TagResource', { resourceArn: A, tags })
    expect(message).toMatch(/^2 validation errors detected: /)
    expect(message).toContain(
      "at 'tags.2.member.key' failed to satisfy constraint: Member must have length less than or equal to 128",
    )
    expect(message).toContain(
      "at 'tags.2.member.value' failed to satisfy constraint: Member must have length less than or equal to 256",
    )
  })

  test('give a task, or nothing after a minute', async () => {
    const { world, ask } = await openApi()
    await ask('CreateActivity', { name: 'a' })
    const nothing = ask('GetActivityTask', { activityArn: A })
    await settled()
    await pass(world, 60)
    expect(await nothing).toEqual({})
    await ask('CreateStateMachine', { ...NEW, definition: machineOf({ T: { Type: 'Task', Resource: A, End: true } }) })
    await ask('StartExecution', { stateMachineArn: M, name: 'e', input: '[1]' })
    const { taskToken, input } = await ask('GetActivityTask', { activityArn: A, workerName: 'w' })
    expect(input).toBe('[1]')
    expect(await ask('SendTaskHeartbeat', { taskToken })).toEqual({})
    expect(await ask('SendTaskFailure', { taskToken, error: 'E', cause: 'c' })).toEqual({})
    expect(await ask('DescribeExecution', { executionArn: E })).toMatchObject({ status: 'FAILED', error: 'E', cause: 'c' })
  })
})

describe('TestState', () => {
  const state = JSON.stringify({ Type: 'Pass', InputPath: '$.a', Parameters: { 'x.$': '$.b' }, ResultPath: '$.r', Next: 'n' })
  const input = '{"a":{"b":1}}'

  test('shows the way of the data when it is asked for', async () => {
    const { ask } = await openApi()
    const answer = { status: 'SUCCEEDED', output: '{"a":{"b":1},"r":{"x":1}}', nextState: 'n' }
    expect(await ask('TestState', { definition: state, input })).toEqual(answer)
    expect(await ask('TestState', { definition: state, input, inspectionLevel: 'DEBUG' })).toEqual({
      ...answer,
      inspectionData: {
        input,
        afterInputPath: '{"b":1}',
        afterParameters: '{"x":1}',
        afterResultSelector: '{"x":1}',
        afterResultPath: '{"a":{"b":1},"r":{"x":1}}',
      },
    })
  })

  test('tells error and cause of what failed', async () => {
    const { ask } = await openApi()
    expect(await ask('TestState', { definition: JSON.stringify({ Type: 'Fail', Error: 'E', Cause: 'c' }) })).toEqual({
      status: 'FAILED',
      error: 'E',
      cause: 'c',
    })
  })
})
