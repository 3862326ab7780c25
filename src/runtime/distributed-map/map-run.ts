/**
 * Drives one Map Run: reads items, makes children of them, runs so many at a time, judges their ends, writes the results,
 * tells the parent. Children are rows before they run, so a restart goes on where the rows end.
 *
 * 1. The reader is at most CHILDREN_AHEAD children before those that run.
 * 2. A child's end counts only once it is durable; that our own store fails is no child's failure.
 * 3. How the run ends is durable before the parent hears of it, so the parent hears the same after a crash.
 * 4. A run that stops starts nothing more, and asks its running children to abort until they have.
 */
import { ErrorName } from '../../base/error-names.ts'
import { type Failure, failure } from '../../base/failure.ts'
import { isObject } from '../../base/json.ts'
import { Payload } from '../../base/payload.ts'

import { renderStateOutput, type ResultRecord } from '../../items/result-record.ts'
import { writeResults } from '../../items/write.ts'
import { MapRunState } from '../../engine/map-tolerance.ts'
import type { ExecutionRecord, ExecutionStatus, MapRunRecord } from '../../store/contract.ts'

import { type ChildInput, childInputs, oversize } from './child-inputs.ts'
import { type MapRunEnd, type MapRunPorts, type MapRunRequest, printKept, readKept } from './request.ts'

const CHILDREN_AHEAD = 2_000
/** Children that are started before others have their turn. */
const STARTED_AT_ONCE = 20
const PAGE = 1_000
/** A child that is just being started cannot be aborted yet. */
const ABORT_AGAIN_MS = 500
const ENDED: readonly ExecutionStatus[] = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']

export class MapRun {
  readonly #ports: MapRunPorts
  readonly #record: MapRunRecord
  readonly #request: MapRunRequest
  readonly #state: MapRunState
  readonly #waiting: ExecutionRecord[] = []
  /** Of those that wait, the ones that were made here and that nobody can have run. */
  readonly #made = new Set<number>()
  readonly #inFlight = new Set<number>()
  readonly #reading = new AbortController()
  #isReadingDone = false
  #readFailure: Failure | undefined
  #isStopped = false
  #isStopKept = false
  #isDetached = false
  #isIntolerable = false
  #endedItems = 0
  /** Decided by a process before this one. */
  readonly #knownEnd: MapRunEnd | undefined
  #abortAgain: { cancel(): void } | undefined
  #wake: (() => void) | undefined

  constructor(ports: MapRunPorts, record: MapRunRecord) {
    const { request, end } = readKept(record.settings)
    this.#ports = ports
    this.#record = record
    this.#request = request
    this.#knownEnd = end
    this.#isStopped = end?.status === 'ABORTED'
    this.#isStopKept = this.#isStopped
    this.#state = new MapRunState(record)
  }

  async run(): Promise<void> {
    const { status } = this.#record
    if (status !== 'RUNNING' && this.#knownEnd) return this.#ports.ended(this.#request, this.#knownEnd)
    await this.#takeUp()
    try {
      // Either may break off; the other must not wait for it then.
      await Promise.all([this.#isReadingDone || this.#isStopped ? undefined : this.#read(), this.#work()])
    } catch (error) {
      this.detach()
      throw error
    } finally {
      this.#abortAgain?.cancel()
    }
    if (this.#isDetached) return
    await this.#finish()
  }

  /** The Map state has ended without the run: no child runs on. */
  async stop(): Promise<void> {
    if (!this.#isStopped) {
      this.#isStopped = true
      this.#abort()
    }
    if (this.#isStopKept) return
    const settings = printKept(this.#request, { status: 'ABORTED' })
    await this.#ports.store.updateMapRun(this.#record.arn, { settings }, 'RUNNING')
    this.#isStopKept = true
  }

  /** The process ends: leave everything as it stands. */
  detach(): void {
    this.#isDetached = true
    this.#reading.abort()
    this.#wake?.()
  }

  async reloadLimits(): Promise<void> {
    const record = await this.#ports.store.mapRun(this.#record.arn)
    if (!record) return
    this.#state.limits = record
    this.#wake?.()
  }

  /** What a process before this one had done. */
  async #takeUp(): Promise<void> {
    if (this.#record.itemsRead === 0 && !this.#record.isReadingDone) return
    for await (const child of this.#children([...ENDED, 'RUNNING', 'PENDING', 'PENDING_REDRIVE'])) {
      const items = child.itemCount ?? 1
      this.#state.added(items)
      if (child.status === 'PENDING' || child.status === 'RUNNING' || child.status === 'PENDING_REDRIVE')
        this.#waiting.push(child)
      else {
        this.#endedItems += items
        this.#state.recall(child.status, items)
      }
    }
    this.#isReadingDone = this.#record.isReadingDone
    if (this.#isReadingDone) this.#state.readingDone()
  }

  async #read(): Promise<void> {
    const { store } = this.#ports
    let itemsRead = this.#record.itemsRead
    const program = await this.#ports.program(this.#request.revisionKey)
    for await (const chunk of childInputs(this.#request, program, this.#ports, itemsRead, this.#reading.signal)) {
      if (this.#reading.signal.aborted) return
      if (!chunk.ok) {
        this.#readFailure = chunk.error
        break
      }
      const children = chunk.value.map((input) => this.#childOf(input))
      itemsRead += chunk.value.reduce((sum, { count }) => sum + count, 0)
      await store.addChildren(this.#record.key, children, itemsRead, false)
      for (const child of children) this.#state.added(child.itemCount ?? 1)
      for (const { key } of children) this.#made.add(key)
      this.#waiting.push(...children)
      this.#wake?.()
      while (this.#waiting.length >= CHILDREN_AHEAD && !this.#reading.signal.aborted) await this.#changed()
    }
    this.#isReadingDone = true
    this.#state.readingDone()
    if (!this.#readFailure && !this.#isDetached) await store.addChildren(this.#record.key, [], itemsRead, true)
    this.#wake?.()
  }

  /** Runs children until there is none left, or no more may run. */
  async #work(): Promise<void> {
    while (!this.#isDetached) {
      if (this.#state.isIntolerable || this.#readFailure || this.#isStopped) {
        this.#isIntolerable = this.#state.isIntolerable
        this.#abort()
      }
      const isOver = this.#isStopped || this.#isIntolerable || this.#readFailure !== undefined
      for (let started = 1; !isOver && this.#waiting.length > 0 && this.#state.room > 0; started++) {
        const child = this.#waiting.shift()
        if (child) void this.#runChild(child)
        if (started % STARTED_AT_ONCE === 0) await this.#ports.breathe()
        if (this.#isDetached || this.#isStopped || this.#readFailure || this.#state.isIntolerable) break
      }
      const isIdle = this.#inFlight.size === 0
      if (isIdle && (isOver || (this.#isReadingDone && this.#waiting.length === 0))) return
      await this.#changed()
    }
  }

  async #runChild(child: ExecutionRecord): Promise<void> {
    this.#state.started()
    this.#inFlight.add(child.key)
    const ended = await this.#ports.runChild(child, this.#made.delete(child.key))
    if (!ended) return
    const { status } = ended
    this.#endedItems += child.itemCount ?? 1
    this.#state.ended(
      status === 'SUCCEEDED' || status === 'TIMED_OUT' || status === 'ABORTED' ? status : 'FAILED',
      child.itemCount ?? 1,
    )
    this.#inFlight.delete(child.key)
    this.#wake?.()
  }

  #abort(): void {
    this.#reading.abort()
    this.#isReadingDone = true
    if (this.#abortAgain) return
    this.#abortChildren()
    this.#wake?.()
  }

  #abortChildren(): void {
    this.#abortAgain = undefined
    if (this.#inFlight.size === 0) return
    for (const key of this.#inFlight) this.#ports.abortChild(key)
    this.#abortAgain = this.#ports.clock.after(ABORT_AGAIN_MS, () => this.#abortChildren())
  }

  /** Resolves when a child ends, items come, or limits change. Several may wait. */
  #changed(): Promise<void> {
    return new Promise((resolve) => {
      const before = this.#wake
      this.#wake = () => {
        this.#wake = undefined
        before?.()
        resolve()
      }
    })
  }

  async #finish(): Promise<void> {
    const { store, clock } = this.#ports
    const end = await this.#end()
    // What a stop of the process has cut off is no end.
    if (this.#isDetached) return
    const { arn } = this.#record
    const settings = printKept(this.#request, end)
    // Without a ResultWriter all results go into the output (recorded: api_map_run, resultsWritten).
    const resultsWritten = this.#request.writer?.resource === undefined ? { resultsWritten: this.#endedItems } : {}
    await store.updateMapRun(arn, { status: end.status, stopAt: clock.now(), settings, ...resultsWritten })
    // After a crash in between, the parent's recovery asks for the run again, and `run` tells it.
    await this.#ports.ended(this.#request, end)
  }

  async #end(): Promise<MapRunEnd> {
    if (this.#readFailure) return { status: 'FAILED', failure: this.#readFailure }
    const { writer } = this.#request
    const results = writer?.resource === undefined ? undefined : await this.#writeResults()
    if (results && !results.ok) return { status: 'FAILED', failure: results.error }
    if (this.#isStopped) return { status: 'ABORTED' }
    if (this.#isIntolerable) {
      return {
        status: 'FAILED',
        failure: failure(ErrorName.ExceedToleratedFailureThreshold, 'The specified tolerated failure threshold was exceeded'),
      }
    }
    if (results) {
      return {
        status: 'SUCCEEDED',
        output: Payload.ofValue({ MapRunArn: this.#record.arn, ResultWriterDetails: { ...results.value } }),
      }
    }
    return this.#joinOutputs()
  }

  async #joinOutputs(): Promise<MapRunEnd> {
    const config = this.#writerConfig()
    const records: ResultRecord[] = []
    let bytes = 0
    for await (const child of this.#children(['SUCCEEDED'])) {
      bytes += child.output?.length ?? 0
      if (bytes > this.#ports.payloadBytesMax) break
      records.push(recordOf(child))
    }
    const output = Payload.ofText(renderStateOutput(records, config.transformation ?? 'COMPACT', config.outputType))
    if (bytes <= this.#ports.payloadBytesMax && output.bytes <= this.#ports.payloadBytesMax)
      return { status: 'SUCCEEDED', output }
    return { status: 'FAILED', failure: oversize(this.#request) }
  }

  async #writeResults() {
    const { store, source, spool } = this.#ports
    const { parameters } = this.#request.writer ?? {}
    const text = (name: string) => (isObject(parameters) && typeof parameters[name] === 'string' ? parameters[name] : '')
    const { transformation, outputType } = this.#writerConfig()
    let written = 0
    const children = this.#children([...ENDED, 'PENDING', 'RUNNING'])
    const records = (async function* () {
      for await (const child of children) {
        written += child.itemCount ?? 1
        yield recordOf(child)
      }
    })()
    const result = await writeResults(
      records,
      {
        ...{ bucket: text('Bucket'), prefix: text('Prefix'), mapRunArn: this.#record.arn },
        ...(transformation !== undefined && { transformation }),
        ...(outputType !== undefined && { outputType }),
      },
      source,
      spool,
    )
    if (result.ok) await store.updateMapRun(this.#record.arn, { resultsWritten: written })
    return result
  }

  #writerConfig(): { readonly transformation?: 'NONE' | 'COMPACT' | 'FLATTEN'; readonly outputType?: 'JSON' | 'JSONL' } {
    const config = this.#request.writer?.config
    if (!isObject(config)) return {}
    const { Transformation: transformation, OutputType: outputType } = config
    return {
      ...((transformation === 'NONE' || transformation === 'COMPACT' || transformation === 'FLATTEN') && { transformation }),
      ...((outputType === 'JSON' || outputType === 'JSONL') && { outputType }),
    }
  }

  async *#children(statuses: readonly ExecutionStatus[]): AsyncGenerator<ExecutionRecord> {
    for (let after = -1; ; ) {
      const page = await this.#ports.store.children(this.#record.key, statuses, after, PAGE)
      yield* page
      const last = page.at(-1)?.itemIndex
      if (last === undefined || page.length < PAGE) return
      after = last
    }
  }

  #childOf({ firstIndex, count, input }: ChildInput): ExecutionRecord {
    const { stateMachineArn, stateMachineKey, revisionKey, label, mapState, executionType } = this.#request
    const { entropy } = this.#ports
    const name = entropy.uuid()
    const machine = `${stateMachineArn}/${label}`
    const arn =
      executionType === 'EXPRESS'
        ? `${machine.replace(':stateMachine:', ':express:')}:${name}:${entropy.uuid()}`
        : `${machine.replace(':stateMachine:', ':execution:')}:${name}`
    return {
      ...{
        key: this.#ports.store.newExecutionKey(),
        arn,
        name,
        stateMachineArn: machine,
        stateMachineKey,
        revisionKey,
        type: executionType,
      },
      ...{
        status: 'PENDING',
        startAt: this.#ports.clock.now(),
        input,
        mapRunKey: this.#record.key,
        itemCount: count,
        itemIndex: firstIndex,
      },
      ...{ mapState, isBusy: false, redriveCount: 0, lastEventId: 0 },
    }
  }
}

function recordOf(child: ExecutionRecord): ResultRecord {
  const { status, input, output, error, cause, name, arn, stateMachineArn, startAt, stopAt, redriveCount } = child
  const isOver = status === 'SUCCEEDED' || status === 'FAILED' || status === 'TIMED_OUT' || status === 'ABORTED'
  return {
    ...{ status: isOver ? status : 'PENDING', input, output, error, cause, name, executionArn: arn, stateMachineArn },
    ...{ startDate: startAt, stopDate: stopAt, redriveCount },
  }
}
