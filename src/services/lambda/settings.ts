/**
 * Reads the members of CreateFunction and UpdateFunctionConfiguration into our own terms, with AWS's bounds and texts.
 * A member that is absent keeps what `before` says. Source: AWS Lambda API reference, "CreateFunction".
 */
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { picked } from '../kit/input.ts'

import { constraintError, lambdaError } from './errors.ts'
import { readText, readTextMap, readTexts, readWhole } from './input.ts'
import { isRunnable, RUNS } from './launch.ts'
import type { FunctionRecord } from './records.ts'

export type Settings = Pick<
  FunctionRecord,
  | 'runtime'
  | 'handler'
  | 'role'
  | 'description'
  | 'timeoutSeconds'
  | 'memoryMb'
  | 'variables'
  | 'ephemeralMb'
  | 'layers'
  | 'tracingMode'
  | 'deadLetterArn'
  | 'logGroup'
  | 'kept'
>

export const DEFAULT_SETTINGS: Settings = {
  runtime: '',
  handler: '',
  role: '',
  description: '',
  timeoutSeconds: 3,
  memoryMb: 128,
  variables: undefined,
  ephemeralMb: 512,
  layers: [],
  tracingMode: 'PassThrough',
}

export function readSettings(input: JsonObject, before: Settings): Settings {
  return {
    runtime: readRuntime(input, before.runtime),
    handler: readText(input, 'Handler', 128) ?? before.handler,
    role: readRole(input) ?? before.role,
    description: readText(input, 'Description', 256) ?? before.description,
    timeoutSeconds: readWhole(input, 'Timeout', 1, 900) ?? before.timeoutSeconds,
    memoryMb: readWhole(input, 'MemorySize', 128, 10_240) ?? before.memoryMb,
    variables: readVariables(getOwn(input, 'Environment')) ?? before.variables,
    ephemeralMb: readEphemeral(getOwn(input, 'EphemeralStorage')) ?? before.ephemeralMb,
    layers: readTexts(input, 'Layers') ?? before.layers,
    tracingMode: readTracing(getOwn(input, 'TracingConfig')) ?? before.tracingMode,
    deadLetterArn: readDeadLetter(getOwn(input, 'DeadLetterConfig'), before.deadLetterArn),
    logGroup: readLogGroup(getOwn(input, 'LoggingConfig')) ?? before.logGroup,
    kept: readKept(input, before.kept),
  }
}

/** An empty ARN takes the target away. */
function readDeadLetter(value: Json | undefined, before: string | undefined): string | undefined {
  const arn = isObject(value) ? readText(value, 'TargetArn') : undefined
  if (arn === undefined) return before
  if (arn !== '' && !/^arn:[^:]+:(?:sqs|sns):/.test(arn))
    throw lambdaError(
      'InvalidParameterValueException',
      `The provided target ARN ${arn} is not of a queue of SQS or a topic of SNS.`,
    )
  return arn === '' ? undefined : arn
}

function readLogGroup(value: Json | undefined): string | undefined {
  const group = isObject(value) ? readText(value, 'LogGroup', 512) : undefined
  if (group === undefined || /^[.\-_/#A-Za-z0-9]+$/.test(group)) return group
  const pattern = 'Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+'
  throw constraintError(group, 'loggingConfig.logGroup', pattern)
}

/** Of a network, a file system, a key, a snapshot and a format of logs there is nothing here: what is said of them is shown again. */
const KEPT = ['VpcConfig', 'FileSystemConfigs', 'KMSKeyArn', 'SnapStart', 'LoggingConfig'] as const

function readKept(input: JsonObject, before: JsonObject | undefined): JsonObject | undefined {
  const given = picked(input, KEPT)
  return Object.keys(given).length === 0 ? before : { ...before, ...given }
}

/** Functions of these are kept; their calls fail, and say why. */
const OF_AWS_ALONE = /^(?:java(?:8|8\.al2|\d{2})|dotnet(?:core)?\d+(?:\.\d)?|go1\.x|ruby\d\.\d|python2\.7)$/

function readRuntime(input: JsonObject, before: string): string {
  const runtime = readText(input, 'Runtime') ?? before
  if (getOwn(input, 'PackageType') === 'Image') {
    throw lambdaError(
      'InvalidParameterValueException',
      'Regente runs functions as processes: PackageType Image is not supported. Use a zip.',
    )
  }
  if (runtime === '')
    throw lambdaError('InvalidParameterValueException', 'Runtime is mandatory for functions created with deployment packages.')
  if (!isRunnable(runtime) && !OF_AWS_ALONE.test(runtime)) {
    throw lambdaError('InvalidParameterValueException', `Value ${runtime} at 'runtime' cannot run here: ${RUNS}`)
  }
  return runtime
}

function readRole(input: JsonObject): string | undefined {
  const role = readText(input, 'Role')
  if (role === undefined || /^arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/.test(role)) return role
  throw constraintError(
    role,
    'role',
    'Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+',
  )
}

const RESERVED =
  /^(_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_)?REGION|AWS_EXECUTION_ENV|AWS_LAMBDA_(FUNCTION_(NAME|MEMORY_SIZE|VERSION)|INITIALIZATION_TYPE|LOG_GROUP_NAME|LOG_STREAM_NAME|RUNTIME_API)|AWS_ACCESS_KEY(_ID)?|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|LAMBDA_TASK_ROOT|LAMBDA_RUNTIME_DIR)$/
const VARIABLES_BYTES_MAX = 4096

function readVariables(environment: Json | undefined): Record<string, string> | undefined {
  if (environment === undefined || environment === null) return undefined
  const variables =
    readTextMap(isObject(environment) ? environment : { Variables: environment }, 'Variables', 'Environment.Variables') ?? {}
  const names = Object.keys(variables)
  const reserved = names.filter((name) => RESERVED.test(name))
  if (reserved.length > 0) {
    throw lambdaError(
      'InvalidParameterValueException',
      'Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. ' +
        `Reserved keys used in this request: ${reserved.join(', ')}`,
    )
  }
  const odd = names.find((name) => !/^[a-zA-Z][a-zA-Z0-9_]+$/.test(name))
  if (odd !== undefined) {
    throw constraintError(
      names,
      'environment.variables',
      'Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]',
    )
  }
  if (Object.values(variables).some((value) => value.includes('\0'))) {
    throw lambdaError('InvalidParameterValueException', 'Environment variables cannot contain the NUL character.')
  }
  if (Buffer.byteLength(JSON.stringify(variables)) > VARIABLES_BYTES_MAX) {
    throw lambdaError(
      'InvalidParameterValueException',
      'Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. ' +
        `String measured: ${JSON.stringify(variables).slice(0, 1024)}`,
    )
  }
  return variables
}

function readEphemeral(value: Json | undefined): number | undefined {
  return isObject(value) ? readWhole(value, 'Size', 512, 10_240) : undefined
}

function readTracing(value: Json | undefined): string | undefined {
  return isObject(value) ? readText(value, 'Mode') : undefined
}
