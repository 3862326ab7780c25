import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { VirtualClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { parseTimestamp } from '../../base/time.ts'

import { child, childText, parseXml, type XmlElement } from '../../wire/xml.ts'

import { handlerFor } from '../kit/testing/services.ts'
import { type Services, startServices } from '../services.ts'

let server: Server
let services: Services
let url: string

beforeAll(async () => {
  const clock = new VirtualClock(parseTimestamp('2026-11-30T03:00:00Z'))
  const options = { region: 'us-east-1', account: '123456789012', clock, log: silentLog }
  services = startServices({ ...options, endpoint: () => url })
  server = createServer((req, res) => void handlerFor(services, req)?.(req, res)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await services.close()
})

const STS = '2011-06-15'
const IAM = '2010-05-08'

async function ask(
  action: string,
  members: Record<string, string> = {},
  headers: Record<string, string> = {},
  version: typeof STS | typeof IAM = STS,
) {
  const body = new URLSearchParams({ Action: action, Version: version, ...members })
  const response = await fetch(url, { method: 'POST', body, headers })
  const root = parseXml(await response.text())
  const result = child(root, `${action}Result`) ?? child(root, 'Error')
  if (!result) throw new Error('neither a result nor an error')
  return { status: response.status, root, result }
}

const texts = (parent: XmlElement | undefined): Record<string, string> =>
  Object.fromEntries((parent?.children ?? []).map(({ name, text }) => [name, text]))

const RoleArn = 'arn:aws:iam::210987654321:role/teams/deploy'

it('tells that the caller is the root of the account', async () => {
  const { status, root, result } = await ask('GetCallerIdentity')
  expect([status, root.name]).toEqual([200, 'GetCallerIdentityResponse'])
  expect(texts(result)).toEqual({ Arn: 'arn:aws:iam::123456789012:root', UserId: '123456789012', Account: '123456789012' })
})

it('gives credentials for a role, and knows them again', async () => {
  const { result } = await ask('AssumeRole', { RoleArn, RoleSessionName: 'me', DurationSeconds: '900' })
  const credentials = texts(child(result, 'Credentials'))
  expect(credentials).toMatchObject({
    AccessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
    SecretAccessKey: expect.stringMatching(/^.{40}$/),
    Expiration: '2026-11-30T03:15:00Z',
  })
  const user = texts(child(result, 'AssumedRoleUser'))
  expect(user).toEqual({
    AssumedRoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}:me$/),
    Arn: 'arn:aws:sts::210987654321:assumed-role/deploy/me',
  })
  const again = await ask('GetCallerIdentity', {}, { 'x-amz-security-token': credentials['SessionToken'] ?? '' })
  expect(texts(again.result)).toEqual({ Arn: user['Arn'], UserId: user['AssumedRoleId'], Account: '210987654321' })
  const session = await ask('GetSessionToken', {}, { 'x-amz-security-token': credentials['SessionToken'] ?? '' })
  const own = texts(child(session.result, 'Credentials'))
  expect(own['Expiration']).toBe('2026-11-30T15:00:00Z')
  expect(texts((await ask('GetCallerIdentity', {}, { 'x-amz-security-token': own['SessionToken'] ?? '' })).result)).toEqual(
    texts(again.result),
  )
})

it('knows a role and a user that are in IAM', async () => {
  const trust = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] })
  const made = await ask('CreateRole', { RoleName: 'known', Path: '/teams/', AssumeRolePolicyDocument }, {}, IAM)
  const role = texts(child(made.result, 'Role'))
  const session = { RoleArn: role['Arn'] ?? '', RoleSessionName: 'me' }
  const { result } = await ask('AssumeRole', session)
  expect(texts(child(result, 'AssumedRoleUser'))['AssumedRoleId']).toBe(`${role['RoleId']}:me`)
  const tooLong = await ask('AssumeRole', { ...session, DurationSeconds: '7200' })
  expect(childText(tooLong.result, 'Message')).toBe(
    'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
  )

  const user = texts(child((await ask('CreateUser', { UserName: 'person' }, {}, IAM)).result, 'User'))
  const key = texts(child((await ask('CreateAccessKey', { UserName: 'person' }, {}, IAM)).result, 'AccessKey'))
  const scope = `${key['AccessKeyId']}/20261130/us-east-1/sts/aws4_request`
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`
  const caller = await ask('GetCallerIdentity', {}, { authorization })
  expect(texts(caller.result)).toEqual({ Arn: user['Arn'], UserId: user['UserId'], Account: '123456789012' })
})

const partOf = (claims: object) => Buffer.from(JSON.stringify(claims)).toString('base64url')
const tokenOf = (claims: object) => `${partOf({ alg: 'RS256' })}.${partOf(claims)}.signature`
const NOON = Date.UTC(2026, 10, 30, 12) / 1000

it('gives credentials for the token of an identity provider', async () => {
  const WebIdentityToken = tokenOf({ sub: 'repo:shop', aud: ['sts.amazonaws.com'], iss: 'https://tokens.example', exp: NOON })
  const { result } = await ask('AssumeRoleWithWebIdentity', { RoleArn, RoleSessionName: 'me', WebIdentityToken })
  expect(texts(result)).toMatchObject({
    SubjectFromWebIdentityToken: 'repo:shop',
    Audience: 'sts.amazonaws.com',
    Provider: 'https://tokens.example',
  })
  expect(childText(result, 'AssumedRoleUser')).toBeDefined()
})

it.each([
  ['InvalidIdentityToken', 'no token'],
  ['ExpiredTokenException', tokenOf({ sub: 's', exp: NOON - 86_400 })],
])('refuses the token of an identity provider: %s', async (code, WebIdentityToken) => {
  const { status, result } = await ask('AssumeRoleWithWebIdentity', { RoleArn, RoleSessionName: 'me', WebIdentityToken })
  expect([status, childText(result, 'Code')]).toEqual([400, code])
})

it('tells what else clients ask of it', async () => {
  const { result } = await ask('GetAccessKeyInfo', { AccessKeyId: 'AKIAIOSFODNN7EXAMPLE' })
  expect(texts(result)).toEqual({ Account: '123456789012' })
  const federated = await ask('GetFederationToken', { Name: 'guest' })
  expect(texts(child(federated.result, 'FederatedUser'))['Arn']).toBe('arn:aws:sts::123456789012:federated-user/guest')
  const decoded = await ask('DecodeAuthorizationMessage', { EncodedMessage: 'x' })
  expect(childText(decoded.result, 'Code')).toBe('InvalidAuthorizationMessageException')
  const absent = await ask('AssumeRoleWithSAML')
  expect([absent.status, childText(absent.result, 'Code')]).toEqual([501, 'NotImplemented'])
})

it('takes a session token of another maker for no token', async () => {
  const token = Buffer.from('{"arn":1}').toString('base64')
  const { result } = await ask('GetCallerIdentity', {}, { 'x-amz-security-token': token })
  expect(childText(result, 'Arn')).toBe('arn:aws:iam::123456789012:root')
})

it.each([
  [{ RoleSessionName: 'me' }, "Value null at 'roleArn' failed to satisfy constraint: Member must not be null"],
  [{ RoleArn, RoleSessionName: 'a b' }, "Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy"],
  [{ RoleArn, RoleSessionName: 'x' }, 'Member must have length greater than or equal to 2'],
  [{ RoleArn, RoleSessionName: 'me', DurationSeconds: '60' }, "Value '60' at 'durationSeconds'"],
  [{ RoleArn: 'arn:aws:iam::123456789012:user/u', RoleSessionName: 'me' }, 'arn:aws:iam::123456789012:user/u is invalid'],
])('refuses %j', async (members, text) => {
  const { status, result } = await ask('AssumeRole', members)
  expect([status, childText(result, 'Code')]).toEqual([400, 'ValidationError'])
  expect(childText(result, 'Message')).toContain(text)
})

it('answers a link where nothing is given out, and no other', async () => {
  const link = (action: string) => fetch(`${url}?Action=${action}&Version=2011-06-15&RoleArn=${RoleArn}&RoleSessionName=me`)
  expect((await link('GetCallerIdentity')).status).toBe(200)
  expect((await link('AssumeRole')).status).toBe(405)
  expect((await link('GetSessionToken')).status).toBe(405)
})
