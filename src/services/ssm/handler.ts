/** Parameter Store's JSON 1.1 face: requests to operations. */
import type { Log } from '../../base/log.ts'

import { createAwsJsonHandler, type JsonOperation } from '../../wire/aws-json.ts'
import type { Handler } from '../../wire/http.ts'
import { apiOf } from '../../aws/operations.ts'

import { type SsmDeps, SsmService } from './service.ts'

export interface Ssm {
  readonly handler: Handler
  readonly operations: () => Iterable<string>
  readonly service: SsmService
  close(): void
}

export function createSsm(deps: SsmDeps & { readonly log: Log }): Ssm {
  const service = new SsmService(deps)
  const operations = operationsOf(service)
  return {
    service,
    handler: createAwsJsonHandler(operations, {
      log: deps.log,
      internalCode: 'InternalServerError',
      aws: apiOf('ssm'),
    }),
    operations: () => operations.keys(),
    close() {},
  }
}

function operationsOf(service: SsmService): Map<string, JsonOperation> {
  return new Map<string, JsonOperation>([
    ['PutParameter', (input) => service.putParameter(input)],
    ['GetParameter', (input) => service.getParameter(input)],
    ['GetParameters', (input) => service.getParameters(input)],
    ['GetParametersByPath', (input) => service.getParametersByPath(input)],
    ['DescribeParameters', (input) => service.describeParameters(input)],
    ['GetParameterHistory', (input) => service.getParameterHistory(input)],
    ['DeleteParameter', (input) => service.deleteParameter(input)],
    ['DeleteParameters', (input) => service.deleteParameters(input)],
    ['LabelParameterVersion', (input) => service.labelParameterVersion(input)],
    ['UnlabelParameterVersion', (input) => service.unlabelParameterVersion(input)],
    ['AddTagsToResource', (input) => service.addTagsToResource(input)],
    ['RemoveTagsFromResource', (input) => service.removeTagsFromResource(input)],
    ['ListTagsForResource', (input) => service.listTagsForResource(input)],
  ])
}
