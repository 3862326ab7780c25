/** Executions: start, stop, describe, list, history, redrive. */
import { type ExecutionArn, executionArn, expressExecutionArn, parseStatesArn, stateMachineArn } from '../base/arn.ts'
import type { Failure } from '../base/failure.ts'
import { utf8Length } from '../base/json.ts'
import { type Instant, toInstant } from '../base/time.ts'

import { type EngineEvent, payloadChars } from '../engine/event.ts'
import type { ExecutionRecord, ExecutionStatus, ExecutionSummary, Page, RevisionRecord } from '../store/contract.ts'

import type { Context } from './context.ts'
import type { StartRequest, SyncResult } from './execution-port.ts'
import { jsonProblem } from './json-text.ts'
import { checkName } from './names.ts'
import { type RedriveStatus, redriveStatus, REDRIVE_TOKEN_MS } from './redrive.ts'
import { invalidArn, ServiceError, unavailable, validation } from './service-error.ts'
import { type Described, doesNotExist, labelled, type StateMachines } from './state-machines.ts'

export interface StartExecution {
  readonly stateMachineArn: string
  readonly name?: string
  readonly input?: string
  readonly traceHeader?: string
}

export interface ListExecutions {
  readonly stateMachineArn?: string
  readonly mapRunArn?: string
  readonly statusFilter?: ExecutionStatus
  readonly redriveFilter?: 'REDRIVEN' | 'NOT_REDRIVEN'
  readonly nextToken?: string
}

/** A page of a history ends early when it has so much text: it is shown at once. */
const PAGE_CHARS = 1024 * 1024

export function createExecutions(context: Context, machines: StateMachines) {
  const { store, executionPort, tokens, clock, entropy, limits, breathe } = context

  async function requestOf(input: StartExecution): Promise<StartRequest> {
    const { arn, testCase } = splitTestCase(input.stateMachineArn)
    const parsed = parseStatesArn(arn)
    if (parsed?.kind !== 'stateMachine') throw invalidArn(input.stateMachineArn)
    if (parsed.label !== undefined) throw labelled(arn)
    if (input.name !== undefined) checkName(input.name)
    const { machine, revision, versionArn, aliasArn } = await machines.resolveActive(arn)
    if (testCase !== undefined) await checkTestCase(machine.name, revision, testCase)
    const name = input.name ?? entropy.uuid()
    return {
      machine,
      revision,
      name,
      input: checkInput(input.input ?? '{}', limits.api.inputBytesMax),
      executionArn:
        machine.type === 'EXPRESS'
          ? expressExecutionArn(parsed, machine.name, name, entropy.uuid())
          : executionArn(parsed, machine.name, name),
      ...(versionArn !== undefined && { versionArn }),
      ...(aliasArn !== undefined && { aliasArn }),
      ...(input.traceHeader !== undefined && { traceHeader: input.traceHeader }),
      ...(testCase !== undefined && { testCase }),
    }
  }

  /** Throws ValidationException. */
  async function checkTestCase(name: string, revision: RevisionRecord, testCase: string): Promise<void> {
    const { mocks } = context
    if (!mocks) {
      throw validation(
        `The test case '${testCase}' is one of a mock file, and this server has none. Start it with --mock-config FILE, or leave out '#${testCase}'.`,
      )
    }
    const problem = await mocks.problemOf({ name, program: await executionPort.program(revision) }, testCase)
    if (problem !== undefined) throw validation(problem)
  }

  /** That of an execution whose log is kept, as its log says. */
  async function testCaseOf({ key }: ExecutionRecord): Promise<string | undefined> {
    const [first] = await store.logPart(key, 0)
    return first?.type === 'ExecutionStarted' ? first.testCase : undefined
  }

  /** Throws InvalidArn, ExecutionDoesNotExist. */
  async function found<E extends ExecutionSummary>(arn: string, read: (arn: ExecutionArn) => Promise<E | undefined>): Promise<E> {
    const parsed = parseStatesArn(arn)
    if (parsed?.kind !== 'execution' && parsed?.kind !== 'express') throw invalidArn(arn)
    const known = await read(parsed.arn)
    // A child that has not begun is not there yet.
    const found = known?.status === 'PENDING' ? undefined : known
    if (!found && parsed.kind === 'express')
      throw new ServiceError('InvalidArn', "Invalid Arn: 'Resource type not valid in this context: express'")
    if (!found) throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`)
    return found
  }

  const find = (arn: string): Promise<ExecutionRecord> => found(arn, (arn) => store.execution(arn))
  const findSummary = (arn: string): Promise<ExecutionSummary> => found(arn, (arn) => store.executionSummary(arn))

  const statusOf = async (execution: ExecutionRecord): Promise<RedriveStatus> => {
    const isDeleting = execution.mapRunKey === undefined && (await machines.isDeleting(execution.stateMachineArn))
    return redriveStatus(execution, isDeleting, clock.now(), limits.historyEventsMax)
  }

  return {
    find,
    findSummary,

    async start(input: StartExecution): Promise<{ executionArn: ExecutionArn; startDate: Instant }> {
      const request = await requestOf(input)
      const started = await executionPort.start(request)
      if (started.outcome === 'unavailable') throw unavailable()
      if (started.outcome === 'started') return { executionArn: request.executionArn, startDate: started.startAt }
      if (started.outcome === 'machine-gone') throw doesNotExist(request.machine.arn)
      const other = await store.execution(request.executionArn)
      // The same start once more is answered once more, as long as it runs.
      if (
        other?.status === 'RUNNING' &&
        other.input === request.input &&
        other.stateMachineKey === request.machine.key &&
        (await testCaseOf(other)) === request.testCase
      ) {
        return { executionArn: other.arn, startDate: other.startAt }
      }
      throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${request.executionArn}'`)
    },

    async startSync(input: StartExecution): Promise<{ request: StartRequest; result: SyncResult }> {
      const request = await requestOf(input)
      if (request.machine.type !== 'EXPRESS') {
        throw new ServiceError('StateMachineTypeNotSupported', 'This operation is not supported by this type of state machine')
      }
      return { request, result: await executionPort.runSync(request) }
    },

    async stop(arn: string, failure: Failure): Promise<{ stopDate: Instant }> {
      const parsed = parseStatesArn(arn)
      if (parsed?.kind === 'express')
        throw new ServiceError('InvalidArn', "Invalid Arn: 'Resource type not valid in this context: express'")
      if (parsed?.kind !== 'execution') throw invalidArn(arn)
      const stopped = await executionPort.stop(parsed.arn, failure)
      if (stopped === 'unavailable') throw unavailable()
      if (!stopped) throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`)
      return { stopDate: stopped.stopAt ?? clock.now() }
    },

    async list(input: ListExecutions, limit: number): Promise<Page<ExecutionSummary>> {
      if ((input.stateMachineArn === undefined) === (input.mapRunArn === undefined)) {
        throw validation('Must provide a State Machine ARN or Map Run ARN')
      }
      const filter =
        input.mapRunArn === undefined ? await machineFilter(input.stateMachineArn ?? '') : await runFilter(input.mapRunArn)
      const scope = `executions ${input.stateMachineArn ?? input.mapRunArn} ${input.statusFilter ?? ''} ${input.redriveFilter ?? ''}`
      const page = await store.executions(
        {
          ...filter,
          ...(input.statusFilter !== undefined && { status: input.statusFilter }),
          ...(input.redriveFilter !== undefined && { isRedriven: input.redriveFilter === 'REDRIVEN' }),
        },
        limit,
        tokens.open(scope, input.nextToken),
      )
      return page.next === undefined ? page : { ...page, next: tokens.seal(scope, page.next) }
    },

    /** Events in their order, a page of at most `limit`, fewer when they are large. */
    async history(arn: string, limit: number, reverse: boolean, token?: string): Promise<Page<EngineEvent>> {
      const execution = await findSummary(arn)
      if (execution.type === 'EXPRESS')
        throw new ServiceError('InvalidArn', "Invalid Arn: 'Resource type not valid in this context: express'")
      const scope = `history ${arn} ${reverse}`
      const from = tokens.open(scope, token)
      let next: number | undefined = from === undefined ? (reverse ? Number.MAX_SAFE_INTEGER : 1) : Number(from)
      const rows: EngineEvent[] = []
      let chars = 0
      await breathe()
      while (next !== undefined && rows.length < limit && chars < PAGE_CHARS) {
        const part = await store.history(execution.key, next, limit - rows.length, reverse)
        rows.push(...part)
        chars += part.reduce((sum, event) => sum + payloadChars(event), 0)
        const last = part.at(-1)
        next = last && (reverse ? last.id - 1 : last.id + 1)
        await breathe()
      }
      const isMore = next !== undefined && (await store.history(execution.key, next, 1, reverse)).length > 0
      return isMore ? { rows, next: tokens.seal(scope, String(next)) } : { rows }
    },

    redriveStatus: statusOf,

    /** The machine as the execution runs it: of a Map Run's child, the processor of its Map state. */
    async machineOf(execution: ExecutionSummary): Promise<Described> {
      const revision = await store.revision(execution.revisionKey)
      const arn = parseStatesArn(execution.stateMachineArn)
      if (!revision || arn?.kind !== 'stateMachine') throw doesNotExist(execution.stateMachineArn)
      return machines.describeRevision({ name: arn.name }, revision, arn.label)
    },

    async redrive(arn: string, clientToken?: string): Promise<{ redriveDate: Instant }> {
      const execution = await find(arn)
      const before =
        clientToken === undefined
          ? undefined
          : await store.redriveOf(execution.key, clientToken, toInstant(clock.now() - REDRIVE_TOKEN_MS))
      if (before !== undefined) return { redriveDate: before }
      const { status, reason = 'Execution is a child of a Map Run: redrive its parent execution' } = await statusOf(execution)
      if (status !== 'REDRIVABLE') throw new ServiceError('ExecutionNotRedrivable', reason)
      const redriven = await executionPort.redrive(execution)
      if (redriven === 'unavailable') throw unavailable()
      if (redriven === 'refused') throw new ServiceError('ExecutionNotRedrivable', 'Execution is RUNNING and cannot be redriven')
      // It is redriven, whether or not it will be known that this token has done it.
      if (clientToken !== undefined)
        await store.keepRedrive(execution.key, clientToken, redriven.redriveAt).catch((error: unknown) => error)
      return { redriveDate: redriven.redriveAt }
    },
  }

  async function machineFilter(arn: string) {
    const { machine, versionArn, aliasArn } = await machines.resolve(arn)
    if (machine.type === 'EXPRESS') {
      throw new ServiceError('StateMachineTypeNotSupported', 'This operation is not supported by this type of state machine')
    }
    const isPlain = arn === stateMachineArn(context.arnScope, machine.name)
    return {
      stateMachineKey: machine.key,
      ...(!isPlain && aliasArn !== undefined ? { aliasArn } : !isPlain && versionArn !== undefined ? { versionArn } : {}),
    }
  }

  async function runFilter(arn: string) {
    const parsed = parseStatesArn(arn)
    const run = parsed?.kind === 'mapRun' ? await store.mapRun(parsed.arn) : undefined
    if (!run) throw new ServiceError('ResourceNotFound', `Resource not found: '${arn}'`)
    return { mapRunKey: run.key }
  }
}

/** As Step Functions Local has it: `stateMachineArn#TestCase`. */
function splitTestCase(arn: string): { readonly arn: string; readonly testCase?: string } {
  const at = arn.indexOf('#')
  return at < 0 ? { arn } : { arn: arn.slice(0, at), testCase: arn.slice(at + 1) }
}

/** Checked JSON text. Throws InvalidExecutionInput, ValidationException. */
function checkInput(input: string, bytesMax: number): string {
  const refuse = (message: string) =>
    new ServiceError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${message}'`)
  if (input.trim() === '') throw refuse('Invalid execution input.')
  if (input.length * 3 > bytesMax && utf8Length(input) > bytesMax) {
    throw validation(
      `1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${bytesMax}`,
    )
  }
  const problem = jsonProblem(input)
  if (problem !== undefined) throw refuse(problem)
  return input
}
