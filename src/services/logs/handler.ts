/** CloudWatch Logs' JSON 1.1 face: requests to operations. */
import type { JsonObject } from '../../base/json.ts'
import type { Log } from '../../base/log.ts'

import { createAwsJsonHandler, type JsonOperation } from '../../wire/aws-json.ts'
import type { Handler } from '../../wire/http.ts'

import { type LogsDeps, LogsService } from './service.ts'

export type { LogsService } from './service.ts'

export interface Logs {
  readonly handler: Handler
  readonly service: LogsService
  close(): void
}

export function createLogs(deps: LogsDeps & { readonly log: Log }): Logs {
  const service = new LogsService(deps)
  return {
    service,
    handler: createAwsJsonHandler(operationsOf(service), { log: deps.log, internalCode: 'ServiceUnavailableException' }),
    close: () => service.close(),
  }
}

function operationsOf(service: LogsService): Map<string, JsonOperation> {
  const operation =
    (run: (input: JsonObject) => JsonObject | Promise<JsonObject>): JsonOperation =>
    (input) =>
      run(input)
  return new Map([
    ['CreateLogGroup', operation((input) => service.createLogGroup(input))],
    ['DeleteLogGroup', operation((input) => service.deleteLogGroup(input))],
    ['DescribeLogGroups', operation((input) => service.describeLogGroups(input))],
    ['PutRetentionPolicy', operation((input) => service.putRetentionPolicy(input))],
    ['DeleteRetentionPolicy', operation((input) => service.deleteRetentionPolicy(input))],
    ['TagLogGroup', operation((input) => service.tagLogGroup(input))],
    ['UntagLogGroup', operation((input) => service.untagLogGroup(input))],
    ['ListTagsLogGroup', operation((input) => service.listTagsLogGroup(input))],
    ['TagResource', operation((input) => service.tagResource(input))],
    ['UntagResource', operation((input) => service.untagResource(input))],
    ['ListTagsForResource', operation((input) => service.listTagsForResource(input))],
    ['CreateLogStream', operation((input) => service.createLogStream(input))],
    ['DeleteLogStream', operation((input) => service.deleteLogStream(input))],
    ['DescribeLogStreams', operation((input) => service.describeLogStreams(input))],
    ['PutLogEvents', operation((input) => service.putLogEvents(input))],
    ['GetLogEvents', operation((input) => service.getLogEvents(input))],
    ['FilterLogEvents', operation((input) => service.filterLogEvents(input))],
    ['PutResourcePolicy', operation((input) => service.putResourcePolicy(input))],
    ['DescribeResourcePolicies', operation(() => service.describeResourcePolicies())],
    ['DeleteResourcePolicy', operation((input) => service.deleteResourcePolicy(input))],
  ])
}
