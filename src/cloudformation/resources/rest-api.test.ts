import { afterAll, beforeAll, expect, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { openStage, type Stage } from './testing/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const get = (path: string) => stage.aws.rest(SERVICES.apigateway, 'GET', path)
const call = (api: string, path: string, headers: Record<string, string> = {}) =>
  fetch(`${stage.url}/_aws/execute-api/${api}/${path}`, { headers })
const unchanged = { change: 'unchanged' }
const Tags = [{ Key: 'a', Value: '1' }]
const mock = (text: string): JsonObject => ({
  Type: 'MOCK',
  RequestTemplates: { 'application/json': '{"statusCode": 200}' },
  IntegrationResponses: [{ StatusCode: '200', ResponseTemplates: { 'application/json': text } }],
})

test('a REST API is made of its parts, deployed, and served', async () => {
  const full = { Name: 'api', Description: 'd', BinaryMediaTypes: ['image/png', 'a/b'], MinimumCompressionSize: '10', Tags }
  const api = await stage.create('AWS::ApiGateway::RestApi', full, 'Api')
  const RestApiId = api.deployed.ref
  expect(api.deployed.attributes).toEqual({ RestApiId, RootResourceId: expect.stringMatching(/^\w{10}$/) as string })
  expect((await stage.update(api, full)).deployed).toMatchObject({ ref: RestApiId, ...unchanged })
  // Made before anybody could write it down: it is found again.
  expect((await stage.create('AWS::ApiGateway::RestApi', full, 'Api')).deployed.ref).toBe(RestApiId)
  const bare = await stage.update(api, { Name: 'other', BinaryMediaTypes: ['a/b'] })
  expect(bare.deployed.change).toBe('updated')
  const shown = await get(`/restapis/${RestApiId}`)
  expect(shown).toMatchObject({
    name: 'other',
    binaryMediaTypes: ['a/b'],
    tags: { 'regente:resource': 'Stack/Api/ABCDEFGHIJKL' },
  })
  for (const gone of ['description', 'minimumCompressionSize']) expect(shown).not.toHaveProperty(gone)

  const ParentId = String(api.deployed.attributes['RootResourceId'])
  const resource = await stage.create('AWS::ApiGateway::Resource', { RestApiId, ParentId, PathPart: 'pets' }, 'Pets')
  const ResourceId = resource.deployed.ref
  expect(resource.deployed.attributes).toEqual({ ResourceId })
  expect((await stage.update(resource, resource.existing.properties)).deployed).toMatchObject(unchanged)
  await expect(stage.create('AWS::ApiGateway::Resource', resource.existing.properties)).rejects.toThrow('pets already exists')

  const of = (text: string, more: JsonObject = {}): JsonObject => ({
    RestApiId,
    ResourceId,
    HttpMethod: 'GET',
    MethodResponses: [{ StatusCode: '200' }],
    Integration: mock(text),
    ...more,
  })
  const method = await stage.create(
    'AWS::ApiGateway::Method',
    of('one', { RequestParameters: { 'method.request.querystring.q': 'true' } }),
    'Get',
  )
  expect(method.deployed.ref).toBe(`${RestApiId}|${ResourceId}|GET`)
  expect((await stage.update(method, method.existing.properties)).deployed).toMatchObject(unchanged)
  await expect(stage.create('AWS::ApiGateway::Method', method.existing.properties)).rejects.toThrow('already exists')
  const changed = await stage.update(method, of('two', { ApiKeyRequired: 'true' }))
  expect(await get(`/restapis/${RestApiId}/resources/${ResourceId}/methods/GET`)).not.toHaveProperty('requestParameters')

  const deployment = await stage.create('AWS::ApiGateway::Deployment', { RestApiId, Description: 'first' }, 'Deployment')
  const DeploymentId = deployment.deployed.ref
  expect((await stage.update(deployment, deployment.existing.properties)).deployed).toMatchObject({
    ref: DeploymentId,
    ...unchanged,
  })
  const MethodSettings = [
    { HttpMethod: '*', ResourcePath: '/*', LoggingLevel: 'INFO', ThrottlingRateLimit: '10' },
    { HttpMethod: 'GET', ResourcePath: '/pets', DataTraceEnabled: 'true' },
  ]
  const staged = {
    RestApiId,
    StageName: 'prod',
    DeploymentId,
    MethodSettings,
    Variables: { a: '1', b: '2' },
    TracingEnabled: true,
    Tags,
  }
  const prod = await stage.create('AWS::ApiGateway::Stage', staged, 'Prod')
  expect(prod.deployed).toEqual({ ref: 'prod', attributes: {}, change: 'created' })
  expect(await get(`/restapis/${RestApiId}/stages/prod`)).toMatchObject({
    methodSettings: { '*/*': { loggingLevel: 'INFO', throttlingRateLimit: 10 }, '~1pets/GET': { dataTraceEnabled: true } },
  })
  expect((await stage.update(prod, staged)).deployed).toMatchObject(unchanged)
  await expect(stage.create('AWS::ApiGateway::Stage', staged)).rejects.toThrow('prod already exists')
  const less = await stage.update(prod, {
    RestApiId,
    StageName: 'prod',
    DeploymentId,
    MethodSettings: [MethodSettings[0] ?? {}],
    Variables: { b: '2' },
  })
  expect(less.deployed.change).toBe('updated')
  const served = await get(`/restapis/${RestApiId}/stages/prod`)
  expect(served).toMatchObject({ tracingEnabled: false, variables: { b: '2' }, tags: {} })
  expect(served['methodSettings']).not.toHaveProperty('~1pets/GET')
  expect((await stage.update(less, less.existing.properties)).deployed).toMatchObject(unchanged)

  const Value = 'a-key-of-more-than-twenty-characters'
  const key = await stage.create('AWS::ApiGateway::ApiKey', { Name: 'k', Enabled: 'true', Value, Description: 'd', Tags }, 'Key')
  expect(key.deployed.attributes).toEqual({ APIKeyId: key.deployed.ref })
  expect((await stage.update(key, key.existing.properties)).deployed).toMatchObject(unchanged)
  const planned = {
    UsagePlanName: 'p',
    ApiStages: [{ ApiId: RestApiId, Stage: 'prod' }],
    Quota: { Limit: '5', Period: 'DAY' },
    Throttle: { BurstLimit: 1, RateLimit: '2' },
  }
  const plan = await stage.create('AWS::ApiGateway::UsagePlan', planned, 'Plan')
  expect((await stage.update(plan, planned)).deployed).toMatchObject(unchanged)
  const held = { KeyId: key.deployed.ref, KeyType: 'API_KEY', UsagePlanId: plan.deployed.ref }
  const planKey = await stage.create('AWS::ApiGateway::UsagePlanKey', held, 'PlanKey')
  expect((await stage.update(planKey, held)).deployed).toMatchObject({
    ref: `${key.deployed.ref}:${plan.deployed.ref}`,
    ...unchanged,
  })
  expect((await call(RestApiId, 'prod/pets')).status).toBe(403)
  expect(await (await call(RestApiId, 'prod/pets', { 'x-api-key': Value })).text()).toBe('two')
  const off = await stage.update(key, { Name: 'k', Value })
  expect((await call(RestApiId, 'prod/pets', { 'x-api-key': Value })).status).toBe(403)
  const none = await stage.update(plan, { UsagePlanName: 'p' })
  const left = await get(`/usageplans/${plan.deployed.ref}`)
  expect(left['apiStages']).toEqual([])
  expect(left).not.toHaveProperty('quota.limit')

  const all = [planKey, none, off, less, deployment, changed, resource, bare]
  for (const gone of [...all, ...all.slice(0, 3), bare]) expect(await stage.remove(gone)).toBeUndefined()
})

test('authorizers, models, validators and answers of the gateway', async () => {
  const api = await stage.create('AWS::ApiGateway::RestApi', { Name: 'parts' }, 'Parts')
  const RestApiId = api.deployed.ref
  const live = async (type: string, properties: JsonObject, other: JsonObject, attribute?: string) => {
    const made = await stage.create(type, properties)
    if (attribute !== undefined) expect(made.deployed.attributes).toEqual({ [attribute]: made.deployed.ref })
    expect((await stage.update(made, properties)).deployed).toMatchObject(unchanged)
    await expect(stage.create(type, properties)).rejects.toThrow('already exists')
    const changed = await stage.update(made, other)
    expect(changed.deployed).toMatchObject({ ref: made.deployed.ref, change: 'updated' })
    expect((await stage.update(changed, other)).deployed).toMatchObject(unchanged)
    return changed
  }
  const AuthorizerUri =
    'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:f/invocations'
  const auth = { RestApiId, Name: 'a', Type: 'TOKEN', AuthorizerUri, IdentitySource: 'method.request.header.Authorization' }
  const authorizer = await live(
    'AWS::ApiGateway::Authorizer',
    { ...auth, AuthorizerResultTtlInSeconds: '60', IdentityValidationExpression: 'x' },
    auth,
    'AuthorizerId',
  )
  expect(await get(`/restapis/${RestApiId}/authorizers/${authorizer.deployed.ref}`)).not.toHaveProperty(
    'identityValidationExpression',
  )
  const model = await live(
    'AWS::ApiGateway::Model',
    { RestApiId, Name: 'M', Schema: { type: 'object' } },
    { RestApiId, Name: 'M', Schema: { type: 'array' } },
  )
  const both = { RestApiId, Name: 'v', ValidateRequestBody: 'true' }
  const validator = await live(
    'AWS::ApiGateway::RequestValidator',
    both,
    { ...both, ValidateRequestBody: 'false' },
    'RequestValidatorId',
  )
  const answer = { RestApiId, ResponseType: 'DEFAULT_4XX', StatusCode: '418' }
  const response = await live(
    'AWS::ApiGateway::GatewayResponse',
    { ...answer, ResponseTemplates: { 'application/json': '{}' } },
    { ...answer, StatusCode: '419' },
    'Id',
  )
  const account = await stage.create(
    'AWS::ApiGateway::Account',
    { CloudWatchRoleArn: 'arn:aws:iam::123456789012:role/r' },
    'Account',
  )
  expect((await stage.update(account, account.existing.properties)).deployed).toMatchObject(unchanged)
  expect(await get('/account')).toMatchObject({ cloudwatchRoleArn: 'arn:aws:iam::123456789012:role/r' })
  expect((await stage.update(account, {})).deployed.change).toBe('updated')
  const all = [authorizer, model, validator, response, account, api]
  for (const gone of [...all, ...all]) expect(await stage.remove(gone)).toBeUndefined()
})

test('an API of a document is what the document says, and its deployment may name its stage', async () => {
  const document = (path: string): JsonObject => ({
    openapi: '3.0.1',
    info: { title: 'of a document', version: '1' },
    paths: {
      [path]: {
        get: {
          responses: { 200: { description: 'ok' } },
          'x-amazon-apigateway-integration': {
            type: 'mock',
            requestTemplates: { 'application/json': '{"statusCode": 200}' },
            responses: { default: { statusCode: '200' } },
          },
        },
      },
    },
  })
  const api = await stage.create('AWS::ApiGateway::RestApi', { Body: document('/one') }, 'Document')
  const RestApiId = api.deployed.ref
  expect((await stage.update(api, api.existing.properties)).deployed).toMatchObject(unchanged)
  const StageDescription = { LoggingLevel: 'ERROR', Variables: { a: 'b' } }
  const first = await stage.create('AWS::ApiGateway::Deployment', { RestApiId, StageName: 'v1', StageDescription }, 'First')
  expect((await call(RestApiId, 'v1/one')).status).toBe(200)
  expect(await get(`/restapis/${RestApiId}/stages/v1`)).toMatchObject({
    variables: { a: 'b' },
    methodSettings: { '*/*': { loggingLevel: 'ERROR' } },
  })
  expect((await stage.update(first, first.existing.properties)).deployed).toMatchObject(unchanged)

  const other = await stage.update(api, { Body: document('/two') })
  expect(other.deployed).toMatchObject({ ref: RestApiId, change: 'updated' })
  expect((await call(RestApiId, 'v1/two')).status).toBe(403)
  const second = await stage.create('AWS::ApiGateway::Deployment', { RestApiId, StageName: 'v1' }, 'Second')
  expect((await call(RestApiId, 'v1/two')).status).toBe(200)
  for (const gone of [first, second, second, other]) expect(await stage.remove(gone)).toBeUndefined()
})
