import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { ACCOUNT, functionUri, MACHINE, startWorld, type World } from './testing/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const functionArn = (name: string) => `arn:aws:lambda:us-east-1:${ACCOUNT}:function:${name}`

async function makeApi(members: JsonObject = {}): Promise<string> {
  const { apiId } = await world.manage('POST /v2/apis', { name: 'api', protocolType: 'HTTP', ...members })
  await world.manage(`POST /v2/apis/${apiId}/stages`, {
    stageName: '$default',
    autoDeploy: true,
    stageVariables: { colour: 'red' },
  })
  return String(apiId)
}

/** A route with an integration of its own; what else is said of either. */
async function addRoute(api: string, routeKey: string, integration: JsonObject, route: JsonObject = {}): Promise<void> {
  const { integrationId } = await world.manage(`POST /v2/apis/${api}/integrations`, integration)
  await world.manage(`POST /v2/apis/${api}/routes`, { routeKey, target: `integrations/${integrationId}`, ...route })
}

const proxy = (name: string, payloadFormatVersion = '2.0') => ({
  integrationType: 'AWS_PROXY',
  integrationUri: functionArn(name),
  payloadFormatVersion,
})

describe('routes', () => {
  let api = ''
  beforeAll(async () => {
    api = await makeApi()
    for (const routeKey of ['GET /pets/{id}', 'ANY /pets/{id}', 'GET /pets/mine', 'ANY /pets/{proxy+}', '$default'])
      await addRoute(api, routeKey, proxy('route'))
    world.functions.set('route', ({ routeKey = '', pathParameters = null }) => ({ key: routeKey, of: pathParameters }))
  })

  test.each([
    ['GET', '/pets/7', { key: 'GET /pets/{id}', of: { id: '7' } }],
    ['PUT', '/pets/7', { key: 'ANY /pets/{id}', of: { id: '7' } }],
    ['GET', '/pets/mine', { key: 'GET /pets/mine', of: null }],
    ['GET', '/pets/a/b%2Fc', { key: 'ANY /pets/{proxy+}', of: { proxy: 'a/b/c' } }],
    ['GET', '/', { key: '$default', of: null }],
    ['GET', '/else/where', { key: '$default', of: null }],
  ])('%s %s', async (method, path, told) => expect((await world.call(api, path, { method })).json()).toEqual(told))

  test('keys are well formed, and of one route each', async () => {
    const make = (routeKey: string) => world.manage(`POST /v2/apis/${api}/routes`, { routeKey })
    await expect(make('$default')).rejects.toThrow('409 ConflictException: Route with key $default already exists for this API')
    await expect(make('FETCH /a')).rejects.toThrow('400 BadRequestException: The provided route key is not formatted properly')
  })

  test('by the path of Regente, and at a stage with a name', async () => {
    await world.manage(`POST /v2/apis/${api}/stages`, { stageName: 'dev', autoDeploy: true })
    for (const path of [`/_aws/execute-api/${api}/dev/pets/7`, `/_aws/execute-api/${api}/pets/7`])
      expect((await world.ask('localhost', path)).json()).toMatchObject({ key: 'GET /pets/{id}' })
  })
})

describe('a function', () => {
  let api = ''
  let event: JsonObject = {}
  beforeAll(async () => {
    api = await makeApi()
    await addRoute(api, 'POST /two/{id}', proxy('two'))
    await addRoute(api, 'POST /one/{id}', proxy('one', '1.0'))
    world.functions.set('two', (given) => {
      event = given
      return { statusCode: 201, headers: { 'X-One': '1' }, cookies: ['a=1', 'b=2'], body: 'aGk=', isBase64Encoded: true }
    })
    world.functions.set('one', (given) => {
      event = given
      return { statusCode: 200, multiValueHeaders: { 'X-Many': ['1', '2'] }, body: 'one' }
    })
  })
  const post = (path: string) =>
    world.call(api, path, { method: 'POST', headers: { cookie: 'k=v; l=w', 'content-type': 'text/plain' }, body: 'é' })

  test('is given payload format 2.0', async () => {
    const answer = await post('/two/a%20b?x=1&x=2')
    expect([answer.status, answer.text, answer.headers['set-cookie']]).toEqual([201, 'hi', ['a=1', 'b=2']])
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'POST /two/{id}',
      rawPath: '/two/a%20b',
      rawQueryString: 'x=1&x=2',
      cookies: ['k=v', 'l=w'],
      queryStringParameters: { x: '1,2' },
      pathParameters: { id: 'a b' },
      stageVariables: { colour: 'red' },
      requestContext: { accountId: ACCOUNT, apiId: api, stage: '$default', http: { method: 'POST', path: '/two/a%20b' } },
      body: 'é',
      isBase64Encoded: false,
    })
  })

  test('is given payload format 1.0', async () => {
    const answer = await post('/one/7?x=1&x=2')
    expect([answer.status, answer.text, answer.headers['x-many']]).toEqual([200, 'one', '1, 2'])
    expect(event).toMatchObject({
      version: '1.0',
      resource: '/one/{id}',
      path: '/one/7',
      headers: { 'content-type': 'text/plain' },
      queryStringParameters: { x: '2' },
      multiValueQueryStringParameters: { x: ['1', '2'] },
      requestContext: { resourceId: 'POST /one/{id}', resourcePath: '/one/{id}', stage: '$default' },
    })
  })

  test('that fails is a 500; what is no status is the body itself', async () => {
    world.functions.set('two', () => JSON.parse('{'))
    expect(await post('/two/1')).toMatchObject({ status: 500, text: '{"message":"Internal Server Error"}' })
    world.functions.set('two', () => ({ any: 'thing' }))
    expect((await post('/two/1')).json()).toEqual({ any: 'thing' })
  })
})

describe('an action of a service', () => {
  const subtype = (integrationSubtype: string, requestParameters: JsonObject, more: JsonObject = {}) => ({
    integrationType: 'AWS_PROXY',
    integrationSubtype,
    payloadFormatVersion: '1.0',
    credentialsArn: `arn:aws:iam::${ACCOUNT}:role/r`,
    requestParameters,
    ...more,
  })

  test('of Step Functions is called with what is mapped', async () => {
    const api = await makeApi()
    const parameters = { StateMachineArn: MACHINE, Input: '$request.body', Name: 'n-${request.path.id}-${stageVariables.colour}' }
    const responseParameters = { 200: { 'overwrite:header.X-Id': '$response.body.name', 'overwrite:statuscode': '202' } }
    await addRoute(api, 'POST /run/{id}', subtype('StepFunctions-StartSyncExecution', parameters, { responseParameters }))
    await addRoute(
      api,
      'POST /start',
      subtype('StepFunctions-StartExecution', { StateMachineArn: MACHINE, Input: '$request.body.a' }),
    )
    world.states.answer = { name: 'ran' }
    const run = await world.call(api, '/run/7', { method: 'POST', body: '{"a": {"b": 1}}' })
    expect([run.status, run.json(), run.headers['x-id']]).toEqual([202, { name: 'ran' }, 'ran'])
    await world.call(api, '/start', { method: 'POST', body: '{"a": {"b": 1}}' })
    expect(world.states.calls).toEqual([
      { action: 'StartSyncExecution', stateMachineArn: MACHINE, input: '{"a": {"b": 1}}', name: 'n-7-red' },
      { action: 'StartExecution', stateMachineArn: MACHINE, input: '{"b":1}' },
    ])
  })

  test('of EventBridge too; what is refused is told as the service tells it', async () => {
    const api = await makeApi()
    const parameters = { Detail: '$request.body', DetailType: 'told', Source: 'my.app' }
    await addRoute(api, 'POST /put', subtype('EventBridge-PutEvents', parameters))
    await addRoute(
      api,
      'POST /send',
      subtype('SQS-SendMessage', { QueueUrl: `${world.endpoint}/${ACCOUNT}/none`, MessageBody: '$request.body' }),
    )
    expect((await world.call(api, '/put', { method: 'POST', body: '{}' })).json()).toMatchObject({ FailedEntryCount: 0 })
    const refused = await world.call(api, '/send', { method: 'POST', body: '{}' })
    expect([refused.status, refused.json()['__type']]).toEqual([400, 'com.amazonaws.sqs#QueueDoesNotExist'])
  })
})

test('a URL is called with what is appended, overwritten and removed', async () => {
  const api = await makeApi()
  const requestParameters = {
    'append:header.x-by': '$context.routeKey',
    'overwrite:querystring.x': 'new',
    'remove:header.x-secret': "''",
    'overwrite:path': '/backend/other/${request.path.id}',
  }
  const uri = { integrationType: 'HTTP_PROXY', integrationMethod: 'ANY', integrationUri: `${world.endpoint}/backend/{id}` }
  await addRoute(api, 'ANY /plain/{id}', uri)
  await addRoute(api, 'ANY /changed/{id}', { ...uri, requestParameters })
  const plain = await world.call(api, '/plain/7?x=1', { method: 'PUT', body: 'b' })
  expect(plain.json()).toMatchObject({ method: 'PUT', url: '/backend/7?x=1', body: 'b' })
  const changed = await world.call(api, '/changed/7?x=1', { headers: { 'x-secret': 's' } })
  expect(changed.json()).toMatchObject({ url: '/backend/other/7?x=new', headers: { 'x-by': 'ANY /changed/{id}' } })
  expect(changed.text).not.toContain('x-secret')
})

test('pages may call it as its CORS configuration says', async () => {
  const corsConfiguration = {
    allowOrigins: ['https://app.example'],
    allowMethods: ['GET', 'PUT'],
    allowHeaders: ['x-a'],
    maxAge: 60,
  }
  const api = await makeApi({ corsConfiguration })
  await addRoute(api, '$default', proxy('cors'))
  world.functions.set('cors', () => ({ statusCode: 200, headers: { 'Access-Control-Allow-Origin': 'evil' }, body: '' }))
  const preflight = (origin: string) =>
    world.call(api, '/a', { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'PUT' } })
  const allowed = await preflight('https://app.example')
  expect(allowed.status).toBe(204)
  expect(allowed.headers).toMatchObject({
    'access-control-allow-origin': 'https://app.example',
    'access-control-allow-methods': 'GET,PUT',
    'access-control-allow-headers': 'x-a',
    'access-control-max-age': '60',
  })
  expect((await preflight('https://evil.example')).headers['access-control-allow-origin']).toBeUndefined()
  const answer = await world.call(api, '/a', { headers: { origin: 'https://app.example' } })
  expect(answer.headers['access-control-allow-origin']).toBe('https://app.example')
})

test('authorizers decide who may', async () => {
  const api = await makeApi()
  world.functions.set('who', ({ requestContext }) => ({ ...((requestContext as JsonObject)['authorizer'] as JsonObject) }))
  world.functions.set('simple', ({ identitySource }) => ({ isAuthorized: String(identitySource) === 'good', context: { a: 1 } }))
  world.functions.set('policy', ({ methodArn = '' }) => ({
    principalId: 'p',
    policyDocument: { Statement: [{ Effect: 'Allow', Action: '*', Resource: methodArn }] },
  }))
  const authorizer = async (name: string, members: JsonObject) =>
    String(
      (
        await world.manage(`POST /v2/apis/${api}/authorizers`, {
          name,
          identitySource: ['$request.header.Authorization'],
          ...members,
        })
      )['authorizerId'],
    )
  const request = {
    authorizerType: 'REQUEST',
    authorizerUri: functionUri('simple'),
    enableSimpleResponses: true,
    authorizerPayloadFormatVersion: '2.0',
  }
  const one = { authorizerType: 'REQUEST', authorizerUri: functionUri('policy'), authorizerPayloadFormatVersion: '1.0' }
  const jwt = { authorizerType: 'JWT', jwtConfiguration: { issuer: 'https://i', audience: ['me'] } }
  const guarded = async (path: string, authorizationType: string, authorizerId: string, more: JsonObject = {}) =>
    addRoute(api, `GET /${path}`, proxy('who'), { authorizationType, authorizerId, ...more })
  await guarded('simple', 'CUSTOM', await authorizer('simple', request))
  await guarded('policy', 'CUSTOM', await authorizer('policy', one))
  await guarded('jwt', 'JWT', await authorizer('jwt', jwt))
  await guarded('scoped', 'JWT', await authorizer('scoped', jwt), { authorizationScopes: ['write'] })
  const ask = (path: string, authorization?: string) =>
    world.call(api, path, authorization === undefined ? {} : { headers: { authorization } })

  expect((await ask('/simple', 'good')).json()).toEqual({ lambda: { a: 1 } })
  expect(await ask('/simple', 'bad')).toMatchObject({ status: 403, text: '{"message":"Forbidden"}' })
  expect(await ask('/simple')).toMatchObject({ status: 401, text: '{"message":"Unauthorized"}' })
  expect((await ask('/policy', 'any')).json()).toEqual({ lambda: { principalId: 'p' } })
  const token = (claims: JsonObject) => `Bearer x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.y`
  const good = { iss: 'https://i', aud: 'me', scope: 'read', exp: 9_999_999_999 }
  expect((await ask('/jwt', token(good))).json()).toMatchObject({
    jwt: { claims: { iss: 'https://i', aud: 'me' }, scopes: null },
  })
  for (const wrong of [{ iss: 'https://other' }, { aud: 'you' }, { exp: 1 }, { nbf: 9_999_999_999 }])
    expect((await ask('/jwt', token({ ...good, ...wrong }))).status).toBe(401)
  expect((await ask('/scoped', token(good))).status).toBe(403)
  expect((await ask('/scoped', token({ ...good, scope: 'read write' }))).json()).toMatchObject({
    jwt: { scopes: ['read', 'write'] },
  })
})

describe('stages', () => {
  test('without automatic deployment serve what was deployed', async () => {
    const { apiId } = await world.manage('POST /v2/apis', { name: 'api', protocolType: 'HTTP' })
    const api = String(apiId)
    await world.manage(`POST /v2/apis/${api}/stages`, { stageName: 'v1' })
    await addRoute(api, 'GET /a', proxy('a'))
    world.functions.set('a', () => 'a')
    expect((await world.call(api, '/v1/a')).status).toBe(404)
    await world.manage(`POST /v2/apis/${api}/deployments`, { stageName: 'v1' })
    expect((await world.call(api, '/v1/a')).text).toBe('a')
    await addRoute(api, 'GET /b', proxy('a'))
    expect((await world.call(api, '/v1/b')).status).toBe(404)
    await world.manage(`PATCH /v2/apis/${api}/stages/v1`, { autoDeploy: true })
    expect((await world.call(api, '/v1/b')).text).toBe('a')
    await world.manage(`DELETE /v2/apis/${api}`)
    expect((await world.call(api, '/v1/b')).status).toBe(403)
  })

  test('one target makes an API whole; so does a document, in YAML', async () => {
    world.functions.set('whole', ({ routeKey = '' }) => ({ routeKey }))
    const { apiId } = await world.manage('POST /v2/apis', { name: 'quick', protocolType: 'HTTP', target: functionArn('whole') })
    expect((await world.call(String(apiId), '/x')).json()).toEqual({ routeKey: '$default' })
    const body = `
openapi: 3.0.1
info: { title: document, version: 1.0 }
tags: [{ name: 'httpapi:createdBy', x-amazon-apigateway-tag-value: SAM }]
x-amazon-apigateway-cors: { allowOrigins: ['*'] }
paths:
  /pets/{id}:
    get:
      x-amazon-apigateway-integration:
        type: aws_proxy
        payloadFormatVersion: '2.0'
        httpMethod: POST
        uri: ${functionUri('whole')}
  $default:
    x-amazon-apigateway-any-method:
      isDefaultRoute: true
      x-amazon-apigateway-integration: { type: aws_proxy, payloadFormatVersion: '2.0', uri: '${functionUri('whole')}' }
`
    const imported = await world.manage('PUT /v2/apis', { body })
    expect(imported).toMatchObject({
      name: 'document',
      version: '1',
      corsConfiguration: { allowOrigins: ['*'] },
      tags: { 'httpapi:createdBy': 'SAM' },
    })
    const api = String(imported['apiId'])
    await world.manage(`POST /v2/apis/${api}/stages`, { stageName: '$default', autoDeploy: true })
    expect((await world.call(api, '/pets/1')).json()).toEqual({ routeKey: 'GET /pets/{id}' })
    await world.manage(`PUT /v2/apis/${api}`, { body: body.replace('/pets/{id}', '/cats/{id}') })
    expect((await world.call(api, '/pets/1')).json()).toEqual({ routeKey: '$default' })
    expect((await world.call(api, '/cats/1')).json()).toEqual({ routeKey: 'GET /cats/{id}' })
  })

  test('an integration that a route hands on to stays', async () => {
    const api = await makeApi()
    await addRoute(api, 'GET /a', proxy('a'))
    const { items } = await world.manage(`GET /v2/apis/${api}/integrations`)
    const [{ integrationId }] = items as [JsonObject]
    await expect(world.manage(`DELETE /v2/apis/${api}/integrations/${integrationId}`)).rejects.toThrow('409 ConflictException')
    await expect(world.manage('POST /v2/apis', { name: 'a', protocolType: 'WEBSOCKET' })).rejects.toThrow(
      '400 BadRequestException',
    )
  })
})
