/**
 * API Gateway's actions as aws-sdk tasks use them, of REST APIs and of HTTP APIs: a line each, with the parameters of its query.
 * Source: API Gateway REST API reference and API Gateway v2 API reference; AWS's API models.
 */
import { camel } from '../casing.ts'
import type { RestAction } from './rest.ts'

const REST_APIS = `
  createApiKey POST /apikeys
  createAuthorizer POST /restapis/{RestApiId}/authorizers
  createDeployment POST /restapis/{RestApiId}/deployments
  createModel POST /restapis/{RestApiId}/models
  createRequestValidator POST /restapis/{RestApiId}/requestvalidators
  createResource POST /restapis/{RestApiId}/resources/{ParentId}
  createRestApi POST /restapis
  createStage POST /restapis/{RestApiId}/stages
  createUsagePlan POST /usageplans
  createUsagePlanKey POST /usageplans/{UsagePlanId}/keys
  deleteApiKey DELETE /apikeys/{ApiKey}
  deleteAuthorizer DELETE /restapis/{RestApiId}/authorizers/{AuthorizerId}
  deleteDeployment DELETE /restapis/{RestApiId}/deployments/{DeploymentId}
  deleteGatewayResponse DELETE /restapis/{RestApiId}/gatewayresponses/{ResponseType}
  deleteIntegration DELETE /restapis/{RestApiId}/resources/{ResourceId}/methods/{HttpMethod}/integration
  deleteIntegrationResponse DELETE /restapis/{RestApiId}/resources/{ResourceId}/methods/{HttpMethod}/integration/responses/{StatusCode}
  deleteMethod DELETE /restapis/{RestApiId}/resources/{ResourceId}/methods/{HttpMethod}
  deleteMethodResponse DELETE /restapis/{RestApiId}/resources/{ResourceId}/methods/{HttpMethod}/responses/{StatusCode}
  deleteModel DELETE /restapis/{RestApiId}/models/{ModelName}
  deleteRequestValidator DELETE /restapis/{RestApiId}/requestvalidators/{RequestValidatorId}
  deleteResource DELETE /restapis/{RestApiId}/resources/{ResourceId}
  deleteRestApi DELETE /restapis/{RestApiId}
  deleteStage DELETE /restapis/{RestApiId}/stages/{StageName}
  deleteUsagePlan DELETE /usageplans/{UsagePlanId}
  deleteUsagePlanKey DELETE /usageplans/{UsagePlanId}/keys/{KeyId}
  getAccount GET /account
  getApiKey GET /apikeys/{ApiKey} IncludeValue
  getApiKeys GET /apikeys Position Limit NameQuery=name CustomerId IncludeValues
  getAuthorizer GET /restapis/{RestApiId}/authorizers/{AuthorizerId}
  getAuthorizers GET /restapis/{RestApiId}/authorizers Position Limit
  getDeployment GET /restapis/{RestApiId}/deployments/{DeploymentId} Embed
  getDeployments GET /restapis/{RestApiId}/deployments Position Limit
  getGatewayResponse GET /restapis/{RestApiId}/gatewayresponses/{ResponseType}
  getGatewayResponses GET /restapis/{RestApiId}/gatewayresponses Position Limit
  getIntegration GET /restapis/{RestApiId}/resources/{ResourceId}/methods/{HttpMethod}/integration
  getIntegrationResponse GET /restapis/{RestApiId}/resources/{ResourceId}/methods/{HttpMethod}/integration/responses/{StatusCode}
  getMethod GET /restapis/{RestApiId}/resources/{ResourceId}/methods/{HttpMethod}
  getMethodResponse GET /restapis/{RestApiId}/resources/{ResourceId}/methods/{HttpMethod}/responses/{StatusCode}
  getModel GET /restapis/{RestApiId}/models/{ModelName} Flatten
  getModels GET /restapis/{RestApiId}/models Position Limit
  getRequestValidator GET /restapis/{RestApiId}/requestvalidators/{RequestValidatorId}
  getRequestValidators GET /restapis/{RestApiId}/requestvalidators Position Limit
  getResource GET /restapis/{RestApiId}/resources/{ResourceId} Embed
  getResources GET /restapis/{RestApiId}/resources Position Limit Embed
  getRestApi GET /restapis/{RestApiId}
  getRestApis GET /restapis Position Limit
  getStage GET /restapis/{RestApiId}/stages/{StageName}
  getStages GET /restapis/{RestApiId}/stages DeploymentId
  getTags GET /tags/{ResourceArn} Position Limit
  getUsagePlan GET /usageplans/{UsagePlanId}
  getUsagePlanKey GET /usageplans/{UsagePlanId}/keys/{KeyId}
  getUsagePlanKeys GET /usageplans/{UsagePlanId}/keys Position Limit NameQuery=name
  getUsagePlans GET /usageplans Position KeyId Limit
  importRestApi POST /restapis?mode=import FailOnWarnings=failonwarnings
  putGatewayResponse PUT /restapis/{RestApiId}/gatewayresponses/{ResponseType}
  putIntegration PUT /restapis/{RestApiId}/resources/{ResourceId}/methods/{HttpMethod}/integration
  putIntegrationResponse PUT /restapis/{RestApiId}/resources/{ResourceId}/methods/{HttpMethod}/integration/responses/{StatusCode}
  putMethod PUT /restapis/{RestApiId}/resources/{ResourceId}/methods/{HttpMethod}
  putMethodResponse PUT /restapis/{RestApiId}/resources/{ResourceId}/methods/{HttpMethod}/responses/{StatusCode}
  putRestApi PUT /restapis/{RestApiId} Mode FailOnWarnings=failonwarnings
  tagResource PUT /tags/{ResourceArn}
  testInvokeMethod POST /restapis/{RestApiId}/resources/{ResourceId}/methods/{HttpMethod}
  untagResource DELETE /tags/{ResourceArn} TagKeys
  updateAccount PATCH /account
  updateApiKey PATCH /apikeys/{ApiKey}
  updateAuthorizer PATCH /restapis/{RestApiId}/authorizers/{AuthorizerId}
  updateDeployment PATCH /restapis/{RestApiId}/deployments/{DeploymentId}
  updateGatewayResponse PATCH /restapis/{RestApiId}/gatewayresponses/{ResponseType}
  updateIntegration PATCH /restapis/{RestApiId}/resources/{ResourceId}/methods/{HttpMethod}/integration
  updateIntegrationResponse PATCH /restapis/{RestApiId}/resources/{ResourceId}/methods/{HttpMethod}/integration/responses/{StatusCode}
  updateMethod PATCH /restapis/{RestApiId}/resources/{ResourceId}/methods/{HttpMethod}
  updateMethodResponse PATCH /restapis/{RestApiId}/resources/{ResourceId}/methods/{HttpMethod}/responses/{StatusCode}
  updateModel PATCH /restapis/{RestApiId}/models/{ModelName}
  updateRequestValidator PATCH /restapis/{RestApiId}/requestvalidators/{RequestValidatorId}
  updateResource PATCH /restapis/{RestApiId}/resources/{ResourceId}
  updateRestApi PATCH /restapis/{RestApiId}
  updateStage PATCH /restapis/{RestApiId}/stages/{StageName}
  updateUsagePlan PATCH /usageplans/{UsagePlanId}
`

const HTTP_APIS = `
  createApi POST /v2/apis
  createAuthorizer POST /v2/apis/{ApiId}/authorizers
  createDeployment POST /v2/apis/{ApiId}/deployments
  createIntegration POST /v2/apis/{ApiId}/integrations
  createModel POST /v2/apis/{ApiId}/models
  createRoute POST /v2/apis/{ApiId}/routes
  createStage POST /v2/apis/{ApiId}/stages
  deleteAccessLogSettings DELETE /v2/apis/{ApiId}/stages/{StageName}/accesslogsettings
  deleteApi DELETE /v2/apis/{ApiId}
  deleteAuthorizer DELETE /v2/apis/{ApiId}/authorizers/{AuthorizerId}
  deleteCorsConfiguration DELETE /v2/apis/{ApiId}/cors
  deleteDeployment DELETE /v2/apis/{ApiId}/deployments/{DeploymentId}
  deleteIntegration DELETE /v2/apis/{ApiId}/integrations/{IntegrationId}
  deleteModel DELETE /v2/apis/{ApiId}/models/{ModelId}
  deleteRoute DELETE /v2/apis/{ApiId}/routes/{RouteId}
  deleteRouteSettings DELETE /v2/apis/{ApiId}/stages/{StageName}/routesettings/{RouteKey}
  deleteStage DELETE /v2/apis/{ApiId}/stages/{StageName}
  getApi GET /v2/apis/{ApiId}
  getApis GET /v2/apis MaxResults=maxResults NextToken=nextToken
  getAuthorizer GET /v2/apis/{ApiId}/authorizers/{AuthorizerId}
  getAuthorizers GET /v2/apis/{ApiId}/authorizers MaxResults=maxResults NextToken=nextToken
  getDeployment GET /v2/apis/{ApiId}/deployments/{DeploymentId}
  getDeployments GET /v2/apis/{ApiId}/deployments MaxResults=maxResults NextToken=nextToken
  getIntegration GET /v2/apis/{ApiId}/integrations/{IntegrationId}
  getIntegrations GET /v2/apis/{ApiId}/integrations MaxResults=maxResults NextToken=nextToken
  getModel GET /v2/apis/{ApiId}/models/{ModelId}
  getModels GET /v2/apis/{ApiId}/models MaxResults=maxResults NextToken=nextToken
  getRoute GET /v2/apis/{ApiId}/routes/{RouteId}
  getRoutes GET /v2/apis/{ApiId}/routes MaxResults=maxResults NextToken=nextToken
  getStage GET /v2/apis/{ApiId}/stages/{StageName}
  getStages GET /v2/apis/{ApiId}/stages MaxResults=maxResults NextToken=nextToken
  getTags GET /v2/tags/{ResourceArn}
  importApi PUT /v2/apis Basepath=basepath FailOnWarnings=failOnWarnings
  reimportApi PUT /v2/apis/{ApiId} Basepath=basepath FailOnWarnings=failOnWarnings
  tagResource POST /v2/tags/{ResourceArn}
  untagResource DELETE /v2/tags/{ResourceArn} TagKeys=tagKeys
  updateApi PATCH /v2/apis/{ApiId}
  updateAuthorizer PATCH /v2/apis/{ApiId}/authorizers/{AuthorizerId}
  updateDeployment PATCH /v2/apis/{ApiId}/deployments/{DeploymentId}
  updateIntegration PATCH /v2/apis/{ApiId}/integrations/{IntegrationId}
  updateModel PATCH /v2/apis/{ApiId}/models/{ModelId}
  updateRoute PATCH /v2/apis/{ApiId}/routes/{RouteId}
  updateStage PATCH /v2/apis/{ApiId}/stages/{StageName}
`

/** Members whose own keys are data. */
const KEEPS: ReadonlySet<string> = new Set([
  'requestmodels',
  'requestparameters',
  'requesttemplates',
  'responsemodels',
  'responseparameters',
  'responsetemplates',
  'routesettings',
  'stagevariableoverrides',
  'stagevariables',
  'tags',
  'variables',
])

/** Members whose name on the wire is another one. */
const CALLED: ReadonlyMap<string, string> = new Map([['integrationHttpMethod', 'httpMethod']])
const SHOWN: ReadonlyMap<string, string> = new Map([['item', 'items']])

const SMALL_LETTERS = { keeps: KEEPS, called: CALLED, shown: SHOWN }

export const API_GATEWAY_ACTIONS = actionsOf(REST_APIS)
export const API_GATEWAY_V2_ACTIONS = actionsOf(HTTP_APIS)

function actionsOf(text: string): ReadonlyMap<string, RestAction> {
  return new Map(text.trim().split('\n').map(readLine))
}

/** `getApiKeys GET /apikeys Position NameQuery=name`. */
function readLine(line: string): [name: string, action: RestAction] {
  const [name = '', method = '', target = '', ...parameters] = line.trim().split(' ')
  const [path = '', fixedQuery = ''] = target.split('?')
  const query = Object.fromEntries(
    parameters.map((parameter) => parameter.split('=')).map(([member = '', wire]) => [member, wire ?? camel(member)]),
  )
  const isText = name === 'importRestApi' || name === 'putRestApi'
  const body = isText ? ({ member: 'Body' } as const) : 'json'
  const hasBody = method !== 'GET' && method !== 'DELETE'
  return [
    name,
    { method, path, fixedQuery, query, ...(hasBody && { body }), smallLetters: SMALL_LETTERS, result: { body: 'json' } },
  ]
}
