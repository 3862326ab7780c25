/** The members of what a REST API is made of. Source: API Gateway REST API reference, "Data types". */
import { BOOLEAN_MAP, type Shape, TEXT_MAP } from '../shape.ts'

/** Of one API. AWS's 300 are raised for who asks. */
export const RESOURCES_MAX = 1000

export const REST_API: Shape = {
  name: 'text',
  description: 'text',
  version: 'text',
  binaryMediaTypes: 'texts',
  minimumCompressionSize: 'number',
  apiKeySource: 'text',
  endpointConfiguration: { members: { types: 'texts', vpcEndpointIds: 'texts', ipAddressType: 'text' } },
  policy: 'text',
  disableExecuteApiEndpoint: 'boolean',
  securityPolicy: 'text',
  endpointAccessMode: 'text',
}

export const METHOD: Shape = {
  authorizationType: 'text',
  authorizerId: 'text',
  apiKeyRequired: 'boolean',
  operationName: 'text',
  requestParameters: BOOLEAN_MAP,
  requestModels: TEXT_MAP,
  requestValidatorId: 'text',
  authorizationScopes: 'texts',
}

export const METHOD_RESPONSE: Shape = { responseParameters: BOOLEAN_MAP, responseModels: TEXT_MAP }

export const INTEGRATION: Shape = {
  type: 'text',
  httpMethod: 'text',
  uri: 'text',
  connectionType: 'text',
  connectionId: 'text',
  credentials: 'text',
  requestParameters: TEXT_MAP,
  requestTemplates: TEXT_MAP,
  passthroughBehavior: 'text',
  cacheNamespace: 'text',
  cacheKeyParameters: 'texts',
  contentHandling: 'text',
  timeoutInMillis: 'number',
  tlsConfig: { members: { insecureSkipVerification: 'boolean' } },
  responseTransferMode: 'text',
  integrationTarget: 'text',
}

export const INTEGRATION_RESPONSE: Shape = {
  selectionPattern: 'text',
  responseParameters: TEXT_MAP,
  responseTemplates: TEXT_MAP,
  contentHandling: 'text',
}

export const AUTHORIZER: Shape = {
  name: 'text',
  type: 'text',
  providerARNs: 'texts',
  authType: 'text',
  authorizerUri: 'text',
  authorizerCredentials: 'text',
  identitySource: 'text',
  identityValidationExpression: 'text',
  authorizerResultTtlInSeconds: 'number',
}

export const MODEL: Shape = { name: 'text', description: 'text', schema: 'text', contentType: 'text' }

export const REQUEST_VALIDATOR: Shape = { name: 'text', validateRequestBody: 'boolean', validateRequestParameters: 'boolean' }

export const GATEWAY_RESPONSE: Shape = { statusCode: 'text', responseParameters: TEXT_MAP, responseTemplates: TEXT_MAP }

const CANARY: Shape = {
  percentTraffic: 'number',
  deploymentId: 'text',
  stageVariableOverrides: TEXT_MAP,
  useStageCache: 'boolean',
}

export const STAGE: Shape = {
  stageName: 'text',
  deploymentId: 'text',
  description: 'text',
  cacheClusterEnabled: 'boolean',
  cacheClusterSize: 'text',
  variables: TEXT_MAP,
  documentationVersion: 'text',
  canarySettings: { members: CANARY },
  tracingEnabled: 'boolean',
  clientCertificateId: 'text',
  webAclArn: 'text',
  accessLogSettings: { members: { destinationArn: 'text', format: 'text' } },
}

const METHOD_SETTING: Shape = {
  metricsEnabled: 'boolean',
  loggingLevel: 'text',
  dataTraceEnabled: 'boolean',
  throttlingBurstLimit: 'number',
  throttlingRateLimit: 'number',
  cachingEnabled: 'boolean',
  cacheTtlInSeconds: 'number',
  cacheDataEncrypted: 'boolean',
  requireAuthorizationForCacheControl: 'boolean',
  unauthorizedCacheControlHeaderStrategy: 'text',
}

/** Under its path and method: `~1pets/GET`, of all of them `*` and `*`. */
export const STAGE_WITH_METHODS: Shape = { ...STAGE, methodSettings: { mapOf: { members: METHOD_SETTING } } }

/** As the paths of patches call the settings of methods. */
export const METHOD_SETTING_NAMES: ReadonlyMap<string, string> = new Map([
  ['metrics/enabled', 'metricsEnabled'],
  ['logging/loglevel', 'loggingLevel'],
  ['logging/dataTrace', 'dataTraceEnabled'],
  ['throttling/burstLimit', 'throttlingBurstLimit'],
  ['throttling/rateLimit', 'throttlingRateLimit'],
  ['caching/enabled', 'cachingEnabled'],
  ['caching/ttlInSeconds', 'cacheTtlInSeconds'],
  ['caching/dataEncrypted', 'cacheDataEncrypted'],
  ['caching/requireAuthorizationForCacheControl', 'requireAuthorizationForCacheControl'],
  ['caching/unauthorizedCacheControlHeaderStrategy', 'unauthorizedCacheControlHeaderStrategy'],
])

export const API_KEY: Shape = {
  name: 'text',
  description: 'text',
  enabled: 'boolean',
  value: 'text',
  customerId: 'text',
  stageKeys: 'texts',
}

const THROTTLE: Shape = { burstLimit: 'number', rateLimit: 'number' }

export const USAGE_PLAN: Shape = {
  name: 'text',
  description: 'text',
  productCode: 'text',
  throttle: { members: THROTTLE },
  quota: { members: { limit: 'number', offset: 'number', period: 'text' } },
}

export const API_STAGE: Shape = { apiId: 'text', stage: 'text', throttle: { mapOf: { members: THROTTLE } } }

export const ACCOUNT: Shape = { cloudwatchRoleArn: 'text' }
