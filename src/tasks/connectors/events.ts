/**
 * EventBridge `putEvents`. The machine and its execution are added to each entry's Resources; one failed entry fails the
 * task, and a retry sends all entries again. Its result is the service's alone, without what other integrations add of HTTP.
 * Source: AWS developer guide, "Add EventBridge events with Step Functions".
 */
import { failure } from '../../base/failure.ts'
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { callJson } from '../../aws/call.ts'
import type { Endpoints } from '../../aws/endpoints.ts'
import { SERVICES } from '../../aws/services.ts'

import { optimizedFailure } from '../call-failure.ts'
import type { Connector, TaskRequest } from '../connector.ts'
import { asText, spelledOf } from '../parameters.ts'
import { sorted } from '../sdk-metadata.ts'

const EVENTBRIDGE = SERVICES.eventbridge

export function createEventsConnector(endpoints: Endpoints): Connector {
  return {
    async start(request) {
      const phase = request.resource.pattern === 'request' ? 'run' : 'submit'
      const called = await callJson(endpoints, EVENTBRIDGE, 'PutEvents', withContext(request), { signal: request.signal })
      if (!called.ok) return { kind: 'failed', failure: optimizedFailure(EVENTBRIDGE, called.error, 'events'), phase }
      const { body } = called.value
      const failedCount = getOwn(body, 'FailedEntryCount')
      if (typeof failedCount === 'number' && failedCount > 0) {
        return { kind: 'failed', failure: failure('EventBridge.FailedEntry', JSON.stringify(sorted(body))), phase }
      }
      const output = sorted(body)
      return request.resource.pattern === 'waitForTaskToken' ? { kind: 'submitted', output } : { kind: 'succeeded', output }
    },
  }
}

function withContext(request: TaskRequest): JsonObject {
  const parameters = spelledOf(request)
  const entries = getOwn(parameters, 'Entries')
  if (!isArray(entries)) return parameters
  return { ...parameters, Entries: entries.map((entry) => withResources(entry, request)) }
}

function withResources(entry: Json, request: TaskRequest): Json {
  if (!isObject(entry)) return entry
  const given = getOwn(entry, 'Resources')
  const detail = asText(getOwn(entry, 'Detail'))
  const time = getOwn(entry, 'Time')
  return {
    ...entry,
    ...(typeof time === 'string' && { Time: Date.parse(time) / 1000 }),
    ...(detail !== undefined && { Detail: detail }),
    Resources: [...(isArray(given) ? given : []), request.stateMachineArn, request.executionArn],
  }
}
