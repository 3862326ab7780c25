/**
 * Lambda on one machine: functions kept in the local database, their code in folders, their processes in a pool.
 * `invoke` is the same for the HTTP handler and for rooms that call without a wire.
 */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'

import { parseJson } from '../../base/json-bounds.ts'
import type { JsonObject } from '../../base/json.ts'
import { AWS_LIMITS, type ServiceLimits } from '../../base/limits.ts'

import { WireError } from '../../wire/errors.ts'
import { type Excess, excessOf, JSON_BOUNDS } from '../../wire/json-body.ts'

import { applySchema } from '../kit/database.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'

import { type AsyncEvent, AsyncEvents, type Attempt, type EventEnd } from './async-events.ts'
import { CodeSigning } from './code-signing.ts'
import { codeRoot, type CodeStore, fingerprint, openCodeStore } from './code-store.ts'
import { Confinement } from './confinement.ts'
import { Debuggers } from './debuggers.ts'
import { lambdaError } from './errors.ts'
import type { Invocation } from './environment.ts'
import { EventInvokeConfigs } from './event-invoke-configs.ts'
import { EventSources } from './event-sources.ts'
import { parseFunctionName } from './function-name.ts'
import { FunctionUrls } from './function-urls.ts'
import { Functions } from './functions.ts'
import { archiveOf, type ReadRequest, WORK } from './heavy-work.ts'
import { HelperThread } from './helper-thread.ts'
import { readText } from './input.ts'
import { KeptSettings } from './kept-settings.ts'
import { layerDirectories, Layers } from './layers.ts'
import type { Outcome } from './outcome.ts'
import type { OutputEvent } from './output.ts'
import { Permissions } from './permissions.ts'
import { Pool, type PoolOptions } from './pool.ts'
import { QualifiedSettings } from './qualified-settings.ts'
import { Reaper } from './reaper.ts'
import { type FunctionRecord, FunctionTable, LATEST } from './records.ts'
import { functionArn, logGroupOf } from './render.ts'
import { ReservedConcurrency } from './reserved-concurrency.ts'
import { errorMessageOf, recordOf, Results } from './results.ts'
import type { RunRequest } from './run-protocol.ts'
import { Runners } from './runners.ts'
import type { OnPiece } from './runtime-api.ts'
import { LAMBDA_SCHEMA } from './schema.ts'

type LambdaServiceDeps = Pick<
  ServiceDeps,
  'database' | 'directory' | 'region' | 'account' | 'endpoint' | 'publicUrl' | 'credentials' | 'log' | 'clock' | 'limits'
>

export interface LambdaDeps extends LambdaServiceDeps {
  /** Appends to a log group, making group and stream when missing. */
  readonly writeLog: (group: string, stream: string, events: OutputEvent[]) => void
  readonly pool?: PoolOptions
  /** The first port of the debuggers with which Node functions start; without it they have none. */
  readonly inspect?: number | undefined
  /** By which nodes that run functions know us. */
  readonly runnerHeaders?: Readonly<Record<string, string>> | undefined
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
  /** Hears an answer that the function streams, as it comes; without it such an answer is gathered. */
  readonly onPiece?: OnPiece | undefined
  /** Whether the end of the log is wanted with the answer. */
  readonly wantsTail?: boolean | undefined
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
  readonly permissions: Permissions
  readonly eventInvokeConfigs: EventInvokeConfigs
  readonly functionUrls: FunctionUrls
  readonly codeSigning: CodeSigning
  /** Settings that change nothing here. */
  readonly kept: KeptSettings
  readonly eventSources: EventSources
  readonly layers: Layers
  /** The nodes that run functions instead of this process. */
  readonly runners: Runners
  readonly limits: ServiceLimits
  readonly #deps: LambdaDeps
  readonly #random: () => number
  readonly #pool: Pool
  readonly #reaper = new Reaper()
  readonly #reserved = new ReservedConcurrency()
  readonly #packer: HelperThread
  readonly #checker: HelperThread
  readonly #codeStore: CodeStore
  readonly #events: AsyncEvents
  readonly #results: Results

  constructor(deps: LambdaDeps) {
    this.#deps = deps
    this.#random = deps.random ?? Math.random
    this.limits = deps.limits ?? AWS_LIMITS.services
    const { database, clock, log } = deps
    applySchema(database, LAMBDA_SCHEMA)
    const root = codeRoot(deps.directory)
    const settings = new QualifiedSettings(database)
    const table = new FunctionTable(database, root, settings)
    this.#packer = new HelperThread(clock)
    this.#checker = new HelperThread(clock)
    const used = new Set([...table.codeDirectories(), ...layerDirectories(database, root)])
    this.#codeStore = openCodeStore(root, deps.directory === undefined, used, this.#packer)
    const confinement = new Confinement({ hidden: deps.directory ?? this.#codeStore.root, log })
    const debuggers = deps.inspect === undefined ? undefined : new Debuggers(deps.inspect)
    this.#pool = new Pool({ clock, log, reaper: this.#reaper, confinement, debuggers, writeLog: deps.writeLog }, deps.pool)
    this.runners = new Runners({ log, headers: () => deps.runnerHeaders ?? {}, writeLog: deps.writeLog })
    const now = () => clock.now()
    this.functions = new Functions({
      table,
      codeStore: this.#codeStore,
      origin: deps,
      place: deps,
      now,
      onChange: (name) => this.#pool.retire(name),
    })
    const beside = { database, settings, functions: this.functions, place: deps, now }
    this.permissions = new Permissions({ table, functions: this.functions, place: deps })
    this.eventInvokeConfigs = new EventInvokeConfigs(beside)
    this.functionUrls = new FunctionUrls({ ...beside, endpoint: deps.publicUrl ?? deps.endpoint })
    this.codeSigning = new CodeSigning(beside)
    this.kept = new KeptSettings(beside)
    this.#results = new Results(deps)
    this.layers = new Layers({ database, codeStore: this.#codeStore, origin: deps, place: deps, now, log })
    this.#events = new AsyncEvents({
      database,
      clock,
      log,
      invoke: (event) => this.#attempt(event),
      limits: (event) => this.#limitsOf(event),
      tell: (end) => this.#tellEnd(end),
      ...(deps.retryDelayMs && { retryDelayMs: deps.retryDelayMs }),
    })
    this.eventSources = new EventSources({
      ...deps,
      functions: this.functions,
      results: this.#results,
      payloadBytesMax: this.limits.lambdaSyncBytesMax,
      invoke: async (functionName, payload) => {
        const answer = await this.invoke({ functionName, payload: Buffer.from(payload) })
        return { answer: answer.payload.toString('utf8'), hasFailed: answer.functionError !== undefined }
      },
    })
  }

  /** With its code signing configuration, if it is to have one. `archive` is its code where that is decoded already. */
  async createFunction(input: JsonObject, archive?: Uint8Array): Promise<JsonObject> {
    const signing = readText(input, 'CodeSigningConfigArn')
    if (signing !== undefined) this.codeSigning.get(signing)
    const made = await this.functions.create(input, archive)
    if (signing !== undefined) this.codeSigning.putOf(String(made['FunctionName']), input)
    return made
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
    const { onPiece, wantsTail } = request
    const outcome = await this.#run(record, payload, { requestId, clientContext, onPiece, wantsTail })
    return { status: 200, executedVersion, ...outcome }
  }

  /**
   * Functions that run for no caller may miss our port from now on, and end as if they had done their work: an answer to a stack
   * that could not be put is lost. So what ends from now on is not noted, and runs again in the next process.
   */
  leavePort(): void {
    this.#events.close()
  }

  async close(): Promise<void> {
    const polled = this.eventSources.close()
    this.#events.close()
    this.#results.close()
    this.runners.close()
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

  async #run(
    record: FunctionRecord,
    payload: Buffer,
    call: Pick<Invocation, 'requestId' | 'clientContext' | 'onPiece' | 'wantsTail'>,
  ): Promise<Outcome> {
    const latest = record.version === LATEST ? record : this.functions.resolve(record.name).record
    const invocation = {
      ...call,
      payload,
      functionArn: functionArn(this.#deps, record.name, record.version === LATEST ? undefined : record.version),
      timeoutSeconds: record.timeoutSeconds,
    }
    return this.#reserved.within(
      record.name,
      latest.reservedConcurrency,
      async () => (await this.#runElsewhere(record, invocation)) ?? (await this.#runHere(record, invocation)),
    )
  }

  async #runHere(record: FunctionRecord, invocation: Invocation): Promise<Outcome> {
    const generation = record.isLive ? await liveGenerationOf(record) : generationOf(record)
    if (record.isLive) this.#pool.retire(record.name, generation)
    const plan = async () => ({
      ...planOf(record, this.#deps.region, this.limits),
      directory: record.codeDirectory,
      optDirectory: await this.layers.lay(record.layers),
      isLive: record.isLive,
      endpoint: (this.#deps.publicUrl ?? this.#deps.endpoint)(),
    })
    return await this.#pool.run({ functionName: record.name, generation, plan, invocation })
  }

  /** Undefined where no node takes it. A live folder is here alone, as is code whose archive was not kept. */
  async #runElsewhere(record: FunctionRecord, invocation: Invocation): Promise<Outcome | undefined> {
    if (this.runners.count === 0 || record.isLive) return undefined
    const layers = this.layers.directoriesOf(record.layers)
    if (![record.codeDirectory, ...layers].every((directory) => existsSync(archiveOf(directory)))) return undefined
    const pathOf = (directory: string) => relative(this.#codeStore.root, directory).replaceAll('\\', '/')
    return this.runners.run({
      generation: generationOf(record),
      plan: planOf(record, this.#deps.region, this.limits),
      code: pathOf(record.codeDirectory),
      layers: layers.map(pathOf),
      invocation,
    })
  }

  /** An archive of code, by its path below the root. Rejects where it is not there. */
  archive(path: string): Promise<Buffer> {
    return readFile(archiveOf(join(this.#codeStore.root, path)))
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

  /** Polls sources again, and tells what was not told yet. When the endpoint answers; the second time changes nothing. */
  resume(): void {
    this.#results.resume()
    this.eventSources.resume()
  }

  async #attempt(event: AsyncEvent): Promise<Attempt> {
    try {
      const { record } = this.functions.resolve(event.functionName, event.qualifier, this.#random)
      if (this.functions.known(event.functionName).reservedConcurrency === 0) return { kind: 'shut' }
      const { requestId } = event
      const outcome = await this.#run(record, event.payload, { requestId, clientContext: event.clientContext ?? undefined })
      const { functionError } = outcome
      const run = { executedVersion: record.version, payload: outcome.payload.toString('utf8'), functionError }
      return { kind: functionError === undefined ? 'done' : 'failed', run }
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      return { kind: error.code === 'ResourceNotFoundException' ? 'gone' : 'again' }
    }
  }

  #limitsOf({ functionName, qualifier }: AsyncEvent): { retries: number; ageSeconds: number } {
    const { retryAttempts = RETRIES, eventAgeSeconds = EVENT_AGE_SECONDS } = this.eventInvokeConfigs.of(functionName, qualifier)
    return { retries: retryAttempts, ageSeconds: eventAgeSeconds }
  }

  /** To those who are named for it. */
  #tellEnd({ event, condition, invokeCount, last }: EventEnd): void {
    const { functionName, qualifier, requestId } = event
    const { onSuccess, onFailure } = this.eventInvokeConfigs.of(functionName, qualifier)
    const isSuccess = condition === 'Success'
    const told = isSuccess ? onSuccess : onFailure
    const text = event.payload.toString('utf8')
    if (told !== undefined) {
      const arn = functionArn(this.#deps, functionName, qualifier)
      const at = this.#deps.clock.now()
      const record = recordOf({ requestId, functionArn: arn, condition, invokeCount, event: text, last, at })
      this.#results.tell(told, { kind: 'record', record, isSuccess, functionArn: arn })
    }
    const deadLetter = isSuccess ? undefined : this.functions.known(functionName).deadLetterArn
    if (deadLetter !== undefined) {
      const error = last ? errorMessageOf(last.payload) : condition
      this.#results.tell(deadLetter, { kind: 'deadLetter', event: text, requestId, error })
    }
  }
}

const planOf = (record: FunctionRecord, region: string, limits: ServiceLimits): RunRequest['plan'] => ({
  functionName: record.name,
  version: record.version,
  runtime: record.runtime,
  handler: record.handler,
  memoryMb: record.memoryMb,
  responseBytesMax: limits.lambdaResponseBytesMax,
  region,
  variables: record.variables ?? {},
  logGroup: logGroupOf(record),
})

/** One string per code and configuration. */
const generationOf = (record: FunctionRecord): string => `${record.version}/${record.lastModifiedMs}/${record.codeSha256}/`

/** A live folder's changes with its files. */
const liveGenerationOf = async (record: FunctionRecord): Promise<string> =>
  generationOf(record) + (await fingerprint(record.codeDirectory))

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
