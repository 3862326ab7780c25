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
  DeleteFunctionEventInvokeConfigCommand,
  GetAccountSettingsCommand,
  GetFunctionCodeSigningConfigCommand,
  GetFunctionCommand,
  GetFunctionEventInvokeConfigCommand,
  GetPolicyCommand,
  InvokeCommand,
  ListFunctionsCommand,
  ListTagsCommand,
  PublishVersionCommand,
  PutFunctionEventInvokeConfigCommand,
  TagResourceCommand,
  UpdateAliasCommand,
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

  it('share the calls of an alias between two versions by its weights', async () => {
    const draws = [0.1, 0.3, 0.2, 0.9]
    const own = await startTestLambda({ random: () => draws.shift() ?? 1 })
    await own.create('w', returning('one'))
    const publish = () => own.client.send(new PublishVersionCommand({ FunctionName: 'w' }))
    await publish()
    await own.client.send(new UpdateFunctionCodeCommand({ FunctionName: 'w', ZipFile: zipOf(returning('two')) }))
    await publish()
    const alias = { FunctionName: 'w', Name: 'live', FunctionVersion: '1' }
    const weigh = (AdditionalVersionWeights: Record<string, number>, FunctionVersion = '1') =>
      own.client.send(new UpdateAliasCommand({ ...alias, FunctionVersion, RoutingConfig: { AdditionalVersionWeights } }))
    const RoutingConfig = { AdditionalVersionWeights: { 2: 0.25 } }
    expect(await own.client.send(new CreateAliasCommand({ ...alias, RoutingConfig }))).toMatchObject({ RoutingConfig })
    const versions: (string | undefined)[] = []
    for (let i = 0; i < 4; i++) versions.push((await own.invoke('w:live')).version)
    expect(versions).toEqual(['2', '1', '2', '1'])
    await expect(weigh({ 1: 0.5 })).rejects.toThrow('Invalid function version 1. Function version 1 is already included')
    await expect(weigh({ 3: 0.5 })).rejects.toThrow('Function not found')
    await expect(weigh({ 2: 1.5 })).rejects.toThrow('Member must have value less than or equal to 1.0')
    await expect(weigh({ $LATEST: 0.5 })).rejects.toThrow('Map keys must satisfy constraint')
    await expect(weigh({ 2: 0.1, 3: 0.1 })).rejects.toThrow('cannot be greater than 1')
    await expect(weigh({ 2: 0.1 }, '$LATEST')).rejects.toThrow('$LATEST is not supported')
    await expect(own.client.send(new DeleteFunctionCommand({ FunctionName: 'w', Qualifier: '2' }))).rejects.toThrow('alias live')
    expect(await weigh({})).not.toHaveProperty('RoutingConfig')
    await own.close()
  })

  it('are published of the code that the caller means', async () => {
    const { CodeSha256 } = await lambda.create('sha', returning(1))
    const publish = (sha: string | undefined) =>
      lambda.client.send(new PublishVersionCommand({ FunctionName: 'sha', CodeSha256: sha }))
    await expect(publish('x')).rejects.toMatchObject({ name: 'InvalidParameterValueException' })
    expect((await publish(CodeSha256)).Version).toBe('1')
  })

  it('show retries of asynchronous calls only where they are set', async () => {
    const FunctionName = 'async'
    await lambda.create(FunctionName, returning(1))
    const get = () => lambda.client.send(new GetFunctionEventInvokeConfigCommand({ FunctionName }))
    await expect(get()).rejects.toThrow(`The function ${arn('async')}:$LATEST doesn't have an EventInvokeConfig`)
    await lambda.client.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 0 }))
    expect(await get()).toMatchObject({ MaximumRetryAttempts: 0 })
    await lambda.client.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName }))
    await expect(get()).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  })

  it('answer what deployment tools read beside them', async () => {
    await lambda.create('read', returning(1))
    const signing = await lambda.client.send(new GetFunctionCodeSigningConfigCommand({ FunctionName: 'read' }))
    expect(signing.CodeSigningConfigArn).toBeUndefined()
    const { AccountLimit, AccountUsage } = await lambda.client.send(new GetAccountSettingsCommand({}))
    expect(AccountLimit?.ConcurrentExecutions).toBe(1000)
    expect(AccountUsage?.FunctionCount).toBeGreaterThan(0)
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
  it('is linked to as the archive that was uploaded, and its folder is not told', async () => {
    const archive = zipOf(returning('linked'))
    await lambda.create('linked', returning('linked'))
    const { Code } = await lambda.client.send(new GetFunctionCommand({ FunctionName: 'linked' }))
    const answer = await fetch(Code?.Location ?? '')
    expect(answer.headers.get('content-type')).toBe('application/zip')
    expect(Buffer.from(await answer.arrayBuffer()).equals(archive)).toBe(true)
    expect((await fetch(`${Code?.Location}x`)).status).toBe(404)
  })

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
