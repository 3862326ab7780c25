import { describe, expect, test } from 'vitest'

import { inputsOf, itemsOf, makingOf, requestOf, RunInTest } from './map-run-in-test.ts'
import type { NewChild } from './command.ts'
import { redriveMapRun } from './step.ts'

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)
const types = (run: RunInTest) => run.take().map(({ type }) => type)
const succeed = () => ({ end: 'SUCCEEDED', work: 1 }) as const
const WRITER = { config: {}, resource: 'arn:aws:states:::s3:putObject' }

/** A run that was given `count` items; all are known unless `isMoreToCome`. */
function begun(count: number, over: Parameters<typeof requestOf>[0] = {}, isMoreToCome = false): RunInTest {
  const run = new RunInTest(requestOf(over))
  run.send({ type: 'Resume' })
  run.send({ type: 'ItemsRead', items: itemsOf(numbers(count)) })
  if (!isMoreToCome) run.send({ type: 'ReadingDone' })
  return run
}

describe('reading', () => {
  test('is asked for once at a time, and from where the children end', () => {
    const run = new RunInTest()
    run.send({ type: 'Resume' })
    expect(run.take()).toEqual([{ type: 'ReadItems', from: 0 }])
    run.send({ type: 'LimitsChanged', limits: { maxConcurrency: 1 } })
    expect(run.take()).toEqual([])
    run.send({ type: 'ItemsRead', items: itemsOf(numbers(5)) })
    expect(run.take()).toContainEqual({ type: 'ReadItems', from: 5 })
  })

  test('stops while 2,000 children wait, and goes on when fewer do', () => {
    const run = new RunInTest(requestOf({ maxConcurrency: 1 }))
    run.send({ type: 'Resume' })
    run.send({ type: 'ItemsRead', items: itemsOf(numbers(2_001)) })
    expect(run.take().filter(({ type }) => type === 'ReadItems')).toHaveLength(1)
    run.send({ type: 'ChildEnded', child: 0, end: 'SUCCEEDED' })
    expect(types(run)).toEqual(['StartChildren', 'ReadItems'])
  })

  test('an item that fails takes those of its turn with it, and ends the run when its children are over', () => {
    const run = new RunInTest(requestOf(), makingOf("{% $states.context.Map.Item.Value = 3 ? $error('no') : 1 %}"))
    run.send({ type: 'Resume' })
    run.send({ type: 'ItemsRead', items: itemsOf(numbers(2)) })
    run.send({ type: 'ItemsRead', items: itemsOf([2, 3], 2) })
    expect(run.rows.size).toBe(2)
    expect(run.state.status).toBe('RUNNING')
    expect(types(run)).toContain('AbortChildren')
    run.send({ type: 'ChildEnded', child: 0, end: 'ABORTED' })
    run.send({ type: 'ChildEnded', child: 1, end: 'ABORTED' })
    expect(run.state).toMatchObject({ status: 'FAILED', end: { failure: { error: 'States.QueryEvaluationError' } } })
  })

  test('a turn that has worked enough leaves items for the next one', () => {
    const run = new RunInTest(requestOf(), makingOf(undefined, { workMax: 450 }))
    run.send({ type: 'Resume' })
    const turns = run.send({ type: 'ItemsRead', items: itemsOf(numbers(7)) })
    expect(turns.map(({ children }) => children.length)).toEqual([3, 3, 1])
    expect(turns.flatMap(({ children }) => inputsOf(children))).toEqual(numbers(7))
  })
})

describe('children', () => {
  test('start 20 a turn, and no more than may run', () => {
    const run = new RunInTest(requestOf({ maxConcurrency: 50 }))
    run.send({ type: 'Resume' })
    run.send({ type: 'ItemsRead', items: itemsOf(numbers(60)) })
    const started = run.take().flatMap((command) => (command.type === 'StartChildren' ? [command.children.length] : []))
    expect(started).toEqual([20, 20, 10])
  })

  test('have names that follow from the seed and the item, so that items that are read again make the same ones', () => {
    const childrenOf = (from: number) => {
      const run = new RunInTest(requestOf({ executionType: 'EXPRESS' }))
      return run.send({ type: 'ItemsRead', items: itemsOf([7, 8], from) }).flatMap(({ children }) => children)
    }
    expect(childrenOf(4)).toEqual(childrenOf(4))
    const children = [...childrenOf(0), ...childrenOf(2)]
    expect(children).toHaveLength(4)
    const arns = children.map(({ arn }) => arn)
    expect(new Set(arns).size).toBe(4)
    for (const arn of arns) expect(arn).toMatch(/^arn:aws:states:us-east-1:1:express:M\/Each:[\da-f-]{36}:[\da-f-]{36}$/)
  })

  test('run as they are made where they ask nothing of the world: there is nothing to start, and nobody to wait for', () => {
    const run = new RunInTest(requestOf({ maxConcurrency: 1 }), makingOf(undefined, { runAtOnce: succeed }))
    run.send({ type: 'Resume' })
    run.send({ type: 'ItemsRead', items: itemsOf(numbers(50)) })
    expect(types(run)).toEqual(['ReadItems', 'ReadItems'])
    expect(run.state).toMatchObject({ itemsRead: 50, endedItems: 50 })
    expect(run.log.map(({ type }) => type)).toEqual(['Begun', 'ChildrenMade'])
    run.send({ type: 'ReadingDone' })
    expect(types(run)).toEqual(['JoinOutputs'])
  })

  test('wait behind one that has to be started, and while as many run as may', () => {
    const runAtOnce = (child: NewChild) => (child.index === 3 ? undefined : succeed())
    const run = new RunInTest(requestOf({ maxConcurrency: 1 }), makingOf(undefined, { runAtOnce }))
    run.send({ type: 'Resume' })
    run.send({ type: 'ItemsRead', items: itemsOf(numbers(6)) })
    expect(run.take()).toContainEqual({ type: 'StartChildren', children: [3] })
    expect([...run.rows.values()].map(({ status }) => status)).toEqual([
      ...(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED', 'RUNNING', 'PENDING', 'PENDING'] as const),
    ])
    run.send({ type: 'ChildEnded', child: 3, end: 'SUCCEEDED' })
    expect(run.take()).toContainEqual({ type: 'StartChildren', children: [4] })
  })

  test('that fail as they are made break the run off there and then', () => {
    const runAtOnce = ({ index }: NewChild) => ({ end: index >= 4 ? 'FAILED' : 'SUCCEEDED', work: 1 }) as const
    const run = new RunInTest(requestOf({ toleratedFailureCount: 1 }), makingOf(undefined, { runAtOnce }))
    run.send({ type: 'Resume' })
    run.send({ type: 'ItemsRead', items: itemsOf(numbers(40)) })
    expect(run.childRows()).toMatchObject({ endedItems: 6, failedItems: 2 })
    expect(run.log.map(({ type }) => type)).toEqual(['Begun', 'ChildrenMade', 'Broken', 'Ended'])
    expect(run.state).toMatchObject({ status: 'FAILED', itemsRead: run.rows.size })
  })

  test('that run as they are made share the work of a turn', () => {
    const runAtOnce = () => ({ end: 'SUCCEEDED', work: 1_000 }) as const
    const run = new RunInTest(requestOf(), makingOf(undefined, { runAtOnce, workMax: 5_000 }))
    run.send({ type: 'Resume' })
    const turns = run.send({ type: 'ItemsRead', items: itemsOf(numbers(100)) })
    for (const { work } of turns) expect(work).toBeLessThan(7_000)
    expect(run.state.itemsRead).toBe(100)
  })

  test('the end of one that does not run changes nothing', () => {
    const run = begun(1)
    run.take()
    run.send({ type: 'ChildEnded', child: 5, end: 'FAILED' })
    expect(run.state).toMatchObject({ failedItems: 0, status: 'RUNNING' })
  })
})

describe('breaking off', () => {
  test('too many failures abort what runs, start nothing more and end the run as FAILED', () => {
    const run = begun(10, { maxConcurrency: 2 })
    run.take()
    run.send({ type: 'ChildEnded', child: 0, end: 'FAILED' })
    expect(types(run)).toEqual(['StopReading', 'AbortChildren'])
    run.send({ type: 'AbortDue' })
    expect(types(run)).toEqual(['AbortChildren'])
    run.send({ type: 'ChildEnded', child: 1, end: 'ABORTED' })
    expect(run.state.end).toMatchObject({ status: 'FAILED', failure: { error: 'States.ExceedToleratedFailureThreshold' } })
    run.send({ type: 'AbortDue' })
    expect(types(run)).toEqual(['TellParent'])
  })

  test('is final: limits that are raised afterwards do not undo it', () => {
    const run = begun(3, { maxConcurrency: 2 })
    run.send({ type: 'ChildEnded', child: 0, end: 'FAILED' })
    run.send({ type: 'LimitsChanged', limits: { toleratedFailureCount: 3 } })
    run.send({ type: 'ChildEnded', child: 1, end: 'ABORTED' })
    expect(run.state.status).toBe('FAILED')
  })

  test('by a stop aborts the run, whatever becomes of its results', () => {
    const run = begun(2, { writer: WRITER })
    run.send({ type: 'ChildEnded', child: 0, end: 'SUCCEEDED' })
    run.send({ type: 'ChildEnded', child: 1, end: 'SUCCEEDED' })
    expect(types(run)).toContain('WriteResults')
    run.send({ type: 'Stop' })
    run.send({ type: 'ResultsWritten', output: '{}', items: 2 })
    expect(run.state).toMatchObject({ status: 'ABORTED', resultsWritten: 2 })
  })

  test('children that ran when a process ended are aborted by the next one', () => {
    const run = begun(4, { maxConcurrency: 2 })
    run.send({ type: 'Stop' })
    run.state = run.folded()
    run.take()
    run.send({ type: 'Resume' })
    expect(run.take()).toEqual([{ type: 'StartChildren', children: [0, 1] }, { type: 'AbortChildren' }])
    expect(run.state.status).toBe('RUNNING')
  })
})

describe('the end', () => {
  test('is told again to a parent that asks', () => {
    const run = begun(0)
    run.send({ type: 'OutputsJoined', output: '[]' })
    run.take()
    run.state = run.folded()
    run.send({ type: 'Resume' })
    expect(run.take()).toEqual([{ type: 'TellParent', end: { status: 'SUCCEEDED', output: '[]' } }])
  })

  test('results that cannot be written fail the run', () => {
    const run = begun(0, { writer: WRITER })
    run.send({ type: 'ResultsFailed', failure: { error: 'States.ResultWriterFailed', cause: 'no bucket' } })
    expect(run.state.end).toMatchObject({ status: 'FAILED', failure: { error: 'States.ResultWriterFailed' } })
  })

  test('limits are refused after it', () => {
    const run = begun(0)
    run.send({ type: 'OutputsJoined', output: '[]' })
    const [turn] = run.send({ type: 'LimitsChanged', limits: { maxConcurrency: 5 } })
    expect(turn?.events).toEqual([])
  })

  test('a redrive opens the run once', () => {
    const run = begun(2, { maxConcurrency: 1 })
    run.send({ type: 'ChildEnded', child: 0, end: 'FAILED' })
    expect(run.state.status).toBe('FAILED')
    run.tell(...redriveMapRun(run.state, run.tick(), 1))
    expect(run.state).toMatchObject({ status: 'RUNNING', redriveCount: 1, broken: undefined, end: undefined })
    expect(redriveMapRun(run.state, run.tick(), 1)).toEqual([])
    // As the store reopens it.
    run.row(0).status = 'PENDING'
    run.state = run.folded()
    run.take()
    run.send({ type: 'Resume' })
    expect(run.take()).toEqual([{ type: 'StartChildren', children: [0] }])
    expect(redriveMapRun(run.state, run.tick(), 1)).toEqual([])
  })
})

describe('a run that was made before there was a log', () => {
  const before = {
    limits: { maxConcurrency: 3, toleratedFailureCount: 1, toleratedFailurePercentage: 0 },
    itemsRead: 4,
    isReadingDone: false,
    resultsWritten: 0,
    redriveCount: 0,
    isOver: false,
  }

  test('goes on from where its row says', () => {
    const run = new RunInTest(requestOf(), makingOf(), before)
    run.rows.set(0, { items: 4, input: '0', status: 'SUCCEEDED' })
    run.state = run.folded()
    run.send({ type: 'Resume' })
    expect(run.take()).toEqual([{ type: 'ReadItems', from: 4 }])
    expect(run.state).toMatchObject({ endedItems: 4, limits: before.limits })
  })

  test('stops when it was stopping, and tells its end when it is over', () => {
    const stopping = new RunInTest(requestOf(), makingOf(), { ...before, end: { status: 'ABORTED' } })
    stopping.send({ type: 'Resume' })
    expect(stopping.state.status).toBe('ABORTED')
    const over = new RunInTest(requestOf(), makingOf(), { ...before, isOver: true, end: { status: 'SUCCEEDED', output: '1' } })
    over.send({ type: 'Resume' })
    expect(over.take()).toEqual([{ type: 'TellParent', end: { status: 'SUCCEEDED', output: '1' } }])
  })
})
