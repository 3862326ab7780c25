import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { VirtualClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { parseTimestamp } from '../../base/time.ts'

import { child, childText, parseXml, type XmlElement } from '../../wire/xml.ts'

import { createSts } from './handler.ts'

let server: Server
let url: string

beforeAll(async () => {
  const clock = new VirtualClock(parseTimestamp('2026-11-30T03:00:00Z'))
  const sts = createSts({ account: '123456789012', clock, log: silentLog })
  server = createServer((req, res) => void sts.handler(req, res)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

async function ask(action: string, members: Record<string, string> = {}, headers: Record<string, string> = {}) {
  const body = new URLSearchParams({ Action: action, Version: '2011-06-15', ...members })
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
