/**
 * The optimized integrations of services that Regente does not embed: Batch, Glue, ECS, Athena, CodeBuild … Carried out with
 * the service's `@aws-sdk` client; with `.sync`, the job is described until it has ended.
 * Source: AWS developer guide, "Integrating optimized services" (the page of each service).
 */
import { failure } from '../../base/failure.ts'
import { isObject, type Json, type JsonObject } from '../../base/json.ts'

import type { Endpoints } from '../../aws/endpoints.ts'

import type { Connector, PollOutcome, TaskRequest } from '../connector.ts'
import { objectOf, spelledOf } from '../parameters.ts'
import { callSdkClient } from '../sdk/client-call.ts'
import { sorted } from '../sdk-metadata.ts'

import { at, type Job, JOB_SERVICES } from './job-table.ts'

/** Undefined for a service that Step Functions has no optimized integration with. */
export function createJobConnector(endpoints: Endpoints, serviceName: string): Connector | undefined {
  const service = JOB_SERVICES.get(serviceName)
  if (!service) return undefined
  const jobOf = (request: TaskRequest): Job | undefined =>
    service.jobs && Object.hasOwn(service.jobs, request.resource.action) ? service.jobs[request.resource.action] : undefined
  const call = async (action: string, parameters: JsonObject, signal: AbortSignal) => {
    const called = await callSdkClient(endpoints, service.sdkService, action, parameters, signal)
    if (called.ok) return called
    // The optimized integrations spell the service in their own way.
    const { error, cause } = called.error
    const isRuntime = error?.startsWith('States.') === true
    const renamed = isRuntime ? error : `${service.errorPrefix}.${error?.slice(error.indexOf('.') + 1) ?? ''}`
    return { ok: false as const, error: failure(renamed, cause) }
  }
  return {
    async start(request) {
      const { action, pattern } = request.resource
      const isJob = pattern === 'sync' || pattern === 'sync2'
      if (isJob && !jobOf(request)) {
        const cause = `Waiting for ${serviceName}:${action} is not supported here. Call it without .sync and describe the job in a loop.`
        return { kind: 'failed', failure: failure('States.Runtime', cause), phase: 'submit' }
      }
      const called = await call(action, spelledOf(request), request.signal)
      if (!called.ok) return { kind: 'failed', failure: called.error, phase: pattern === 'request' ? 'run' : 'submit' }
      const output = sorted(objectOf(called.value))
      return pattern === 'request' ? { kind: 'succeeded', output } : { kind: 'submitted', output }
    },
    async poll(request, submitted): Promise<PollOutcome> {
      const job = jobOf(request)
      if (!job) return { kind: 'pending' }
      const parameters = job.parameters(objectOf(request.parameters), objectOf(submitted))
      const called = await call(job.describe, parameters, request.signal)
      if (!called.ok) {
        const isPassing = /SdkClientException|Throttl|TooManyRequests|ServerException|InternalServer|ServiceUnavailable/.test(
          called.error.error ?? '',
        )
        return isPassing ? { kind: 'pending' } : { kind: 'failed', failure: called.error }
      }
      return judge(job, at(called.value, job.job))
    },
    async cancel(request, submitted) {
      const cancel = jobOf(request)?.cancel
      if (!cancel) return
      const parameters = cancel.parameters(objectOf(request.parameters), objectOf(submitted))
      await call(cancel.action, parameters, AbortSignal.timeout(10_000))
    },
  }
}

function judge(job: Job, described: Json | undefined): PollOutcome {
  const status = at(described, job.status)
  if (typeof status !== 'string' || !isObject(described)) return { kind: 'pending' }
  const hasEnded = job.succeeded.includes(status) || job.failed.includes(status)
  if (!hasEnded) return { kind: 'pending' }
  const isSuccess = job.succeeded.includes(status) && (job.isSuccess?.(described) ?? true)
  const output = sorted(described)
  return isSuccess
    ? { kind: 'succeeded', output }
    : { kind: 'failed', failure: failure('States.TaskFailed', JSON.stringify(output)) }
}
