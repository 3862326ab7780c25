/** The AWS CLI over API Gateway, and what it made, called: by the host that it tells, with a real function and a real machine. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { zipOf } from '../../src/services/lambda/testing/zip.ts'

import { aws, describeWithAwsCli } from '../e2e/tools.ts'
import { useServer } from '../e2e/use-server.ts'

const ROLE = 'arn:aws:iam::000000000000:role/r'
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:greet'
const URI = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${FUNCTION}/invocations`
const CODE = `exports.handler = async (event) => ({ statusCode: 200, body: 'hello ' + (event.pathParameters?.proxy ?? event.rawPath) })`

describeWithAwsCli('the AWS CLI over API Gateway', () => {
  const server = useServer()
  const folder = mkdtempSync(join(tmpdir(), 'regente-api-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const call = (service: string, ...args: readonly string[]) =>
    aws(server.url, service, ...args) as Promise<Record<string, string>>

  beforeAll(async () => {
    const zip = join(folder, 'greet.zip')
    writeFileSync(zip, zipOf({ 'index.cjs': CODE }))
    const code = ['--runtime', 'nodejs22.x', '--handler', 'index.handler', '--role', ROLE, '--zip-file', `fileb://${zip}`]
    await call('lambda', 'create-function', '--function-name', 'greet', ...code)
  }, 60_000)

  /** At the host of an API, which not every machine can resolve. */
  async function get(host: string, path: string): Promise<{ readonly status: number | undefined; readonly body: string }> {
    const { port } = new URL(server.url)
    const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, headers: { host: `${host}:${port}` } }, resolve)
        .on('error', reject)
        .end()
    })
    return { status: response.statusCode, body: await text(response) }
  }

  test('makes a REST API, a method at a time, deploys it, and takes it away', async () => {
    const { id: api = '' } = await call('apigateway', 'create-rest-api', '--name', 'cli')
    const { items } = (await aws(server.url, 'apigateway', 'get-resources', '--rest-api-id', api)) as { items: { id: string }[] }
    const parent = ['--rest-api-id', api, '--parent-id', items[0]?.id ?? '']
    const { id: proxy = '' } = await call('apigateway', 'create-resource', ...parent, '--path-part', '{proxy+}')
    const method = ['--rest-api-id', api, '--resource-id', proxy, '--http-method', 'ANY']
    await call('apigateway', 'put-method', ...method, '--authorization-type', 'NONE')
    const integration = ['--type', 'AWS_PROXY', '--integration-http-method', 'POST', '--uri', URI]
    expect(await call('apigateway', 'put-integration', ...method, ...integration)).toMatchObject({ type: 'AWS_PROXY', uri: URI })
    await call('apigateway', 'create-deployment', '--rest-api-id', api, '--stage-name', 'live')
    expect(await get(`${api}.execute-api.localhost`, '/live/all/of%20you')).toEqual({ status: 200, body: 'hello all/of you' })
    const tested = await call('apigateway', 'test-invoke-method', ...method, '--path-with-query-string', '/me')
    expect(tested).toMatchObject({ status: 200, body: 'hello me' })
    const variable = 'op=replace,path=/variables/colour,value=red'
    const changed = await call(
      'apigateway',
      'update-stage',
      '--rest-api-id',
      api,
      '--stage-name',
      'live',
      '--patch-operations',
      variable,
    )
    expect(changed).toMatchObject({ variables: { colour: 'red' } })
    await call('apigateway', 'delete-rest-api', '--rest-api-id', api)
    expect((await get(`${api}.execute-api.localhost`, '/live/me')).status).toBe(403)
  }, 180_000)

  test('imports an API in YAML; makes an HTTP API with a target', async () => {
    const path = join(folder, 'api.yaml')
    writeFileSync(
      path,
      `openapi: 3.0.1
info: {title: imported, version: '1'}
paths:
  /{proxy+}:
    x-amazon-apigateway-any-method:
      x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: '${URI}'}
`,
    )
    // Older versions of the CLI take the text itself, later ones base64 of it.
    const { id: api = '', name } = await call('apigateway', 'import-rest-api', '--body', `fileb://${path}`)
    expect(name).toBe('imported')
    await call('apigateway', 'create-deployment', '--rest-api-id', api, '--stage-name', 'v1')
    expect(await get(`${api}.execute-api.localhost`, '/v1/you')).toEqual({ status: 200, body: 'hello you' })

    const target = ['--name', 'quick', '--protocol-type', 'HTTP', '--target', FUNCTION]
    const { ApiEndpoint = '' } = await call('apigatewayv2', 'create-api', ...target)
    const { hostname } = new URL(ApiEndpoint)
    expect(await get(hostname, '/there')).toEqual({ status: 200, body: 'hello /there' })
    await expect(call('apigatewayv2', 'get-api', '--api-id', 'none')).rejects.toThrow('NotFoundException')
    await expect(call('apigateway', 'create-domain-name', '--domain-name', 'a.example')).rejects.toThrow('NotImplemented')
  }, 180_000)
})
