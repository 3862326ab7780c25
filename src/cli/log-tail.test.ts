import { expect, test } from 'vitest'

import type { JsonObject } from '../base/json.ts'

import { WireError } from '../wire/errors.ts'

import { groupsOf, LogTail } from './log-tail.ts'
import type { StatesApi } from './states-api.ts'

type Event = { readonly eventId: string; readonly timestamp: number; readonly message: string }

/** Logs by group, a page of one event each. */
const logsOf =
  (groups: Map<string, Event[]>) =>
  async (action: string, input: JsonObject): Promise<JsonObject> => {
    if (action === 'DescribeLogGroups') {
      const prefix = String(input['logGroupNamePrefix'] ?? '')
      return { logGroups: [...groups.keys()].filter((name) => name.startsWith(prefix)).map((logGroupName) => ({ logGroupName })) }
    }
    const events = groups.get(String(input['logGroupName']))?.filter(({ timestamp }) => timestamp >= Number(input['startTime']))
    if (!events) throw new WireError(400, 'ResourceNotFoundException', 'No.')
    const at = Number(input['nextToken'] ?? 0)
    const next = at + 1 < events.length && { nextToken: String(at + 1) }
    return { events: events.slice(at, at + 1), ...next }
  }
const event = (eventId: string, timestamp: number): Event => ({ eventId, timestamp, message: `${eventId}!` })

test('the events of all groups come once each, in the order of time, late ones too', async () => {
  const groups = new Map([
    ['/a', [event('1', 10_000), event('3', 30_000)]],
    ['/b', [event('1', 20_000)]],
  ])
  const tail = new LogTail({ callLogs: logsOf(groups) }, { groups: undefined, from: 10_000, filter: undefined })
  const next = async () => (await tail.next()).map(({ group, message }) => `${group} ${message}`)
  expect(await next()).toEqual(['/a 1!', '/b 1!', '/a 3!'])
  expect(await next()).toEqual([])
  groups.get('/b')?.push(event('late', 29_000))
  groups.set('/c', [event('new', 31_000)])
  expect(await next()).toEqual(['/b late!', '/c new!'])
  expect(await next()).toEqual([])
})

test('a group that is gone holds nothing', async () => {
  const tail = new LogTail({ callLogs: logsOf(new Map()) }, { groups: ['/gone'], from: 0, filter: undefined })
  expect(await tail.next()).toEqual([])
})

test('a name is that of a function that has printed, of a machine that logs, or of both', async () => {
  const callLogs = logsOf(
    new Map([
      ['/aws/lambda/both', []],
      ['/aws/lambda/bothersome', []],
      ['/own', []],
    ]),
  )
  const machine = (name: string) => `arn:aws:states:r:000000000000:stateMachine:${name}`
  const call = async (action: string, input: JsonObject): Promise<JsonObject> => {
    if (action === 'ListStateMachines')
      return { stateMachines: ['both', 'silent'].map((name) => ({ name, stateMachineArn: machine(name) })) }
    const logGroupArn = 'arn:aws:logs:r:000000000000:log-group:/machines:*'
    const destinations = [{ cloudWatchLogsLogGroup: { logGroupArn } }]
    return { loggingConfiguration: input['stateMachineArn'] === machine('both') ? { destinations } : { level: 'OFF' } }
  }
  const api = { call, callLogs } as unknown as StatesApi
  expect(await groupsOf(api, 'both')).toEqual(['/aws/lambda/both', '/machines'])
  expect(await groupsOf(api, '/own')).toEqual(['/own'])
  expect(await groupsOf(api, 'arn:aws:lambda:r:000000000000:function:f:live')).toEqual(['/aws/lambda/f'])
  expect(await groupsOf(api, machine('both'))).toEqual(['/machines'])
  await expect(groupsOf(api, 'silent')).rejects.toThrow('writes no log')
  await expect(groupsOf(api, 'nobody')).rejects.toThrow('There is no log of nobody')
  await expect(groupsOf(api, '/none')).rejects.toThrow('There is no log group /none.')
})
