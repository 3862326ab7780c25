/**
 * Lambda on one machine: functions kept in the local database, their code in folders, their processes in a pool.
 * `invoke` is the same for the HTTP handler and for rooms that call without a wire.
 */
import { randomUUID } from 'node:crypto'

import { parseJson } from '../../base/json-bounds.ts'
import { AWS_LIMITS, type ServiceLimits } from '../../base/limits.ts'

import { WireError } from '../../wire/errors.ts'
import { type Excess, excessOf, JSON_BOUNDS } from '../../wire/json-body.ts'

import { applySchema } from '../kit/database.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'

import { type AsyncEvent, AsyncEvents, type Attempt } from './async-events.ts'
import { type CodeStore, fingerprint, openCodeStore } from './code-store.ts'
import { Confinement } from './confinement.ts'
import { lambdaError } from './errors.ts'
import { EventInvokeConfigs } from './event-invoke-configs.ts'
import { EventSources } from './event-sources.ts'
import { parseFunctionName } from './function-name.ts'
import { Functions } from './functions.ts'
import { type ReadRequest, WORK } from './heavy-work.ts'
import { HelperThread } from './helper-thread.ts'
import type { LaunchPlan } from './launch.ts'
import { layerDirectories, Layers } from './layers.ts'
import type { Outcome } from './outcome.ts'
import type { OutputEvent } from './output.ts'
import { Pool, type PoolOptions } from './pool.ts'
import { Reaper } from './reaper.ts'
import { type FunctionRecord, FunctionTable, LATEST } from './records.ts'
import { functionArn } from './render.ts'
import { LAMBDA_SCHEMA } from './schema.ts'

type LambdaServiceDeps = Pick<
  ServiceDeps,
  'database' | 'directory' | 'region' | 'account' | 'endpoint' | 'credentials' | 'log' | 'clock' | 'limits'
>

export interface LambdaDeps extends LambdaServiceDeps {
  /** Appends to a log group, making group and stream when missing. */
  readonly writeLog: (group: string, stream: string, events: OutputEvent[]) => void
  readonly pool?: PoolOptions
  /** Uniform in [0, 1): which of an alias's two versions gets a call. */
  readonly random?: () => number
  /** Pause before an asynchronous retry (1, 2), in milliseconds. */
  readonly retryDelayMs?: (retry: number) => number
}

export type InvocationType = 'RequestResponse' | 'Event' | 'DryRun'

export interface InvokeRequest {
  readonly functionName: string
  readonly qualifier?: string | undefined
  readonly invocationType?: InvocationType | undefined
  readonly payload: Buffer
  /** Base64 of a JSON object, as the API takes it. */
  readonly clientContext?: string | undefined
  /** The id that the function sees; drawn when absent. */
  readonly requestId?: string | undefined
}

export interface InvokeAnswer {
  readonly status: 200 | 202 | 204
  readonly payload: Buffer
  readonly executedVersion: string
  readonly functionError?: 'Unhandled'
  readonly logTail?: string
}

const LARGE_PAYLOAD_BYTES = 512 * 1024
const EVENT_AGE_SECONDS = 21_600
const RETRIES = 2
const NOTHING = Buffer.alloc(0)

export class LambdaService {
  readonly functions: Functions
  readonly eventInvokeConfigs: EventInvokeConfigs
  readonly eventSources: EventSources
  readonly layers: Layers
  readonly limits: ServiceLimits
  readonly #deps: LambdaDeps
  readonly #random: () => number
  readonly #pool: Pool
  readonly #reaper = new Reaper()
  readonly #packer: HelperThread
  readonly #checker: HelperThread
  readonly #codeStore: CodeStore
  readonly #events: AsyncEvents

  constructor(deps: LambdaDeps) {
    this.#deps = deps
    this.#random = deps.random ?? Math.random
    this.limits = deps.limits ?? AWS_LIMITS.services
    const { database, clock, log } = deps
    applySchema(database, LAMBDA_SCHEMA)
    const table = new FunctionTable(database)
    this.#packer = new HelperThread(clock)
    this.#checker = new HelperThread(clock)
    const used = new Set([...table.codeDirectories(), ...layerDirectories(database)])
    this.#codeStore = openCodeStore(deps.directory, used, this.#packer)
    const confinement = new Confinement({ hidden: deps.directory ?? this.#codeStore.root, log })
    this.#pool = new Pool({ clock, log, reaper: this.#reaper, confinement, writeLog: deps.writeLog }, deps.pool)
    const now = () => clock.now()
    this.functions = new Functions({
      table,
      codeStore: this.#codeStore,
      origin: deps,
      place: deps,
      now,
      onChange: (name) => this.#pool.retire(name),
    })
    this.eventInvokeConfigs = new EventInvokeConfigs(table, this.functions, deps)
    this.layers = new Layers({ database, codeStore: this.#codeStore, origin: deps, place: deps, now, log })
    this.#events = new AsyncEvents({
      database,
      clock,
      log,
      invoke: (event) => this.#attempt(event),
      limits: (event) => this.#limitsOf(event),
      ...(deps.retryDelayMs && { retryDelayMs: deps.retryDelayMs }),
    })
    this.eventSources = new EventSources({
      ...deps,
      functions: this.functions,
      payloadBytesMax: this.limits.lambdaSyncBytesMax,
      invoke: async (functionName, payload) => {
        const answer = await this.invoke({ functionName, payload: Buffer.from(payload) })
        return { answer: answer.payload.toString('utf8'), hasFailed: answer.functionError !== undefined }
      },
    })
  }

  /** Rejects with AWS's errors: ResourceNotFoundException, InvalidRequestContentException, TooManyRequestsException, … */
  async invoke(request: InvokeRequest): Promise<InvokeAnswer> {
    const type = request.invocationType ?? 'RequestResponse'
    // AWS's "Function not found" names the version here, even when the caller did not.
    const isBare = parseFunctionName(request.functionName).qualifier === undefined
    const { record } = this.functions.resolve(
      request.functionName,
      request.qualifier ?? (isBare ? LATEST : undefined),
      this.#random,
    )
    const executedVersion = record.version
    if (type === 'DryRun') return { status: 204, payload: NOTHING, executedVersion }
    const payload = await this.#checkPayload(request.payload, type)
    const clientContext = readClientContext(request.clientContext)
    const requestId = request.requestId ?? randomUUID()
    if (type === 'Event') {
      const qualifier = request.qualifier ?? parseFunctionName(request.functionName).qualifier ?? record.version
      this.#events.accept({ requestId, functionName: record.name, qualifier, payload, clientContext: clientContext ?? null })
      return { status: 202, payload: NOTHING, executedVersion }
    }
    const outcome = await this.#run(record, payload, requestId, clientContext)
    return { status: 200, executedVersion, ...outcome }
  }

  async close(): Promise<void> {
    const polled = this.eventSources.close()
    this.#events.close()
    await this.#pool.close()
    await polled
    this.#reaper.close()
    await this.#codeStore.close()
    await this.#packer.close()
    await this.#checker.close()
  }

  /** A large request of CreateFunction or UpdateFunctionCode. Takes the body over. */
  readRequest(body: Buffer): Promise<ReadRequest> {
    return this.#packer.run('readRequest', body)
  }

  async #run(record: FunctionRecord, payload: Buffer, requestId: string, clientContext: string | undefined): Promise<Outcome> {
    const latest = record.version === LATEST ? record : this.functions.resolve(record.name).record
    const generation = await generationOf(record)
    if (record.isLive) this.#pool.retire(record.name, generation)
    return await this.#pool.run({
      functionName: record.name,
      generation,
      plan: await this.#planOf(record),
      reserved: latest.reservedConcurrency,
      invocation: {
        requestId,
        payload,
        functionArn: functionArn(this.#deps, record.name, record.version === LATEST ? undefined : record.version),
        timeoutSeconds: record.timeoutSeconds,
        clientContext,
      },
    })
  }

  /** The payload, `{}` for none. Throws RequestTooLargeException, InvalidRequestContentException. */
  async #checkPayload(payload: Buffer, type: InvocationType): Promise<Buffer> {
    const bytesMax = type === 'Event' ? this.limits.lambdaAsyncBytesMax : this.limits.lambdaSyncBytesMax
    if (payload.length > bytesMax) throw payloadTooLarge(bytesMax)
    if (payload.length === 0) return Buffer.from('{}')
    const excess = excessOf(payload, JSON_BOUNDS)
    const fault = excess === 'deep' ? `nested deeper than ${JSON_BOUNDS.depthMax} levels` : await this.#jsonFault(payload, excess)
    if (fault === undefined) return payload
    const message = `Could not parse request body into json: Could not parse payload into json: ${fault}`
    throw lambdaError('InvalidRequestContentException', message)
  }

  /** Millions of small values in a payload take long to read, whoever reads it: not the event loop. */
  #jsonFault(payload: Buffer, excess: Excess | undefined): Promise<string | undefined> | string | undefined {
    return payload.length > LARGE_PAYLOAD_BYTES || excess === 'many'
      ? this.#checker.run('jsonFault', new Uint8Array(payload))
      : WORK.jsonFault(payload)
  }

  async #planOf(record: FunctionRecord): Promise<LaunchPlan> {
    return {
      functionName: record.name,
      version: record.version,
      runtime: record.runtime,
      handler: record.handler,
      directory: record.codeDirectory,
      optDirectory: await this.layers.lay(record.layers),
      isLive: record.isLive,
      memoryMb: record.memoryMb,
      responseBytesMax: this.limits.lambdaResponseBytesMax,
      region: this.#deps.region,
      endpoint: this.#deps.endpoint(),
      variables: record.variables ?? {},
    }
  }

  async #attempt(event: AsyncEvent): Promise<Attempt> {
    try {
      const { record } = this.functions.resolve(event.functionName, event.qualifier, this.#random)
      const outcome = await this.#run(record, event.payload, event.requestId, event.clientContext ?? undefined)
      return outcome.functionError === undefined ? 'done' : 'failed'
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      return error.code === 'ResourceNotFoundException' ? 'gone' : 'again'
    }
  }

  #limitsOf(event: AsyncEvent): { retries: number; ageSeconds: number } {
    try {
      const { record } = this.functions.resolve(event.functionName)
      return { retries: record.retryAttempts ?? RETRIES, ageSeconds: record.eventAgeSeconds ?? EVENT_AGE_SECONDS }
    } catch {
      return { retries: 0, ageSeconds: 0 }
    }
  }
}

/** One string per code and configuration; a live folder's changes with its files. */
async function generationOf(record: FunctionRecord): Promise<string> {
  const files = record.isLive ? await fingerprint(record.codeDirectory) : ''
  return `${record.version}/${record.lastModifiedMs}/${record.codeSha256}/${files}`
}

export const payloadTooLarge = (bytesMax: number) =>
  lambdaError('RequestTooLargeException', `Request must be smaller than ${bytesMax} bytes for the InvokeFunction operation`)

/** As JSON on one line, fit for a header; undefined when there is none. */
function readClientContext(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined
  try {
    const value: unknown = parseJson(Buffer.from(text, 'base64').toString('utf8'))
    return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  } catch (cause) {
    throw lambdaError('InvalidRequestContentException', 'Client context must be a valid Base64-encoded JSON object.', { cause })
  }
}
