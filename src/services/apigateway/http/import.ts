/**
 * An HTTP API out of an OpenAPI 3 document with API Gateway's extensions: its routes, integrations and authorizers.
 * Source: API Gateway developer guide, "Working with OpenAPI definitions for HTTP APIs".
 */
import { isArray, isObject, type Json, type JsonObject } from '../../../base/json.ts'

import { memberList, memberObject, memberText, resolved } from '../document.ts'
import { newId } from '../records.ts'

export interface ImportedHttpApi {
  readonly members: JsonObject
  readonly routes: readonly JsonObject[]
  readonly integrations: readonly (JsonObject & { readonly integrationId: string })[]
  readonly authorizers: readonly (JsonObject & { readonly authorizerId: string })[]
  readonly warnings: readonly string[]
}

const VERBS: ReadonlyMap<string, string> = new Map([
  ...['delete', 'get', 'head', 'options', 'patch', 'post', 'put'].map((verb) => [verb, verb.toUpperCase()] as const),
  ['x-amazon-apigateway-any-method', 'ANY'],
])

export function importHttpApi(document: JsonObject, basepath: string | undefined): ImportedHttpApi {
  const warnings: string[] = []
  const schemes = authorizersOf(document)
  const integrations = new Map<string, JsonObject & { readonly integrationId: string }>()
  const routes: JsonObject[] = []
  const before = basepath === 'prepend' ? basePathOf(document) : ''

  /** Operations that name the same integration share it. */
  function integrationFor(operation: JsonObject): string | undefined {
    const given = resolved(document, operation['x-amazon-apigateway-integration'])
    if (!given) return undefined
    const key = JSON.stringify(given)
    const known = integrations.get(key) ?? { ...integrationOf(given), integrationId: newId(7) }
    integrations.set(key, known)
    return known.integrationId
  }

  for (const [path, item] of Object.entries(memberObject(document, 'paths'))) {
    for (const [name, operation] of Object.entries(resolved(document, item) ?? {})) {
      const isDefault = path === '$default' || path === '/$default'
      const verb = VERBS.get(name.toLowerCase())
      if (verb === undefined || !isObject(operation)) continue
      const integrationId = integrationFor(operation)
      if (integrationId === undefined) warnings.push(`Route ${verb} ${path} has no integration`)
      const operationName = memberText(operation, 'operationId')
      routes.push({
        routeKey: isDefault ? '$default' : `${verb} ${before}${path}`,
        ...(integrationId !== undefined && { target: `integrations/${integrationId}` }),
        ...(operationName !== undefined && { operationName }),
        ...authorization(document, operation, schemes),
      })
    }
  }
  return {
    members: membersOf(document),
    routes,
    integrations: [...integrations.values()],
    authorizers: [...schemes.values()].flatMap(({ authorizer }) => authorizer ?? []),
    warnings,
  }
}

function membersOf(document: JsonObject): JsonObject {
  const info = memberObject(document, 'info')
  const [name, description] = [memberText(info, 'title'), memberText(info, 'description')]
  const { version } = info
  const tags = memberList(document, 'tags')
    .filter(isObject)
    .flatMap((tag) => {
      const [key, value] = [memberText(tag, 'name'), memberText(tag, 'x-amazon-apigateway-tag-value')]
      return key === undefined || value === undefined ? [] : [[key, value] as const]
    })
  const cors = memberObject(document, 'x-amazon-apigateway-cors')
  return {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(version !== undefined && { version: String(version) }),
    ...(Object.keys(cors).length > 0 && { corsConfiguration: cors }),
    ...(tags.length > 0 && { tags: Object.fromEntries(tags) }),
  }
}

interface Scheme {
  readonly authorizationType: string
  readonly authorizer?: JsonObject & { readonly authorizerId: string }
}

function authorizersOf(document: JsonObject): ReadonlyMap<string, Scheme> {
  const schemes = memberObject(memberObject(document, 'components'), 'securitySchemes')
  const found = new Map<string, Scheme>()
  for (const [name, scheme] of Object.entries(schemes)) {
    if (!isObject(scheme)) continue
    const given = memberObject(scheme, 'x-amazon-apigateway-authorizer')
    const type = memberText(given, 'type')?.toUpperCase()
    if (type === 'JWT' || type === 'REQUEST')
      found.set(name, { authorizationType: type === 'JWT' ? 'JWT' : 'CUSTOM', authorizer: authorizerOf(name, type, given) })
    else if (memberText(scheme, 'x-amazon-apigateway-authtype')?.toLowerCase() === 'awssigv4')
      found.set(name, { authorizationType: 'AWS_IAM' })
  }
  return found
}

/** Where tokens are found is one text in documents, and a list in the API. */
function authorizerOf(name: string, authorizerType: string, given: JsonObject): JsonObject & { readonly authorizerId: string } {
  const source = given['identitySource']
  const identitySource = typeof source === 'string' ? source.split(/\s*,\s*/) : isArray(source) ? source : []
  const credentials = memberText(given, 'authorizerCredentials')
  return {
    ...given,
    name,
    authorizerType,
    identitySource: identitySource.length > 0 ? identitySource : ['$request.header.Authorization'],
    ...(credentials !== undefined && { authorizerCredentialsArn: credentials }),
    authorizerId: newId(6),
  }
}

function authorization(document: JsonObject, operation: JsonObject, schemes: ReadonlyMap<string, Scheme>): JsonObject {
  const security = isArray(operation['security']) ? operation['security'] : memberList(document, 'security')
  for (const [name, scopes] of security.filter(isObject).flatMap((one) => Object.entries(one))) {
    const scheme = schemes.get(name)
    if (!scheme) continue
    return {
      authorizationType: scheme.authorizationType,
      ...(scheme.authorizer && { authorizerId: scheme.authorizer.authorizerId }),
      ...(isArray(scopes) && scopes.length > 0 && { authorizationScopes: scopes }),
    }
  }
  return {}
}

/** Documents call some members otherwise than the API does. */
function integrationOf(given: JsonObject): JsonObject {
  const rename: readonly (readonly [from: string, to: string])[] = [
    ['uri', 'integrationUri'],
    ['httpMethod', 'integrationMethod'],
    ['subtype', 'integrationSubtype'],
    ['credentials', 'credentialsArn'],
  ]
  const renamed: [string, Json][] = rename.flatMap(([from, to]) => {
    const value = given[from]
    return value === undefined ? [] : [[to, value]]
  })
  const connection = memberText(given, 'connectionType')
  return {
    ...given,
    ...Object.fromEntries(renamed),
    integrationType: (memberText(given, 'type') ?? '').toUpperCase(),
    ...(connection !== undefined && { connectionType: connection.toUpperCase() }),
    payloadFormatVersion: String(given['payloadFormatVersion'] ?? '1.0'),
  }
}

/** The path of the first server: `https://example.com/v1`. */
function basePathOf(document: JsonObject): string {
  const [server] = memberList(document, 'servers')
  const url = isObject(server) ? memberText(server, 'url') : undefined
  const path = url === undefined ? '' : url.replace(/^[a-z]+:\/\/[^/]*/i, '')
  return path.replace(/\/+$/, '')
}
