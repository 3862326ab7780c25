/**
 * The jobs that `.sync` waits for, one row each: how a job is described, when it has ended well or badly, how it is cancelled.
 * Source: AWS developer guide, "Integrating optimized services" (the page of each service); API references of the services.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

export interface Job {
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

export interface JobService {
  /** As aws-sdk ARNs name it. */
  readonly sdkService: string
  readonly errorPrefix: string
  readonly jobs?: Readonly<Record<string, Job>>
}

export const at = (value: Json | undefined, path: readonly (string | number)[]): Json | undefined =>
  path.reduce<Json | undefined>((node, key) => {
    if (typeof key === 'number') return isArray(node) ? node[key] : undefined
    return isObject(node) ? getOwn(node, key) : undefined
  }, value)

const pick = (value: JsonObject, name: string): Json => getOwn(value, name) ?? null

type JobParameters = Job['parameters']

/** Members that the task was given, by the names under which the description wants them too. */
const given =
  (...names: readonly string[]): JobParameters =>
  (task) =>
    Object.fromEntries(names.map((name) => [name, pick(task, name)]))

/** A SageMaker job: described, and stopped, by the name that it was given. */
function sagemakerJob(kind: string): Job {
  const parameters = given(`${kind}Name`)
  return {
    describe: `describe${kind}`,
    parameters,
    job: [],
    status: [`${kind}Status`],
    succeeded: ['Completed'],
    failed: ['Failed', 'Stopped'],
    cancel: { action: `stop${kind}`, parameters },
  }
}

const buildBatch: Job = {
  describe: 'batchGetBuildBatches',
  parameters: (_, submitted) => ({ Ids: [at(submitted, ['BuildBatch', 'Id']) ?? null] }),
  job: ['BuildBatches', 0],
  status: ['BuildBatchStatus'],
  succeeded: ['SUCCEEDED'],
  failed: ['FAILED', 'FAULT', 'TIMED_OUT', 'STOPPED'],
  cancel: { action: 'stopBuildBatch', parameters: (_, s) => ({ Id: at(s, ['BuildBatch', 'Id']) ?? null }) },
}

const emrServerlessRun: JobParameters = (task, s) => ({
  ApplicationId: pick(task, 'ApplicationId'),
  JobRunId: pick(s, 'JobRunId'),
})
const emrContainersRun: JobParameters = (task, s) => ({ VirtualClusterId: pick(task, 'VirtualClusterId'), Id: pick(s, 'Id') })
const databrewRun: JobParameters = (task, s) => ({ Name: pick(task, 'Name'), RunId: pick(s, 'RunId') })
const mediaJob: JobParameters = (_, s) => ({ Id: at(s, ['Job', 'Id']) ?? null })

export const JOB_SERVICES: ReadonlyMap<string, JobService> = new Map<string, JobService>([
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
        startBuildBatch: buildBatch,
        retryBuildBatch: buildBatch,
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
  [
    'databrew',
    {
      sdkService: 'databrew',
      errorPrefix: 'DataBrew',
      jobs: {
        startJobRun: {
          describe: 'describeJobRun',
          parameters: databrewRun,
          job: [],
          status: ['State'],
          succeeded: ['SUCCEEDED'],
          failed: ['FAILED', 'STOPPED', 'TIMEOUT'],
          cancel: { action: 'stopJobRun', parameters: databrewRun },
        },
      },
    },
  ],
  [
    'eks',
    {
      sdkService: 'eks',
      errorPrefix: 'EKS',
      jobs: {
        createCluster: {
          describe: 'describeCluster',
          parameters: given('Name'),
          job: ['Cluster'],
          status: ['Status'],
          succeeded: ['ACTIVE'],
          failed: ['FAILED'],
        },
        createNodegroup: {
          describe: 'describeNodegroup',
          parameters: given('ClusterName', 'NodegroupName'),
          job: ['Nodegroup'],
          status: ['Status'],
          succeeded: ['ACTIVE'],
          failed: ['CREATE_FAILED', 'DEGRADED'],
        },
        createFargateProfile: {
          describe: 'describeFargateProfile',
          parameters: given('ClusterName', 'FargateProfileName'),
          job: ['FargateProfile'],
          status: ['Status'],
          succeeded: ['ACTIVE'],
          failed: ['CREATE_FAILED'],
        },
      },
    },
  ],
  ['elasticmapreduce', { sdkService: 'emr', errorPrefix: 'ElasticMapReduce' }],
  [
    'emr-containers',
    {
      sdkService: 'emrcontainers',
      errorPrefix: 'EmrContainers',
      jobs: {
        startJobRun: {
          describe: 'describeJobRun',
          parameters: emrContainersRun,
          job: ['JobRun'],
          status: ['State'],
          succeeded: ['COMPLETED'],
          failed: ['FAILED', 'CANCELLED'],
          cancel: { action: 'cancelJobRun', parameters: emrContainersRun },
        },
      },
    },
  ],
  [
    'emr-serverless',
    {
      sdkService: 'emrserverless',
      errorPrefix: 'EmrServerless',
      jobs: {
        startJobRun: {
          describe: 'getJobRun',
          parameters: emrServerlessRun,
          job: ['JobRun'],
          status: ['State'],
          succeeded: ['SUCCESS'],
          failed: ['FAILED', 'CANCELLED'],
          cancel: { action: 'cancelJobRun', parameters: emrServerlessRun },
        },
      },
    },
  ],
  [
    'mediaconvert',
    {
      sdkService: 'mediaconvert',
      errorPrefix: 'MediaConvert',
      jobs: {
        createJob: {
          describe: 'getJob',
          parameters: mediaJob,
          job: ['Job'],
          status: ['Status'],
          succeeded: ['COMPLETE'],
          failed: ['CANCELED', 'ERROR'],
          cancel: { action: 'cancelJob', parameters: mediaJob },
        },
      },
    },
  ],
  [
    'sagemaker',
    {
      sdkService: 'sagemaker',
      errorPrefix: 'SageMaker',
      jobs: {
        createTrainingJob: sagemakerJob('TrainingJob'),
        createTransformJob: sagemakerJob('TransformJob'),
        createProcessingJob: sagemakerJob('ProcessingJob'),
        createHyperParameterTuningJob: sagemakerJob('HyperParameterTuningJob'),
        createLabelingJob: sagemakerJob('LabelingJob'),
      },
    },
  ],
])
