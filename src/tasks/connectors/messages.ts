/**
 * SNS `publish` and SQS `sendMessage`. A message given as JSON is sent as its text.
 * Source: AWS developer guide, "Publish messages to Amazon SNS topics" and "Amazon SQS queue"; recorded cases sns-task*, sqs-task*.
 */
import { getOwn, type Json, type JsonObject } from '../../base/json.ts'

import { callJson, callService } from '../aws-call.ts'
import { type CallFailure, optimizedFailure } from '../call-failure.ts'
import type { Connector, Endpoints, ServiceEndpoint, TaskOutcome, TaskRequest } from '../connector.ts'
import { asText, objectOf } from '../parameters.ts'
import { readQueryResult, toQueryForm } from '../query-form.ts'
import { sdkMetadata, sorted } from '../sdk-metadata.ts'
import { type WireService, wireService } from '../wire-services.ts'

const SNS = wireService('sns')
const SQS = wireService('sqs')

export function createSnsConnector(endpoints: Endpoints): Connector {
  return {
    async start(request) {
      const parameters = withText(objectOf(request.parameters), 'Message')
      const body = toQueryForm('Publish', '2010-03-31', parameters)
      const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
      const called = await callService(endpoints, SNS, { headers, body, signal: request.signal })
      if (!called.ok) return refused(request, SNS, called.error)
      return taken(request, { ...readQueryResult('Publish', called.value.body.toString('utf8')), ...sdkMetadata(called.value) })
    },
  }
}

export function createSqsConnector(endpoints: Endpoints): Connector {
  return {
    async start(request) {
      const parameters = withText(objectOf(request.parameters), 'MessageBody')
      const queueUrl = asText(getOwn(parameters, 'QueueUrl')) ?? ''
      const url = foreignOrigin(queueUrl, endpoints.endpointFor('sqs'))
      const called = await callJson(endpoints, SQS, 'SendMessage', parameters, {
        signal: request.signal,
        ...(url !== undefined && { url }),
      })
      if (!called.ok) return refused(request, SQS, called.error)
      return taken(request, { ...called.value.body, ...sdkMetadata(called.value.response) })
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

function withText(parameters: JsonObject, name: string): JsonObject {
  const value = getOwn(parameters, name)
  return value === undefined ? parameters : { ...parameters, [name]: asText(value) ?? null }
}

function taken(request: TaskRequest, members: JsonObject): TaskOutcome {
  const output: Json = sorted(members)
  return request.resource.pattern === 'waitForTaskToken' ? { kind: 'submitted', output } : { kind: 'succeeded', output }
}

function refused(request: TaskRequest, service: WireService, error: CallFailure): TaskOutcome {
  const phase = request.resource.pattern === 'request' ? 'run' : 'submit'
  return { kind: 'failed', failure: optimizedFailure(service, error, request.resource.service), phase }
}
