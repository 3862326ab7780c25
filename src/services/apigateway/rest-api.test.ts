import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { functionUri, MACHINE, startWorld, type World } from './testing/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())
beforeEach(() => {
  world.states.calls.length = 0
  world.states.status = 200
})

const integration = (type: string, members: JsonObject = {}) => ({ 'x-amazon-apigateway-integration': { type, ...members } })

/** The id of an API of these paths, which is deployed at the stage `v1`. */
async function makeApi(paths: JsonObject, more: JsonObject = {}, variables: JsonObject = {}): Promise<string> {
  const document = { openapi: '3.0.1', info: { title: 'api', version: '1' }, paths, ...more }
  const { id } = await world.manage('POST /restapis?mode=import', JSON.stringify(document))
  await world.manage(`POST /restapis/${id}/deployments`, { stageName: 'v1', variables })
  return String(id)
}

const SYNC = {
  httpMethod: 'POST',
  uri: 'arn:aws:apigateway:us-east-1:states:action/StartSyncExecution',
  requestTemplates: {
    'application/json': `#set($body = $util.escapeJavaScript($input.json('$')))
{"stateMachineArn": "${MACHINE}", "input": "$body", "name": "$input.params('id')-\${stageVariables.colour}-$context.stage"}`,
  },
  responses: {
    default: {
      statusCode: '200',
      responseParameters: { 'method.response.header.X-Name': 'integration.response.body.name' },
      responseTemplates: {
        'application/json': `#if($input.path('$.status').toString().equals("FAILED"))
#set($context.responseOverride.status = 500)
#set($context.responseOverride.header.X-Failed = 'yes')
{"error": "$input.path('$.error')"}
#else
$input.path('$.output')
#end`,
      },
    },
    '4\\d{2}': { statusCode: '400', responseTemplates: { 'application/json': '{"wrong": $input.json("$.message")}' } },
  },
}

describe('an integration of Step Functions', () => {
  let api = ''
  beforeAll(async () => {
    const paths = { '/run/{id}': { post: integration('aws', { ...SYNC, passthroughBehavior: 'never' }) } }
    api = await makeApi(paths, {}, { colour: 'red' })
  })
  const run = (headers = { 'content-type': 'application/json; charset=utf-8' }) =>
    world.call(api, '/v1/run/7', { method: 'POST', headers, body: '{"text": "it is \\"é\\"", "big": 12345678901234567890}' })

  test('starts it by the template, and answers by another', async () => {
    world.states.answer = { status: 'SUCCEEDED', output: '{"done":true}', name: 'n' }
    const answer = await run()
    expect([answer.status, answer.json(), answer.headers['x-name']]).toEqual([200, { done: true }, 'n'])
    expect(world.states.calls).toEqual([
      {
        action: 'StartSyncExecution',
        stateMachineArn: MACHINE,
        input: '{"text":"it is \\"é\\"","big":12345678901234567890}',
        name: '7-red-v1',
      },
    ])
  })

  test('its response overrides the status', async () => {
    world.states.answer = { status: 'FAILED', error: 'Oh' }
    const answer = await run()
    expect([answer.status, answer.json(), answer.headers['x-failed']]).toEqual([500, { error: 'Oh' }, 'yes'])
  })

  test('the pattern that its status matches is the response', async () => {
    world.states.status = 400
    world.states.answer = { __type: 'StateMachineDoesNotExist', message: 'no "m"' }
    const answer = await run()
    expect([answer.status, answer.json()]).toEqual([400, { wrong: 'no "m"' }])
  })

  test('what no template is for goes no further', async () => {
    const answer = await run({ 'content-type': 'text/plain' })
    expect([answer.status, answer.json()]).toEqual([415, { message: 'Unsupported Media Type' }])
    expect(world.states.calls).toEqual([])
  })
})

describe('a proxy of a function', () => {
  let api = ''
  let event: JsonObject = {}
  beforeAll(async () => {
    const proxy = integration('aws_proxy', { uri: functionUri('${stageVariables.name}') })
    const paths = {
      '/': { get: proxy },
      '/pets/{id}': { get: proxy },
      '/pets/{proxy+}': { 'x-amazon-apigateway-any-method': proxy },
    }
    api = await makeApi(paths, { 'x-amazon-apigateway-binary-media-types': ['image/png'] }, { name: 'pets' })
    world.functions.set('pets', (given) => {
      event = given
      return { statusCode: 201, headers: { 'X-One': 1 }, multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] }, body: 'made' }
    })
  })

  test('gives it the request in payload format 1.0, and answers as it says', async () => {
    const headers = { 'X-Many': ['1', '2'], 'User-Agent': 'test' }
    const answer = await world.call(api, '/v1/pets/a%20b?x=1&x=2&y=', { headers })
    expect([answer.status, answer.text, answer.headers['x-one'], answer.headers['set-cookie']]).toEqual([
      201,
      'made',
      '1',
      ['a=1', 'b=2'],
    ])
    expect(event).toMatchObject({
      resource: '/pets/{id}',
      path: '/pets/a%20b',
      httpMethod: 'GET',
      headers: { 'X-Many': '2', 'User-Agent': 'test', 'X-Forwarded-For': '127.0.0.1' },
      multiValueHeaders: { 'X-Many': ['1', '2'] },
      queryStringParameters: { x: '2', y: '' },
      multiValueQueryStringParameters: { x: ['1', '2'], y: [''] },
      pathParameters: { id: 'a b' },
      stageVariables: { name: 'pets' },
      requestContext: {
        apiId: api,
        stage: 'v1',
        path: '/v1/pets/a%20b',
        resourcePath: '/pets/{id}',
        identity: { userAgent: 'test' },
      },
      body: null,
      isBase64Encoded: false,
    })
  })

  test('bodies of binary media types go in base64', async () => {
    await world.call(api, '/v1/pets/a/b/c', {
      method: 'PUT',
      headers: { 'content-type': 'image/png' },
      body: Buffer.from([0, 255]),
    })
    expect(event).toMatchObject({ body: 'AP8=', isBase64Encoded: true, pathParameters: { proxy: 'a/b/c' }, httpMethod: 'PUT' })
    await world.call(api, '/v1/pets/a/b', { method: 'PUT', headers: { 'content-type': 'text/plain' }, body: 'é' })
    expect(event).toMatchObject({ body: 'é', isBase64Encoded: false })
    const answerInBase64 = () => ({ statusCode: 200, body: 'aGk=', isBase64Encoded: true })
    const [before, accepting] = [
      world.functions.get('pets'),
      (accept: string) => world.call(api, '/v1/pets/1', { headers: { accept } }),
    ]
    world.functions.set('pets', answerInBase64)
    expect([(await accepting('image/png, */*')).text, (await accepting('*/*')).text]).toEqual(['hi', 'aGk='])
    if (before) world.functions.set('pets', before)
  })

  test.each([
    ['/v1/', 201],
    ['/v1', 201],
    ['/v1/pets/1/', 201],
  ])('is found at %s', async (path, status) => expect((await world.call(api, path)).status).toBe(status))

  test.each([
    ['GET', '/v1/nowhere', 403, 'Missing Authentication Token'],
    ['POST', '/v1/pets/1', 403, 'Missing Authentication Token'],
    ['GET', '/v2/pets/1', 403, 'Forbidden'],
  ])('%s %s is refused as AWS refuses it', async (method, path, status, message) => {
    const answer = await world.call(api, path, { method })
    expect([answer.status, answer.json()]).toEqual([status, { message }])
  })

  test('a function that fails, or answers what is no answer, is a 502', async () => {
    for (const wrong of [
      () => 'text',
      () => ({ status: 200 }),
      () => ({ statusCode: 200, body: { a: 1 } }),
      () => JSON.parse('{'),
    ]) {
      world.functions.set('pets', wrong)
      const answer = await world.call(api, '/v1/pets/1')
      expect([answer.status, answer.json()]).toEqual([502, { message: 'Internal server error' }])
    }
  })

  test('the same API answers by paths, where its host leads nowhere', async () => {
    world.functions.set('pets', ({ path = '' }) => ({ statusCode: 200, body: String(path) }))
    const ours = await world.ask('localhost', `/_aws/execute-api/${api}/v1/pets/1`)
    const old = await world.ask('localhost', `/restapis/${api}/v1/_user_request_/pets/2`)
    expect([ours.text, old.text]).toEqual(['/pets/1', '/pets/2'])
    // Its pages have none of the rights of our own, whose origin they share there.
    for (const { headers } of [ours, old]) expect(headers['content-security-policy']).toMatch(/^sandbox /)
    expect((await world.call(api, '/v1/pets/1')).headers['content-security-policy']).toBeUndefined()
    expect((await world.call('a'.repeat(10), '/v1/')).status).toBe(403)
  })
})

test('a function may be mapped, and its error chooses the response', async () => {
  world.functions.set('add', ({ a = 0, b = 0 }) => {
    if (Number(a) < 0) throw new Error('[400] negative')
    return { sum: Number(a) + Number(b) }
  })
  const api = await makeApi({
    '/add': {
      get: integration('aws', {
        httpMethod: 'POST',
        uri: functionUri('add'),
        requestTemplates: { 'application/json': `{"a": $input.params('a'), "b": $input.params().querystring.get('b')}` },
        responses: {
          default: { statusCode: '200' },
          '\\[400\\].*': {
            statusCode: '400',
            responseTemplates: { 'application/json': `{"told": "$input.path('$.errorMessage')"}` },
          },
        },
      }),
    },
  })
  expect((await world.call(api, '/v1/add?a=1&b=2')).json()).toEqual({ sum: 3 })
  const refused = await world.call(api, '/v1/add?a=-1&b=2')
  expect([refused.status, refused.json()]).toEqual([400, { told: '[400] negative' }])
})

test('a mock answers by itself: preflights as tools make them', async () => {
  const mock = integration('mock', {
    // CDK writes no quotes.
    requestTemplates: { 'application/json': '{ statusCode: 200 }' },
    responses: {
      default: {
        statusCode: '204',
        responseParameters: {
          'method.response.header.Access-Control-Allow-Origin': "'*'",
          'method.response.header.Access-Control-Allow-Methods': "'GET,PUT'",
        },
      },
    },
  })
  const api = await makeApi({ '/': { options: mock, get: integration('mock') } })
  const preflight = await world.call(api, '/v1/', { method: 'OPTIONS' })
  expect(preflight.status).toBe(204)
  expect(preflight.headers).toMatchObject({ 'access-control-allow-origin': '*', 'access-control-allow-methods': 'GET,PUT' })
  expect(await world.call(api, '/v1/')).toMatchObject({ status: 500, text: '{"message":"Internal server error"}' })
})

test('a URL is called as it is, or with what is mapped', async () => {
  const uri = `${world.endpoint}/backend/{proxy}`
  const mapped = {
    uri: `${world.endpoint}/backend/mapped`,
    httpMethod: 'POST',
    requestParameters: {
      'integration.request.header.X-Given': 'method.request.header.X-Given',
      'integration.request.querystring.q': "'fixed'",
    },
    requestTemplates: { 'application/json': '{"at": "$context.resourcePath"}' },
    responses: {
      default: {
        statusCode: '202',
        responseParameters: { 'method.response.header.X-B': 'integration.response.header.x-backend' },
      },
    },
  }
  const api = await makeApi({
    '/{proxy+}': {
      'x-amazon-apigateway-any-method': integration('http_proxy', {
        uri,
        httpMethod: 'ANY',
        requestParameters: { 'integration.request.path.proxy': 'method.request.path.proxy' },
      }),
    },
    '/mapped': { get: integration('http', mapped) },
  })
  const passed = await world.call(api, '/v1/a%20b/fail?x=1', { method: 'PATCH', headers: { 'X-Given': 'g' }, body: 'b' })
  expect(passed.status).toBe(503)
  expect(passed.json()).toMatchObject({ method: 'PATCH', url: '/backend/a%20b/fail?x=1', body: 'b', headers: { 'x-given': 'g' } })
  const answer = await world.call(api, '/v1/mapped', { headers: { 'X-Given': 'g' } })
  expect([answer.status, answer.headers['x-b']]).toEqual([202, 'here'])
  expect(answer.json()).toMatchObject({
    method: 'POST',
    url: '/backend/mapped?q=fixed',
    body: '{"at": "/mapped"}',
    headers: { 'x-given': 'g' },
  })
})

test('any service here is called, by an action or a path', async () => {
  const scope = 'AWS4-HMAC-SHA256 Credential=A/20261123/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0'
  const json = { authorization: scope, 'content-type': 'application/x-amz-json-1.0' }
  const sqs = (action: string, input: JsonObject) =>
    world.ask('127.0.0.1', '/', {
      method: 'POST',
      headers: { ...json, 'x-amz-target': `AmazonSQS.${action}` },
      body: JSON.stringify(input),
    })
  const { QueueUrl = '' } = (await sqs('CreateQueue', { QueueName: 'q' })).json()
  const call = (uri: string, members: JsonObject) =>
    integration('aws', { httpMethod: 'POST', uri, responses: { default: { statusCode: '200' } }, ...members })
  const api = await makeApi({
    '/tables': {
      post: call('arn:aws:apigateway:us-east-1:dynamodb:action/ListTables', { requestTemplates: { 'application/json': '{}' } }),
    },
    '/send': {
      post: call('arn:aws:apigateway:us-east-1:sqs:path/123456789012/q', {
        requestParameters: { 'integration.request.header.Content-Type': "'application/x-www-form-urlencoded'" },
        requestTemplates: { 'application/json': 'Action=SendMessage&MessageBody=$util.urlEncode($input.body)' },
      }),
    },
  })
  expect((await world.call(api, '/v1/tables', { method: 'POST', body: '{}' })).json()).toEqual({ TableNames: [] })
  const sent = await world.call(api, '/v1/send', { method: 'POST', body: '{"a": "b & c"}' })
  expect(sent.status, sent.text).toBe(200)
  const { Messages } = (await sqs('ReceiveMessage', { QueueUrl })).json()
  expect(Messages).toMatchObject([{ Body: '{"a": "b & c"}' }])
  await world.call(api, '/v1/send', { method: 'POST' })
  expect((await sqs('ReceiveMessage', { QueueUrl })).json()).toMatchObject({ Messages: [{ Body: '{}' }] })
})

test('authorizers are asked, and judged by the policy that they give', async () => {
  const events: JsonObject[] = []
  world.functions.set('auth', (event) => {
    events.push(event)
    const token = String(event['authorizationToken'] ?? event['type'])
    if (token === 'nobody') throw new Error('Unauthorized')
    if (token === 'broken') return {}
    const Effect = token === 'denied' ? 'Deny' : 'Allow'
    const Resource = String(event['methodArn']).replace(/\/GET\/.*/, '/*')
    const policyDocument = { Statement: [{ Effect, Action: 'execute-api:Invoke', Resource }] }
    return { principalId: 'me', policyDocument, context: { tier: 'gold' } }
  })
  world.functions.set('who', ({ requestContext }) => ({
    statusCode: 200,
    body: JSON.stringify((requestContext as JsonObject)['authorizer']),
  }))
  const proxy = integration('aws_proxy', { uri: functionUri('who') })
  const scheme = (type: string, members: JsonObject = {}) => ({
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    'x-amazon-apigateway-authtype': 'custom',
    'x-amazon-apigateway-authorizer': { type, authorizerUri: functionUri('auth'), ...members },
  })
  const securitySchemes = {
    token: scheme('token'),
    request: scheme('request', { identitySource: 'method.request.querystring.who' }),
    pool: scheme('cognito_user_pools', { providerARNs: ['arn:aws:cognito-idp:us-east-1:1:userpool/p'] }),
    iam: { type: 'apiKey', in: 'header', name: 'Authorization', 'x-amazon-apigateway-authtype': 'awsSigv4' },
  }
  const paths = Object.fromEntries(
    Object.keys(securitySchemes).map((name) => [`/${name}`, { get: { ...proxy, security: [{ [name]: [] }] } }]),
  )
  const responses = { ACCESS_DENIED: { statusCode: 404, responseParameters: { 'gatewayresponse.header.X-No': "'no'" } } }
  const api = await makeApi(paths, { components: { securitySchemes }, 'x-amazon-apigateway-gateway-responses': responses })
  const ask = (path: string, authorization?: string) =>
    world.call(api, `/v1${path}`, authorization === undefined ? {} : { headers: { authorization } })

  expect((await ask('/token', 'good')).json()).toEqual({ tier: 'gold', principalId: 'me' })
  expect(events[0]).toEqual({
    type: 'TOKEN',
    methodArn: `arn:aws:execute-api:us-east-1:123456789012:${api}/v1/GET/token`,
    authorizationToken: 'good',
  })
  expect(await ask('/token')).toMatchObject({ status: 401, text: '{"message":"Unauthorized"}' })
  expect(await ask('/token', 'nobody')).toMatchObject({ status: 401, text: '{"message":"Unauthorized"}' })
  expect(await ask('/token', 'broken')).toMatchObject({ status: 500, text: '{"message":"Internal server error"}' })
  const denied = await ask('/token', 'denied')
  expect([denied.status, denied.headers['x-no']]).toEqual([404, 'no'])
  expect(denied.json()).toEqual({ Message: 'User is not authorized to access this resource with an explicit deny' })
  expect((await ask('/request?who=me')).json()).toEqual({ tier: 'gold', principalId: 'me' })
  expect((await ask('/request')).status).toBe(401)
  const claims = Buffer.from(JSON.stringify({ sub: 's', exp: 9_999_999_999, 'cognito:groups': ['a', 'b'] })).toString('base64url')
  expect((await ask('/pool', `x.${claims}.y`)).json()).toEqual({
    claims: { sub: 's', exp: '9999999999', 'cognito:groups': '[a b]' },
  })
  expect((await ask('/pool', 'x.e30.y.z')).status).toBe(401)
  expect((await ask('/iam')).status).toBe(403)
})

test('what a validator wants must come', async () => {
  const api = await makeApi(
    {
      '/{id}': {
        post: {
          ...integration('mock', {
            requestTemplates: { 'application/json': '{"statusCode": 200}' },
            responses: { default: { statusCode: '200' } },
          }),
          'x-amazon-apigateway-request-validator': 'all',
          parameters: [{ name: 'q', in: 'query', required: true }],
          requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } },
        },
      },
    },
    {
      'x-amazon-apigateway-request-validators': { all: { validateRequestBody: true, validateRequestParameters: true } },
      components: { schemas: { Thing: { type: 'object' } } },
    },
  )
  const post = (query: string, body: string) => world.call(api, `/v1/1${query}`, { method: 'POST', body })
  expect(await post('', '{}')).toMatchObject({ status: 400, text: '{"message":"Missing required request parameters: [q]"}' })
  expect(await post('?q=1', '{')).toMatchObject({ status: 400, text: '{"message":"Invalid request body"}' })
  expect((await post('?q=1', '{}')).status).toBe(200)
})

describe('what is deployed', () => {
  const mock = (told: string) =>
    integration('mock', {
      requestTemplates: { 'application/json': '{"statusCode": 200}' },
      responses: { default: { statusCode: '200', responseTemplates: { 'application/json': `{"told": "${told}"}` } } },
    })
  const document = (told: string) => ({
    openapi: '3.0.1',
    info: { title: 'api', version: '1' },
    paths: { '/': { get: mock(told) } },
  })

  test('stays as it was until it is deployed again', async () => {
    const api = await makeApi(document('one').paths)
    const told = async () => (await world.call(api, '/v1/')).json()['told']
    await world.manage(`PUT /restapis/${api}?mode=overwrite`, JSON.stringify(document('two')))
    expect(await told()).toBe('one')
    const { id } = await world.manage(`POST /restapis/${api}/deployments`, {})
    expect(await told()).toBe('one')
    const patchOperations = [{ op: 'replace', path: '/deploymentId', value: String(id) }]
    await world.manage(`PATCH /restapis/${api}/stages/v1`, { patchOperations })
    expect(await told()).toBe('two')
    await expect(world.manage(`DELETE /restapis/${api}/deployments/${id}`)).rejects.toThrow(
      '400 BadRequestException: Active stages pointing to this deployment must be moved or deleted',
    )
    await world.manage(`DELETE /restapis/${api}`)
    expect((await world.call(api, '/v1/')).status).toBe(403)
    await expect(world.manage(`GET /restapis/${api}`)).rejects.toThrow('404 NotFoundException: Invalid API identifier specified')
  })

  test('is tried without being deployed', async () => {
    const { id, rootResourceId } = await world.manage('POST /restapis?mode=import', JSON.stringify(document('test')))
    const tested = await world.manage(`POST /restapis/${id}/resources/${rootResourceId}/methods/GET`, {})
    expect(tested).toMatchObject({ status: 200, body: '{"told": "test"}', headers: { 'Content-Type': 'application/json' } })
  })

  test.each([
    ['POST /restapis', {}, '400 BadRequestException: Invalid API name specified'],
    ['POST /restapis?mode=import', '{"a": ', '400 BadRequestException: Unable to parse API definition: Invalid OpenAPI input.'],
    ['GET /restapis/nobody', undefined, '404 NotFoundException: Invalid API identifier specified'],
    ['GET /apikeys/nobody', undefined, '404 NotFoundException: Invalid API Key identifier specified'],
    ['POST /domainnames', {}, '501 NotImplemented: The operation CreateDomainName of API Gateway is not implemented here.'],
    [
      'PATCH /account',
      { patchOperations: [{ op: 'replace', path: '/__proto__/x', value: '1' }] },
      '400 BadRequestException: Invalid patch path /__proto__/x',
    ],
  ])('%s is refused', async (line, input, told) => {
    await expect(world.manage(line, input as JsonObject)).rejects.toThrow(told)
  })

  test('methods, one call at a time', async () => {
    const { id, rootResourceId: root } = await world.manage('POST /restapis', { name: 'api', tags: { team: 'a' } })
    const refused = (line: string, input: JsonObject, told: string) => expect(world.manage(line, input)).rejects.toThrow(told)
    const { id: pets } = await world.manage(`POST /restapis/${id}/resources/${root}`, { pathPart: 'pets' })
    await refused(
      `POST /restapis/${id}/resources/${root}`,
      { pathPart: 'pets' },
      '409 ConflictException: Another resource with the same parent already has this name: pets',
    )
    await refused(`POST /restapis/${id}/resources/${root}`, { pathPart: 'a/b' }, "Resource's path part only allow")
    await refused(`POST /restapis/${id}/deployments`, {}, "The REST API doesn't contain any methods")
    const method = `/restapis/${id}/resources/${pets}/methods/GET`
    await world.manage(`PUT ${method}`, { authorizationType: 'NONE' })
    await refused(`POST /restapis/${id}/deployments`, {}, 'No integration defined for method')
    await world.manage(`PUT ${method}/integration`, {
      type: 'MOCK',
      requestTemplates: { 'application/json': '{"statusCode": 200}' },
    })
    await world.manage(`PUT ${method}/integration/responses/200`, { responseTemplates: { 'application/json': '1' } })
    await world.manage(`PATCH ${method}/integration/responses/200`, {
      patchOperations: [{ op: 'replace', path: '/responseTemplates/application~1json', value: '2' }],
    })
    await world.manage(`PATCH ${method}`, {
      patchOperations: [{ op: 'add', path: '/requestParameters/method.request.querystring.q', value: 'true' }],
    })
    const { item } = await world.manage(`GET /restapis/${id}/resources?embed=methods`)
    expect(item).toContainEqual({
      id: pets,
      parentId: root,
      pathPart: 'pets',
      path: '/pets',
      resourceMethods: {
        GET: {
          httpMethod: 'GET',
          authorizationType: 'NONE',
          apiKeyRequired: false,
          requestParameters: { 'method.request.querystring.q': true },
          methodIntegration: {
            type: 'MOCK',
            passthroughBehavior: 'WHEN_NO_MATCH',
            timeoutInMillis: 29_000,
            cacheNamespace: pets,
            cacheKeyParameters: [],
            requestTemplates: { 'application/json': '{"statusCode": 200}' },
            integrationResponses: { 200: { statusCode: '200', responseTemplates: { 'application/json': '2' } } },
          },
        },
      },
    })
    await world.manage(`POST /restapis/${id}/deployments`, { stageName: 'v1' })
    await world.manage(`PATCH /restapis/${id}/stages/v1`, {
      patchOperations: [
        { op: 'replace', path: '/*/*/logging/loglevel', value: 'INFO' },
        { op: 'replace', path: '/~1pets/GET/throttling/rateLimit', value: '2.5' },
        { op: 'replace', path: '/variables/colour', value: 'red' },
      ],
    })
    expect(await world.manage(`GET /restapis/${id}/stages/v1`)).toMatchObject({
      methodSettings: { '*/*': { loggingLevel: 'INFO' }, '~1pets/GET': { throttlingRateLimit: 2.5 } },
      variables: { colour: 'red' },
    })
    const arn = encodeURIComponent(`arn:aws:apigateway:us-east-1::/restapis/${id}`)
    await world.manage(`PUT /tags/${arn}`, { tags: { more: 'b' } })
    await world.manage(`DELETE /tags/${arn}?tagKeys=team`)
    expect(await world.manage(`GET /tags/${arn}`)).toEqual({ tags: { more: 'b' } })
  })
})
