/** Cloud Control's JSON 1.0 face: requests to operations. */
import { createAwsJsonHandler, type JsonOperation } from '../../wire/aws-json.ts'
import type { Handler } from '../../wire/http.ts'
import { apiOf } from '../../aws/operations.ts'

import type { ServiceDeps } from '../kit/service-deps.ts'

import type { StackResources } from './known-resources.ts'
import { Requests } from './requests.ts'
import { CloudControlService } from './service.ts'
import { CloudControlStore } from './store.ts'

export interface CloudControlDeps extends ServiceDeps {
  readonly stackResources: StackResources
}

export interface CloudControl {
  readonly handler: Handler
  operations(): Iterable<string>
  /** Carries on with what an earlier process left undone. */
  resume(): void
  close(): Promise<void>
}

export function createCloudControl(deps: CloudControlDeps): CloudControl {
  const { database, clock, region, account, endpoint, credentials, log, stackResources } = deps
  const store = new CloudControlStore(database, stackResources, clock.now())
  const place = () => ({ endpoint: endpoint(), region, credentials: credentials?.() })
  const requests = new Requests({ store, place, account, clock, log })
  const service = new CloudControlService(store, requests)
  const operations = new Map<string, JsonOperation>([
    ['CreateResource', (input) => service.createResource(input)],
    ['GetResource', (input) => service.getResource(input)],
    ['UpdateResource', (input) => service.updateResource(input)],
    ['DeleteResource', (input) => service.deleteResource(input)],
    ['ListResources', (input) => service.listResources(input)],
    ['GetResourceRequestStatus', (input) => service.getResourceRequestStatus(input)],
    ['ListResourceRequests', (input) => service.listResourceRequests(input)],
    ['CancelResourceRequest', (input) => service.cancelResourceRequest(input)],
  ])
  return {
    handler: createAwsJsonHandler(operations, {
      log,
      internalCode: 'InternalFailure',
      aws: apiOf('cloudcontrolapi'),
    }),
    operations: () => operations.keys(),
    resume: () => requests.resume(),
    close: () => requests.close(),
  }
}
