/** From a task's resource to the connector that carries it out. Connectors are made once and hold no state of a task. */
import type { ConnectionSecrets } from '../aws/connections.ts'
import type { Endpoints } from '../aws/endpoints.ts'

import type { Connector, TaskResource } from './connector.ts'
import { createAwsSdkConnector } from './connectors/aws-sdk.ts'
import { createDynamodbConnector } from './connectors/dynamodb.ts'
import { createEventsConnector } from './connectors/events.ts'
import { createHarnessConnector } from './connectors/harness.ts'
import { createApiGatewayConnector, createHttpConnector } from './connectors/http.ts'
import { createJobConnector } from './connectors/jobs.ts'
import { createLambdaConnector } from './connectors/lambda.ts'
import { createSnsConnector, createSqsConnector } from './connectors/messages.ts'
import { createStatesConnector } from './connectors/states.ts'

export interface ConnectorRegistry {
  /** Undefined for a service that Step Functions has no integration with. */
  connectorFor(resource: TaskResource): Connector | undefined
}

const FACTORIES: ReadonlyMap<string, (endpoints: Endpoints, connections: ConnectionSecrets) => Connector> = new Map([
  ['apigateway', createApiGatewayConnector],
  ['aws-sdk', createAwsSdkConnector],
  ['bedrockagentcore', createHarnessConnector],
  ['dynamodb', createDynamodbConnector],
  ['events', createEventsConnector],
  ['http', createHttpConnector],
  ['lambda', createLambdaConnector],
  ['sns', createSnsConnector],
  ['sqs', createSqsConnector],
  ['states', createStatesConnector],
])

const NO_CONNECTIONS: ConnectionSecrets = { authorize: async () => undefined }

export function createConnectors(endpoints: Endpoints, connections = NO_CONNECTIONS): ConnectorRegistry {
  const made = new Map<string, Connector | undefined>()
  return {
    connectorFor(resource) {
      const name = resource.legacyLambdaArn === undefined ? resource.service : 'lambda'
      if (!made.has(name)) made.set(name, FACTORIES.get(name)?.(endpoints, connections) ?? createJobConnector(endpoints, name))
      return made.get(name)
    },
  }
}
