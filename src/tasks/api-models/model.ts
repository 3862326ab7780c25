/**
 * The API models of AWS services, as far as TestState needs them: the shape of an operation's output. The JSON files beside
 * this one are made from AWS's own SDK by scripts/api-models.mjs, and are read when a mock is checked for the first time.
 */
import { readFile } from 'node:fs/promises'

import { getOwn } from '../../base/json.ts'

import type { TaskResource } from '../../asl/program.ts'

export type Shape =
  /** Any JSON. */
  | 'document'
  | PlainType
  | { readonly type: 'structure'; readonly required?: readonly string[]; readonly members: Readonly<Record<string, string>> }
  | { readonly type: 'list'; readonly member: string }
  | { readonly type: 'map'; readonly value: string }
  | { readonly type: PlainType; readonly min?: number; readonly max?: number; readonly enum?: readonly string[] }

export type PlainType = 'string' | 'number' | 'boolean' | 'timestamp' | 'blob'

export interface Model {
  /** Operation -> the name of its output's shape. */
  readonly operations: Readonly<Record<string, string>>
  readonly shapes: Readonly<Record<string, Shape>>
}

/** Where an optimized integration's name and AWS SDK's differ. API Gateway, HTTP and EKS calls answer whatever they like. */
const MODEL_OF: Readonly<Record<string, string>> = {
  states: 'sfn',
  events: 'eventbridge',
  'emr-serverless': 'emrserverless',
  'emr-containers': 'emrcontainers',
}
const UNCHECKED: ReadonlySet<string> = new Set(['apigateway:invoke', 'http:invoke', 'eks:call', 'eks:runJob'])

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

export interface OutputModel {
  readonly model: Model
  /** Name of the output's shape. */
  readonly shape: string
  /** Members that hold whatever JSON a function or model answered. */
  readonly free: ReadonlySet<string>
}

/** The model of what a Task's resource answers; undefined where there is none to check against. */
export async function outputModelOf(resource: TaskResource): Promise<OutputModel | undefined> {
  if (resource.kind !== 'service' || resource.pattern === 'waitForTaskToken') return undefined
  const call = `${resource.service}:${resource.action}`
  if (UNCHECKED.has(call)) return undefined
  const isJob = resource.pattern !== 'request'
  const operation = isJob ? JOB_RESULT[call] : `${resource.action.charAt(0).toUpperCase()}${resource.action.slice(1)}`
  if (operation === undefined) return undefined
  const model = await loadModel(modelName(resource.service, resource.action))
  const shape = model && getOwn(model.operations, operation)
  if (!model || typeof shape !== 'string') return undefined
  return {
    model,
    shape,
    free: call === 'lambda:invoke' || call === 'bedrock:invokeModel' ? new Set(['Payload', 'Body']) : new Set(),
  }
}

function modelName(service: string, action: string): string {
  if (service.startsWith('aws-sdk:')) return service.slice('aws-sdk:'.length)
  if (service === 'bedrock' && action === 'invokeModel') return 'bedrockruntime'
  return MODEL_OF[service] ?? service
}

const loaded = new Map<string, Promise<Model | undefined>>()

function loadModel(name: string): Promise<Model | undefined> {
  if (!/^[a-z0-9]+$/.test(name)) return Promise.resolve(undefined)
  const known = loaded.get(name)
  if (known) return known
  const loading = readFile(new URL(`./${name}.json`, import.meta.url), 'utf8').then(
    (text) => JSON.parse(text) as Model,
    () => undefined,
  )
  loaded.set(name, loading)
  return loading
}
