import { PutBucketVersioningCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { functionPath } from '../../aws/paths.ts'
import { SERVICES } from '../../aws/services.ts'

import { codeSha256, zipEntries } from '../zip.ts'
import { objectAt } from './resource.ts'
import { openStage, type Stage } from './testing/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const get = (path: string) => stage.aws.rest(SERVICES.lambda, 'GET', path)
const FN = 'AWS::Lambda::Function'
const BASIC: JsonObject = {
  Role: 'arn:aws:iam::123456789012:role/r',
  Runtime: 'nodejs22.x',
  Handler: 'index.handler',
  Code: { ZipFile: 'exports.handler = async () => 1' },
}
const storage = () =>
  new S3Client({
    endpoint: stage.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    forcePathStyle: true,
  })
const queue = async (name: string) => {
  await stage.aws.json(SERVICES.sqs, 'CreateQueue', { QueueName: name })
  return `arn:aws:sqs:us-east-1:123456789012:${name}`
}

test('a function is made with all that its template says, and loses what it says no more', async () => {
  const TargetArn = await queue('dead')
  const signing = await stage.create('AWS::Lambda::CodeSigningConfig', {
    AllowedPublishers: { SigningProfileVersionArns: ['arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/abcdefghij'] },
    Tags: [{ Key: 'a', Value: '1' }],
  })
  expect(signing.deployed.attributes['CodeSigningConfigId']).toMatch(/^csc-/)
  expect((await stage.update(signing, signing.existing.properties)).deployed.change).toBe('unchanged')
  expect((await stage.goOn(signing)).deployed.ref).toBe(signing.deployed.ref)
  const full: JsonObject = {
    ...BASIC,
    FunctionName: 'full',
    Architectures: ['arm64'],
    CodeSigningConfigArn: signing.deployed.ref,
    DeadLetterConfig: { TargetArn },
    Description: 'd',
    Environment: { Variables: { A1: 'x' } },
    EphemeralStorage: { Size: '1024' },
    KmsKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/k',
    LoggingConfig: { LogFormat: 'JSON', LogGroup: 'mine' },
    MemorySize: '256',
    RecursiveLoop: 'Allow',
    ReservedConcurrentExecutions: 5,
    RuntimeManagementConfig: { UpdateRuntimeOn: 'FunctionUpdate' },
    SnapStart: { ApplyOn: 'PublishedVersions' },
    Tags: [{ Key: 'a', Value: '1' }],
    Timeout: 10,
    TracingConfig: { Mode: 'Active' },
    VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'] },
  }
  const made = await stage.create(FN, full)
  expect(made.deployed).toMatchObject({
    ref: 'full',
    change: 'created',
    attributes: {
      Arn: 'arn:aws:lambda:us-east-1:123456789012:function:full',
      'SnapStartResponse.ApplyOn': 'PublishedVersions',
      'SnapStartResponse.OptimizationStatus': 'Off',
    },
  })
  expect((await stage.update(made, full)).deployed.change).toBe('unchanged')
  await expect(stage.create(FN, full)).rejects.toThrow('full already exists')

  const bare = await stage.update(made, { ...BASIC, FunctionName: 'full' })
  expect(bare.deployed.change).toBe('updated')
  const { Configuration, Tags, Concurrency } = await get(functionPath('full'))
  expect(Configuration).toMatchObject({
    Architectures: ['x86_64'],
    Description: '',
    EphemeralStorage: { Size: 512 },
    LoggingConfig: { LogFormat: 'Text' },
    MemorySize: 128,
    SnapStart: { ApplyOn: 'None' },
    Timeout: 3,
    TracingConfig: { Mode: 'PassThrough' },
  })
  for (const gone of ['DeadLetterConfig', 'VpcConfig', 'KMSKeyArn', 'FileSystemConfigs'])
    expect(Configuration).not.toHaveProperty(gone)
  expect([Tags, Concurrency]).toEqual([undefined, undefined])
  expect(await get('/2020-06-30/functions/full/code-signing-config')).toEqual({})
  expect(await get('/2024-08-31/functions/full/recursion-config')).toEqual({ RecursiveLoop: 'Terminate' })
  expect(await get('/2021-07-20/functions/full/runtime-management-config')).toMatchObject({ UpdateRuntimeOn: 'Auto' })
  expect((await stage.update(bare, bare.existing.properties)).deployed.change).toBe('unchanged')
  for (const gone of [bare, signing, bare, signing]) expect(await stage.remove(gone)).toBeUndefined()
})

test('versions, aliases, permissions, an address and what becomes of asynchronous calls', async () => {
  const fn = await stage.create(FN, { ...BASIC, FunctionName: 'fn' }, 'Fn')
  const FunctionName = 'fn'
  const ProvisionedConcurrencyConfig = { ProvisionedConcurrentExecutions: 1 }
  const version = await stage.create(
    'AWS::Lambda::Version',
    { FunctionName, Description: 'one', ProvisionedConcurrencyConfig },
    'V1',
  )
  expect(version.deployed.attributes['Version']).toBe('1')
  expect((await stage.update(version, version.existing.properties)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::Lambda::Version', { FunctionName }, 'Twin')).rejects.toThrow('already exists')

  const alias = await stage.create(
    'AWS::Lambda::Alias',
    { FunctionName, Name: 'live', FunctionVersion: '1', Description: 'a' },
    'Live',
  )
  expect(alias.deployed.ref).toBe('arn:aws:lambda:us-east-1:123456789012:function:fn:live')
  expect((await stage.update(alias, alias.existing.properties)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::Lambda::Alias', alias.existing.properties)).rejects.toThrow('live already exists')
  await stage.update(fn, { ...BASIC, FunctionName, MemorySize: 256 })
  const second = await stage.create('AWS::Lambda::Version', { FunctionName }, 'V2')
  const RoutingConfig = { AdditionalVersionWeights: [{ FunctionVersion: '2', FunctionWeight: 0.5 }] }
  const split = await stage.update(alias, { FunctionName, Name: 'live', FunctionVersion: '1', RoutingConfig })
  expect((await get('/2015-03-31/functions/fn/aliases/live'))['RoutingConfig']).toEqual({ AdditionalVersionWeights: { 2: 0.5 } })
  const whole = await stage.update(split, { FunctionName, Name: 'live', FunctionVersion: '2' })
  expect(whole.deployed.change).toBe('updated')
  expect(await get('/2015-03-31/functions/fn/aliases/live')).toMatchObject({ FunctionVersion: '2', Description: '' })
  expect((await get('/2015-03-31/functions/fn/aliases/live'))['RoutingConfig']).toBeUndefined()

  const grant = {
    FunctionName: alias.deployed.ref,
    Action: 'lambda:InvokeFunction',
    Principal: 's3.amazonaws.com',
    SourceAccount: '123456789012',
  }
  const permission = await stage.create('AWS::Lambda::Permission', grant, 'Grant')
  expect(permission.deployed.attributes).toEqual({ Id: 'Stack-Grant-ABCDEFGHIJKL' })
  expect((await stage.update(permission, grant)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::Lambda::Permission', grant, 'Grant')).rejects.toThrow('already exists')

  const Cors = { AllowOrigins: ['*'], MaxAge: '10' }
  const url = await stage.create(
    'AWS::Lambda::Url',
    { TargetFunctionArn: 'fn', Qualifier: 'live', AuthType: 'NONE', Cors },
    'Url',
  )
  expect(url.deployed.attributes['FunctionUrl']).toMatch(/^https?:/)
  expect(url.deployed.ref).toBe(alias.deployed.ref)
  expect((await stage.update(url, url.existing.properties)).deployed.change).toBe('unchanged')
  const closed = await stage.update(url, { TargetFunctionArn: 'fn', Qualifier: 'live', AuthType: 'AWS_IAM' })
  expect(closed.deployed.attributes).toEqual(url.deployed.attributes)
  const shown = await get('/2021-10-31/functions/fn/url?Qualifier=live')
  expect(shown).toMatchObject({ AuthType: 'AWS_IAM' })
  expect(shown['Cors'] ?? {}).toEqual({})

  const config = {
    FunctionName,
    Qualifier: 'live',
    MaximumRetryAttempts: '1',
    DestinationConfig: { OnFailure: { Destination: await queue('lost') } },
  }
  const invoke = await stage.create('AWS::Lambda::EventInvokeConfig', config, 'Invoke')
  expect(invoke.deployed.ref).toBe('fn|live')
  expect((await stage.update(invoke, config)).deployed.change).toBe('unchanged')
  const later = await stage.update(invoke, { FunctionName, Qualifier: 'live', MaximumEventAgeInSeconds: 60 })
  expect(await get('/2019-09-25/functions/fn/event-invoke-config?Qualifier=live')).toMatchObject({
    MaximumEventAgeInSeconds: 60,
    DestinationConfig: { OnFailure: {} },
  })
  const all = [later, closed, permission, whole, second, version]
  for (const gone of [...all, ...all, fn]) expect(await stage.remove(gone)).toBeUndefined()
})

test('a mapping follows its function and forgets what is said no more', async () => {
  await stage.create(FN, { ...BASIC, FunctionName: 'one' }, 'One')
  await stage.create(FN, { ...BASIC, FunctionName: 'two' }, 'Two')
  const EventSourceArn = await queue('jobs')
  const full = {
    EventSourceArn,
    FunctionName: 'one',
    BatchSize: '20',
    MaximumBatchingWindowInSeconds: 5,
    FilterCriteria: { Filters: [{ Pattern: '{"body":{"a":[1]}}' }] },
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    ScalingConfig: { MaximumConcurrency: '2' },
    Tags: [{ Key: 'a', Value: '1' }],
  }
  const made = await stage.create('AWS::Lambda::EventSourceMapping', full)
  const { ref } = made.deployed
  expect(made.deployed.attributes).toEqual({
    Id: ref,
    EventSourceMappingArn: `arn:aws:lambda:us-east-1:123456789012:event-source-mapping:${ref}`,
  })
  expect((await stage.update(made, full)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::Lambda::EventSourceMapping', full)).rejects.toThrow('already exists')
  const bare = await stage.update(made, { EventSourceArn, FunctionName: 'two', Enabled: false })
  expect(bare.deployed).toMatchObject({ ref, change: 'updated' })
  const shown = await get(`/2015-03-31/event-source-mappings/${ref}`)
  expect(shown).toMatchObject({
    BatchSize: 10,
    MaximumBatchingWindowInSeconds: 0,
    FunctionArn: expect.stringMatching(/two$/) as string,
  })
  expect(shown['FunctionResponseTypes'] ?? []).toEqual([])
  expect(shown['FilterCriteria'] ?? { Filters: [] }).toEqual({ Filters: [] })
  expect((await stage.update(bare, bare.existing.properties)).deployed.change).toBe('unchanged')
  expect(await stage.remove(bare)).toBeUndefined()
  expect(await stage.remove(bare)).toBeUndefined()
})

test('code in a bucket is of the version that is told, and has to be there', async () => {
  const s3 = storage()
  await stage.aws.restXml(SERVICES.s3, 'PUT', '/versions')
  await s3.send(new PutBucketVersioningCommand({ Bucket: 'versions', VersioningConfiguration: { Status: 'Enabled' } }))
  const put = async (content: string) => {
    const Body = await zipEntries([{ name: 'index.js', data: Buffer.from(content) }])
    return { sha: codeSha256(Body), ...(await s3.send(new PutObjectCommand({ Bucket: 'versions', Key: 'k', Body }))) }
  }
  const old = await put('exports.handler = async () => 1')
  const newest = await put('exports.handler = async () => 2')
  const Code = { S3Bucket: 'versions', S3Key: 'k' }
  const shaOf = async () => objectAt((await get(functionPath('stored'))) ?? {}, 'Configuration')?.['CodeSha256']
  const made = await stage.create(FN, { ...BASIC, FunctionName: 'stored', Code })
  expect(await shaOf()).toBe(newest.sha)
  await stage.update(made, { ...BASIC, FunctionName: 'stored', Code: { ...Code, S3ObjectVersion: old.VersionId ?? '' } })
  expect(await shaOf()).toBe(old.sha)

  const missing = { S3Bucket: 'versions', S3Key: 'none' }
  const refusal =
    /^Error occurred while GetObject\. S3 Error Code: NoSuchKey\. S3 Error Message: The specified key does not exist\./
  await expect(stage.create(FN, { ...BASIC, Code: missing })).rejects.toThrow(refusal)
  await expect(stage.create('AWS::Lambda::LayerVersion', { Content: missing })).rejects.toThrow(refusal)
  await stage.remove(made)
})

test('a layer is a version for each content, and who may take it is kept', async () => {
  const s3 = storage()
  const put = async (Key: string, content: string) => {
    const Body = await zipEntries([{ name: 'nodejs/a.js', data: Buffer.from(content) }])
    await s3.send(new PutObjectCommand({ Bucket: 'code', Key, Body }))
    return { S3Bucket: 'code', S3Key: Key }
  }
  await stage.aws.restXml(SERVICES.s3, 'PUT', '/code')
  const Content = await put('one.zip', '1')
  const first = await stage.create('AWS::Lambda::LayerVersion', { LayerName: 'l', Content, Description: 'd', LicenseInfo: 'MIT' })
  const { ref } = first.deployed
  expect(ref).toBe('arn:aws:lambda:us-east-1:123456789012:layer:l:1')
  expect((await stage.update(first, first.existing.properties)).deployed.change).toBe('unchanged')
  const other = await stage.create('AWS::Lambda::LayerVersion', { LayerName: 'l', Content: await put('two.zip', '2') })
  expect(other.deployed.ref).toBe('arn:aws:lambda:us-east-1:123456789012:layer:l:2')

  const grant = { LayerVersionArn: ref, Action: 'lambda:GetLayerVersion', Principal: '*' }
  const permission = await stage.create('AWS::Lambda::LayerVersionPermission', grant, 'Grant')
  expect(permission.deployed.attributes).toEqual({ Id: `${ref}#Stack-Grant-ABCDEFGHIJKL` })
  expect((await stage.update(permission, grant)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::Lambda::LayerVersionPermission', grant, 'Grant')).rejects.toThrow('already exists')
  for (const gone of [permission, other, first, permission, other, first]) expect(await stage.remove(gone)).toBeUndefined()
})
