import { toFrameId } from '../base/ids.ts'
import { asId } from '../base/id-in-test.ts'
import { describe, expect, test } from 'vitest'

import type { Json } from '../base/json.ts'
import { Payload } from '../base/payload.ts'
import { newSeed } from '../base/random.ts'
import { toInstant } from '../base/time.ts'

import { fold } from './apply.ts'
import { run, shown } from './flow-in-test.ts'
import { AWS_LIMITS } from '../base/limits.ts'
import { nextDue } from './state.ts'
import { pendingCommands } from './step.ts'

const task = (name: string, more: Json = {}) => ({
  StartAt: name,
  States: { [name]: { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', ...(more as object), End: true } },
})
const boom = { failure: { error: 'Boom', cause: 'why' }, phase: 'run' } as const
const done = (value: Json) => Payload.ofValue(value)

type Flow = ReturnType<typeof run>

/** The task that was asked for last in a frame. */
function taskOf(flow: Flow, at: number) {
  const frame = toFrameId(at)
  const asked = flow.commands.findLast((command) => command.type === 'RunTask' && command.frame === frame)
  if (asked?.type !== 'RunTask') throw new Error(`no task was asked for in frame ${frame}`)
  return { frame, task: asked.task }
}
const succeed = (flow: Flow, frame: number, value: Json) =>
  flow.send({ type: 'TaskSucceeded', ...taskOf(flow, frame), output: done(value) })
const fail = (flow: Flow, frame: number, at = 0) => flow.send({ type: 'TaskFailed', ...taskOf(flow, frame), ...boom }, at)

describe('a redrive', () => {
  test('schedules the failed task again, within the state that was entered', () => {
    const flow = run(task('T'))
    fail(flow, 0)
    const failedAt = flow.events.length
    flow.send({ type: 'Redrive' })
    succeed(flow, 0, 1)
    expect(flow.types().slice(failedAt)).toEqual([
      'ExecutionRedriven',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ])
    expect(flow.state).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1, error: undefined, cause: undefined })
  })

  test('gives all retries back', () => {
    const flow = run(task('T', { Retry: [{ ErrorEquals: ['Boom'], MaxAttempts: 1, IntervalSeconds: 1 }] }))
    fail(flow, 0)
    flow.send({ type: 'TimerFired' }, 1_000)
    fail(flow, 0)
    expect(flow.state.status).toBe('FAILED')
    flow.send({ type: 'Redrive' }, 2_000)
    fail(flow, 0, 2_000)
    expect(flow.state.status).toBe('RUNNING')
    expect(nextDue(flow.state)).toBe(3_000)
  })

  test('runs only those branches of a Parallel that had not succeeded', () => {
    const flow = run({
      StartAt: 'P',
      States: { P: { Type: 'Parallel', Branches: [task('A'), task('B'), task('C')], End: true } },
    })
    succeed(flow, 1, 'a')
    fail(flow, 2)
    const asked = flow.commands.length
    flow.send({ type: 'Redrive' })
    expect(flow.commands.slice(asked)).toMatchObject([
      { type: 'RunTask', frame: 2 },
      { type: 'RunTask', frame: 3 },
    ])
    succeed(flow, 3, 'c')
    succeed(flow, 2, 'b')
    expect(flow.state.output?.value).toEqual(['a', 'b', 'c'])
  })

  test('runs only those iterations of a Map that had not succeeded, and then the rest', () => {
    const flow = run({ StartAt: 'M', States: { M: { Type: 'Map', MaxConcurrency: 2, ItemProcessor: task('T'), End: true } } }, [
      'x',
      'y',
      'z',
    ])
    succeed(flow, 1, 'X')
    fail(flow, 2)
    flow.send({ type: 'Redrive' })
    succeed(flow, 2, 'Y')
    succeed(flow, 3, 'Z')
    expect(flow.state.output?.value).toEqual(['X', 'Y', 'Z'])
  })

  test('goes on with nested branches', () => {
    const inner = { StartAt: 'I', States: { I: { Type: 'Parallel', Branches: [task('A'), task('B')], End: true } } }
    const flow = run({ StartAt: 'P', States: { P: { Type: 'Parallel', Branches: [inner, task('C')], End: true } } })
    const [, outerTask, a, b] = [...flow.state.frames.keys()].sort((x, y) => x - y).slice(1)
    succeed(flow, a ?? 0, 'a')
    fail(flow, b ?? 0)
    flow.send({ type: 'Redrive' })
    succeed(flow, b ?? 0, 'b')
    succeed(flow, outerTask ?? 0, 'c')
    expect(flow.state.output?.value).toEqual([['a', 'b'], 'c'])
  })

  test('runs a Parallel afresh whose own output failed', () => {
    const flow = run({
      StartAt: 'P',
      States: { P: { Type: 'Parallel', Branches: [task('A')], ResultSelector: { 'x.$': '$[0].no' }, End: true } },
    })
    succeed(flow, 1, {})
    expect(flow.state.status).toBe('FAILED')
    flow.send({ type: 'Redrive' })
    succeed(flow, 2, { no: 1 })
    expect(flow.state.output?.value).toEqual({ x: 1 })
  })

  test('goes on with the Map Run of a distributed Map', () => {
    const processor = { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...task('T') }
    const flow = run({ StartAt: 'M', States: { M: { Type: 'Map', Label: 'L', ItemProcessor: processor, End: true } } }, [1])
    const [start] = flow.commands
    if (start?.type !== 'StartMapRun') throw new Error('a Map Run was asked for')
    const { mapRunArn } = start
    flow.send({ type: 'MapRunFailed', frame: asId(0), mapRunArn, redriveCount: 0, failure: boom.failure })
    flow.send({ type: 'Redrive' })
    expect(flow.commands.at(-1)).toMatchObject({ type: 'RedriveMapRun', mapRunArn, redriveCount: 1 })
    expect(flow.types().at(-1)).toBe('MapRunRedriven')
    const recovered = fold(flow.empty(), flow.events)
    expect(pendingCommands(recovered, toInstant(0), newSeed(), AWS_LIMITS)).toMatchObject([{ type: 'RedriveMapRun' }])
    flow.send({ type: 'MapRunSucceeded', frame: asId(0), mapRunArn, redriveCount: 1, output: done([1]) })
    expect(flow.state).toMatchObject({ status: 'SUCCEEDED' })
  })

  test('is known to the fold over the log', () => {
    const flow = run({ StartAt: 'P', States: { P: { Type: 'Parallel', Branches: [task('A'), task('B')], End: true } } })
    fail(flow, 1)
    flow.send({ type: 'Redrive' })
    expect(shown(fold(flow.empty(), flow.events))).toBe(shown(flow.state))
  })
})
