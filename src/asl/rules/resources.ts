import type { TaskPattern } from '../program.ts'
import { isSdkCall, parseResource, unrecognized } from '../resource.ts'
import { type Rule, SCHEMA } from './rule.ts'

type Calls = Readonly<Record<string, string>>

/** Service -> action -> patterns beside request and response: S `.sync`, 2 `.sync:2`, T `.waitForTaskToken`. */
const OPTIMIZED: Readonly<Record<string, Calls>> = {
  apigateway: { invoke: 'T' },
  athena: { startQueryExecution: 'S', stopQueryExecution: '', getQueryExecution: '', getQueryResults: '' },
  batch: { submitJob: 'S' },
  bedrock: { invokeModel: 'T', createModelCustomizationJob: 'S' },
  bedrockagentcore: { invokeHarness: '' },
  codebuild: {
    startBuild: 'S',
    startBuildBatch: 'S',
    retryBuildBatch: 'S',
    stopBuild: '',
    stopBuildBatch: '',
    deleteBuildBatch: '',
    batchDeleteBuilds: '',
    batchGetReports: '',
  },
  databrew: { startJobRun: 'S' },
  dynamodb: { getItem: '', putItem: '', updateItem: '', deleteItem: '' },
  ecs: { runTask: 'ST' },
  eks: {
    call: '',
    runJob: 'S',
    createCluster: 'S',
    deleteCluster: 'S',
    createNodegroup: 'S',
    deleteNodegroup: 'S',
    createFargateProfile: 'S',
    deleteFargateProfile: 'S',
  },
  elasticmapreduce: {
    createCluster: 'S',
    terminateCluster: 'S',
    addStep: 'S',
    cancelStep: '',
    setClusterTerminationProtection: '',
    modifyInstanceFleetByName: '',
    modifyInstanceGroupByName: '',
  },
  'emr-containers': { createVirtualCluster: '', deleteVirtualCluster: 'S', startJobRun: 'S' },
  'emr-serverless': {
    createApplication: 'S',
    startApplication: 'S',
    stopApplication: 'S',
    deleteApplication: 'S',
    startJobRun: 'S',
    cancelJobRun: 'S',
  },
  events: { putEvents: 'T' },
  glue: { startJobRun: 'S' },
  http: { invoke: '' },
  lambda: { invoke: 'T' },
  mediaconvert: { createJob: 'S' },
  sagemaker: {
    createTrainingJob: 'S',
    createTransformJob: 'S',
    createHyperParameterTuningJob: 'S',
    createLabelingJob: 'S',
    createProcessingJob: 'S',
    createModel: '',
    createEndpoint: '',
    createEndpointConfig: '',
    updateEndpoint: '',
  },
  sns: { publish: 'T' },
  sqs: { sendMessage: 'T' },
  states: { startExecution: 'S2T' },
}
/** Of request and response every action is capable. */
const SUFFIXES = [
  ['', ''],
  ['S', '.sync'],
  ['2', '.sync:2'],
  ['T', '.waitForTaskToken'],
] as const
const SDK = 'aws-sdk:'
const LETTER: Readonly<Record<TaskPattern, string>> = { request: '', sync: 'S', sync2: '2', waitForTaskToken: 'T' }

/** Every optimized integration with each of its patterns, for editors. */
export const OPTIMIZED_RESOURCES: readonly string[] = Object.entries(OPTIMIZED).flatMap(([service, calls]) =>
  Object.entries(calls).flatMap(([action, letters]) =>
    SUFFIXES.filter(([letter]) => letters.includes(letter)).map(([, suffix]) => `arn:aws:states:::${service}:${action}${suffix}`),
  ),
)

export const resources: Rule = {
  codes: [SCHEMA],
  check({ states }, report) {
    for (const { document, at } of states) {
      if (document.Type !== 'Task' || typeof document.Resource !== 'string' || isRecognized(document.Resource)) continue
      const resource = document.Resource
      report.error(SCHEMA, unrecognized(resource), `${at}/Resource`)
    }
  },
}

function isRecognized(arn: string): boolean {
  const resource = parseResource(arn)
  if (resource?.kind !== 'service') return resource !== undefined
  const { service, action, pattern } = resource
  // Any service, but jobs: the SDK's calls do not wait.
  if (service.startsWith(SDK))
    return isSdkCall(service.slice(SDK.length), action) && (pattern === 'request' || pattern === 'waitForTaskToken')
  const calls = Object.hasOwn(OPTIMIZED, service) ? OPTIMIZED[service] : undefined
  const patterns = calls && Object.hasOwn(calls, action) ? calls[action] : undefined
  return patterns?.includes(LETTER[pattern]) === true
}
