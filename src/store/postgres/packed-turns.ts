/** Turns as the arguments of the one statement that commits them: an array for each column. */
import { assert } from '../../base/assert.ts'
import { type ExecutionKey, type Shard, shardOf, type StateMachineKey } from '../../base/ids.ts'

import type { ExecutionPatch, ExecutionRecord, TurnRecord } from '../contract.ts'
import { withPatch } from '../patch.ts'
import { withStoredOutput } from '../repeated-input.ts'
import { arrayOf, BinaryArray, type ElementType } from './binary-array.ts'
import { EXECUTION } from './executions.ts'
import { packEvents, type PackedEvents } from './log.ts'
import type { SqlValue } from './shape.ts'

/** A turn with its events packed. */
export interface PackedTurn {
  readonly key: ExecutionKey
  readonly shard: Shard
  /** As its patch leaves it. */
  readonly create: ExecutionRecord | undefined
  readonly ofMachine: StateMachineKey | undefined
  readonly patch: ExecutionPatch | undefined
  readonly sequence: number
  /** Undefined for executions that keep no log. */
  readonly events: PackedEvents | undefined
  /** About as many characters as it has. */
  readonly size: number
}

export function packTurn({ key, create, ofMachine, patch, input = create?.input, sequence, events }: TurnRecord): PackedTurn {
  assert(!create || sequence === 0, 'the first turn of an execution is the first of its log')
  const packed = events.length === 0 ? undefined : packEvents(events, input)
  return {
    key,
    shard: shardOf(key),
    create: create && withStoredOutput(patch ? withPatch(create, patch) : create, input),
    ofMachine,
    patch: create ? undefined : patch && withStoredOutput(patch, input),
    sequence,
    events: packed,
    size: 500 + (packed?.chunk.length ?? 0) + (create?.input?.length ?? 0),
  }
}

/** Members of a patch, each with its bit in `t_given`: 1, 2, 4 …, in the order of the arguments of functions/commit.ts. */
const PATCH = Object.entries({
  status: 'text',
  startAt: 'int8',
  stopAt: 'int8',
  output: 'text',
  error: 'text',
  cause: 'text',
  wakeAt: 'int8',
  isBusy: 'bool',
  lastEventId: 'int4',
  redriveCount: 'int4',
  redriveAt: 'int8',
} satisfies { readonly [M in keyof ExecutionPatch]-?: ElementType }).map(([member, type], i) => ({ member, type, bit: 1 << i }))

const MACHINES = 5
/** How many arguments the function has that commits. */
export const COMMIT_ARGUMENTS = MACHINES + EXECUTION.marks.split(',').length + 3 + 6 + PATCH.length

/** Creates first; all but the four arguments of the fence. Throws where a value is none for its column. */
export function argumentsOf(creates: readonly PackedTurn[], others: readonly PackedTurn[]): readonly SqlValue[] {
  const machines = new Set(creates.flatMap(({ ofMachine }) => (ofMachine === undefined ? [] : [ofMachine])))
  return [arrayOf('int8', machines), ...createArrays(creates), ...patchArrays(others)]
}

function createArrays(creates: readonly PackedTurn[]): readonly SqlValue[] {
  const rows = EXECUTION.arrays()
  const log = logArrays(sizeOf(creates))
  for (const { create, events } of creates) {
    if (create) EXECUTION.push(rows, create)
    log.push(events)
  }
  return [...rows, ...log.arrays].map((array) => array.toBuffer())
}

function patchArrays(others: readonly PackedTurn[]): readonly SqlValue[] {
  const [keys, sequences, given] = [new BinaryArray('int8'), new BinaryArray('int4'), new BinaryArray('int4')]
  const members = PATCH.map(({ type }) => new BinaryArray(type))
  const log = logArrays(sizeOf(others))
  for (const { key, sequence, patch = {}, events } of others) {
    keys.push(key)
    sequences.push(sequence)
    log.push(events)
    let bits = 0
    PATCH.forEach(({ member, bit }, i) => {
      const value: unknown = Reflect.get(patch, member)
      if (value !== undefined) bits |= bit
      members[i]?.push(value)
    })
    given.push(bits)
  }
  return [keys, sequences, ...log.arrays, given, ...members].map((array) => array.toBuffer())
}

/** Ids of the first and the last event, and the chunk. */
export function logArrays(charsExpected: number) {
  const [first, last, chunks] = [new BinaryArray('int4'), new BinaryArray('int4'), new BinaryArray('text', charsExpected + 4_096)]
  return {
    arrays: [first, last, chunks],
    push(events: PackedEvents | undefined): void {
      first.push(events?.firstId ?? 0)
      last.push(events?.lastId ?? 0)
      chunks.push(events?.chunk)
    },
  }
}

const sizeOf = (turns: readonly PackedTurn[]) => turns.reduce((sum, { size }) => sum + size, 0)
