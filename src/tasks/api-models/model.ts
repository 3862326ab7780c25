/**
 * The API models of AWS services, as far as Tasks are checked against them: the shapes of an operation's input (parameters) and
 * output (mocks of TestState). The JSON files beside this one are made from AWS's own SDK by scripts/api-models.mjs, and each is
 * read when it is needed for the first time.
 */
import { existsSync, readFileSync } from 'node:fs'

import { getOwn } from '../../base/json.ts'

import type { TaskResource } from '../../asl/program.ts'
import { isSdkCall } from '../../asl/resource.ts'

import type { installedServices } from '../sdk/client-package.ts'
import { isListedService } from '../sdk/package-names.ts'

import { HTTP_MODEL, HTTP_VALUES } from './http-model.ts'
import type { Model } from './shape.ts'

const SDK = 'aws-sdk:'

/** Where an optimized integration's name and AWS SDK's differ. API Gateway, HTTP and EKS calls answer whatever they like. */
const MODEL_OF: Readonly<Record<string, string>> = {
  states: 'sfn',
  events: 'eventbridge',
  'emr-serverless': 'emrserverless',
  'emr-containers': 'emrcontainers',
}
const HTTP = 'http:invoke'
const UNCHECKED: ReadonlySet<string> = new Set(['apigateway:invoke', HTTP, 'eks:call', 'eks:runJob'])
/** Its result is not the service's answer, which is a stream. */
const HARNESS = 'bedrockagentcore:invokeHarness'

/** A job's result is what the call that waits for its end answers. */
const JOB_RESULT: Readonly<Record<string, string>> = {
  'states:startExecution': 'DescribeExecution',
  'athena:startQueryExecution': 'GetQueryExecution',
  'codebuild:startBuild': 'BatchGetBuilds',
  'codebuild:startBuildBatch': 'BatchGetBuildBatches',
  'glue:startJobRun': 'GetJobRun',
  'batch:submitJob': 'DescribeJobs',
  'ecs:runTask': 'DescribeTasks',
}

export interface InputModel {
  readonly model: Model
  /** Name of the input's shape; undefined where the operation takes nothing. */
  readonly shape: string | undefined
  /** Parameters that Step Functions adds to the API's. */
  readonly extra: ReadonlySet<string>
  /** What the API requires and Step Functions brings itself. */
  readonly optional: ReadonlySet<string>
  /** Blobs that Step Functions takes as text. */
  readonly texts: ReadonlySet<string>
  /** How texts are written, where no service judges them. */
  readonly values?: ReadonlyMap<string, RegExp> | undefined
  /** Members within members may be spelled with a small letter, as many APIs do. */
  readonly takesModelSpelling: boolean
}

/** What an optimized integration takes otherwise than the API. Source: developer guide, the page of each integration. */
const INTEGRATIONS: Readonly<Record<string, Partial<Pick<InputModel, 'extra' | 'optional' | 'texts' | 'values'>>>> = {
  'lambda:invoke': { texts: new Set(['Payload']) },
  'bedrock:invokeModel': { extra: new Set(['Input', 'Output']), optional: new Set(['Body']) },
  [HTTP]: { values: HTTP_VALUES },
  [HARNESS]: { optional: new Set(['RuntimeSessionId']) },
}
/** Their APIs have capitals alone. */
const VERBATIM: ReadonlySet<string> = new Set(['dynamodb', 'events', 'lambda', 'sns', 'sqs'])
/** Idempotency tokens, which SDKs make themselves; aws-sdk integrations ask for them. */
const TOKENS: readonly string[] = ['ClientToken', 'ClientRequestToken']
const NONE: ReadonlySet<string> = new Set()

/** The model of what a Task's resource takes; undefined where there is none to check against. */
export function inputModelOf(resource: TaskResource): InputModel | undefined {
  if (resource.kind !== 'service') return undefined
  const call = `${resource.service}:${resource.action}`
  if (call !== HTTP && UNCHECKED.has(call)) return undefined
  const model = call === HTTP ? HTTP_MODEL : loadModel(modelName(resource.service, resource.action))
  const shape = model && getOwn(model.inputs, operationOf(resource.action))
  if (!model || shape === undefined) return undefined
  const { extra = NONE, optional = NONE, texts = NONE, values } = INTEGRATIONS[call] ?? {}
  const isSdk = resource.service.startsWith(SDK)
  return {
    model,
    shape: typeof shape === 'string' ? shape : undefined,
    extra,
    texts,
    values,
    optional: isSdk ? optional : new Set([...optional, ...TOKENS]),
    takesModelSpelling: !isSdk && !VERBATIM.has(resource.service),
  }
}

/**
 * False where an aws-sdk call names a service that there is not, or an action that its API is known not to have. What is spelled
 * otherwise than any such call is for the language to judge.
 */
export async function isKnownAction(resource: TaskResource, installed: typeof installedServices): Promise<boolean> {
  if (resource.kind !== 'service' || !resource.service.startsWith(SDK)) return true
  const sdkService = resource.service.slice(SDK.length)
  if (!isSdkCall(sdkService, resource.action)) return true
  if (!isListedService(sdkService) && !(await installed()).has(sdkService)) return false
  const model = loadModel(sdkService)
  return !model || getOwn(model.inputs, operationOf(resource.action)) !== undefined
}

const operationOf = (action: string): string => `${action.charAt(0).toUpperCase()}${action.slice(1)}`

export interface OutputModel {
  readonly model: Model
  /** Name of the output's shape. */
  readonly shape: string
  /** Members that hold whatever JSON a function or model answered. */
  readonly free: ReadonlySet<string>
}

/** The model of what a Task's resource answers; undefined where there is none to check against. */
export function outputModelOf(resource: TaskResource): OutputModel | undefined {
  if (resource.kind !== 'service' || resource.pattern === 'waitForTaskToken') return undefined
  const call = `${resource.service}:${resource.action}`
  if (UNCHECKED.has(call) || call === HARNESS) return undefined
  const isJob = resource.pattern !== 'request'
  const operation = isJob ? JOB_RESULT[call] : operationOf(resource.action)
  if (operation === undefined) return undefined
  const model = loadModel(modelName(resource.service, resource.action))
  const shape = model && getOwn(model.operations, operation)
  if (!model || typeof shape !== 'string') return undefined
  return {
    model,
    shape,
    free: call === 'lambda:invoke' || call === 'bedrock:invokeModel' ? new Set(['Payload', 'Body']) : new Set(),
  }
}

function modelName(service: string, action: string): string {
  if (service.startsWith(SDK)) return service.slice(SDK.length)
  if (service === 'bedrock' && action === 'invokeModel') return 'bedrockruntime'
  return MODEL_OF[service] ?? service
}

const loaded = new Map<string, Model>()

/** By the name that aws-sdk ARNs have for the service; read once. */
export function loadModel(name: string): Model | undefined {
  const known = loaded.get(name)
  if (known || !/^[a-z0-9]+$/.test(name)) return known
  const file = new URL(`./${name}.json`, import.meta.url)
  if (!existsSync(file)) return undefined
  const model = JSON.parse(readFileSync(file, 'utf8')) as Model
  loaded.set(name, model)
  return model
}
