import {
  AddLayerVersionPermissionCommand,
  AddPermissionCommand,
  CreateAliasCommand,
  CreateCodeSigningConfigCommand,
  DeleteAliasCommand,
  DeleteCodeSigningConfigCommand,
  DeleteFunctionCodeSigningConfigCommand,
  DeleteFunctionCommand,
  DeleteProvisionedConcurrencyConfigCommand,
  GetAliasCommand,
  GetCodeSigningConfigCommand,
  GetFunctionCodeSigningConfigCommand,
  GetFunctionConfigurationCommand,
  GetFunctionRecursionConfigCommand,
  GetLayerVersionCommand,
  GetLayerVersionPolicyCommand,
  GetPolicyCommand,
  GetProvisionedConcurrencyConfigCommand,
  GetRuntimeManagementConfigCommand,
  ListAliasesCommand,
  ListCodeSigningConfigsCommand,
  ListFunctionsByCodeSigningConfigCommand,
  ListFunctionsCommand,
  ListLayersCommand,
  ListProvisionedConcurrencyConfigsCommand,
  ListTagsCommand,
  ListVersionsByFunctionCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  PutFunctionCodeSigningConfigCommand,
  PutFunctionRecursionConfigCommand,
  PutProvisionedConcurrencyConfigCommand,
  PutRuntimeManagementConfigCommand,
  RemoveLayerVersionPermissionCommand,
  RemovePermissionCommand,
  TagResourceCommand,
  UpdateAliasCommand,
  UpdateCodeSigningConfigCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startTestLambda } from './testing/lambda.ts'
import { zipOf } from './testing/zip.ts'

let lambda: Awaited<ReturnType<typeof startTestLambda>>
beforeAll(async () => {
  lambda = await startTestLambda()
  await lambda.create('f', { 'index.js': 'exports.handler = async () => console.log("x")' })
})
afterAll(() => lambda.close())

const FunctionName = 'f'
const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:f'
type Sendable = Parameters<typeof lambda.client.send>[0]
const send = ((command: Sendable) => lambda.client.send(command)) as typeof lambda.client.send
const configure = (input: object) => send(new UpdateFunctionConfigurationCommand({ FunctionName, ...input }))

test('numbers of versions are used once, not even again by a function that is made anew', async () => {
  const publish = async (name: string, Description: string) => {
    await send(new UpdateFunctionConfigurationCommand({ FunctionName: name, Description, MemorySize: 200 + Number(Description) }))
    return (await send(new PublishVersionCommand({ FunctionName: name }))).Version
  }
  await lambda.create('numbers', { 'index.js': '' })
  expect([await publish('numbers', '1'), await publish('numbers', '2')]).toEqual(['1', '2'])
  await send(new DeleteFunctionCommand({ FunctionName: 'numbers', Qualifier: '2' }))
  expect(await publish('numbers', '3')).toBe('3')
  await send(new DeleteFunctionCommand({ FunctionName: 'numbers' }))
  await lambda.create('numbers', { 'index.js': '' })
  expect(await publish('numbers', '4')).toBe('4')
  const pages = []
  for (let Marker: string | undefined; ; ) {
    const page = await send(new ListVersionsByFunctionCommand({ FunctionName: 'numbers', MaxItems: 1, Marker }))
    pages.push(page.Versions?.map(({ Version }) => Version))
    Marker = page.NextMarker
    if (Marker === undefined) break
  }
  expect(pages).toEqual([['$LATEST'], ['4']])
  const all = await send(new ListFunctionsCommand({ FunctionVersion: 'ALL' }))
  expect(all.Functions?.map(({ FunctionArn }) => FunctionArn?.split('function:')[1])).toEqual([
    'f:$LATEST',
    'numbers:$LATEST',
    'numbers:4',
  ])
})

test('permissions are written as AWS writes them, each on what it is for', async () => {
  const add = async (input: object) => {
    const made = new AddPermissionCommand({
      FunctionName,
      StatementId: 's',
      Action: 'lambda:InvokeFunction',
      Principal: '*',
      ...input,
    })
    return JSON.parse((await send(made)).Statement ?? '')
  }
  expect(
    await add({
      Principal: 's3.amazonaws.com',
      SourceArn: 'arn:aws:s3:::b',
      SourceAccount: '111122223333',
      StatementId: 'bucket',
    }),
  ).toEqual({
    Sid: 'bucket',
    Effect: 'Allow',
    Principal: { Service: 's3.amazonaws.com' },
    Action: 'lambda:InvokeFunction',
    Resource: ARN,
    Condition: { StringEquals: { 'AWS:SourceAccount': '111122223333' }, ArnLike: { 'AWS:SourceArn': 'arn:aws:s3:::b' } },
  })
  const url = await add({ Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE', StatementId: 'url' })
  expect(url).toMatchObject({ Principal: '*', Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'NONE' } } })
  const account = await add({ Principal: '111122223333', StatementId: 'account', PrincipalOrgID: 'o-1' })
  expect(account).toMatchObject({
    Principal: { AWS: 'arn:aws:iam::111122223333:root' },
    Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } },
  })
  await expect(add({ StatementId: 'url' })).rejects.toThrow('The statement id (url) provided already exists.')
  await expect(add({ StatementId: 'a b' })).rejects.toThrow('failed to satisfy constraint')
  await expect(add({ Action: 'x', StatementId: 'x' })).rejects.toThrow('(lambda:[*]|lambda:[a-zA-Z]+|[*])')
  await expect(add({ Qualifier: '$LATEST' })).rejects.toThrow('We currently do not support adding policies for $LATEST.')
  await expect(add({ Qualifier: 'none' })).rejects.toThrow('Function not found')

  const before = await send(new GetPolicyCommand({ FunctionName }))
  expect(JSON.parse(before.Policy ?? '')).toMatchObject({ Version: '2012-10-17', Id: 'default', Statement: [{}, {}, {}] })
  const config = await send(new GetFunctionConfigurationCommand({ FunctionName }))
  expect(before.RevisionId).toBe(config.RevisionId)
  const remove = (StatementId: string, RevisionId?: string) =>
    send(new RemovePermissionCommand({ FunctionName, StatementId, RevisionId }))
  await expect(remove('url', 'other')).rejects.toThrow('The Revision Id provided does not match')
  await remove('url', before.RevisionId)
  await expect(remove('url')).rejects.toThrow('Statement url is not found in resource policy.')
  expect((await send(new GetPolicyCommand({ FunctionName }))).RevisionId).not.toBe(before.RevisionId)
})

test('an alias has permissions of its own, which go with it', async () => {
  await send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '$LATEST' }))
  const Qualifier = 'live'
  const permission = { FunctionName, Qualifier, StatementId: 'own', Action: 'lambda:InvokeFunction', Principal: '*' }
  const { Statement } = await send(new AddPermissionCommand(permission))
  expect(JSON.parse(Statement ?? '').Resource).toBe(`${ARN}:live`)
  const policy = await send(new GetPolicyCommand({ FunctionName, Qualifier }))
  expect(JSON.parse(policy.Policy ?? '').Statement).toHaveLength(1)
  const alias = await send(new GetAliasCommand({ FunctionName, Name: 'live' }))
  expect(policy.RevisionId).toBe(alias.RevisionId)
  const update = (RevisionId?: string) =>
    send(new UpdateAliasCommand({ FunctionName, Name: 'live', Description: 'd', RevisionId }))
  await expect(update('other')).rejects.toThrow('The Revision Id provided does not match')
  await update(alias.RevisionId)
  const list = await send(new ListAliasesCommand({ FunctionName, FunctionVersion: '7' }))
  expect(list.Aliases).toEqual([])
  await send(new DeleteAliasCommand({ FunctionName, Name: 'live' }))
  await send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '$LATEST' }))
  await expect(send(new GetPolicyCommand({ FunctionName, Qualifier }))).rejects.toThrow(
    'The resource you requested does not exist.',
  )
})

test('settings without effect here are kept and shown', async () => {
  expect(await send(new GetRuntimeManagementConfigCommand({ FunctionName }))).toMatchObject({
    UpdateRuntimeOn: 'Auto',
    FunctionArn: `${ARN}:$LATEST`,
  })
  const RuntimeVersionArn = 'arn:aws:lambda:us-east-1::runtime:0'
  const manual = new PutRuntimeManagementConfigCommand({ FunctionName, UpdateRuntimeOn: 'Manual', RuntimeVersionArn })
  expect(await send(manual)).toMatchObject({ UpdateRuntimeOn: 'Manual', RuntimeVersionArn })
  expect((await send(new GetFunctionRecursionConfigCommand({ FunctionName }))).RecursiveLoop).toBe('Terminate')
  await send(new PutFunctionRecursionConfigCommand({ FunctionName, RecursiveLoop: 'Allow' }))
  expect((await send(new GetFunctionRecursionConfigCommand({ FunctionName }))).RecursiveLoop).toBe('Allow')

  expect(await configure({})).toMatchObject({
    LoggingConfig: { LogFormat: 'Text', LogGroup: '/aws/lambda/f' },
    SnapStart: { ApplyOn: 'None' },
  })
  const network = { SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'] }
  const shown = await configure({
    VpcConfig: network,
    KMSKeyArn: 'arn:aws:kms:us-east-1:000000000000:key/k',
    SnapStart: { ApplyOn: 'PublishedVersions' },
    LoggingConfig: { LogFormat: 'JSON', LogGroup: 'mine' },
  })
  expect(shown).toMatchObject({
    VpcConfig: { ...network, VpcId: expect.stringMatching(/^vpc-/) },
    KMSKeyArn: 'arn:aws:kms:us-east-1:000000000000:key/k',
    SnapStart: { ApplyOn: 'PublishedVersions', OptimizationStatus: 'Off' },
    LoggingConfig: { LogFormat: 'JSON', LogGroup: 'mine', ApplicationLogLevel: 'INFO', SystemLogLevel: 'INFO' },
  })
  await lambda.invoke('f')
  await expect.poll(() => lambda.logs.some(({ group }) => group === 'mine')).toBe(true)
  const cleared = await configure({ VpcConfig: { SubnetIds: [], SecurityGroupIds: [] }, KMSKeyArn: '' })
  expect([cleared.VpcConfig, cleared.KMSKeyArn]).toEqual([undefined, undefined])
})

test('provisioned concurrency is kept for versions and aliases', async () => {
  const { Version: Qualifier = '' } = await send(new PublishVersionCommand({ FunctionName }))
  const of = { FunctionName, Qualifier }
  const get = () => send(new GetProvisionedConcurrencyConfigCommand(of))
  await expect(get()).rejects.toMatchObject({ name: 'ProvisionedConcurrencyConfigNotFoundException' })
  const latest = { FunctionName, Qualifier: '$LATEST', ProvisionedConcurrentExecutions: 2 }
  await expect(send(new PutProvisionedConcurrencyConfigCommand(latest))).rejects.toThrow('unpublished function versions')
  const put = await send(new PutProvisionedConcurrencyConfigCommand({ ...of, ProvisionedConcurrentExecutions: 2 }))
  expect(put).toMatchObject({ Status: 'IN_PROGRESS', RequestedProvisionedConcurrentExecutions: 2 })
  expect(await get()).toMatchObject({ Status: 'READY', AllocatedProvisionedConcurrentExecutions: 2 })
  const list = await send(new ListProvisionedConcurrencyConfigsCommand({ FunctionName }))
  expect(list.ProvisionedConcurrencyConfigs).toMatchObject([{ FunctionArn: `${ARN}:${Qualifier}` }])
  await send(new DeleteProvisionedConcurrencyConfigCommand(of))
  await expect(get()).rejects.toThrow('No Provisioned Concurrency Config found for this function')
})

test('code signing configurations are kept, with the functions that have them', async () => {
  const of = () => send(new GetFunctionCodeSigningConfigCommand({ FunctionName }))
  expect((await of()).CodeSigningConfigArn).toBeUndefined()
  const AllowedPublishers = { SigningProfileVersionArns: ['arn:aws:signer:us-east-1:000000000000:/signing-profiles/p/v'] }
  const made = await send(new CreateCodeSigningConfigCommand({ AllowedPublishers, Tags: { a: '1' } }))
  const CodeSigningConfigArn = made.CodeSigningConfig?.CodeSigningConfigArn ?? ''
  expect(made.CodeSigningConfig).toMatchObject({
    CodeSigningConfigId: expect.stringMatching(/^csc-[0-9a-f]{17}$/),
    CodeSigningPolicies: { UntrustedArtifactOnDeployment: 'Warn' },
  })
  const policy = { UntrustedArtifactOnDeployment: 'Enforce' } as const
  await send(new UpdateCodeSigningConfigCommand({ CodeSigningConfigArn, CodeSigningPolicies: policy }))
  const got = await send(new GetCodeSigningConfigCommand({ CodeSigningConfigArn }))
  expect(got.CodeSigningConfig?.CodeSigningPolicies).toEqual(policy)
  expect((await send(new ListCodeSigningConfigsCommand({}))).CodeSigningConfigs).toHaveLength(1)
  await send(new TagResourceCommand({ Resource: CodeSigningConfigArn, Tags: { b: '2' } }))
  expect((await send(new ListTagsCommand({ Resource: CodeSigningConfigArn }))).Tags).toEqual({ a: '1', b: '2' })

  await send(new PutFunctionCodeSigningConfigCommand({ FunctionName, CodeSigningConfigArn }))
  expect(await of()).toMatchObject({ CodeSigningConfigArn, FunctionName })
  const users = await send(new ListFunctionsByCodeSigningConfigCommand({ CodeSigningConfigArn }))
  expect(users.FunctionArns).toEqual([ARN])
  const remove = () => send(new DeleteCodeSigningConfigCommand({ CodeSigningConfigArn }))
  await expect(remove()).rejects.toThrow('is used by a function')
  await send(new DeleteFunctionCodeSigningConfigCommand({ FunctionName }))
  await remove()
  await expect(send(new GetCodeSigningConfigCommand({ CodeSigningConfigArn }))).rejects.toMatchObject({
    name: 'CodeSigningConfigNotFoundException',
  })
})

test('layers are listed by pages and by what they are for, linked to their archive, and shared by permissions', async () => {
  for (const [LayerName, runtime] of [
    ['a', 'nodejs22.x'],
    ['b', 'python3.12'],
    ['c', 'nodejs22.x'],
  ] as const) {
    const Content = { ZipFile: zipOf({ [LayerName]: LayerName }) }
    await send(new PublishLayerVersionCommand({ LayerName, Content, CompatibleRuntimes: [runtime] }))
  }
  const names = async (input: object) => (await send(new ListLayersCommand(input))).Layers?.map(({ LayerName }) => LayerName)
  expect(await names({ CompatibleRuntime: 'nodejs22.x' })).toEqual(['a', 'c'])
  const { NextMarker: Marker } = await send(new ListLayersCommand({ MaxItems: 2 }))
  expect(await names({ Marker })).toEqual(['c'])
  const of = { LayerName: 'arn:aws:lambda:us-east-1:000000000000:layer:a', VersionNumber: 1 }
  const { Content } = await send(new GetLayerVersionCommand(of))
  const archive = Buffer.from(await (await fetch(Content?.Location ?? '')).arrayBuffer())
  expect(archive).toEqual(Buffer.from(zipOf({ a: 'a' })))

  const getPolicy = () => send(new GetLayerVersionPolicyCommand(of))
  await expect(getPolicy()).rejects.toThrow('No policy is associated with the given resource.')
  const permission = { ...of, StatementId: 's', Action: 'lambda:GetLayerVersion' }
  const added = await send(new AddLayerVersionPermissionCommand({ ...permission, Principal: '111122223333' }))
  expect(JSON.parse(added.Statement ?? '')).toEqual({
    Sid: 's',
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::111122223333:root' },
    Action: 'lambda:GetLayerVersion',
    Resource: `${of.LayerName}:1`,
  })
  expect(await getPolicy()).toMatchObject({ RevisionId: added.RevisionId })
  await expect(send(new AddLayerVersionPermissionCommand({ ...permission, Principal: '*' }))).rejects.toThrow('already exists')
  const removal = { ...of, StatementId: 's', RevisionId: 'other' }
  await expect(send(new RemoveLayerVersionPermissionCommand(removal))).rejects.toThrow('The Revision Id provided')
  await send(new RemoveLayerVersionPermissionCommand({ ...of, StatementId: 's' }))
  await expect(getPolicy()).rejects.toThrow('No policy')
})
