/**
 * Runs the cases through the driver, and keeps the signals and events of every execution. With RECORD=1 they are written as
 * the logs of today's version of the engine.
 */
import { beforeEach, describe, expect, test, vi } from 'vitest'

import type { EngineEvent } from '../../src/engine/event.ts'
import type { Signal } from '../../src/engine/signal.ts'
import type { ExecutionState } from '../../src/engine/state.ts'
import { ENGINE_VERSION } from '../../src/engine/version.ts'

import { CASES } from './cases.ts'
import { type Expected, type Recorded, tellOf, writeRecorded } from './recorded.ts'
import { replay } from './replay.ts'
import { Stage } from './stage.ts'

interface Taken {
  readonly signal: Signal
  readonly events: readonly EngineEvent[]
  readonly told: Expected
}

const turns = vi.hoisted(() => ({ of: new Map<ExecutionState['identity'], Taken[]>() }))

vi.mock(import('../../src/engine/step.ts'), async (original) => {
  const machine = await original()
  return {
    ...machine,
    step(state, signal, ...more) {
      const taken = machine.step(state, signal, ...more)
      const before = [...turns.of.keys()].find(({ executionArn }) => executionArn === state.identity.executionArn)
      const of = turns.of.get(before ?? state.identity) ?? []
      turns.of.set(before ?? state.identity, of)
      if (taken.events.length > 0)
        of.push({ signal, events: taken.events, told: { events: taken.events.length, ...tellOf(state) } })
      return taken
    },
  }
})

beforeEach(() => turns.of.clear())

describe.each(Object.entries(CASES))('%s', (name, { definition, play }) => {
  test('every turn that the driver takes can be taken again from its log', async () => {
    const stage = new Stage()
    await stage.open(definition)
    await play(stage)
    const recorded = [...turns.of].map(([identity, taken]) => recordedOf(JSON.stringify(definition), identity, taken))
    expect(recorded.length).toBeGreaterThan(0)
    for (const [index, execution] of recorded.entries()) {
      expect(replay(execution).told).toEqual(execution.expected)
      expect(replay(execution).events).toEqual(execution.log)
      if (process.env['RECORD'] !== undefined)
        writeRecorded(`${ENGINE_VERSION}/${name}${index > 0 ? `-${index}` : ''}`, execution)
    }
  })
})

function recordedOf(definition: string, identity: ExecutionState['identity'], taken: readonly Taken[]): Recorded {
  const log = taken.flatMap(({ events }) => events)
  const first = log[0]
  if (first?.type !== 'ExecutionStarted') throw new Error('a log begins with its start')
  return {
    definition,
    identity,
    input: first.input.text,
    startAt: first.at,
    log,
    signals: taken.map(({ signal }) => signal),
    expected: taken.map(({ told }) => told),
  }
}
