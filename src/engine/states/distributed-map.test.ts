import { describe, expect, test } from 'vitest'

import { asId } from '../../base/id-in-test.ts'
import { ROOT_FRAME } from '../../base/ids.ts'
import { AWS_LIMITS } from '../../base/limits.ts'
import type { Json } from '../../base/json.ts'
import { Payload } from '../../base/payload.ts'
import { newSeed } from '../../base/random.ts'
import { toInstant } from '../../base/time.ts'

import type { Command, MapRunStart } from '../command.ts'
import { machine, play, PUBLISH } from '../testing/play.ts'
import { pendingCommands } from '../step.ts'

type Play = ReturnType<typeof play>
const mapOf = (more: object = {}) => ({
  Type: 'Map',
  Label: 'items',
  ItemProcessor: {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
    StartAt: 'T',
    States: { T: { ...PUBLISH, End: true } },
  },
  ...more,
})
const distributed = (more: object = {}, input: Json = [1, 2, 3]) => play(machine({ M: { ...mapOf(more), End: true } }), input)
const startOf = ({ commands }: Pick<Play, 'commands'>) => {
  const start = commands.find((command): command is Extract<Command, { type: 'StartMapRun' }> => command.type === 'StartMapRun')
  if (!start) throw new Error('no Map Run was asked for')
  return start
}
const place = "An error occurred while executing the state 'M' (entered at the event id #2). "
const runOf = (flow: Play) => ({ frame: ROOT_FRAME, mapRunArn: flow.last('MapRunStarted').mapRunArn, redriveCount: 0 })

describe('a Map Run', () => {
  test('is asked for with what the state says, and told with its ARN', () => {
    const flow = distributed({ MaxConcurrency: 7, ToleratedFailureCount: 2, ToleratedFailurePercentage: 12.5 })
    const start = startOf(flow)
    expect(start.mapRunArn).toMatch(/^arn:aws:states:us-east-1:000000000000:mapRun:m\/items:[0-9a-f-]{36}$/)
    expect(flow.last('MapRunStarted').mapRunArn).toBe(start.mapRunArn)
    expect(start).toMatchObject({
      frame: 0,
      mapState: 'M',
      label: 'items',
      executionType: 'EXPRESS',
      items: [1, 2, 3],
      maxConcurrency: 7,
      toleratedFailureCount: 2,
      toleratedFailurePercentage: 12.5,
    })
    expect(flow.last('MapStateStarted').length).toBe(3)
  })

  test('tolerates nothing, and runs as many as it may, where nothing is said', () => {
    expect(startOf(distributed())).toMatchObject({ maxConcurrency: 0, toleratedFailureCount: 0, toleratedFailurePercentage: 0 })
  })

  test('has the members of an object for items too', () => {
    const flow = distributed({}, { a: 1, b: 2 })
    expect(startOf(flow).items).toEqual({ a: 1, b: 2 })
    expect(flow.last('MapStateStarted').length).toBe(2)
  })

  test('sees what its state sees: input, context, and the variables of all frames around', () => {
    const flow = play(
      machine({
        A: { Type: 'Pass', QueryLanguage: 'JSONata', Assign: { outer: 1 }, Next: 'P' },
        P: {
          Type: 'Parallel',
          Branches: [
            machine({
              B: { Type: 'Pass', QueryLanguage: 'JSONata', Assign: { inner: 2 }, Next: 'M' },
              M: { ...mapOf(), End: true },
            }),
          ],
          End: true,
        },
      }),
      [5],
    )
    expect(startOf(flow)).toMatchObject({ input: [5], variables: { outer: 1, inner: 2 }, context: { State: { Name: 'M' } } })
  })

  test('is read and written as its fields say, which are evaluated', () => {
    const flow = distributed(
      {
        ItemReader: {
          Resource: 'arn:aws:states:::s3:getObject',
          ReaderConfig: { InputType: 'JSON', MaxItemsPath: '$.most' },
          Parameters: { 'Bucket.$': '$.bucket', Key: 'k' },
        },
        ItemBatcher: { MaxItemsPerBatchPath: '$.per', BatchInput: { 'b.$': '$.bucket' } },
        ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { 'Bucket.$': '$.bucket', Prefix: 'p' } },
      },
      { bucket: 'box', most: 9, per: 4 },
    )
    const start: MapRunStart = startOf(flow)
    expect(start).toMatchObject({
      reader: { resource: 'arn:aws:states:::s3:getObject', parameters: { Bucket: 'box', Key: 'k' }, maxItems: 9 },
      batcher: { maxItemsPerBatch: 4, batchInput: { b: 'box' } },
      writer: { resource: 'arn:aws:states:::s3:putObject', parameters: { Bucket: 'box', Prefix: 'p' } },
    })
    expect(start).not.toHaveProperty('items')
    expect(flow.last('MapStateStarted').length).toBe(0)
  })

  test.each<[object, Json, string]>([
    [{}, 'text', 'Reference path "$" must point to array.'],
    [{ ItemsPath: '$.a' }, { a: 1 }, 'Reference path "$.a" must point to array.'],
    [{ ItemsPath: '$.i', ToleratedFailureCountPath: '$.n' }, { i: [], n: -1 }, 'ToleratedFailureCount cannot be negative.'],
    [
      { ItemsPath: '$.i', ToleratedFailureCountPath: '$.n' },
      { i: [], n: 'x' },
      'The ToleratedFailureCountPath field refers to value "x" which is not a valid integer: $.n',
    ],
    [
      { ItemsPath: '$.i', ToleratedFailurePercentagePath: '$.n' },
      { i: [], n: 101 },
      'ToleratedFailurePercentage must be between 0 and 100.',
    ],
    [
      { ItemsPath: '$.i', ToleratedFailurePercentagePath: '$.n' },
      { i: [], n: -1 },
      'ToleratedFailurePercentage must be between 0 and 100.',
    ],
    [
      { ItemsPath: '$.i', ToleratedFailurePercentagePath: '$.n' },
      { i: [], n: '5' },
      'The ToleratedFailurePercentagePath field refers to value "5" which is not a valid float: $.n',
    ],
  ])('that cannot be begun by %j of %j fails the execution', (fields, input, cause) => {
    const flow = distributed(fields, input)
    expect(flow.end()).toEqual({ status: 'FAILED', error: 'States.Runtime', cause: place + cause })
    expect(flow.commands).toEqual([])
  })
})

describe('the end of a Map Run', () => {
  test('is the result of the state', () => {
    const flow = distributed({ ResultPath: '$.r', ItemsPath: '$.i' }, { i: [1] })
    flow.send({ type: 'MapRunSucceeded', ...runOf(flow), output: Payload.ofValue([7]) })
    expect(flow.output()).toEqual({ i: [1], r: [7] })
    expect(flow.types().slice(-4)).toEqual(['MapRunSucceeded', 'MapStateSucceeded', 'MapStateExited', 'ExecutionSucceeded'])
    expect(flow.last('StateExited').previousEventId, 'past both, to the start of the run').toBe(flow.last('MapRunStarted').id)
  })

  test('of failure is the failure of the state', () => {
    const flow = distributed()
    const failure = { error: 'States.ExceedToleratedFailureThreshold', cause: 'why' }
    flow.send({ type: 'MapRunFailed', ...runOf(flow), failure })
    expect(flow.end()).toEqual({ status: 'FAILED', ...failure })
    expect(flow.last('MapRunFailed')).toMatchObject(failure)
  })

  test('by an abort fails the state too', () => {
    const flow = distributed()
    flow.send({ type: 'MapRunAborted', ...runOf(flow) })
    expect(flow.end()).toEqual({ status: 'FAILED', error: 'States.TaskFailed', cause: 'The Map Run was aborted.' })
  })

  test('of another run, or told twice, changes nothing', () => {
    const flow = distributed({ Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1 }] })
    const before = flow.events.length
    flow.send({ type: 'MapRunSucceeded', ...runOf(flow), mapRunArn: asId('arn:another'), output: Payload.ofValue(1) })
    flow.send({ type: 'MapRunFailed', ...runOf(flow), frame: asId(1), failure: {} })
    expect(flow.events.length).toBe(before)
    const failure = { error: 'E' }
    flow.send({ type: 'MapRunFailed', ...runOf(flow), failure })
    const failed = flow.events.length
    flow.send({ type: 'MapRunFailed', ...runOf(flow), failure })
    expect(flow.events.length).toBe(failed)
  })

  test('that is tried again is a run of its own', () => {
    const flow = distributed({ Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1 }] })
    const first = runOf(flow)
    flow.send({ type: 'MapRunFailed', ...first, failure: { error: 'E' } })
    flow.pass(1)
    expect(runOf(flow).mapRunArn).not.toBe(first.mapRunArn)
    flow.send({ type: 'MapRunSucceeded', ...first, output: Payload.ofValue('late') })
    expect(flow.state.status).toBe('RUNNING')
    flow.send({ type: 'MapRunSucceeded', ...runOf(flow), output: Payload.ofValue('good') })
    expect(flow.output()).toBe('good')
  })
})

test('an end from before a redrive is not the end of what was redriven', () => {
  const flow = distributed()
  flow.send({ type: 'Stop', failure: {} })
  flow.send({ type: 'Redrive' })
  flow.send({ type: 'MapRunAborted', ...runOf(flow) })
  expect(flow.state.status).toBe('RUNNING')
  flow.send({ type: 'MapRunSucceeded', ...runOf(flow), redriveCount: 1, output: Payload.ofValue('good') })
  expect(flow.output()).toBe('good')
})

test('a stop asks that the run stops, and a redrive that it goes on', () => {
  const flow = distributed()
  const { mapRunArn } = runOf(flow)
  flow.send({ type: 'MapRunFailed', ...runOf(flow), failure: { error: 'E' } })
  flow.send({ type: 'Redrive' })
  expect(flow.last('MapRunRedriven')).toMatchObject({ mapRunArn, redriveCount: 1 })
  expect(flow.commands.at(-1)).toMatchObject({ type: 'RedriveMapRun', mapRunArn, redriveCount: 1, items: [1, 2, 3] })
  const branch = play(machine({ M: { ...mapOf(), End: true } }), [1])
  const run = runOf(branch)
  branch.send({ type: 'Stop', failure: {} })
  expect(branch.commands.at(-1)).toMatchObject({ type: 'StopMapRun', mapRunArn: run.mapRunArn })
})

test('whoever takes the execution up asks for the same run again', () => {
  const flow = distributed({ MaxConcurrency: 3 })
  const pending = () => pendingCommands(flow.state, toInstant(0), newSeed(), AWS_LIMITS)
  expect(pending()).toEqual([startOf(flow)])
  flow.send({ type: 'MapRunFailed', ...runOf(flow), failure: { error: 'E' } })
  expect(pending()).toEqual([])
  flow.send({ type: 'Redrive' })
  expect(pending()).toEqual([flow.commands.at(-1)])
})
