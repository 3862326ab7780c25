import { afterAll, beforeAll, expect, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { openStage, type Stage } from './testing/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const iam = (action: string, input: JsonObject) => stage.aws.query(SERVICES.iam, action, input)
const trust = (Service: string): JsonObject => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }],
})
const allow = (Action: string): JsonObject => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] })
const READ = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess'
const BOUND = 'arn:aws:iam::aws:policy/PowerUserAccess'

test('a role loses the policies, the bound and the tags that its template says no more, and keeps what others attached', async () => {
  const full = {
    AssumeRolePolicyDocument: trust('lambda.amazonaws.com'),
    Description: 'd',
    ManagedPolicyArns: [READ],
    MaxSessionDuration: 7200,
    Path: '/app/',
    PermissionsBoundary: BOUND,
    Policies: [
      { PolicyName: 'a', PolicyDocument: allow('s3:*') },
      { PolicyName: 'b', PolicyDocument: allow('sqs:*') },
    ],
    RoleName: 'worker',
    Tags: [{ Key: 'a', Value: '1' }],
  }
  const made = await stage.create('AWS::IAM::Role', full)
  expect(made.deployed).toMatchObject({ ref: 'worker', attributes: { Arn: 'arn:aws:iam::123456789012:role/app/worker' } })
  expect(made.deployed.attributes['RoleId']).toMatch(/^AROA/)
  expect((await stage.update(made, full)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::IAM::Role', full)).rejects.toThrow('worker already exists')

  const mine = 'arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess'
  await iam('AttachRolePolicy', { RoleName: 'worker', PolicyArn: mine })
  const Policies = [{ PolicyName: 'b', PolicyDocument: allow('sns:*') }]
  const bare = await stage.update(made, {
    AssumeRolePolicyDocument: trust('states.amazonaws.com'),
    Path: '/app/',
    Policies,
    RoleName: 'worker',
  })
  expect(bare.deployed.change).toBe('updated')
  expect(await iam('ListRolePolicies', { RoleName: 'worker' })).toMatchObject({ PolicyNames: ['b'] })
  const { AttachedPolicies } = await iam('ListAttachedRolePolicies', { RoleName: 'worker' })
  expect(AttachedPolicies).toEqual([{ PolicyName: 'AmazonSQSReadOnlyAccess', PolicyArn: mine }])
  const { Role } = await iam('GetRole', { RoleName: 'worker' })
  expect(Role).toMatchObject({ MaxSessionDuration: 3600, AssumeRolePolicyDocument: expect.stringContaining('states') as string })
  for (const gone of ['PermissionsBoundary', 'Tags']) expect(Role).not.toHaveProperty(gone)
  expect(await stage.remove(bare)).toBeUndefined()
  expect(await stage.remove(bare)).toBeUndefined()
})

test('policies are put on those that are named, and taken from those that are named no more', async () => {
  const role = (id: string) =>
    stage.create('AWS::IAM::Role', { AssumeRolePolicyDocument: trust('x.amazonaws.com'), RoleName: id }, id)
  const [one, two] = [await role('one'), await role('two')]
  const inlineOf = async (RoleName: string) => (await iam('ListRolePolicies', { RoleName }))['PolicyNames']

  const policy = await stage.create('AWS::IAM::Policy', { PolicyName: 'p', PolicyDocument: allow('s3:*'), Roles: ['one', 'two'] })
  expect(policy.deployed).toMatchObject({ attributes: { Id: policy.deployed.ref }, change: 'created' })
  expect((await stage.update(policy, policy.existing.properties)).deployed.change).toBe('unchanged')
  const renamed = await stage.update(policy, { PolicyName: 'q', PolicyDocument: allow('s3:*'), Roles: ['two'] })
  expect(renamed.deployed).toMatchObject({ ref: policy.deployed.ref, change: 'updated' })
  expect([await inlineOf('one'), await inlineOf('two')]).toEqual([[], ['q']])
  expect(await stage.remove(renamed, {})).toBe('nobody knows any more whom it was put on')
  expect(await stage.remove(renamed)).toBeUndefined()
  expect(await stage.remove(renamed)).toBeUndefined()
  await expect(stage.create('AWS::IAM::Policy', { PolicyName: 'p', PolicyDocument: allow('s3:*') })).rejects.toThrow(
    '[Groups,Roles,Users]',
  )

  const single = await stage.create('AWS::IAM::RolePolicy', { PolicyName: 's', RoleName: 'one', PolicyDocument: allow('s3:*') })
  expect(single.deployed.ref).toBe('s|one')
  expect((await stage.update(single, single.existing.properties)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::IAM::RolePolicy', single.existing.properties)).rejects.toThrow('already exists')
  for (const gone of [single, single]) expect(await stage.remove(gone)).toBeUndefined()

  const managed = await stage.create('AWS::IAM::ManagedPolicy', {
    ManagedPolicyName: 'm',
    PolicyDocument: allow('s3:*'),
    Roles: ['one', 'two'],
  })
  const arn = 'arn:aws:iam::123456789012:policy/m'
  expect(managed.deployed).toMatchObject({
    ref: arn,
    attributes: { PolicyArn: arn, AttachmentCount: 2, DefaultVersionId: 'v1', IsAttachable: true },
  })
  expect((await stage.update(managed, managed.existing.properties)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::IAM::ManagedPolicy', managed.existing.properties)).rejects.toThrow('m already exists')
  const narrowed = await stage.update(managed, { ManagedPolicyName: 'm', PolicyDocument: allow('sqs:*'), Roles: ['two'] })
  expect(narrowed.deployed.attributes).toMatchObject({ AttachmentCount: 1, DefaultVersionId: 'v2' })

  const profile = await stage.create('AWS::IAM::InstanceProfile', { InstanceProfileName: 'i', Roles: ['one'] }, 'Profile')
  expect((await stage.update(profile, profile.existing.properties)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::IAM::InstanceProfile', profile.existing.properties)).rejects.toThrow('i already exists')
  const moved = await stage.update(profile, { InstanceProfileName: 'i', Roles: ['two'] })
  expect(moved.deployed.change).toBe('updated')
  for (const gone of [moved, narrowed, one, two, moved, narrowed]) expect(await stage.remove(gone)).toBeUndefined()
})

test('users and groups, their keys and who is in which', async () => {
  const group = await stage.create('AWS::IAM::Group', { GroupName: 'staff', ManagedPolicyArns: [READ], Path: '/a/' }, 'Staff')
  expect(group.deployed.attributes).toEqual({ Arn: 'arn:aws:iam::123456789012:group/a/staff' })
  expect((await stage.update(group, group.existing.properties)).deployed.change).toBe('unchanged')
  const plain = await stage.update(group, { GroupName: 'staff' })
  expect(plain.deployed).toMatchObject({ change: 'updated', attributes: { Arn: 'arn:aws:iam::123456789012:group/staff' } })
  expect(await iam('ListAttachedGroupPolicies', { GroupName: 'staff' })).toMatchObject({ AttachedPolicies: [] })
  await expect(stage.create('AWS::IAM::Group', { GroupName: 'staff' })).rejects.toThrow('staff already exists')

  const full = {
    Groups: ['staff'],
    LoginProfile: { Password: 'Secret-1', PasswordResetRequired: true },
    PermissionsBoundary: BOUND,
    Policies: [{ PolicyName: 'a', PolicyDocument: allow('s3:*') }],
    Tags: [{ Key: 'a', Value: '1' }],
    UserName: 'ann',
  }
  const ann = await stage.create('AWS::IAM::User', full, 'Ann')
  expect(ann.deployed).toMatchObject({ ref: 'ann', attributes: { Arn: 'arn:aws:iam::123456789012:user/ann' } })
  expect((await stage.update(ann, full)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::IAM::User', full)).rejects.toThrow('ann already exists')
  const bare = await stage.update(ann, { UserName: 'ann' })
  expect(bare.deployed.change).toBe('updated')
  expect(await iam('ListGroupsForUser', { UserName: 'ann' })).toMatchObject({ Groups: [] })
  await expect(iam('GetLoginProfile', { UserName: 'ann' })).rejects.toThrow('cannot be found')

  const added = await stage.create('AWS::IAM::UserToGroupAddition', { GroupName: 'staff', Users: ['ann'] }, 'Added')
  expect((await stage.update(added, added.existing.properties)).deployed.change).toBe('unchanged')
  const own = await stage.create(
    'AWS::IAM::UserPolicy',
    { PolicyName: 'u', UserName: 'ann', PolicyDocument: allow('s3:*') },
    'Own',
  )
  expect((await stage.update(own, own.existing.properties)).deployed.change).toBe('unchanged')

  const key = await stage.create('AWS::IAM::AccessKey', { UserName: 'ann' }, 'Key')
  const { SecretAccessKey } = key.deployed.attributes
  expect(String(SecretAccessKey)).toHaveLength(40)
  const idle = await stage.update(key, { UserName: 'ann', Status: 'Inactive' })
  expect(idle.deployed).toEqual({
    ref: key.deployed.ref,
    attributes: { Id: key.deployed.ref, SecretAccessKey },
    change: 'updated',
  })
  // A key whose secret nobody was told is another one.
  const again = await stage.goOn(idle)
  expect(again.deployed.ref).not.toBe(idle.deployed.ref)
  expect(await iam('ListAccessKeys', { UserName: 'ann' })).toMatchObject({
    AccessKeyMetadata: [{ AccessKeyId: again.deployed.ref }],
  })
  const all = [again, own, added, bare, plain]
  for (const gone of [...all, ...all]) expect(await stage.remove(gone)).toBeUndefined()
})

test('identity providers and roles of services', async () => {
  const full = {
    Url: 'https://token.example.org',
    ClientIdList: ['a', 'b'],
    ThumbprintList: ['0'.repeat(40)],
    Tags: [{ Key: 'a', Value: '1' }],
  }
  const oidc = await stage.create('AWS::IAM::OIDCProvider', full, 'Oidc')
  expect(oidc.deployed.attributes).toEqual({ Arn: 'arn:aws:iam::123456789012:oidc-provider/token.example.org' })
  expect((await stage.update(oidc, full)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::IAM::OIDCProvider', full)).rejects.toThrow('already exists')
  const less = await stage.update(oidc, { Url: full.Url, ClientIdList: ['b'], ThumbprintList: full.ThumbprintList })
  const shown = await iam('GetOpenIDConnectProvider', { OpenIDConnectProviderArn: oidc.deployed.ref })
  expect(shown).toMatchObject({ ClientIDList: ['b'], Tags: [] })

  const SamlMetadataDocument = `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">${' '.repeat(1000)}</EntityDescriptor>`
  const saml = await stage.create('AWS::IAM::SAMLProvider', { Name: 'corp', SamlMetadataDocument }, 'Saml')
  expect(saml.deployed).toMatchObject({ ref: 'arn:aws:iam::123456789012:saml-provider/corp' })
  expect((await stage.update(saml, saml.existing.properties)).deployed.change).toBe('unchanged')

  const linked = await stage.create('AWS::IAM::ServiceLinkedRole', { AWSServiceName: 'ecs.amazonaws.com' }, 'Linked')
  expect(linked.deployed).toEqual({
    ref: 'AWSServiceRoleForECS',
    attributes: { RoleName: 'AWSServiceRoleForECS' },
    change: 'created',
  })
  expect((await stage.update(linked, linked.existing.properties)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::IAM::ServiceLinkedRole', linked.existing.properties)).rejects.toThrow(
    'has been taken in this account',
  )
  for (const gone of [less, saml, linked, less, saml, linked]) expect(await stage.remove(gone)).toBeUndefined()
})
