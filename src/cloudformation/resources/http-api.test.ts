import { afterAll, beforeAll, expect, test } from 'vitest'

import { SERVICES } from '../../aws/services.ts'

import { openStage, type Stage } from './testing/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const get = (path: string) => stage.aws.rest(SERVICES.apigateway, 'GET', path)
const unchanged = { change: 'unchanged' }

test('an HTTP API is made of its parts, and loses what its template says no more', async () => {
  const full = {
    Name: 'web',
    ProtocolType: 'HTTP',
    CorsConfiguration: { AllowOrigins: ['*'], MaxAge: '10' },
    Description: 'd',
    Tags: { a: '1' },
  }
  const api = await stage.create('AWS::ApiGatewayV2::Api', full, 'Api')
  const ApiId = api.deployed.ref
  expect(api.deployed.attributes).toEqual({
    ApiEndpoint: expect.stringContaining(ApiId) as string,
    ApiId,
    ExecuteApiArn: `arn:aws:execute-api:us-east-1:123456789012:${ApiId}`,
  })
  expect((await stage.update(api, full)).deployed).toMatchObject({ ref: ApiId, ...unchanged })
  const bare = await stage.update(api, { Name: 'web', ProtocolType: 'HTTP' })
  const shown = await get(`/v2/apis/${ApiId}`)
  expect(shown).not.toHaveProperty('corsConfiguration')
  expect([shown['description'], shown['tags']]).toEqual(['', { 'regente:resource': 'Stack/Api/ABCDEFGHIJKL' }])
  expect((await stage.update(bare, bare.existing.properties)).deployed).toMatchObject(unchanged)

  const fn = await stage.create(
    'AWS::Lambda::Function',
    {
      Role: 'arn:aws:iam::123456789012:role/r',
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Code: { ZipFile: 'exports.handler = async (event) => event.requestContext.http.path' },
    },
    'Fn',
  )
  const least = {
    ApiId,
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: String(fn.deployed.attributes['Arn']),
    PayloadFormatVersion: '2.0',
  }
  const more = {
    ...least,
    Description: 'd',
    TimeoutInMillis: '5000',
    RequestParameters: { 'append:header.a': 'b', 'append:header.c': 'd' },
  }
  const integration = await stage.create('AWS::ApiGatewayV2::Integration', more, 'Integration')
  expect(integration.deployed.attributes).toEqual({ IntegrationId: integration.deployed.ref })
  expect((await stage.update(integration, more)).deployed).toMatchObject(unchanged)
  expect((await stage.goOn(integration)).deployed.ref).toBe(integration.deployed.ref)
  const less = await stage.update(integration, { ...least, RequestParameters: { 'append:header.a': 'b' } })
  const told = await get(`/v2/apis/${ApiId}/integrations/${integration.deployed.ref}`)
  expect(told).toMatchObject({ timeoutInMillis: 30_000, requestParameters: { 'append:header.a': 'b' } })
  expect(told['requestParameters']).not.toHaveProperty('append:header.c')
  expect(told).not.toHaveProperty('description')
  expect((await stage.update(less, less.existing.properties)).deployed).toMatchObject(unchanged)

  const Target = `integrations/${integration.deployed.ref}`
  const route = await stage.create('AWS::ApiGatewayV2::Route', { ApiId, RouteKey: 'GET /a', Target, OperationName: 'o' }, 'Route')
  expect((await stage.update(route, route.existing.properties)).deployed).toMatchObject({
    attributes: { RouteId: route.deployed.ref },
    ...unchanged,
  })
  await expect(stage.create('AWS::ApiGatewayV2::Route', route.existing.properties)).rejects.toThrow('GET /a already exists')
  const renamed = await stage.update(route, { ApiId, RouteKey: 'GET /b', Target })
  expect(renamed.deployed).toMatchObject({ ref: route.deployed.ref, change: 'updated' })

  const staged = {
    ApiId,
    StageName: '$default',
    AutoDeploy: 'true',
    StageVariables: { a: '1', b: '2' },
    Description: 'd',
    DefaultRouteSettings: { ThrottlingRateLimit: '5' },
    Tags: { a: '1' },
  }
  const served = await stage.create('AWS::ApiGatewayV2::Stage', staged, 'Stage')
  expect((await stage.update(served, staged)).deployed).toMatchObject({ ref: '$default', ...unchanged })
  await expect(stage.create('AWS::ApiGatewayV2::Stage', staged)).rejects.toThrow('$default already exists')
  expect(await (await fetch(`${stage.url}/_aws/execute-api/${ApiId}/b`)).text()).toBe('/b')
  const plain = await stage.update(served, { ApiId, StageName: '$default', AutoDeploy: true, StageVariables: { b: '2' } })
  const kept = await get(`/v2/apis/${ApiId}/stages/$default`)
  expect(kept).toMatchObject({ stageVariables: { b: '2' }, tags: {} })
  expect(kept['stageVariables']).not.toHaveProperty('a')
  expect((await stage.update(plain, plain.existing.properties)).deployed).toMatchObject(unchanged)

  const jwt = (Audience: string) => ({
    ApiId,
    AuthorizerType: 'JWT',
    Name: 'j',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: { Audience: [Audience], Issuer: 'https://issuer.example.org' },
  })
  const authorizer = await stage.create('AWS::ApiGatewayV2::Authorizer', jwt('a'), 'Authorizer')
  expect((await stage.update(authorizer, jwt('a'))).deployed).toMatchObject(unchanged)
  expect((await stage.update(authorizer, jwt('b'))).deployed.change).toBe('updated')
  const model = await stage.create('AWS::ApiGatewayV2::Model', { ApiId, Name: 'M', Schema: { type: 'object' } }, 'Model')
  expect((await stage.update(model, model.existing.properties)).deployed).toMatchObject(unchanged)
  const deployment = await stage.create('AWS::ApiGatewayV2::Deployment', { ApiId, Description: 'd' }, 'Deployment')
  expect((await stage.update(deployment, deployment.existing.properties)).deployed).toMatchObject(unchanged)
  const all = [deployment, model, authorizer, plain, renamed, less, bare]
  for (const gone of [...all, ...all, fn]) expect(await stage.remove(gone)).toBeUndefined()
})

test('an API of WebSockets is a placeholder, and so is all that it has', async () => {
  const api = await stage.create(
    'AWS::ApiGatewayV2::Api',
    { Name: 'ws', ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' },
    'Ws',
  )
  expect(stage.warnings).toEqual(['Ws: APIs of WebSockets are not here; a placeholder stands for it.'])
  const ApiId = api.deployed.ref
  const route = await stage.create('AWS::ApiGatewayV2::Route', { ApiId, RouteKey: '$connect' }, 'Connect')
  const served = await stage.create('AWS::ApiGatewayV2::Stage', { ApiId, StageName: 'dev' }, 'Dev')
  expect([api, route, served].map(({ deployed }) => deployed.change)).toEqual(['recorded', 'recorded', 'recorded'])
  for (const gone of [served, route, api]) expect(await stage.remove(gone)).toBeUndefined()
})
