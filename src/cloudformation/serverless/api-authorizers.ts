/**
 * Who may call an API: its authorizers, as OpenAPI's security schemes, and what an operation demands of them.
 * Source: AWS SAM developer guide, "ApiAuth", "HttpApiAuth"; API Gateway developer guide, "x-amazon-apigateway-authorizer".
 */
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { attributeOf, isTrue, only, present } from './draft.ts'
import type { Route } from './routes.ts'

export interface Authorization {
  /** By the names of the authorizers; undefined where there is none. */
  readonly schemes: JsonObject | undefined
  /** An operation with what is demanded of its callers. */
  secured(route: Route): JsonObject
}

const IAM = 'AWS_IAM'

export function restAuthorization(auth: Json | undefined): Authorization {
  return authorizationOf(auth, restScheme, {
    sigv4: { type: 'apiKey', name: 'Authorization', in: 'header', 'x-amazon-apigateway-authtype': 'awsSigv4' },
    api_key: { type: 'apiKey', name: 'x-api-key', in: 'header' },
  })
}

export function httpAuthorization(auth: Json | undefined): Authorization {
  return authorizationOf(auth, httpScheme, {
    [IAM]: { type: 'apiKey', name: 'Authorization', in: 'header', 'x-amazon-apigateway-authtype': 'awsSigv4' },
  })
}

function authorizationOf(
  auth: Json | undefined,
  schemeOf: (settings: JsonObject) => JsonObject,
  built: JsonObject,
): Authorization {
  const settings = isObject(auth) ? auth : {}
  const given = getOwn(settings, 'Authorizers')
  const authorizers = isObject(given) ? given : {}
  const common = getOwn(settings, 'DefaultAuthorizer')
  const needsKey = isTrue(getOwn(settings, 'ApiKeyRequired'))
  const iam = Object.hasOwn(built, 'sigv4') ? 'sigv4' : IAM
  const isIamUsed = common === IAM || isTrue(getOwn(settings, 'EnableIamAuthorizer'))
  const schemes = {
    ...Object.fromEntries(Object.entries(authorizers).map(([name, one]) => [name, schemeOf(isObject(one) ? one : {})] as const)),
    ...(isIamUsed && only(built, [iam])),
    ...(needsKey && only(built, ['api_key'])),
  }
  return {
    schemes: Object.keys(schemes).length > 0 ? schemes : undefined,
    secured({ operation, auth: own }) {
      const told = isObject(own) ? own : {}
      const named = getOwn(told, 'Authorizer') ?? common
      const name = named === IAM ? iam : named
      const scopes = getOwn(told, 'AuthorizationScopes') ?? scopesOf(authorizers, named)
      const key = Object.hasOwn(told, 'ApiKeyRequired') ? isTrue(told['ApiKeyRequired']) : needsKey
      const security = [
        ...(typeof name === 'string' && name !== 'NONE' ? [{ [name]: scopes }] : []),
        ...(key ? [{ api_key: [] }] : []),
      ]
      return security.length === 0 ? operation : { ...operation, security }
    },
  }
}

function scopesOf(authorizers: JsonObject, name: Json | undefined): Json {
  const authorizer = typeof name === 'string' ? getOwn(authorizers, name) : undefined
  return (isObject(authorizer) ? getOwn(authorizer, 'AuthorizationScopes') : undefined) ?? []
}

/** Of Cognito's pools, or of a function that looks at a token or at the whole request. */
function restScheme(settings: JsonObject): JsonObject {
  const pools = getOwn(settings, 'UserPoolArn')
  const identity = getOwn(settings, 'Identity')
  const told = isObject(identity) ? identity : {}
  const header = getOwn(told, 'Header') ?? 'Authorization'
  const scheme = { type: 'apiKey', name: header, in: 'header' }
  if (pools !== undefined)
    return {
      ...scheme,
      'x-amazon-apigateway-authtype': 'cognito_user_pools',
      'x-amazon-apigateway-authorizer': { type: 'cognito_user_pools', providerARNs: Array.isArray(pools) ? pools : [pools] },
    }
  const isRequest = getOwn(settings, 'FunctionPayloadType') === 'REQUEST'
  return {
    ...scheme,
    name: isRequest ? 'Unused' : header,
    'x-amazon-apigateway-authtype': 'custom',
    'x-amazon-apigateway-authorizer': present({
      type: isRequest ? 'request' : 'token',
      authorizerUri: invocationOf(getOwn(settings, 'FunctionArn')),
      authorizerCredentials: getOwn(settings, 'FunctionInvokeRole'),
      authorizerResultTtlInSeconds: getOwn(told, 'ReauthorizeEvery'),
      identityValidationExpression: getOwn(told, 'ValidationExpression'),
      identitySource: isRequest ? sourcesIn(told, 'method.request') : undefined,
    }),
  }
}

/** Of tokens by their issuer, or of a function. */
function httpScheme(settings: JsonObject): JsonObject {
  const jwt = getOwn(settings, 'JwtConfiguration')
  if (isObject(jwt)) {
    const lowered = Object.fromEntries(Object.entries(jwt).map(([name, value]) => [name.toLowerCase(), value] as const))
    return {
      type: 'oauth2',
      'x-amazon-apigateway-authorizer': present({
        type: 'jwt',
        jwtConfiguration: lowered,
        identitySource: getOwn(settings, 'IdentitySource'),
      }),
    }
  }
  const identity = getOwn(settings, 'Identity')
  const told = isObject(identity) ? identity : {}
  return {
    type: 'apiKey',
    name: 'Unused',
    in: 'header',
    'x-amazon-apigateway-authorizer': present({
      type: 'request',
      authorizerUri: invocationOf(getOwn(settings, 'FunctionArn')),
      authorizerCredentials: getOwn(settings, 'FunctionInvokeRole'),
      authorizerPayloadFormatVersion: getOwn(settings, 'AuthorizerPayloadFormatVersion'),
      authorizerResultTtlInSeconds: getOwn(told, 'ReauthorizeEvery'),
      enableSimpleResponses: getOwn(settings, 'EnableSimpleResponses'),
      identitySource: sourcesIn(told, '$request'),
    }),
  }
}

function sourcesIn(identity: JsonObject, prefix: string): string | undefined {
  const kinds = [
    ['Headers', 'header'],
    ['QueryStrings', 'querystring'],
  ] as const
  const places = kinds.flatMap(([member, kind]) => {
    const names = getOwn(identity, member)
    return (Array.isArray(names) ? names : []).map((name) => `${prefix}.${kind}.${String(name)}`)
  })
  return places.length > 0 ? places.join(', ') : undefined
}

function invocationOf(arn: Json | undefined): Json {
  const uri = 'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${__FunctionArn__}/invocations'
  return { 'Fn::Sub': [uri, { __FunctionArn__: arn ?? attributeOf('', 'Arn') }] }
}
