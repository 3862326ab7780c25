import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { VirtualClock } from '../../base/clock.ts'
import type { JsonObject } from '../../base/json.ts'
import { silentLog } from '../../base/log.ts'
import { parseTimestamp } from '../../base/time.ts'

import { readErrorResponse } from '../../wire/errors.ts'
import { readQueryResult, toQueryForm } from '../../aws/query-form.ts'

import { openServicesDatabase, type ServicesDatabase } from '../kit/database.ts'
import { openSeal } from '../seal.ts'

import { createIam } from './handler.ts'

const ACCOUNT = '123456789012'
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'states.amazonaws.com' }, Action: 'sts:AssumeRole' }],
})
const POLICY = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:Get*', Resource: '*' }] })
const MANAGED = `arn:aws:iam::${ACCOUNT}:policy/managed`
const ADMIN = 'arn:aws:iam::aws:policy/AdministratorAccess'

let directory: string
let database: ServicesDatabase
let server: Server

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'iam-'))
  await open()
})
afterEach(() => {
  close()
  rmSync(directory, { recursive: true, force: true })
})

async function open(): Promise<void> {
  database = openServicesDatabase(directory)
  const clock = new VirtualClock(parseTimestamp('2026-11-30T03:00:00.500Z'))
  const { handler } = createIam({ database, account: ACCOUNT, clock, seal: openSeal(directory), log: silentLog })
  server = createServer((req, res) => void handler(req, res)).listen(0, '127.0.0.1')
  await once(server, 'listening')
}

function close(): void {
  server.closeAllConnections()
  server.close()
  database.close()
}

/** The answer, or the code and text of the refusal. */
async function call(action: string, input: JsonObject = {}, accessKeyId?: string): Promise<JsonObject> {
  const address = server.address()
  const scope = `Credential=${accessKeyId}/20261130/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0`
  const response = await fetch(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(accessKeyId !== undefined && { authorization: `AWS4-HMAC-SHA256 ${scope}` }),
    },
    body: toQueryForm(action, '2010-05-08', input),
  })
  const body = Buffer.from(await response.arrayBuffer())
  if (response.status === 200) return readQueryResult(action, body.toString('utf8'))
  const { code, message } = readErrorResponse({ status: response.status, headers: {}, body })
  return refused(response.status, code, message)
}
const refused = (status: number, code: string, message: string) => ({ status, refused: `${code}: ${message}` })
const missing = (message: string) => refused(404, 'NoSuchEntity', message)
const inTheWay = (message: string) => refused(409, 'DeleteConflict', message)
const malformed = (message: string) => refused(400, 'MalformedPolicyDocument', message)
const invalid = (message: string) => refused(400, 'ValidationError', message)
const broken = (at: string, constraint: string) =>
  invalid(`1 validation error detected: Value at '${at}' failed to satisfy constraint: ${constraint}`)

const createRole = (more: JsonObject = {}) => call('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: TRUST, ...more })
const createPolicy = (more: JsonObject = {}) => call('CreatePolicy', { PolicyName: 'managed', PolicyDocument: POLICY, ...more })

describe('a role', () => {
  const shown = {
    Path: '/teams/',
    RoleName: 'r',
    RoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}$/),
    Arn: `arn:aws:iam::${ACCOUNT}:role/teams/r`,
    CreateDate: '2026-11-30T03:00:00Z',
    AssumeRolePolicyDocument: encodeURIComponent(TRUST),
  }
  const settings = { Description: 'runs', MaxSessionDuration: 7200 }

  test('is shown by each action with the members that AWS shows, and outlives a restart', async () => {
    const Tags = [{ Key: 'team', Value: 'a' }]
    const made = await createRole({ Path: '/teams/', ...settings, Tags, PermissionsBoundary: ADMIN })
    const PermissionsBoundary = { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: ADMIN }
    expect(made).toEqual({ Role: { ...shown, PermissionsBoundary, Tags } })
    close()
    await open()
    expect(await call('GetRole', { RoleName: 'R' })).toEqual({
      Role: { ...shown, ...settings, PermissionsBoundary, Tags, RoleLastUsed: '' },
    })
    const listed = { Roles: [{ ...shown, ...settings }], IsTruncated: false }
    expect(await call('ListRoles', { PathPrefix: '/te' })).toEqual(listed)
    expect(await call('ListRoles', { PathPrefix: '/other/' })).toEqual({ Roles: [], IsTruncated: false })
  })

  test('is changed, each member by its own action', async () => {
    await createRole(settings)
    await call('UpdateRole', { RoleName: 'r', MaxSessionDuration: 3600 })
    await call('UpdateRoleDescription', { RoleName: 'r', Description: 'walks' })
    const trust = TRUST.replace('states', 'lambda')
    await call('UpdateAssumeRolePolicy', { RoleName: 'r', PolicyDocument: trust })
    await call('PutRolePermissionsBoundary', { RoleName: 'r', PermissionsBoundary: ADMIN })
    const bounded = { Description: 'walks', MaxSessionDuration: 3600, PermissionsBoundary: { PermissionsBoundaryArn: ADMIN } }
    expect((await call('GetRole', { RoleName: 'r' }))['Role']).toMatchObject(bounded)
    await call('DeleteRolePermissionsBoundary', { RoleName: 'r' })
    const { Role } = await call('GetRole', { RoleName: 'r' })
    expect(Role).toMatchObject({ AssumeRolePolicyDocument: encodeURIComponent(trust) })
    expect(Role).not.toHaveProperty('PermissionsBoundary')
  })

  test('is not deleted before what hangs on it', async () => {
    await createRole()
    await call('PutRolePolicy', { RoleName: 'r', PolicyName: 'inline', PolicyDocument: POLICY })
    await call('AttachRolePolicy', { RoleName: 'r', PolicyArn: ADMIN })
    await call('CreateInstanceProfile', { InstanceProfileName: 'p' })
    await call('AddRoleToInstanceProfile', { InstanceProfileName: 'p', RoleName: 'r' })
    const remove = () => call('DeleteRole', { RoleName: 'r' })
    expect(await remove()).toEqual(inTheWay('Cannot delete entity, must remove roles from instance profile first.'))
    await call('RemoveRoleFromInstanceProfile', { InstanceProfileName: 'p', RoleName: 'r' })
    expect(await remove()).toEqual(inTheWay('Cannot delete entity, must detach all policies first.'))
    await call('DetachRolePolicy', { RoleName: 'r', PolicyArn: ADMIN })
    expect(await remove()).toEqual(inTheWay('Cannot delete entity, must delete policies first.'))
    await call('DeleteRolePolicy', { RoleName: 'r', PolicyName: 'inline' })
    expect(await remove()).toEqual({})
    expect(await remove()).toEqual(missing('The role with name r cannot be found.'))
  })

  const json = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
  test.each([
    [{ RoleName: 'R' }, refused(409, 'EntityAlreadyExists', 'Role with name R already exists.')],
    [{ RoleName: 'x'.repeat(65) }, broken('roleName', 'Member must have length less than or equal to 64')],
    [
      { RoleName: 'a b' },
      invalid(
        'The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-',
      ),
    ],
    [
      { Path: 'teams' },
      invalid(
        'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
      ),
    ],
    [{ MaxSessionDuration: 60 }, broken('maxSessionDuration', 'Member must have value greater than or equal to 3600')],
    [{ AssumeRolePolicyDocument: '{' }, malformed('This policy contains invalid Json')],
    [
      { AssumeRolePolicyDocument: json({ Effect: 'Allow', Principal: '*', Action: 's3:*' }) },
      malformed('AssumeRole policy may only specify STS AssumeRole actions.'),
    ],
    [
      { AssumeRolePolicyDocument: json({ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole', Resource: '*' }) },
      malformed('Has prohibited field Resource'),
    ],
    [
      { PermissionsBoundary: `arn:aws:iam::${ACCOUNT}:not_a_policy/x` },
      refused(400, 'InvalidInput', `ARN arn:aws:iam::${ACCOUNT}:not_a_policy/x is not valid.`),
    ],
    [{ PermissionsBoundary: MANAGED }, missing(`Scope ARN: ${MANAGED} does not exist or is not attachable.`)],
    [
      {
        Tags: [
          { Key: 'a', Value: '' },
          { Key: 'A', Value: '' },
        ],
      },
      refused(400, 'InvalidInput', 'Duplicate tag keys found. Please note that Tag keys are case insensitive.'),
    ],
    [
      { Tags: [{ Key: 'k'.repeat(129), Value: '' }] },
      broken('tags.1.member.key', 'Member must have length less than or equal to 128'),
    ],
  ])('that is no good (%j) is refused', async (more, refusal) => {
    await createRole({ RoleName: 'r' })
    expect(await createRole({ RoleName: 'other', ...more })).toEqual(refusal)
  })
})

describe('a managed policy', () => {
  test('has up to five versions, of which one is the default', async () => {
    const { Policy } = await createPolicy({ Description: 'reads' })
    expect(Policy).toMatchObject({
      PolicyId: expect.stringMatching(/^ANPA/),
      Arn: MANAGED,
      DefaultVersionId: 'v1',
      AttachmentCount: 0,
    })
    expect(Policy).not.toHaveProperty('Description')
    const create = (more: JsonObject = {}) =>
      call('CreatePolicyVersion', { PolicyArn: MANAGED, PolicyDocument: POLICY.replace('Get', 'Put'), ...more })
    expect(await create({ SetAsDefault: true })).toMatchObject({ PolicyVersion: { VersionId: 'v2', IsDefaultVersion: true } })
    for (let i = 0; i < 3; i++) await create()
    expect(await create()).toEqual(
      refused(
        409,
        'LimitExceeded',
        'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
      ),
    )
    const change = (action: string, VersionId: string) => call(action, { PolicyArn: MANAGED, VersionId })
    expect(await change('DeletePolicyVersion', 'v2')).toEqual(inTheWay('Cannot delete the default version of a policy.'))
    await change('DeletePolicyVersion', 'v5')
    expect(await create()).toMatchObject({ PolicyVersion: { VersionId: 'v6', IsDefaultVersion: false } })
    await change('SetDefaultPolicyVersion', 'v1')
    expect(await call('GetPolicy', { PolicyArn: MANAGED })).toMatchObject({
      Policy: { DefaultVersionId: 'v1', Description: 'reads', Tags: [] },
    })
    expect(await change('GetPolicyVersion', 'v1')).toMatchObject({
      PolicyVersion: { Document: encodeURIComponent(POLICY).replaceAll('*', '%2A') },
    })
    const listed = await call('ListPolicyVersions', { PolicyArn: MANAGED, MaxItems: 2 })
    expect(listed).toMatchObject({ Versions: [{ VersionId: 'v6' }, { VersionId: 'v4' }], IsTruncated: true })
    const rest = await call('ListPolicyVersions', { PolicyArn: MANAGED, Marker: listed['Marker'] ?? '' })
    expect(rest).toMatchObject({ Versions: [{ VersionId: 'v3' }, { VersionId: 'v2' }, { VersionId: 'v1' }], IsTruncated: false })
    expect(await call('DeletePolicy', { PolicyArn: MANAGED })).toMatchObject({ status: 409 })
    for (const version of ['v2', 'v3', 'v4', 'v6']) await change('DeletePolicyVersion', version)
    expect(await call('DeletePolicy', { PolicyArn: MANAGED })).toEqual({})
    expect(await change('GetPolicyVersion', 'v1')).toEqual(
      missing(`Policy ${MANAGED} version v1 does not exist or is not attachable.`),
    )
  })

  test('tells who has it, and is not deleted while anybody does', async () => {
    await createPolicy()
    await createRole()
    await call('CreateUser', { UserName: 'u', PermissionsBoundary: MANAGED })
    await call('CreateGroup', { GroupName: 'g' })
    await call('AttachRolePolicy', { RoleName: 'r', PolicyArn: MANAGED })
    await call('AttachGroupPolicy', { GroupName: 'g', PolicyArn: MANAGED })
    expect(await call('GetPolicy', { PolicyArn: MANAGED })).toMatchObject({
      Policy: { AttachmentCount: 2, PermissionsBoundaryUsageCount: 1 },
    })
    expect(await call('ListEntitiesForPolicy', { PolicyArn: MANAGED })).toMatchObject({
      PolicyRoles: [{ RoleName: 'r' }],
      PolicyGroups: [{ GroupName: 'g' }],
      PolicyUsers: [{ UserName: 'u' }],
    })
    expect(await call('DeletePolicy', { PolicyArn: MANAGED })).toEqual(inTheWay('Cannot delete a policy attached to entities.'))
  })

  test('of AWS is there with its document, at its path alone', async () => {
    await createRole()
    const basic = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'
    expect(await call('AttachRolePolicy', { RoleName: 'r', PolicyArn: basic })).toEqual({})
    const { PolicyVersion } = await call('GetPolicyVersion', { PolicyArn: basic, VersionId: 'v1' })
    expect(PolicyVersion).toMatchObject({ Document: expect.stringContaining('logs%3APutLogEvents'), IsDefaultVersion: true })
    const wrong = 'arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole'
    expect(await call('AttachRolePolicy', { RoleName: 'r', PolicyArn: wrong })).toEqual(
      missing(`Policy ${wrong} does not exist or is not attachable.`),
    )
    const later = 'arn:aws:iam::aws:policy/SomethingThatCameLater'
    expect(await call('AttachRolePolicy', { RoleName: 'r', PolicyArn: later })).toEqual({})
    expect(await call('CreatePolicyVersion', { PolicyArn: basic, PolicyDocument: POLICY })).toMatchObject({ status: 403 })
    const page = await call('ListPolicies', { Scope: 'AWS', OnlyAttached: 'true' })
    expect(page).toMatchObject({ Policies: [{ Arn: basic, AttachmentCount: 1 }], IsTruncated: false })
  })

  const statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }
  const json = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements })
  test.each([
    ['{', 'Syntax errors in policy.'],
    ['[]', 'Syntax errors in policy.'],
    [json({ ...statement, Effect: 'Maybe' }), 'Syntax errors in policy.'],
    [json({ ...statement, Wish: 1 }), 'Syntax errors in policy.'],
    [JSON.stringify({ Statement: statement }), 'Policy document must be version 2012-10-17 or greater.'],
    [json({ Effect: 'Allow', Resource: '*' }), 'Policy statement must contain actions.'],
    [json({ Effect: 'Allow', Action: '*' }), 'Policy statement must contain resources.'],
    [json({ ...statement, Principal: '*' }), 'Policy document should not specify a principal.'],
    [json({ ...statement, Sid: 'a' }, { ...statement, Sid: 'a' }), 'Statement IDs (SID) in a single policy must be unique.'],
    [json({ ...statement, Action: 'get' }), 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.'],
    [json({ ...statement, Action: 'a:b:c' }), 'Actions/Condition can contain only one colon.'],
    [json({ ...statement, Resource: 'bucket' }), 'Resource bucket must be in ARN format or "*".'],
  ])('%s is none', async (PolicyDocument, text) => {
    expect(await createPolicy({ PolicyDocument })).toEqual(malformed(text))
  })
})

test('an inline policy may be of the older version, and need not say so', async () => {
  await createRole()
  const Statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }
  const put = (policy: object) =>
    call('PutRolePolicy', { RoleName: 'r', PolicyName: 'p', PolicyDocument: JSON.stringify(policy) })
  expect(await put({ Statement })).toEqual({})
  expect(await put({ Version: '2008-10-17', Statement })).toEqual({})
  expect(await put({ Version: '2001-01-01', Statement })).toEqual(malformed('Syntax errors in policy.'))
})

test('inline policies are bounded in sum, white space left out', async () => {
  await createRole()
  const put = (PolicyName: string, actions: number, space = '') => {
    const Action = Array.from({ length: actions }, (_, i) => `s3:GetObject${String(i).padStart(5, '0')}`)
    const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] }
    return call('PutRolePolicy', { RoleName: 'r', PolicyName, PolicyDocument: JSON.stringify(document) + space })
  }
  expect(await put('a', 300, ' '.repeat(20_000))).toEqual({})
  expect(await put('a', 300)).toEqual({})
  expect(await put('b', 300)).toEqual(refused(409, 'LimitExceeded', 'Maximum policy size of 10240 bytes exceeded for role r'))
  expect(await call('ListRolePolicies', { RoleName: 'r' })).toEqual({ PolicyNames: ['a'], IsTruncated: false })
  expect(await call('GetRolePolicy', { RoleName: 'r', PolicyName: 'b' })).toEqual(
    missing('The role policy with name b cannot be found.'),
  )
})

test('lists come in pages', async () => {
  for (const name of ['c', 'a', 'b']) await call('CreateUser', { UserName: name })
  const first = await call('ListUsers', { MaxItems: 2 })
  expect(first).toMatchObject({ Users: [{ UserName: 'a' }, { UserName: 'b' }], IsTruncated: true })
  const last = await call('ListUsers', { MaxItems: 2, Marker: first['Marker'] ?? '' })
  expect(last).toEqual({ Users: [expect.objectContaining({ UserName: 'c' })], IsTruncated: false })
  expect(await call('ListUsers', { Marker: 'x' })).toEqual(invalid('Invalid Marker.'))
})

describe('a user', () => {
  test('is known by an access key, which is told once', async () => {
    await call('CreateUser', { UserName: 'u', Path: '/people/' })
    const { AccessKey } = await call('CreateAccessKey', { UserName: 'u' })
    const accessKeyId = String((AccessKey as JsonObject)['AccessKeyId'])
    expect(AccessKey).toMatchObject({ AccessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/), Status: 'Active' })
    expect(await call('GetUser', {}, accessKeyId)).toMatchObject({ User: { UserName: 'u' } })
    expect(await call('GetUser', {}, 'test')).toMatchObject({ User: { Arn: `arn:aws:iam::${ACCOUNT}:root`, UserId: ACCOUNT } })
    expect(await call('ListAccessKeys', {}, accessKeyId)).toMatchObject({ AccessKeyMetadata: [{ AccessKeyId: accessKeyId }] })
    expect(JSON.stringify(await call('ListAccessKeys', { UserName: 'u' }))).not.toContain('Secret')
    await call('CreateAccessKey', { UserName: 'u' })
    expect(await call('CreateAccessKey', { UserName: 'u' })).toEqual(
      refused(409, 'LimitExceeded', 'Cannot exceed quota for AccessKeysPerUser: 2'),
    )
    expect(await call('DeleteAccessKey', { AccessKeyId: accessKeyId })).toEqual(
      invalid('Must specify userName when calling with non-User credentials'),
    )
    expect(await call('DeleteUser', { UserName: 'u' })).toEqual(inTheWay('Cannot delete entity, must delete access keys first.'))
  })

  test('is renamed with all that it has', async () => {
    await call('CreateUser', { UserName: 'u' })
    await call('AttachUserPolicy', { UserName: 'u', PolicyArn: ADMIN })
    await call('UpdateUser', { UserName: 'u', NewUserName: 'v', NewPath: '/p/' })
    expect(await call('GetUser', { UserName: 'u' })).toEqual(missing('The user with name u cannot be found.'))
    expect(await call('GetUser', { UserName: 'v' })).toMatchObject({ User: { Arn: `arn:aws:iam::${ACCOUNT}:user/p/v` } })
    expect(await call('ListAttachedUserPolicies', { UserName: 'v' })).toMatchObject({ AttachedPolicies: [{ PolicyArn: ADMIN }] })
  })

  test('has a login profile', async () => {
    await call('CreateUser', { UserName: 'u' })
    const none = missing('Login Profile for User u cannot be found.')
    expect(await call('GetLoginProfile', { UserName: 'u' })).toEqual(none)
    await call('CreateLoginProfile', { UserName: 'u', Password: 'secret' })
    await call('UpdateLoginProfile', { UserName: 'u', PasswordResetRequired: 'true' })
    expect(await call('GetLoginProfile', { UserName: 'u' })).toMatchObject({ LoginProfile: { PasswordResetRequired: true } })
    expect(await call('CreateLoginProfile', { UserName: 'u', Password: 'x' })).toEqual(
      refused(409, 'EntityAlreadyExists', 'Login Profile for user u already exists.'),
    )
    await call('DeleteLoginProfile', { UserName: 'u' })
    expect(await call('DeleteUser', { UserName: 'u' })).toEqual({})
  })

  test('is in groups, and leaves them first', async () => {
    await call('CreateUser', { UserName: 'u' })
    await call('CreateGroup', { GroupName: 'g' })
    await call('AddUserToGroup', { UserName: 'u', GroupName: 'g' })
    await call('AddUserToGroup', { UserName: 'u', GroupName: 'g' })
    expect(await call('GetGroup', { GroupName: 'g' })).toMatchObject({ Group: { GroupName: 'g' }, Users: [{ UserName: 'u' }] })
    expect(await call('ListGroupsForUser', { UserName: 'u' })).toMatchObject({ Groups: [{ GroupName: 'g' }] })
    const busy = inTheWay('Cannot delete entity, must remove users from group first.')
    expect([await call('DeleteGroup', { GroupName: 'g' }), await call('DeleteUser', { UserName: 'u' })]).toEqual([busy, busy])
    await call('RemoveUserFromGroup', { UserName: 'u', GroupName: 'g' })
    expect([await call('DeleteGroup', { GroupName: 'g' }), await call('DeleteUser', { UserName: 'u' })]).toEqual([{}, {}])
  })
})

test('a service-linked role is changed by nobody', async () => {
  const { Role } = await call('CreateServiceLinkedRole', { AWSServiceName: 'ecs.amazonaws.com' })
  const RoleName = 'AWSServiceRoleForECS'
  expect(Role).toMatchObject({ RoleName, Path: '/aws-service-role/ecs.amazonaws.com/' })
  expect(await call('DeleteRole', { RoleName })).toMatchObject({ refused: expect.stringContaining('UnmodifiableEntity') })
  expect(await call('CreateServiceLinkedRole', { AWSServiceName: 'ecs.amazonaws.com' })).toMatchObject({
    refused: `InvalidInput: Service role name ${RoleName} has been taken in this account, please try a different suffix.`,
  })
  const { DeletionTaskId = '' } = await call('DeleteServiceLinkedRole', { RoleName })
  expect(await call('GetServiceLinkedRoleDeletionStatus', { DeletionTaskId })).toEqual({ Status: 'SUCCEEDED' })
})

test('an instance profile holds one role', async () => {
  await createRole()
  await createRole({ RoleName: 's' })
  const add = (RoleName: string) => call('AddRoleToInstanceProfile', { InstanceProfileName: 'p', RoleName })
  expect(await add('r')).toEqual(missing('Instance Profile p cannot be found.'))
  await call('CreateInstanceProfile', { InstanceProfileName: 'p' })
  await add('r')
  expect(await add('s')).toEqual(refused(409, 'LimitExceeded', 'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1'))
  expect(await call('ListInstanceProfilesForRole', { RoleName: 'r' })).toMatchObject({
    InstanceProfiles: [
      { InstanceProfileName: 'p', InstanceProfileId: expect.stringMatching(/^AIPA/), Roles: [{ RoleName: 'r' }] },
    ],
  })
})

test('what AWS has and Regente does not is refused by its name, what nobody has as AWS does', async () => {
  expect(await call('SimulatePrincipalPolicy')).toEqual(
    refused(501, 'NotImplemented', 'The operation SimulatePrincipalPolicy of IAM is not implemented here.'),
  )
  expect(await call('Nothing')).toMatchObject({ status: 400, refused: expect.stringMatching(/^InvalidAction: /) })
})
