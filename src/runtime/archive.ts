/**
 * Closed executions as NDJSON in a bucket, before they are removed: a line an execution, as DescribeExecution and
 * GetExecutionHistory show it; the children of its Map Runs follow it, each on a line of its own.
 * 1. A file holds executions of one machine that closed on one day (UTC): `prefix/2026/11/30/machine-key-redrives.ndjson`.
 * 2. It is named after its first line, so what is written once more, because it could not be removed, takes the same place.
 * 3. Lines wait in a spool until a file is whole: memory stays bounded, however long a history is.
 */
import type { ExecutionKey } from '../base/ids.ts'
import type { Instant } from '../base/time.ts'

import type { ObjectSource } from '../items/source.ts'
import type { Spool, SpoolFile } from '../items/spool.ts'
import type { EngineEvent } from '../engine/event.ts'
import { EXECUTION_STATUSES, type ExecutionRecord, type MapRunSummary, type Store } from '../store/contract.ts'

import type { Archive } from './retention.ts'

export interface ArchiveOptions {
  /** `s3://bucket/prefix` */
  readonly url: string
  readonly store: Pick<Store, 'executionByKey' | 'history' | 'mapRuns' | 'children'>
  readonly source: Pick<ObjectSource, 'write'>
  readonly spool: Spool
  /** As AWS's answers show them. */
  readonly render: {
    execution(record: ExecutionRecord, mapRunArn: string | undefined): object
    events(events: readonly EngineEvent[]): readonly object[]
  }
  /** After this, the next execution begins another file. */
  readonly fileBytes?: number
}

const FILE_BYTES = 64 * 1024 * 1024
const EVENTS_AT_ONCE = 1_000
const CHILDREN_AT_ONCE = 100
const RUNS_AT_ONCE = 100
/** Whoever has not begun has nothing to tell. */
const BEGUN = EXECUTION_STATUSES.filter((status) => status !== 'PENDING')

export function createArchive(options: ArchiveOptions): Archive {
  return async (keys) => {
    const files = new Files(options)
    try {
      for (const key of keys) {
        const record = await options.store.executionByKey(key)
        if (record?.stopAt !== undefined) await addWithChildren(options, files, record, record.stopAt)
      }
      await files.finish()
    } finally {
      await files.discard()
    }
  }
}

async function addWithChildren(
  options: ArchiveOptions,
  files: Files,
  record: ExecutionRecord,
  closedAt: Instant,
  mapRunArn?: string,
): Promise<void> {
  await addLine(options, await files.fileFor(record, closedAt), record, mapRunArn)
  for await (const run of runsOf(options, record.key))
    for await (const child of childrenOf(options, run)) await addWithChildren(options, files, child, closedAt, run.arn)
}

async function addLine(
  { store, render }: ArchiveOptions,
  file: File,
  record: ExecutionRecord,
  mapRunArn: string | undefined,
): Promise<void> {
  await file.append(`{"execution":${JSON.stringify(render.execution(record, mapRunArn))},"events":[`)
  for (let from = 1, isFirst = true; ; isFirst = false) {
    const events = await store.history(record.key, from, EVENTS_AT_ONCE, false)
    const last = events.at(-1)
    if (!last) break
    await file.append(
      `${isFirst ? '' : ','}${render
        .events(events)
        .map((event) => JSON.stringify(event))
        .join(',')}`,
    )
    from = last.id + 1
  }
  await file.append(']}\n')
}

async function* runsOf({ store }: ArchiveOptions, key: ExecutionKey): AsyncGenerator<MapRunSummary> {
  for (let from: string | undefined; ; ) {
    const page = await store.mapRuns(key, RUNS_AT_ONCE, from)
    yield* page.rows
    if (page.next === undefined) return
    from = page.next
  }
}

async function* childrenOf({ store }: ArchiveOptions, run: MapRunSummary): AsyncGenerator<ExecutionRecord> {
  for (let after = -1; ; ) {
    const children = await store.children(run.key, BEGUN, after, CHILDREN_AT_ONCE)
    yield* children
    const last = children.at(-1)?.itemIndex
    if (last === undefined) return
    after = last
  }
}

/** The file that is being filled; at most one. */
class Files {
  readonly #options: ArchiveOptions
  readonly #bucket: string
  readonly #prefix: readonly string[]
  #file: File | undefined

  constructor(options: ArchiveOptions) {
    const [bucket = '', ...prefix] = options.url.replace('s3://', '').split('/')
    this.#options = options
    this.#bucket = bucket
    this.#prefix = prefix
  }

  async fileFor(record: ExecutionRecord, closedAt: Instant): Promise<File> {
    const { spool, fileBytes = FILE_BYTES } = this.#options
    const folder = [...this.#prefix, ...new Date(closedAt).toISOString().slice(0, 10).split('-')].join('/')
    if (this.#file && (this.#file.folder !== folder || this.#file.bytes >= fileBytes)) await this.finish()
    const machine = record.stateMachineArn.split(':').at(-1)?.replaceAll('/', '-') ?? ''
    const key = `${folder}/${machine}-${record.key}-${record.redriveCount}.ndjson`
    return (this.#file ??= new File(folder, key, await spool.create()))
  }

  /** Writes what has been gathered. Rejects when the bucket does not take it. */
  async finish(): Promise<void> {
    const file = this.#file
    if (!file) return
    const body = { stream: file.body(), bytes: file.bytes }
    const written = await this.#options.source.write(this.#bucket, file.key, body, 'application/x-ndjson')
    if (!written.ok) {
      const { code, message } = written.error
      throw new Error(`s3://${this.#bucket}/${file.key} could not be written: ${code}: ${message}`)
    }
    await this.discard()
  }

  async discard(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.discard()
  }
}

class File {
  readonly folder: string
  readonly key: string
  readonly #spool: SpoolFile
  bytes = 0

  constructor(folder: string, key: string, spool: SpoolFile) {
    this.folder = folder
    this.key = key
    this.#spool = spool
  }

  async append(text: string): Promise<void> {
    await this.#spool.append(text)
    this.bytes += Buffer.byteLength(text)
  }

  body(): AsyncIterable<Uint8Array> {
    return this.#spool.body()
  }

  discard(): Promise<void> {
    return this.#spool.discard()
  }
}
