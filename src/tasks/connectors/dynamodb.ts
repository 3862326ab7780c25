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
import { attributesToWire } from '../sdk/attribute-values.ts'
import { sdkMetadata, sorted } from '../sdk-metadata.ts'

const DYNAMODB = SERVICES.dynamodb

export function createDynamodbConnector(endpoints: Endpoints): Connector {
  return {
    async start({ resource, parameters, signal }) {
      // What an aws-sdk task has read may be written back.
      const input = attributesToWire(resource.action, objectOf(parameters))
      const called = await callJson(endpoints, DYNAMODB, pascal(resource.action), input, { signal })
      if (!called.ok) return { kind: 'failed', failure: optimizedFailure(DYNAMODB, called.error, 'dynamodb') }
      const { body, response } = called.value
      return { kind: 'succeeded', output: sorted({ ...body, ...sdkMetadata(response) }) }
    },
  }
}
