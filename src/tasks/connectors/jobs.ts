/**
 * The optimized integrations of services that Regente does not embed: Batch, Glue, ECS, Athena, CodeBuild … Carried out with
 * the service's `@aws-sdk` client; with `.sync`, the job is described until it has ended.
 * Source: AWS developer guide, "Integrating optimized services" (the page of each service).
 */
import { failure } from '../../base/failure.ts'
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import type { Connector, Endpoints, PollOutcome, TaskRequest } from '../connector.ts'
import { objectOf } from '../parameters.ts'
import { callSdkClient } from '../sdk/client-call.ts'
import { sorted } from '../sdk-metadata.ts'

interface Job {
  readonly describe: string
  /** The description's parameters, from what the task was given and what the service answered. */
  readonly parameters: (given: JsonObject, submitted: JsonObject) => JsonObject
  /** Where the job stands in the description, and its status in the job. */
  readonly job: readonly (string | number)[]
  readonly status: readonly (string | number)[]
  readonly succeeded: readonly string[]
  readonly failed: readonly string[]
  /** Says of a job that ended well whether it really did. */
  readonly isSuccess?: (job: JsonObject) => boolean
  readonly cancel?: { readonly action: string; readonly parameters: (given: JsonObject, submitted: JsonObject) => JsonObject }
}

interface JobService {
  /** As aws-sdk ARNs name it. */
  readonly sdkService: string
  readonly errorPrefix: string
  readonly jobs?: Readonly<Record<string, Job>>
}

const at = (value: Json | undefined, path: readonly (string | number)[]): Json | undefined =>
  path.reduce<Json | undefined>((node, key) => {
    if (typeof key === 'number') return isArray(node) ? node[key] : undefined
    return isObject(node) ? getOwn(node, key) : undefined
  }, value)

const pick = (value: JsonObject, name: string): Json => getOwn(value, name) ?? null

const SERVICES: ReadonlyMap<string, JobService> = new Map<string, JobService>([
  [
    'athena',
    {
      sdkService: 'athena',
      errorPrefix: 'Athena',
      jobs: {
        startQueryExecution: {
          describe: 'getQueryExecution',
          parameters: (_, submitted) => ({ QueryExecutionId: pick(submitted, 'QueryExecutionId') }),
          job: [],
          status: ['QueryExecution', 'Status', 'State'],
          succeeded: ['SUCCEEDED'],
          failed: ['FAILED', 'CANCELLED'],
          cancel: { action: 'stopQueryExecution', parameters: (_, s) => ({ QueryExecutionId: pick(s, 'QueryExecutionId') }) },
        },
      },
    },
  ],
  [
    'batch',
    {
      sdkService: 'batch',
      errorPrefix: 'Batch',
      jobs: {
        submitJob: {
          describe: 'describeJobs',
          parameters: (_, submitted) => ({ Jobs: [pick(submitted, 'JobId')] }),
          job: ['Jobs', 0],
          status: ['Status'],
          succeeded: ['SUCCEEDED'],
          failed: ['FAILED'],
          cancel: {
            action: 'terminateJob',
            parameters: (_, s) => ({ JobId: pick(s, 'JobId'), Reason: 'The execution was stopped.' }),
          },
        },
      },
    },
  ],
  [
    'codebuild',
    {
      sdkService: 'codebuild',
      errorPrefix: 'CodeBuild',
      jobs: {
        startBuild: {
          describe: 'batchGetBuilds',
          parameters: (_, submitted) => ({ Ids: [at(submitted, ['Build', 'Id']) ?? null] }),
          job: ['Builds', 0],
          status: ['BuildStatus'],
          succeeded: ['SUCCEEDED'],
          failed: ['FAILED', 'FAULT', 'TIMED_OUT', 'STOPPED'],
          cancel: { action: 'stopBuild', parameters: (_, s) => ({ Id: at(s, ['Build', 'Id']) ?? null }) },
        },
      },
    },
  ],
  [
    'ecs',
    {
      sdkService: 'ecs',
      errorPrefix: 'ECS',
      jobs: {
        runTask: {
          describe: 'describeTasks',
          parameters: (given, submitted) => ({
            ...(getOwn(given, 'Cluster') !== undefined && { Cluster: pick(given, 'Cluster') }),
            Tasks: [at(submitted, ['Tasks', 0, 'TaskArn']) ?? null],
          }),
          job: ['Tasks', 0],
          status: ['LastStatus'],
          succeeded: ['STOPPED'],
          failed: [],
          isSuccess: (task) => {
            const containers = getOwn(task, 'Containers')
            return isArray(containers) && containers.every((one) => isObject(one) && getOwn(one, 'ExitCode') === 0)
          },
          cancel: {
            action: 'stopTask',
            parameters: (given, s) => ({
              ...(getOwn(given, 'Cluster') !== undefined && { Cluster: pick(given, 'Cluster') }),
              Task: at(s, ['Tasks', 0, 'TaskArn']) ?? null,
            }),
          },
        },
      },
    },
  ],
  [
    'glue',
    {
      sdkService: 'glue',
      errorPrefix: 'Glue',
      jobs: {
        startJobRun: {
          describe: 'getJobRun',
          parameters: (given, submitted) => ({ JobName: pick(given, 'JobName'), RunId: pick(submitted, 'JobRunId') }),
          job: ['JobRun'],
          status: ['JobRunState'],
          succeeded: ['SUCCEEDED'],
          failed: ['FAILED', 'STOPPED', 'TIMEOUT', 'ERROR', 'EXPIRED'],
          cancel: {
            action: 'batchStopJobRun',
            parameters: (given, s) => ({ JobName: pick(given, 'JobName'), JobRunIds: [pick(s, 'JobRunId')] }),
          },
        },
      },
    },
  ],
  ['bedrock', { sdkService: 'bedrockruntime', errorPrefix: 'Bedrock' }],
  ['databrew', { sdkService: 'databrew', errorPrefix: 'DataBrew' }],
  ['eks', { sdkService: 'eks', errorPrefix: 'EKS' }],
  ['elasticmapreduce', { sdkService: 'emr', errorPrefix: 'ElasticMapReduce' }],
  ['emr-containers', { sdkService: 'emrcontainers', errorPrefix: 'EmrContainers' }],
  ['emr-serverless', { sdkService: 'emrserverless', errorPrefix: 'EmrServerless' }],
  ['mediaconvert', { sdkService: 'mediaconvert', errorPrefix: 'MediaConvert' }],
  ['sagemaker', { sdkService: 'sagemaker', errorPrefix: 'SageMaker' }],
])

/** Undefined for a service that Step Functions has no optimized integration with. */
export function createJobConnector(endpoints: Endpoints, serviceName: string): Connector | undefined {
  const service = SERVICES.get(serviceName)
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
      const called = await call(action, objectOf(request.parameters), request.signal)
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
