/**
 * DynamoDB's four optimized actions: attribute values go in and come out as DynamoDB's own JSON.
 * Source: AWS developer guide, "Perform DynamoDB CRUD operations"; recorded cases dynamodb-task*, task-service-dynamodb*.
 */
import { callJson } from '../../aws/call.ts'
import type { Endpoints } from '../../aws/endpoints.ts'
import { SERVICES } from '../../aws/services.ts'

import { optimizedFailure } from '../call-failure.ts'
import type { Connector } from '../connector.ts'
import { objectOf } from '../parameters.ts'
import { pascal } from '../casing.ts'
import { sdkMetadata, sorted } from '../sdk-metadata.ts'

const DYNAMODB = SERVICES.dynamodb

export function createDynamodbConnector(endpoints: Endpoints): Connector {
  return {
    async start({ resource, parameters, signal }) {
      const called = await callJson(endpoints, DYNAMODB, pascal(resource.action), objectOf(parameters), { signal })
      if (!called.ok) return { kind: 'failed', failure: optimizedFailure(DYNAMODB, called.error, 'dynamodb') }
      const { body, response } = called.value
      return { kind: 'succeeded', output: sorted({ ...body, ...sdkMetadata(response) }) }
    },
  }
}
