/** Carries out an aws-sdk task with the service's own `@aws-sdk` client: one attempt, errors told as Step Functions tells them. */
import { type Failure, failure } from '../../base/failure.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { plainNumbers } from '../../base/plain-numbers.ts'
import { err, ok, type Result } from '../../base/result.ts'

import type { Endpoints } from '../../aws/endpoints.ts'

import { sdkCause } from '../call-failure.ts'
import { pascal } from '../casing.ts'

import { errorPrefixOf, loadSdkPackage, type SdkPackage } from './client-package.ts'
import { packageNameOf } from './package-names.ts'
import { commandSchemas, fromClientOutput, toClientInput } from './schema.ts'

interface Client {
  send(command: unknown, options: { readonly abortSignal: AbortSignal }): Promise<unknown>
}
type Constructor<T> = new (input: unknown) => T

/** By service and endpoint; a client keeps its connections. */
const clients = new Map<string, Client>()

export async function callSdkClient(
  endpoints: Endpoints,
  sdkService: string,
  action: string,
  parameters: JsonObject,
  signal: AbortSignal,
  /** Makes of what the client gives what the task shows, where that is not its members. */
  read?: (output: unknown) => Promise<Json>,
): Promise<Result<Json, Failure>> {
  const found = await loadSdkPackage(sdkService)
  if (!found) return err(notInstalled(sdkService))
  const prefix = errorPrefixOf(found.className)
  const Command = found.exports[`${pascal(action)}Command`]
  if (typeof Command !== 'function') {
    return err(failure('States.Runtime', `The action ${action} is not one of ${packageNameOf(sdkService)}.`))
  }
  const make = Command as Constructor<unknown>
  const schemas = commandSchemas(new make({}))
  const input = schemas ? toClientInput(parameters, schemas.input) : plainNumbers(parameters)
  try {
    const output = await clientOf(endpoints, sdkService, found).send(new make(input), { abortSignal: signal })
    return ok(read ? await read(output) : ((await fromClientOutput(output, schemas?.output)) ?? {}))
  } catch (error) {
    return err(clientFailure(prefix, found, error))
  }
}

function clientOf(endpoints: Endpoints, sdkService: string, found: SdkPackage): Client {
  const endpoint = endpoints.endpointFor(sdkService)
  const key = `${sdkService} ${endpoint.url}`
  const known = clients.get(key)
  if (known) return known
  const make = found.exports[`${found.className}Client`] as Constructor<Client>
  const client = new make({
    region: endpoint.region,
    maxAttempts: 1,
    credentials: endpoint.credentials,
    // The client would read the variables of the environment itself, where `aws` is no URL and what is for clients is not for us.
    ignoreConfiguredEndpointUrls: true,
    ...(!endpoint.isAws && { endpoint: endpoint.url, forcePathStyle: true }),
  })
  clients.set(key, client)
  return client
}

/** The SDK has a class of its own for each modelled error; others are of the service's general class. */
function clientFailure(prefix: string, found: SdkPackage, error: unknown): Failure {
  if (!(error instanceof Error)) return failure(`${prefix}.SdkClientException`, String(error))
  const general = found.exports[`${found.className}ServiceException`]
  const metadata = '$metadata' in error ? (error.$metadata as { httpStatusCode?: number; requestId?: string }) : undefined
  if (metadata?.httpStatusCode === undefined) {
    return failure(`${prefix}.SdkClientException`, `Unable to execute HTTP request: ${error.message}`)
  }
  const isModelled = typeof general === 'function' && error.constructor !== general && error instanceof general
  const name = isModelled ? `${error.name.replace(/Exception$/, '')}Exception` : `${prefix}Exception`
  const requestId = metadata.requestId ?? ''
  const cause = { kind: 'service', status: metadata.httpStatusCode, code: error.name, message: error.message, requestId } as const
  return failure(`${prefix}.${name}`, sdkCause(prefix, cause))
}

function notInstalled(sdkService: string): Failure {
  const name = packageNameOf(sdkService)
  return failure(
    'States.Runtime',
    `The service '${sdkService}' is called with its AWS SDK client, which is not installed. Install it beside Regente: npm install ${name}`,
  )
}
