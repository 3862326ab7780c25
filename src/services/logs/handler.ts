/** CloudWatch Logs' JSON 1.1 face: requests to operations. */
import type { Log } from '../../base/log.ts'

import { createAwsJsonHandler, type JsonOperation } from '../../wire/aws-json.ts'
import type { Handler } from '../../wire/http.ts'
import { apiOf } from '../../aws/operations.ts'

import { type LogsDeps, LogsService } from './service.ts'

export type { LogsService } from './service.ts'

export interface Logs {
  readonly handler: Handler
  readonly operations: () => Iterable<string>
  readonly service: LogsService
  close(): void
}

export function createLogs(deps: LogsDeps & { readonly log: Log }): Logs {
  const service = new LogsService(deps)
  const operations = operationsOf(service)
  return {
    service,
    handler: createAwsJsonHandler(operations, {
      log: deps.log,
      internalCode: 'ServiceUnavailableException',
      aws: apiOf('logs'),
    }),
    operations: () => operations.keys(),
    close: () => service.close(),
  }
}

function operationsOf(service: LogsService): Map<string, JsonOperation> {
  return new Map<string, JsonOperation>([
    ['CreateLogGroup', (input) => service.createLogGroup(input)],
    ['DeleteLogGroup', (input) => service.deleteLogGroup(input)],
    ['DescribeLogGroups', (input) => service.describeLogGroups(input)],
    ['ListLogGroups', (input) => service.listLogGroups(input)],
    ['PutSubscriptionFilter', (input) => service.putSubscriptionFilter(input)],
    ['DescribeSubscriptionFilters', (input) => service.describeSubscriptionFilters(input)],
    ['DeleteSubscriptionFilter', (input) => service.deleteSubscriptionFilter(input)],
    ['PutMetricFilter', (input) => service.putMetricFilter(input)],
    ['DescribeMetricFilters', (input) => service.describeMetricFilters(input)],
    ['DeleteMetricFilter', (input) => service.deleteMetricFilter(input)],
    ['TestMetricFilter', (input) => service.testMetricFilter(input)],
    ['PutRetentionPolicy', (input) => service.putRetentionPolicy(input)],
    ['DeleteRetentionPolicy', (input) => service.deleteRetentionPolicy(input)],
    ['TagLogGroup', (input) => service.tagLogGroup(input)],
    ['UntagLogGroup', (input) => service.untagLogGroup(input)],
    ['ListTagsLogGroup', (input) => service.listTagsLogGroup(input)],
    ['TagResource', (input) => service.tagResource(input)],
    ['UntagResource', (input) => service.untagResource(input)],
    ['ListTagsForResource', (input) => service.listTagsForResource(input)],
    ['CreateLogStream', (input) => service.createLogStream(input)],
    ['DeleteLogStream', (input) => service.deleteLogStream(input)],
    ['DescribeLogStreams', (input) => service.describeLogStreams(input)],
    ['PutLogEvents', (input) => service.putLogEvents(input)],
    ['GetLogEvents', (input) => service.getLogEvents(input)],
    ['FilterLogEvents', (input) => service.filterLogEvents(input)],
    ['PutResourcePolicy', (input) => service.putResourcePolicy(input)],
    ['DescribeResourcePolicies', () => service.describeResourcePolicies()],
    ['DeleteResourcePolicy', (input) => service.deleteResourcePolicy(input)],
  ])
}
