/**
 * The writer thread: the one connection that writes. Takes a batch of orders, carries them out in one transaction (one
 * fsync), and answers them all. When one of them throws, nothing of the batch is kept and each is carried out alone, so
 * that it fails alone.
 */
import { parentPort, workerData } from 'node:worker_threads'

import { assert, assertNever } from '../../base/assert.ts'
import type { ExecutionKey, StateMachineKey } from '../../base/ids.ts'
import { isObject } from '../../base/json.ts'

import { returnMemoryWhenIdle } from '../../idle-memory.ts'
import { SQLITE_CONSTRAINT, SQLITE_TOOBIG, SqliteError } from '../../sqlite/error.ts'

import type { ExecutionPatch, ExecutionRecord, TurnOutcome } from '../contract.ts'
import { MIGRATIONS } from './migrations.ts'
import { openWriter } from './open.ts'
import { allWrites, type Writes } from './writes.ts'

/** A turn as it crosses to the thread: its events are packed already. */
export interface PackedTurn {
  readonly kind: 'turn'
  readonly key: ExecutionKey
  readonly create: ExecutionRecord | undefined
  readonly ofMachine: StateMachineKey | undefined
  readonly patch: ExecutionPatch | undefined
  readonly sequence: number
  readonly firstId: number
  readonly lastId: number
  /** Undefined for executions that keep no log. */
  readonly chunk: string | undefined
}

/** Any other write, by its name in writes.ts. */
export interface Call {
  readonly kind: 'call'
  readonly name: keyof Writes
  readonly parameters: readonly unknown[]
}

/** Writes what changes nothing: whether the disk takes it is the answer. */
export interface Probe {
  readonly kind: 'probe'
}

export type Order = PackedTurn | Call | Probe
/** `isStore`: the file or its disk failed, whatever the order was. */
export type Answer = { readonly ok: unknown } | { readonly error: string; readonly isStore: boolean }

if (parentPort) run(parentPort, fileOf(workerData))

function fileOf(given: unknown): string {
  assert(isObject(given) && typeof given['file'] === 'string', 'the writer is told its file')
  return given['file']
}

function run(port: NonNullable<typeof parentPort>, file: string): void {
  const database = openWriter(file)
  // Also where an error that nobody caught ends the thread.
  process.once('exit', () => {
    if (database.isOpen) database.close()
  })
  const writes = allWrites(database)

  const commitTurn = ({ key, create, ofMachine, patch, sequence, firstId, lastId, chunk }: PackedTurn): TurnOutcome => {
    if (ofMachine !== undefined && !writes.isActive(ofMachine)) return 'machine-gone'
    if (create && !writes.insertExecution(create)) return 'name-taken'
    if (!create && !writes.hasExecution(key)) return 'stale'
    if (chunk !== undefined && !writes.appendTurn(key, sequence, firstId, lastId, chunk)) return 'stale'
    if (patch) writes.patchExecution(key, patch)
    return 'committed'
  }

  const carryOut = (order: Order): unknown => {
    switch (order.kind) {
      case 'turn':
        return commitTurn(order)
      case 'probe':
        return database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`)
      case 'call':
        return Reflect.apply(writes[order.name], undefined, order.parameters)
      default:
        return assertNever(order, 'order')
    }
  }

  /** All of them, or none. */
  const commit = (orders: readonly Order[]): readonly Answer[] =>
    database.transaction(() => orders.map((order) => ({ ok: carryOut(order) })))

  const commitAlone = (order: Order): Answer => {
    try {
      return commit([order])[0] ?? { error: 'no answer', isStore: false }
    } catch (error) {
      return failureOf(error)
    }
  }

  const commitAll = (orders: readonly Order[]): readonly Answer[] => {
    try {
      return commit(orders)
    } catch (error) {
      const failed = failureOf(error)
      // What fails the file fails them all; there is no use in trying each.
      return failed.isStore || orders.length === 1 ? orders.map(() => failed) : orders.map(commitAlone)
    }
  }

  port.on('message', (orders: readonly Order[] | 'close') => {
    if (orders === 'close') {
      database.close()
      port.close()
    } else port.postMessage(commitAll(orders))
  })
  port.postMessage('ready')
  returnMemoryWhenIdle()
}

/** Of the errors of SQLite only these two are about what was asked: a broken constraint, and a value too large. */
function failureOf(error: unknown): Extract<Answer, { error: string }> {
  const isStore = error instanceof SqliteError && error.resultCode !== SQLITE_CONSTRAINT && error.resultCode !== SQLITE_TOOBIG
  return { error: error instanceof Error ? error.message : String(error), isStore }
}
