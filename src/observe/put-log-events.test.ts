import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { silentLog } from '../base/log.ts'

import { type Endpoints, endpointsAt } from '../aws/endpoints.ts'

import { logGroupsOverWire } from './log-groups.ts'
import { LogsRefused, putLogEventsOverWire } from './put-log-events.ts'

let server: Server
let endpoints: Endpoints
/** Actions, in the order in which they were called. */
let asked: string[]
/** What is answered next; `{}` when used up. */
let answers: { readonly status: number; readonly body: object }[]

beforeAll(async () => {
  server = createServer(async (req, res) => {
    await req.resume().toArray()
    asked.push(String(req.headers['x-amz-target']))
    const { status, body } = answers.shift() ?? { status: 200, body: {} }
    res.writeHead(status).end(JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  endpoints = endpointsAt(() => ({ endpoint, region: 'us-east-1' }))
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  asked = []
  answers = []
})

const refusal = (code: string, status = 400) => ({ status, body: { __type: code, message: 'm' } })
const missing = refusal('ResourceNotFoundException')
const put = () => putLogEventsOverWire(endpoints)('g', 's', [{ timestamp: 1, message: 'm' }])

describe('lines put over the wire', () => {
  it('make the stream where it is missing, also where somebody else was faster', async () => {
    for (const made of [{ status: 200, body: {} }, refusal('ResourceAlreadyExistsException')]) {
      answers = [missing, made]
      await put()
    }
    const actions = ['PutLogEvents', 'CreateLogStream', 'PutLogEvents'].map((action) => `Logs_20140328.${action}`)
    expect(asked).toEqual([...actions, ...actions])
  })

  it('are refused for good where the group is gone or the caller may not write', async () => {
    answers = [missing, missing]
    await expect(put()).rejects.toEqual(new LogsRefused('CreateLogStream answered 400 ResourceNotFoundException: m'))
    answers = [refusal('AccessDeniedException')]
    await expect(put()).rejects.toBeInstanceOf(LogsRefused)
  })

  it('may be tried again after throttling, a server error or silence', async () => {
    for (const passing of [refusal('ThrottlingException'), refusal('ServiceUnavailableException'), refusal('X', 500)]) {
      answers = [passing]
      await expect(put()).rejects.not.toBeInstanceOf(LogsRefused)
    }
    const nobody = putLogEventsOverWire(endpointsAt(() => ({ endpoint: 'http://127.0.0.1:1', region: 'r' })))
    await expect(nobody('g', 's', [])).rejects.not.toBeInstanceOf(LogsRefused)
  })
})

describe('a log group', () => {
  const exists = (arn = 'arn:aws:logs:us-east-1:0:log-group:/g:*') => logGroupsOverWire(endpoints, silentLog).exists(arn)

  it('is there where the service lists it under its whole name', async () => {
    answers = [{ status: 200, body: { logGroups: [{ logGroupName: '/g2' }, { logGroupName: '/g' }] } }]
    expect(await exists()).toBe(true)
    answers = [{ status: 200, body: { logGroups: [{ logGroupName: '/g2' }] } }]
    expect(await exists()).toBe(false)
    expect(await exists('arn:aws:logs:us-east-1:0:log-group:/g')).toBe(false)
  })

  it('is taken to be there where the service cannot say', async () => {
    answers = [refusal('AccessDeniedException')]
    expect(await exists()).toBe(true)
  })
})
