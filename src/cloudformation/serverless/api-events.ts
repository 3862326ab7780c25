/**
 * The events by which an API calls a function or starts a machine: a permission or a role, and a route of the API.
 * An API whose definition the template writes itself has its routes there.
 * Source: AWS SAM developer guide, "Api", "HttpApi"; API Gateway developer guide, OpenAPI extensions.
 */
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { isTrue, type SamResource } from './draft.ts'
import { type EventSource, refuseEvent, required } from './event-source.ts'
import { permit, type Target } from './function-target.ts'
import { IMPLICIT_HTTP_API, IMPLICIT_REST_API, type Route } from './routes.ts'

const ANY = 'x-amazon-apigateway-any-method'
const EXECUTE = 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${__ApiId__}/${__Stage__}'

export function makeApiEvent(event: EventSource, target: Target): void {
  const [path, method] = placeOf(event)
  const { apiId, suffix } = apiOf(event, 'RestApiId', IMPLICIT_REST_API)
  const shown = path.length > 1 ? path.replace(/\/$/, '').replaceAll(/\{[^}]*\}/g, '*') : path
  const arn = `${EXECUTE}/${method === 'any' ? '*' : method.toUpperCase()}${shown}`
  const SourceArn = { 'Fn::Sub': [arn, { __ApiId__: apiId, __Stage__: '*' }] }
  permit(event, target, 'apigateway', { SourceArn }, `${event.id}Permission${suffix}`)
  addRoute(event, apiId, {
    path,
    method: methodKey(method),
    operation: { 'x-amazon-apigateway-integration': integration(target), responses: {} },
  })
}

export function makeHttpApiEvent(event: EventSource, target: Target): void {
  const { properties } = event
  const isDefault = getOwn(properties, 'Path') === undefined && getOwn(properties, 'Method') === undefined
  const [path, method] = isDefault ? ['$default', 'any'] : placeOf(event)
  const { apiId } = apiOf(event, 'ApiId', IMPLICIT_HTTP_API)
  const shown = isDefault ? '/*' : `/${method === 'any' ? '*' : method.toUpperCase()}${path.replaceAll(/\{[^}]*\}/g, '*')}`
  permit(event, target, 'apigateway', {
    SourceArn: { 'Fn::Sub': [`${EXECUTE}${shown}`, { __ApiId__: apiId, __Stage__: '*' }] },
  })
  const payloadFormatVersion = getOwn(properties, 'PayloadFormatVersion') ?? '2.0'
  const timeout = getOwn(properties, 'TimeoutInMillis')
  addRoute(event, apiId, {
    path,
    method: methodKey(method),
    operation: {
      'x-amazon-apigateway-integration': {
        ...integration(target),
        payloadFormatVersion,
        ...(timeout !== undefined && { timeoutInMillis: timeout }),
      },
      ...(isDefault && { isDefaultRoute: true }),
      responses: {},
    },
  })
}

/** Starts an execution with the body of the request. */
export function makeMachineApiEvent(event: EventSource, arn: JsonObject, roleArn: Json): void {
  const [path, method] = placeOf(event)
  const { apiId } = apiOf(event, 'RestApiId', IMPLICIT_REST_API)
  const machine = `\${${String(arn['Ref'])}}`
  const escaped = "$util.escapeJavaScript($input.json('$'))"
  const input = isTrue(getOwn(event.properties, 'UnescapeMappingTemplate')) ? `${escaped}.replaceAll("\\\\'","'")` : escaped
  const template =
    input === escaped
      ? `{"input": "${input}", "stateMachineArn": "${machine}"}`
      : `#set($inputRoot = ${input})\n{"input": "$inputRoot", "stateMachineArn": "${machine}"}`
  const responses = { 200: { statusCode: '200' }, 400: { statusCode: '400' } }
  addRoute(event, apiId, {
    path,
    method: methodKey(method),
    operation: {
      'x-amazon-apigateway-integration': {
        type: 'aws',
        httpMethod: 'POST',
        uri: { 'Fn::Sub': 'arn:${AWS::Partition}:apigateway:${AWS::Region}:states:action/StartExecution' },
        credentials: roleArn,
        requestTemplates: { 'application/json': { 'Fn::Sub': template } },
        responses,
      },
      responses: { 200: { description: 'OK' }, 400: { description: 'Bad Request' } },
    },
  })
}

const methodKey = (method: string): string => (method === 'any' ? ANY : method)

function placeOf(event: EventSource): readonly [path: string, method: string] {
  return [String(required(event, 'Path') ?? '/'), String(required(event, 'Method') ?? 'any').toLowerCase()]
}

/** An alias is referred to, a function by its ARN. */
function integration({ arn }: Target): JsonObject {
  const attribute = getOwn(arn, 'Fn::GetAtt')
  const named = Array.isArray(attribute) ? attribute.join('.') : String(arn['Ref'])
  const uri = `arn:\${AWS::Partition}:apigateway:\${AWS::Region}:lambda:path/2015-03-31/functions/\${${named}}/invocations`
  return { type: 'aws_proxy', httpMethod: 'POST', uri: { 'Fn::Sub': uri } }
}

/** The API of an event, and what ends the id of its permission: its stage as far as that is known. */
function apiOf(event: EventSource, property: string, implicit: string): { readonly apiId: Json; readonly suffix: string } {
  const given = getOwn(event.properties, property)
  if (given === undefined) return { apiId: { Ref: implicit }, suffix: 'Prod' }
  const id = idIn(given)
  if (id === undefined) return { apiId: given, suffix: 'AllStages' }
  const api = event.resource.draft.template.resources.get(id)
  if (typeof given === 'string' && api === undefined)
    refuseEvent(event, `${property} property of Api event must reference a valid resource in the same template.`)
  const stage = api && getOwn(api.properties, 'StageName')
  const suffix = typeof stage === 'string' && /^\w+$/.test(stage) ? stage : stage === undefined ? 'AllStages' : 'Stage'
  return { apiId: typeof given === 'string' ? { Ref: id } : given, suffix }
}

const idIn = (given: Json): string | undefined => {
  const id = isObject(given) ? getOwn(given, 'Ref') : given
  return typeof id === 'string' ? id : undefined
}

function addRoute(event: EventSource, apiId: Json, route: Pick<Route, 'path' | 'method' | 'operation'>): void {
  const id = idIn(apiId)
  if (id === undefined) return
  const { resource } = event
  const routes = routesOf(resource, id)
  if (routes.some(({ path, method }) => path === route.path && method === route.method)) {
    const shown = route.method === ANY ? 'any' : route.method
    refuseEvent(event, `API method "${shown}" defined multiple times for path "${route.path}".`)
  }
  routes.push({ ...route, condition: resource.condition, auth: getOwn(event.properties, 'Auth') })
}

function routesOf({ draft }: SamResource, id: string): Route[] {
  const known = draft.routes.get(id)
  if (known !== undefined) return known
  const made: Route[] = []
  draft.routes.set(id, made)
  return made
}
