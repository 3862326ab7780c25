/**
 * SNS `publish` and SQS `sendMessage`. A message given as JSON is sent as its text.
 * Source: AWS developer guide, "Publish messages to Amazon SNS topics" and "Amazon SQS queue"; recorded cases sns-task*, sqs-task*.
 */
import { getOwn, type Json, type JsonObject } from '../../base/json.ts'

import { type Answer, callJson, callQuery } from '../../aws/call.ts'
import type { Endpoints, ServiceEndpoint } from '../../aws/endpoints.ts'
import type { CallFailure } from '../../aws/failure.ts'
import { type AwsService, SERVICES } from '../../aws/services.ts'

import { optimizedFailure } from '../call-failure.ts'
import type { Connector, TaskOutcome, TaskRequest } from '../connector.ts'
import { asText, objectOf, spelledOf } from '../parameters.ts'
import { sdkMetadata, sorted } from '../sdk-metadata.ts'

export function createSnsConnector(endpoints: Endpoints): Connector {
  return {
    async start(request) {
      const parameters = withText(request, 'Message')
      const called = await callQuery(endpoints, SERVICES.sns, 'Publish', parameters, { signal: request.signal })
      return called.ok ? taken(request, called.value) : refused(request, SERVICES.sns, called.error)
    },
  }
}

export function createSqsConnector(endpoints: Endpoints): Connector {
  return {
    async start(request) {
      const parameters = withText(request, 'MessageBody')
      const queueUrl = asText(getOwn(parameters, 'QueueUrl')) ?? ''
      const url = foreignOrigin(queueUrl, endpoints.endpointFor('sqs'))
      const called = await callJson(endpoints, SERVICES.sqs, 'SendMessage', parameters, {
        signal: request.signal,
        ...(url !== undefined && { url }),
      })
      return called.ok ? taken(request, called.value) : refused(request, SERVICES.sqs, called.error)
    },
  }
}

/**
 * A queue URL names the host to call. URLs of AWS and of this machine go to the endpoint that is set, so that a workflow
 * written for the one runs on the other; any other host is called as it stands.
 */
export function foreignOrigin(queueUrl: string, endpoint: ServiceEndpoint): string | undefined {
  if (!/^https?:\/\//i.test(queueUrl) || !URL.canParse(queueUrl)) return undefined
  const { origin, hostname } = new URL(queueUrl)
  const isOurs =
    /(^|\.)(localhost|amazonaws\.com|amazonaws\.com\.cn|localstack\.cloud)$/.test(hostname) || /^(127\.|\[::1\])/.test(hostname)
  return isOurs || origin === new URL(endpoint.url).origin ? undefined : origin
}

function withText(request: TaskRequest, name: string): JsonObject {
  const parameters = objectOf(request.parameters)
  const value = getOwn(spelledOf(request), name)
  return value === undefined ? parameters : { ...parameters, [name]: asText(value) ?? null }
}

function taken(request: TaskRequest, { body, response }: Answer): TaskOutcome {
  const output: Json = sorted({ ...body, ...sdkMetadata(response) })
  return request.resource.pattern === 'waitForTaskToken' ? { kind: 'submitted', output } : { kind: 'succeeded', output }
}

function refused(request: TaskRequest, service: AwsService, error: CallFailure): TaskOutcome {
  const phase = request.resource.pattern === 'request' ? 'run' : 'submit'
  return { kind: 'failed', failure: optimizedFailure(service, error, request.resource.service), phase }
}
