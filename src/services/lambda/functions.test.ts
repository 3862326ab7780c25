import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetPolicyCommand,
  InvokeCommand,
  ListFunctionsCommand,
  ListTagsCommand,
  PublishVersionCommand,
  TagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { openServicesDatabase } from '../kit/database.ts'

import { ROLE, startTestLambda } from './testing/lambda.ts'
import { zipOf } from './testing/zip.ts'

let lambda: Awaited<ReturnType<typeof startTestLambda>>
beforeAll(async () => {
  lambda = await startTestLambda()
})
afterAll(() => lambda.close())

const returning = (value: unknown) => ({ 'index.js': `exports.handler = async () => (${JSON.stringify(value)})` })
const arn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`

describe('functions', () => {
  it('are created once, shown, listed in pages, updated and deleted', async () => {
    const made = await lambda.create('f1', returning(1), { variables: { AB: 'c' } })
    expect(made).toMatchObject({
      FunctionArn: arn('f1'),
      Version: '$LATEST',
      State: 'Active',
      Environment: { Variables: { AB: 'c' } },
    })
    await expect(lambda.create('f1', returning(1))).rejects.toMatchObject({
      name: 'ResourceConflictException',
      message: 'Function already exist: f1',
    })
    await lambda.create('f2', returning(2))
    const first = await lambda.client.send(new ListFunctionsCommand({ MaxItems: 1 }))
    expect(first.Functions?.map((f) => f.FunctionName)).toEqual(['f1'])
    const rest = await lambda.client.send(new ListFunctionsCommand({ Marker: first.NextMarker }))
    expect(rest.Functions?.map((f) => f.FunctionName)).toEqual(['f2'])
    expect((await lambda.invoke('f1')).payload).toBe(1)
    await lambda.client.send(new UpdateFunctionCodeCommand({ FunctionName: 'f1', ZipFile: zipOf(returning('new')) }))
    expect((await lambda.invoke('f1')).payload).toBe('new')
    await lambda.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: arn('f1'), Timeout: 7 }))
    expect((await lambda.client.send(new GetFunctionCommand({ FunctionName: 'f1' }))).Configuration).toMatchObject({
      Timeout: 7,
      MemorySize: 256,
    })
    await lambda.client.send(new DeleteFunctionCommand({ FunctionName: 'f1' }))
    await expect(lambda.client.send(new GetFunctionCommand({ FunctionName: 'f1' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Function not found: ${arn('f1')}`,
    })
    await expect(lambda.invoke('f1')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Function not found: ${arn('f1')}:$LATEST`,
    })
    await expect(lambda.invoke(arn('f1'))).rejects.toMatchObject({ message: `Function not found: ${arn('f1')}:$LATEST` })
  })

  it('are refused when the request is wrong', async () => {
    const good = {
      FunctionName: 'bad',
      Runtime: 'nodejs22.x' as const,
      Handler: 'a.b',
      Role: ROLE,
      Code: { ZipFile: zipOf(returning(1)) },
    }
    const create = (change: object) => lambda.client.send(new CreateFunctionCommand({ ...good, ...change }))
    await expect(create({ Code: { ZipFile: Buffer.from('zip') } })).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: 'Could not unzip uploaded file. Please check your file, then try to upload again.',
    })
    await expect(create({ Timeout: 901 })).rejects.toMatchObject({
      name: 'ValidationException',
      message:
        "1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900",
    })
    await expect(create({ FunctionName: 'a b' })).rejects.toMatchObject({ name: 'ValidationException' })
    await expect(create({ Environment: { Variables: { AWS_REGION: 'x' } } })).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
    })
    await expect(create({ Runtime: 'java21' })).rejects.toMatchObject({ name: 'InvalidParameterValueException' })
  })

  it('refuse payloads that are not JSON or too large', async () => {
    await lambda.create('f3', returning(3))
    const send = (Payload: Buffer) => lambda.client.send(new InvokeCommand({ FunctionName: 'f3', Payload }))
    await expect(send(Buffer.from('{no'))).rejects.toMatchObject({
      name: 'InvalidRequestContentException',
      message: expect.stringMatching(/^Could not parse request body into json: /),
    })
    await expect(send(Buffer.alloc(6_300_000, '1'))).rejects.toMatchObject({
      name: 'RequestTooLargeException',
      $metadata: { httpStatusCode: 413 },
    })
    expect((await lambda.invoke('f3', {}, { InvocationType: 'DryRun' })).status).toBe(204)
  })

  it('have versions that stay, and aliases that point to them', async () => {
    await lambda.create('v', returning('one'))
    expect((await lambda.client.send(new PublishVersionCommand({ FunctionName: 'v' }))).Version).toBe('1')
    await lambda.client.send(new UpdateFunctionCodeCommand({ FunctionName: 'v', ZipFile: zipOf(returning('two')) }))
    await lambda.client.send(new CreateAliasCommand({ FunctionName: 'v', Name: 'live', FunctionVersion: '1' }))
    expect(await lambda.invoke('v:live')).toMatchObject({ payload: 'one', version: '1' })
    expect(await lambda.invoke('v', {}, { Qualifier: '1' })).toMatchObject({ payload: 'one' })
    expect(await lambda.invoke('v')).toMatchObject({ payload: 'two', version: '$LATEST' })
  })

  it('keep permissions and tags', async () => {
    await lambda.create('p', returning(0))
    await lambda.client.send(
      new AddPermissionCommand({
        FunctionName: 'p',
        StatementId: 's',
        Action: 'lambda:InvokeFunction',
        Principal: 'sns.amazonaws.com',
      }),
    )
    expect(JSON.parse((await lambda.client.send(new GetPolicyCommand({ FunctionName: 'p' }))).Policy ?? '')).toMatchObject({
      Statement: [{ Sid: 's', Principal: { Service: 'sns.amazonaws.com' } }],
    })
    await lambda.client.send(new TagResourceCommand({ Resource: arn('p'), Tags: { a: 'b' } }))
    expect((await lambda.client.send(new ListTagsCommand({ Resource: arn('p') }))).Tags).toEqual({ a: 'b' })
  })
})

describe('code', () => {
  it('from a live folder is run in place, and again when a file is saved', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'regente-live-'))
    writeFileSync(join(folder, 'index.js'), 'exports.handler = async () => 1')
    await lambda.client.send(
      new CreateFunctionCommand({
        FunctionName: 'live',
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: ROLE,
        Code: { S3Bucket: 'hot-reload', S3Key: folder },
      }),
    )
    expect((await lambda.invoke('live')).payload).toBe(1)
    writeFileSync(join(folder, 'index.js'), 'exports.handler = async () => "changed"')
    expect((await lambda.invoke('live')).payload).toBe('changed')
    rmSync(folder, { recursive: true })
  })

  it('from a bucket is read through the endpoint', async () => {
    const archive = zipOf(returning('from s3'))
    const s3 = createServer((req, res) =>
      res
        .writeHead(req.url === '/code/a%20b/c.zip' ? 200 : 404)
        .end(req.url === '/code/a%20b/c.zip' ? archive : '<Error><Code>NoSuchKey</Code><Message>no</Message></Error>'),
    )
    s3.listen(0, '127.0.0.1')
    await once(s3, 'listening')
    const address = s3.address()
    const own = await startTestLambda({ endpoint: () => `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}` })
    const create = (FunctionName: string, S3Key: string) =>
      own.client.send(
        new CreateFunctionCommand({
          FunctionName,
          Runtime: 'nodejs22.x',
          Handler: 'index.handler',
          Role: ROLE,
          Code: { S3Bucket: 'code', S3Key },
        }),
      )
    await create('s3', 'a b/c.zip')
    expect((await own.invoke('s3')).payload).toBe('from s3')
    await expect(create('s4', 'none')).rejects.toMatchObject({
      message: 'Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: no',
    })
    await own.close()
    s3.closeAllConnections()
    s3.close()
  })

  it('and functions outlive a restart', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'regente-restart-'))
    const before = await startTestLambda({ directory, database: openServicesDatabase(directory) })
    await before.create('kept', returning('still here'))
    await before.close()
    const after = await startTestLambda({ directory, database: openServicesDatabase(directory) })
    expect((await after.invoke('kept')).payload).toBe('still here')
    await after.close()
    rmSync(directory, { recursive: true })
  })
})
