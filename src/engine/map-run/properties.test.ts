/** What holds of any Map Run and any order of signals, crashes included. */
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { itemsOf, makingOf, requestOf, RunInTest, shown } from './map-run-in-test.ts'
import type { RunAtOnce } from './children.ts'
import type { NewChild } from './command.ts'
import type { ChildEnd } from './event.ts'
import type { MapRunSignalBody } from './signal.ts'
import { isBreakingOff, newMapRunState } from './state.ts'
import { stepMapRun } from './step.ts'
import { concurrencyOf, isIntolerable } from './tolerance.ts'

const RUNS = Number(process.env['REGENTE_PROPERTY_RUNS'] ?? 100)
const SELECTOR = "{% {'v': $states.context.Map.Item.Value, 'r': $random(), 'id': $uuid(), 'now': $millis()} %}"

const limits = fc.record({
  maxConcurrency: fc.constantFrom(0, 1, 2, 5, 30),
  toleratedFailureCount: fc.constantFrom(0, 0, 1, 3),
  toleratedFailurePercentage: fc.constantFrom(0, 0, 20, 100),
})
const setup = fc.record({
  limits,
  items: fc.integer({ min: 0, max: 90 }),
  chunk: fc.integer({ min: 1, max: 40 }),
  batch: fc.option(fc.integer({ min: 1, max: 7 }), { nil: undefined }),
  isExported: fc.boolean(),
  hasSelector: fc.boolean(),
  workMax: fc.constantFrom<number>(1, 1_000, 200_000),
  /** Every so manieth child is to be started, or fails; the others run as they are made. */
  atOnce: fc.option(fc.record({ started: fc.integer({ min: 2, max: 9 }), failed: fc.integer({ min: 2, max: 40 }) }), {
    nil: undefined,
  }),
})
type Setup = typeof setup extends fc.Arbitrary<infer T> ? T : never

const happening = fc.record({
  kind: fc.constantFrom(
    'answer',
    'answer',
    'answer',
    'succeed',
    'succeed',
    'succeed',
    'end',
    'limits',
    'stop',
    'crash',
    'alarm',
    'stray',
  ),
  which: fc.nat(),
  end: fc.constantFrom<ChildEnd>('FAILED', 'TIMED_OUT', 'ABORTED'),
  limits,
})

/** The world's answers, checked after every turn. */
class Checked {
  readonly run: RunInTest
  readonly #again
  readonly #setup: Setup
  #isReadingAsked = false
  #isFinishingAsked = false
  readonly #aborted = new Set<number>()

  constructor(given: Setup) {
    this.#setup = given
    const request = requestOf({
      ...given.limits,
      ...(given.batch !== undefined && { batcher: { maxItemsPerBatch: given.batch } }),
      ...(given.isExported && { writer: { config: {}, resource: 'arn:aws:states:::s3:putObject' } }),
    })
    const { workMax, atOnce } = given
    const runAtOnce =
      atOnce &&
      (({ index }: NewChild): RunAtOnce | undefined =>
        index % atOnce.started === 1 ? undefined : { end: index % atOnce.failed === 1 ? 'FAILED' : 'SUCCEEDED', work: 90 })
    this.run = new RunInTest(request, makingOf(given.hasSelector ? SELECTOR : undefined, { workMax, runAtOnce }))
    this.#again = this.run.folded()
    this.send({ type: 'Resume' })
  }

  send(body: MapRunSignalBody): void {
    const { run } = this
    let signal = body
    for (let turns = 0; ; turns++) {
      expect(turns, 'turns end').toBeLessThan(1_000)
      const was = { isOff: isBreakingOff(run.state), room: concurrencyOf(run.state.limits) - run.state.running.size }
      const timed = { ...signal, at: run.tick() }
      const turn = stepMapRun(run.state, timed, run.making)
      const { events, children, childEvents, commands, isUnfinished } = turn
      const same = stepMapRun(this.#again, timed, run.making)
      expect({ ...same, children: [...same.children] }).toEqual({ ...turn, children: [...children] })
      run.keep(turn)
      expect(shown(run.folded())).toEqual(shown(run.state))
      const started = childEvents.flatMap((event) => (event.type === 'ChildrenStarted' ? event.children : []))
      if (was.isOff) expect([...started, ...children]).toEqual([])
      const ended = childEvents.flatMap((event) => (event.type === 'ChildEnded' ? event.child : []))
      const running = started.filter(({ child }) => !ended.includes(child))
      if (signal.type !== 'LimitsChanged') expect(running.length).toBeLessThanOrEqual(Math.max(0, was.room) + 1)
      const commanded = commands.flatMap((command) => (command.type === 'StartChildren' ? command.children : []))
      if (signal.type !== 'Resume') expect(commanded).toEqual(running.map(({ child }) => child))
      if (events.some(({ type }) => type === 'Ended')) expect(run.state.running.size).toBe(0)
      this.#note()
      this.#checkRows()
      if (!isUnfinished) return
      signal = { type: 'Continue' }
    }
  }

  #note(): void {
    for (const command of this.run.take()) {
      if (command.type === 'ReadItems') {
        expect(this.#isReadingAsked, 'one read at a time').toBe(false)
        this.#isReadingAsked = true
      }
      if (command.type === 'WriteResults' || command.type === 'JoinOutputs') {
        expect(this.#isFinishingAsked, 'results are asked for once').toBe(false)
        this.#isFinishingAsked = true
      }
      if (command.type === 'AbortChildren') for (const child of this.run.state.running.keys()) this.#aborted.add(child)
    }
  }

  /** Each item is in one child, in order; the counts are those of the rows. */
  #checkRows(): void {
    const { rows, state } = this.run
    let next = 0
    for (const [child, { items }] of [...rows].sort(([a], [b]) => a - b)) {
      expect(child).toBe(next)
      next += items
    }
    expect(state.itemsRead).toBe(next)
    const { endedItems, failedItems } = this.run.childRows()
    expect({ endedItems: state.endedItems, failedItems: state.failedItems }).toEqual({ endedItems, failedItems })
  }

  /** The next items, or that there are none. */
  answerReader(): boolean {
    if (!this.#isReadingAsked) return false
    this.#isReadingAsked = false
    const { itemsRead, inHand } = this.run.state
    const from = itemsRead + (inHand.batch?.size ?? 0)
    const items = itemsOf(Array.from({ length: this.#setup.items }, (_, i) => i)).slice(from, from + this.#setup.chunk)
    this.send(items.length > 0 ? { type: 'ItemsRead', items } : { type: 'ReadingDone' })
    return true
  }

  answerResults(): boolean {
    if (!this.#isFinishingAsked) return false
    this.#isFinishingAsked = false
    this.send(
      this.#setup.isExported ? { type: 'ResultsWritten', output: '{}', items: 1 } : { type: 'OutputsJoined', output: '[]' },
    )
    return true
  }

  endChild(which: number, end: ChildEnd): boolean {
    const running = [...this.run.state.running.keys()]
    const child = running[which % Math.max(1, running.length)]
    if (child === undefined) return false
    this.send({ type: 'ChildEnded', child, end: this.#aborted.has(child) ? 'ABORTED' : end })
    return true
  }

  /** Another process takes the run up. */
  crash(): void {
    this.#isReadingAsked = false
    this.#isFinishingAsked = false
    this.run.state = this.run.folded()
    Object.assign(this.#again, newMapRunState(this.run.request, this.run.state.startAt), this.run.folded())
    this.send({ type: 'Resume' })
  }
}

test('any Map Run, any order of signals, any crash', () => {
  fc.assert(
    fc.property(setup, fc.array(happening, { maxLength: 60 }), (given, happenings) => {
      const world = new Checked(given)
      for (const { kind, which, end, limits: changed } of happenings) {
        if (kind === 'answer') world.answerReader() || world.answerResults()
        if (kind === 'succeed') world.endChild(which, 'SUCCEEDED')
        if (kind === 'end') world.endChild(which, end)
        if (kind === 'limits') world.send({ type: 'LimitsChanged', limits: changed })
        if (kind === 'stop' && which % 5 === 0) world.send({ type: 'Stop' })
        if (kind === 'crash') world.crash()
        if (kind === 'alarm') world.send({ type: 'AbortDue' })
        // Nobody runs it: told by a process that is gone.
        if (kind === 'stray') world.send({ type: 'ChildEnded', child: 1_000_000, end: 'FAILED' })
      }
      // Whatever happened, it comes to an end.
      while (world.answerReader() || world.endChild(0, 'SUCCEEDED') || world.answerResults());
      const { state, log, rows } = world.run
      expect(state.status).not.toBe('RUNNING')
      expect(log.filter(({ type }) => type === 'Ended')).toHaveLength(1)
      if (state.isStopped) expect(state.status).toBe('ABORTED')
      if (state.status === 'FAILED') expect(state.broken).toBeDefined()
      if (state.status !== 'SUCCEEDED') return
      expect(state.itemsRead).toBe(given.items)
      expect(state.endedItems).toBe(given.items)
      expect(isIntolerable(state.limits, state.failedItems, state.itemsRead)).toBe(false)
      // However it was cut, batched and interrupted, the children are those of a run without a break.
      expect([...rows.values()].map(({ input }) => input)).toEqual(inputsOfQuiet(given))
    }),
    { numRuns: RUNS, seed: 20_261_129 },
  )
}, 60_000)

function inputsOfQuiet(given: Setup): string[] {
  const world = new Checked({
    ...given,
    limits: { ...given.limits, toleratedFailureCount: 0, toleratedFailurePercentage: 100 },
    chunk: 1_000,
    workMax: 1e9,
  })
  while (world.answerReader());
  return [...world.run.rows.values()].map(({ input }) => input)
}
