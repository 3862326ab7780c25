/**
 * AWS::Serverless::Api: a REST API of an OpenAPI document, a deployment for each state of the document, and a stage.
 * Source: AWS SAM developer guide, "AWS::Serverless::Api", "Generated CloudFormation resources for AWS::Serverless::Api".
 */
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { restAuthorization } from './api-authorizers.ts'
import { locationOf } from './code-location.ts'
import { isTrue, only, present, ref, type SamResource, sha1 } from './draft.ts'
import { pathsOf, type Route } from './routes.ts'

const SAME = [
  ...['ApiKeySourceType', 'BinaryMediaTypes', 'Description', 'DisableExecuteApiEndpoint', 'MinimumCompressionSize', 'Mode'],
  ...['Name', 'Policy', 'SecurityPolicy'],
]
const STAGE = [
  ...['AccessLogSetting', 'CacheClusterEnabled', 'CacheClusterSize', 'CanarySetting', 'MethodSettings', 'TracingEnabled'],
  ...['Variables'],
]
const BESIDES = ['Domain', 'GatewayResponses', 'Models', 'UsagePlan']

export function makeRestApi(resource: SamResource, isImplied = false): void {
  const { id, draft } = resource
  const stage = draft.known(resource.at('StageName'))
  if (stage === undefined) resource.refuse("Missing required property 'StageName'.")
  const document = documentOf(resource)
  const endpoint = resource.at('EndpointConfiguration')
  const path = resource.pathOf()
  for (const name of BESIDES.filter((one) => resource.at(one) !== undefined))
    resource.warn(`the property ${name} of ${resource.type} has no effect here.`, name)
  resource.become('AWS::ApiGateway::RestApi', {
    ...document,
    ...only(resource.properties, SAME),
    ...endpointOf(endpoint),
    FailOnWarnings: resource.at('FailOnWarnings'),
    Tags: tagsOf(resource.at('Tags')),
  })
  const hash = sha1(present(document))
  const deployment = `${id}Deployment${hash.slice(0, 10)}`
  const making = { path, isImplied: true }
  resource.make(
    deployment,
    'AWS::ApiGateway::Deployment',
    { RestApiId: ref(id), Description: `RestApi deployment id: ${hash}`, StageName: 'Stage' },
    making,
  )
  const named = stageId(id, stage)
  resource.make(
    named,
    'AWS::ApiGateway::Stage',
    {
      RestApiId: ref(id),
      DeploymentId: ref(deployment),
      StageName: stage,
      ...only(resource.properties, STAGE),
    },
    { ...making, isImplied: isImplied || making.isImplied },
  )
  draft.names.set(`${id}.Deployment`, deployment).set(`${id}.Stage`, named)
}

const stageId = (id: string, stage: Json | undefined): string =>
  typeof stage === 'string' && /^[A-Za-z0-9]+$/.test(stage)
    ? `${id}${stage}Stage`
    : `${id}Stage${sha1(stage ?? null).slice(0, 10)}`

function documentOf(resource: SamResource): Readonly<Record<string, Json | undefined>> {
  const written = resource.at('DefinitionBody')
  if (written !== undefined && resource.at('DefinitionUri') !== undefined)
    resource.refuse("Specify either 'DefinitionUri' or 'DefinitionBody' property and not both.", 'DefinitionUri')
  if (written !== undefined) return { Body: written }
  if (resource.at('DefinitionUri') !== undefined) {
    const location = locationOf(resource, 'DefinitionUri')
    if (location === undefined || typeof location === 'string') return { BodyS3Location: location }
    return { BodyS3Location: present({ Bucket: location.bucket, Key: location.key, Version: location.version }) }
  }
  return { Body: bodyOf(resource, resource.draft.routes.get(resource.id) ?? []) }
}

function bodyOf(resource: SamResource, routes: readonly Route[]): JsonObject {
  const { schemes, secured } = restAuthorization(resource.at('Auth'))
  const cors = resource.at('Cors')
  const paths = pathsOf(routes, secured)
  return {
    swagger: '2.0',
    info: { version: '1.0', title: ref('AWS::StackName') },
    paths: cors === undefined ? paths : withPreflights(paths, routes, cors),
    ...(schemes && { securityDefinitions: schemes }),
  }
}

/** Each path answers `OPTIONS` itself. */
function withPreflights(paths: JsonObject, routes: readonly Route[], cors: Json): JsonObject {
  const entries = Object.entries(paths).map(([path, methods]): [string, Json] => {
    const own = routes.filter((route) => route.path === path).map(({ method }) => method)
    const has = isObject(methods) && Object.hasOwn(methods, 'options')
    return [path, isObject(methods) && !has ? { ...methods, options: preflight(cors, own) } : methods]
  })
  return Object.fromEntries(entries)
}

const ALL_METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']

function preflight(cors: Json, methods: readonly string[]): JsonObject {
  const settings = isObject(cors) && Object.hasOwn(cors, 'AllowOrigin') ? cors : { AllowOrigin: cors }
  const any = methods.some((method) => method.startsWith('x-'))
  const allowed = any ? ALL_METHODS : [...methods.map((method) => method.toUpperCase()), 'OPTIONS'].sort()
  const headers = present({
    'Access-Control-Allow-Origin': getOwn(settings, 'AllowOrigin'),
    'Access-Control-Allow-Methods': getOwn(settings, 'AllowMethods') ?? `'${allowed.join(',')}'`,
    'Access-Control-Allow-Headers': getOwn(settings, 'AllowHeaders'),
    'Access-Control-Max-Age': getOwn(settings, 'MaxAge'),
    'Access-Control-Allow-Credentials': isTrue(getOwn(settings, 'AllowCredentials')) ? "'true'" : undefined,
  })
  const told = Object.entries(headers).map(([name, value]) => [`method.response.header.${name}`, value] as const)
  const shown = Object.keys(headers).map((name) => [name, { type: 'string' }] as const)
  return {
    summary: 'CORS support',
    consumes: ['application/json'],
    produces: ['application/json'],
    'x-amazon-apigateway-integration': {
      type: 'mock',
      requestTemplates: { 'application/json': '{\n  "statusCode" : 200\n}\n' },
      responses: {
        default: {
          statusCode: '200',
          responseParameters: Object.fromEntries(told),
          responseTemplates: { 'application/json': '{}\n' },
        },
      },
    },
    responses: { 200: { description: 'Default response for CORS method', headers: Object.fromEntries(shown) } },
  }
}

/** A text is the type; of an object some members have another name. */
function endpointOf(given: Json | undefined): JsonObject {
  if (given === undefined) return {}
  if (!isObject(given) || !Object.hasOwn(given, 'Type'))
    return { EndpointConfiguration: { Types: [given] }, Parameters: { endpointConfigurationTypes: given } }
  const type = getOwn(given, 'Type') ?? null
  const VpcEndpointIds = getOwn(given, 'VPCEndpointIds')
  return {
    EndpointConfiguration: { Types: [type], ...(VpcEndpointIds !== undefined && { VpcEndpointIds }) },
    Parameters: { endpointConfigurationTypes: type },
  }
}

const tagsOf = (tags: Json | undefined): Json | undefined =>
  isObject(tags) ? Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) : tags
