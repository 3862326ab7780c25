/** What comes of a Map Run's children: files in a bucket, or one output, in the order of the items. */
import type { MapRunKey } from '../../base/ids.ts'
import { isObject } from '../../base/json.ts'
import { Payload } from '../../base/payload.ts'

import { renderStateOutput, type ResultRecord } from '../../items/result-record.ts'
import type { ObjectSource } from '../../items/source.ts'
import type { Spool } from '../../items/spool.ts'
import { writeResults } from '../../items/write.ts'
import { oversize } from '../../engine/map-run/children.ts'
import type { MapRunSignalBody } from '../../engine/map-run/signal.ts'
import type { MapRunRequest } from '../../engine/map-run/state.ts'
import type { ExecutionRecord, ExecutionStatus, Store } from '../../store/contract.ts'

const PAGE = 250

export interface ResultPorts {
  readonly store: Pick<Store, 'children'>
  /** Lets others have their turn. */
  breathe(): Promise<void>
  readonly source: ObjectSource
  readonly spool: Spool
  /** The largest output of a state, in bytes. */
  readonly payloadBytesMax: number
}

/** Of all children, those that never ran included. Rejects when the store or the spool fails. */
export async function exportResults(ports: ResultPorts, mapRunKey: MapRunKey, request: MapRunRequest): Promise<MapRunSignalBody> {
  const { mapRunArn, writer } = request
  const parameters = writer?.parameters
  const text = (name: string) => (isObject(parameters) && typeof parameters[name] === 'string' ? parameters[name] : '')
  let items = 0
  const children = childrenOf(ports, mapRunKey, ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING', 'RUNNING'])
  const pages = (async function* () {
    for await (const page of children) {
      for (const { itemCount = 1 } of page) items += itemCount
      yield page.map(recordOf)
    }
  })()
  const settings = { bucket: text('Bucket'), prefix: text('Prefix'), mapRunArn, ...formatOf(request) }
  const written = await writeResults(pages, settings, ports.source, ports.spool)
  if (!written.ok) return { type: 'ResultsFailed', failure: written.error }
  const output = Payload.ofValue({ MapRunArn: mapRunArn, ResultWriterDetails: { ...written.value } }).text
  return { type: 'ResultsWritten', output, items }
}

/** Of the children that succeeded. Rejects when the store fails. */
export async function joinOutputs(ports: ResultPorts, mapRunKey: MapRunKey, request: MapRunRequest): Promise<MapRunSignalBody> {
  const { payloadBytesMax } = ports
  const { transformation = 'COMPACT', outputType } = formatOf(request)
  const tooLarge: MapRunSignalBody = { type: 'ResultsFailed', failure: oversize(request) }
  const records: ResultRecord[] = []
  let chars = 0
  for await (const page of childrenOf(ports, mapRunKey, ['SUCCEEDED'])) {
    for (const child of page) {
      chars += child.output?.length ?? 0
      if (chars > payloadBytesMax) return tooLarge
      records.push(recordOf(child))
    }
  }
  const output = Payload.ofText(renderStateOutput(records, transformation, outputType))
  return output.bytes > payloadBytesMax ? tooLarge : { type: 'OutputsJoined', output: output.text }
}

interface Format {
  readonly transformation?: 'NONE' | 'COMPACT' | 'FLATTEN'
  readonly outputType?: 'JSON' | 'JSONL'
}

function formatOf({ writer }: MapRunRequest): Format {
  const config = writer?.config
  if (!isObject(config)) return {}
  const { Transformation: transformation, OutputType: outputType } = config
  return {
    ...((transformation === 'NONE' || transformation === 'COMPACT' || transformation === 'FLATTEN') && { transformation }),
    ...((outputType === 'JSON' || outputType === 'JSONL') && { outputType }),
  }
}

/** Page by page; others have their turn between two. */
async function* childrenOf(
  { store, breathe }: Pick<ResultPorts, 'store' | 'breathe'>,
  mapRunKey: MapRunKey,
  statuses: readonly ExecutionStatus[],
): AsyncGenerator<readonly ExecutionRecord[]> {
  for (let after = -1; ; ) {
    const page = await store.children(mapRunKey, statuses, after, PAGE)
    yield page
    const last = page.at(-1)?.itemIndex
    if (last === undefined || page.length < PAGE) return
    await breathe()
    after = last
  }
}

function recordOf(child: ExecutionRecord): ResultRecord {
  const { status, input, output, error, cause, name, arn, stateMachineArn, startAt, stopAt, redriveCount } = child
  const isOver = status === 'SUCCEEDED' || status === 'FAILED' || status === 'TIMED_OUT' || status === 'ABORTED'
  return {
    status: isOver ? status : 'PENDING',
    input,
    output,
    error,
    cause,
    name,
    executionArn: arn,
    stateMachineArn,
    startDate: startAt,
    stopDate: stopAt,
    redriveCount,
  }
}
