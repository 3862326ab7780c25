/**
 * AWS::Serverless::HttpApi: an HTTP API of an OpenAPI document, and a stage that is deployed by itself.
 * Source: AWS SAM developer guide, "AWS::Serverless::HttpApi", "Generated CloudFormation resources for AWS::Serverless::HttpApi".
 */
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { httpAuthorization } from './api-authorizers.ts'
import { locationOf } from './code-location.ts'
import { isTrue, only, present, ref, type SamResource, sha10 } from './draft.ts'
import { pathsOf, type Route } from './routes.ts'

const STAGE: Readonly<Record<string, string>> = {
  AccessLogSettings: 'AccessLogSettings',
  DefaultRouteSettings: 'DefaultRouteSettings',
  RouteSettings: 'RouteSettings',
  StageVariables: 'StageVariables',
}
const DEFAULT_STAGE = '$default'

export function makeHttpApi(resource: SamResource): void {
  const { id, draft } = resource
  if (resource.at('Domain') !== undefined) resource.warn(`the property Domain of ${resource.type} has no effect here.`, 'Domain')
  resource.become('AWS::ApiGatewayV2::Api', {
    ...documentOf(resource),
    ...only(resource.properties, ['Description', 'DisableExecuteApiEndpoint', 'FailOnWarnings', 'Name']),
  })
  const stage = draft.known(resource.at('StageName')) ?? DEFAULT_STAGE
  const named = stageId(id, stage)
  resource.make(
    named,
    'AWS::ApiGatewayV2::Stage',
    {
      ApiId: ref(id),
      StageName: stage,
      AutoDeploy: true,
      ...only(resource.properties, Object.keys(STAGE)),
      Tags: resource.at('Tags'),
    },
    { path: resource.pathOf(), isImplied: true },
  )
  draft.names.set(`${id}.Stage`, named)
}

function stageId(id: string, stage: Json): string {
  if (stage === DEFAULT_STAGE) return `${id}ApiGatewayDefaultStage`
  return typeof stage === 'string' && /^[A-Za-z0-9]+$/.test(stage) ? `${id}${stage}Stage` : `${id}Stage${sha10(stage)}`
}

function documentOf(resource: SamResource): Readonly<Record<string, Json | undefined>> {
  const written = resource.at('DefinitionBody')
  if (written !== undefined) return { Body: written }
  if (resource.at('DefinitionUri') !== undefined) {
    const location = locationOf(resource, 'DefinitionUri')
    if (location === undefined || typeof location === 'string') return { BodyS3Location: location }
    return { BodyS3Location: present({ Bucket: location.bucket, Key: location.key, Version: location.version }) }
  }
  return { Body: bodyOf(resource, resource.draft.routes.get(resource.id) ?? []) }
}

function bodyOf(resource: SamResource, routes: readonly Route[]): JsonObject {
  const { schemes, secured } = httpAuthorization(resource.at('Auth'))
  const cors = resource.at('CorsConfiguration')
  return {
    openapi: '3.0.1',
    info: { version: '1.0', title: resource.at('Name') ?? ref('AWS::StackName') },
    paths: pathsOf(routes, secured),
    ...(schemes && { components: { securitySchemes: schemes } }),
    ...corsOf(cors),
  }
}

/** `true` lets all in. */
function corsOf(cors: Json | undefined): JsonObject {
  if (cors === undefined) return {}
  if (!isObject(cors)) return isTrue(cors) ? { 'x-amazon-apigateway-cors': { allowOrigins: ['*'] } } : {}
  const names = ['AllowCredentials', 'AllowHeaders', 'AllowMethods', 'AllowOrigins', 'ExposeHeaders', 'MaxAge']
  const told = names.flatMap((name) => {
    const value = getOwn(cors, name)
    return value === undefined ? [] : [[name.charAt(0).toLowerCase() + name.slice(1), value] as const]
  })
  return { 'x-amazon-apigateway-cors': Object.fromEntries(told) }
}
