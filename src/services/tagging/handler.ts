/** The Tagging API's JSON 1.1 face: requests to operations. */
import type { Log } from '../../base/log.ts'

import { createAwsJsonHandler, type JsonOperation } from '../../wire/aws-json.ts'
import { apiOf } from '../../aws/operations.ts'

import type { ServiceDeps } from '../kit/service-deps.ts'

import { Asking } from './asking.ts'
import { TaggingService } from './service.ts'

export type TaggingDeps = Pick<ServiceDeps, 'endpoint' | 'region' | 'credentials'> & { readonly log: Log }

export function createTagging(deps: TaggingDeps) {
  const service = new TaggingService(new Asking(deps))
  const operations = new Map<string, JsonOperation>([
    ['GetResources', (input) => service.getResources(input)],
    ['TagResources', (input) => service.tagResources(input)],
    ['UntagResources', (input) => service.untagResources(input)],
    ['GetTagKeys', (input) => service.getTagKeys(input)],
    ['GetTagValues', (input) => service.getTagValues(input)],
  ])
  return {
    handler: createAwsJsonHandler(operations, { log: deps.log, internalCode: 'InternalServiceException', aws: apiOf('tagging') }),
    operations: () => operations.keys(),
    close() {},
  }
}
