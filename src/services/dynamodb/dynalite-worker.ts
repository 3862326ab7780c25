/** The thread's side of dynalite-thread.ts: opens the tables with the first call, and carries calls out. */
import { parentPort, workerData } from 'node:worker_threads'

import type { JsonObject } from '../../base/json.ts'

import { WireError } from '../../wire/errors.ts'

import { type Dynalite, type DynaliteOptions, openDynalite } from './dynalite.ts'

export interface Call {
  readonly id: number
  readonly operation: string
  readonly input: JsonObject
}

/** `ok` is JSON text. `wire`: what DynamoDB answers; `broken`: the tables cannot be read or written, or a bug. */
export type Answer = { readonly id: number } & (
  | { readonly ok: string }
  | { readonly wire: Pick<WireError, 'status' | 'code' | 'message' | 'detail'> }
  | { readonly broken: string }
)

let tables: Promise<Dynalite> | undefined
let closing: Promise<unknown> = Promise.resolve()

function opened(): Promise<Dynalite> {
  if (tables) return tables
  const opening = closing.then(() => openDynalite(workerData as DynaliteOptions))
  opening.catch(() => {
    if (tables === opening) tables = undefined
  })
  tables = opening
  return opening
}

/** Of several calls that find the tables broken the first closes them; the next call opens them again. */
function closeBroken(broken: Promise<Dynalite>): void {
  if (tables !== broken) return
  tables = undefined
  closing = broken.then((dynalite) => dynalite.close()).catch(() => {})
}

/** LevelDB's own complaints, and what dynalite makes of one that could not be opened. */
const isOfFiles = (error: unknown): boolean =>
  error instanceof Error &&
  (('code' in error && String(error.code).startsWith('LEVEL_')) || error.message === 'Database is closed')

async function answer({ id, operation, input }: Call): Promise<Answer> {
  const used = opened()
  try {
    return { id, ok: JSON.stringify(await (await used).call(operation, input)) }
  } catch (error) {
    // After an error of its files LevelDB takes nothing more until it is opened again.
    if (isOfFiles(error)) closeBroken(used)
    if (!(error instanceof WireError)) return { id, broken: error instanceof Error ? error.message : String(error) }
    const { status, code, message, detail } = error
    return { id, wire: { status, code, message, detail } }
  }
}

parentPort?.on('message', (call: Call | 'close') => {
  if (call !== 'close') return void answer(call).then((told) => parentPort?.postMessage(told))
  const closed = tables ? tables.then((dynalite) => dynalite.close()) : closing
  void closed.catch(() => {}).finally(() => parentPort?.close())
})
