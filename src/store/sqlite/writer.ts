/**
 * The writer thread: the one connection that writes. Takes a batch of orders, carries them out in one transaction (one
 * fsync), and answers them all. A turn that is refused leaves nothing behind and does not disturb its neighbours.
 */
import { parentPort, workerData } from 'node:worker_threads'

import type { ExecutionKey, ExecutionPatch, ExecutionRecord, TurnOutcome } from '../contract.ts'
import { openWriter } from './open.ts'
import { allWrites, type Writes } from './writes.ts'

/** A turn as it crosses to the thread: its events are packed already. */
export interface PackedTurn {
  readonly kind: 'turn'
  readonly key: ExecutionKey
  readonly create: ExecutionRecord | undefined
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

export type Order = PackedTurn | Call
export type Answer = { readonly ok: unknown } | { readonly error: string }

if (parentPort) run(parentPort, (workerData as { file: string }).file)

function run(port: NonNullable<typeof parentPort>, file: string): void {
  const database = openWriter(file)
  const writes = allWrites(database)

  const commitTurn = ({ key, create, patch, sequence, firstId, lastId, chunk }: PackedTurn): TurnOutcome => {
    if (create && !writes.insertExecution(create)) return 'name-taken'
    if (!create && !writes.hasExecution(key)) return 'stale'
    if (chunk !== undefined && !writes.appendTurn(key, sequence, firstId, lastId, chunk)) return 'stale'
    if (patch) writes.patchExecution(key, patch)
    return 'committed'
  }

  const carryOut = (order: Order): Answer => {
    // A savepoint costs as much as the turn itself; a turn's own statements leave nothing behind when the first of them throws.
    if (order.kind === 'turn') {
      try {
        return { ok: commitTurn(order) }
      } catch (error) {
        return { error: messageOf(error) }
      }
    }
    database.exec('SAVEPOINT one')
    try {
      const write = writes[order.name] as (...parameters: readonly unknown[]) => unknown
      const result = write(...order.parameters)
      database.exec('RELEASE one')
      return { ok: result }
    } catch (error) {
      database.exec('ROLLBACK TO one; RELEASE one')
      return { error: messageOf(error) }
    }
  }

  port.on('message', (orders: readonly Order[] | 'close') => {
    if (orders === 'close') {
      database.close()
      port.close()
      return
    }
    try {
      database.exec('BEGIN IMMEDIATE')
      const answers = orders.map(carryOut)
      database.exec('COMMIT')
      port.postMessage(answers)
    } catch (error) {
      if (database.inTransaction) database.exec('ROLLBACK')
      const failed: Answer = { error: messageOf(error) }
      port.postMessage(orders.map(() => failed))
    }
  })
  port.postMessage('ready')
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
