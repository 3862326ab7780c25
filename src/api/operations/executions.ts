/** Executions, their histories, Map Runs. */
import type { Input } from '../input.ts'
import { ARN, isMetadataOnly, LONG_ARN, pageOf } from '../members.ts'
import type { InputOf } from '../model.ts'
import type { Operations } from '../operation.ts'
import { date, present, renderExecution, renderExecutionSummary, renderHistory, renderMapRun } from '../render.ts'
import { renderRevision } from './machines.ts'

const STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE'] as const

export const executionOperations = {
  async StartExecution({ executions }, input) {
    const given = startOf(input)
    input.done()
    const { executionArn, startDate } = await executions.start(given)
    return { executionArn, startDate: date(startDate) }
  },

  async StartSyncExecution({ executions }, input) {
    const given = startOf(input)
    const isMetadata = isMetadataOnly(input)
    input.done()
    const { request, result } = await executions.startSync(given)
    const { status, startAt, stopAt, output, error, cause } = result
    return present({
      executionArn: request.executionArn,
      stateMachineArn: request.machine.arn,
      name: request.name,
      startDate: date(startAt),
      stopDate: date(stopAt),
      status,
      error,
      cause,
      input: isMetadata ? undefined : request.input,
      inputDetails: { included: !isMetadata },
      output: isMetadata ? undefined : output,
      outputDetails: { included: !isMetadata },
      traceHeader: request.traceHeader,
      billingDetails: {
        billedMemoryUsedInMB: 64,
        billedDurationInMilliseconds: Math.max(1, Math.ceil((stopAt - startAt) / 100)) * 100,
      },
    })
  },

  async StopExecution({ executions }, input) {
    const arn = input.text('executionArn')
    const error = input.optionalText('error', input.bounds.error)
    const cause = input.optionalText('cause', input.bounds.cause)
    input.done()
    const { stopDate } = await executions.stop(arn, { error, cause })
    return { stopDate: date(stopDate) }
  },

  async RedriveExecution({ executions }, input) {
    const arn = input.text('executionArn', ARN)
    const clientToken = input.optionalText('clientToken', { min: 1, max: 64 })
    input.done()
    const { redriveDate } = await executions.redrive(arn, clientToken)
    return { redriveDate: date(redriveDate) }
  },

  async DescribeExecution({ executions, mapRuns }, input) {
    const arn = input.text('executionArn')
    const isMetadata = isMetadataOnly(input)
    input.done()
    const execution = await executions.find(arn)
    return renderExecution(execution, await mapRuns.arnOf(execution), await executions.redriveStatus(execution), !isMetadata)
  },

  async DescribeStateMachineForExecution({ executions, mapRuns }, input) {
    const arn = input.text('executionArn')
    const isMetadata = isMetadataOnly(input)
    input.done()
    const execution = await executions.findSummary(arn)
    const described = await executions.machineOf(execution)
    return present({
      ...renderRevision(described, isMetadata),
      stateMachineArn: execution.stateMachineArn,
      updateDate: date(described.revision.createdAt),
      mapRunArn: await mapRuns.arnOf(execution),
    })
  },

  async ListExecutions({ executions }, input) {
    const stateMachineArn = input.optionalText('stateMachineArn', ARN)
    const mapRunArn = input.optionalText('mapRunArn', LONG_ARN)
    const statusFilter = input.choice('statusFilter', STATUSES)
    const redriveFilter = input.choice('redriveFilter', ['REDRIVEN', 'NOT_REDRIVEN'])
    const { limit, token } = pageOf(input, 3_096)
    input.done()
    const { rows, next } = await executions.list(
      {
        ...(stateMachineArn !== undefined && { stateMachineArn }),
        ...(mapRunArn !== undefined && { mapRunArn }),
        ...(statusFilter !== undefined && { statusFilter }),
        ...(redriveFilter !== undefined && { redriveFilter }),
        ...(token !== undefined && { nextToken: token }),
      },
      limit,
    )
    return present({ executions: rows.map((row) => renderExecutionSummary(row, mapRunArn)), nextToken: next })
  },

  async GetExecutionHistory({ executions }, input) {
    const arn = input.text('executionArn')
    const reverse = input.flag('reverseOrder') ?? false
    const includeExecutionData = input.flag('includeExecutionData') ?? true
    const { limit, token } = pageOf(input)
    input.done()
    const { rows, next } = await executions.history(arn, limit, reverse, token)
    return present({ events: renderHistory(rows, includeExecutionData), nextToken: next })
  },

  async DescribeMapRun({ mapRuns }, input) {
    const arn = input.text('mapRunArn', LONG_ARN)
    input.done()
    const { run, counts } = await mapRuns.describe(arn)
    return renderMapRun(run, counts)
  },

  async ListMapRuns({ mapRuns }, input) {
    const executionArn = input.text('executionArn')
    const { limit, token } = pageOf(input)
    input.done()
    const { rows, next } = await mapRuns.list(executionArn, limit, token)
    const shown = rows.map((run) =>
      present({
        executionArn: run.executionArn,
        mapRunArn: run.arn,
        stateMachineArn: run.stateMachineArn,
        startDate: date(run.startAt),
        stopDate: run.stopAt === undefined ? undefined : date(run.stopAt),
      }),
    )
    return present({ mapRuns: shown, nextToken: next })
  },

  async UpdateMapRun({ mapRuns }, input) {
    const maxConcurrency = input.number('maxConcurrency', { min: 0, max: 10_000 })
    const toleratedFailureCount = input.number('toleratedFailureCount', { min: 0, max: Number.MAX_SAFE_INTEGER })
    const toleratedFailurePercentage = input.number('toleratedFailurePercentage', { min: 0, max: 100 })
    const mapRunArn = input.text('mapRunArn', LONG_ARN)
    input.done()
    await mapRuns.update({
      mapRunArn,
      ...(maxConcurrency !== undefined && { maxConcurrency }),
      ...(toleratedFailureCount !== undefined && { toleratedFailureCount }),
      ...(toleratedFailurePercentage !== undefined && { toleratedFailurePercentage }),
    })
    return {}
  },
} satisfies Partial<Operations>

function startOf(input: Input<InputOf<'StartExecution'>>) {
  const name = input.optionalText('name', { min: 1, max: 80 })
  const text = input.optionalText('input', input.bounds.input)
  const traceHeader = input.optionalText('traceHeader', { max: 256 })
  return {
    stateMachineArn: input.text('stateMachineArn'),
    ...(name !== undefined && { name }),
    ...(text !== undefined && { input: text }),
    ...(traceHeader !== undefined && { traceHeader }),
  }
}
