/** The members of what an HTTP API is made of. Source: API Gateway v2 API reference. */
import { type Member, type Shape, TEXT_MAP } from '../shape.ts'

const CORS: Member = {
  members: {
    allowCredentials: 'boolean',
    allowHeaders: 'texts',
    allowMethods: 'texts',
    allowOrigins: 'texts',
    exposeHeaders: 'texts',
    maxAge: 'number',
  },
}

export const HTTP_API: Shape = {
  name: 'text',
  description: 'text',
  protocolType: 'text',
  version: 'text',
  apiKeySelectionExpression: 'text',
  routeSelectionExpression: 'text',
  corsConfiguration: CORS,
  disableExecuteApiEndpoint: 'boolean',
  disableSchemaValidation: 'boolean',
  ipAddressType: 'text',
}

export const ROUTE: Shape = {
  routeKey: 'text',
  target: 'text',
  apiKeyRequired: 'boolean',
  authorizationScopes: 'texts',
  authorizationType: 'text',
  authorizerId: 'text',
  modelSelectionExpression: 'text',
  operationName: 'text',
  requestModels: TEXT_MAP,
  requestParameters: { mapOf: { members: { required: 'boolean' } } },
  routeResponseSelectionExpression: 'text',
}

export const INTEGRATION: Shape = {
  integrationType: 'text',
  integrationUri: 'text',
  integrationMethod: 'text',
  integrationSubtype: 'text',
  connectionId: 'text',
  connectionType: 'text',
  contentHandlingStrategy: 'text',
  credentialsArn: 'text',
  description: 'text',
  passthroughBehavior: 'text',
  payloadFormatVersion: 'text',
  requestParameters: TEXT_MAP,
  requestTemplates: TEXT_MAP,
  /** By status; `overwrite:header.name` and the like within. */
  responseParameters: { mapOf: TEXT_MAP },
  templateSelectionExpression: 'text',
  timeoutInMillis: 'number',
  tlsConfig: { members: { serverNameToVerify: 'text' } },
}

const ROUTE_SETTINGS: Shape = {
  dataTraceEnabled: 'boolean',
  detailedMetricsEnabled: 'boolean',
  loggingLevel: 'text',
  throttlingBurstLimit: 'number',
  throttlingRateLimit: 'number',
}

export const STAGE: Shape = {
  stageName: 'text',
  description: 'text',
  deploymentId: 'text',
  autoDeploy: 'boolean',
  clientCertificateId: 'text',
  accessLogSettings: { members: { destinationArn: 'text', format: 'text' } },
  defaultRouteSettings: { members: ROUTE_SETTINGS },
  routeSettings: { mapOf: { members: ROUTE_SETTINGS } },
  stageVariables: TEXT_MAP,
}

export const AUTHORIZER: Shape = {
  name: 'text',
  authorizerType: 'text',
  authorizerUri: 'text',
  authorizerCredentialsArn: 'text',
  authorizerPayloadFormatVersion: 'text',
  authorizerResultTtlInSeconds: 'number',
  enableSimpleResponses: 'boolean',
  identitySource: 'texts',
  identityValidationExpression: 'text',
  jwtConfiguration: { members: { audience: 'texts', issuer: 'text' } },
}

export const MODEL: Shape = { name: 'text', description: 'text', contentType: 'text', schema: 'text' }
