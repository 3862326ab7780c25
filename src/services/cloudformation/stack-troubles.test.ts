/** The service alone, with a clock of its own, and an engine that is reached by a way that can be troubled. */
import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'

import { type Clock, systemClock, VirtualClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'

import { handlerFor } from '../kit/testing/services.ts'
import { type Services, startServices } from '../services.ts'

import { ACCOUNT, gate, openStacks, parameter, REGION, StackClient, type StackStage, template } from './testing/stack-stage.ts'

let engine: StackStage
let way: Server
let door: Server
let services: Services
let stacks: StackClient
/** What becomes of the next requests to the engine. */
let trouble: (() => 'pass' | 'drop' | 'lose' | 'refuse') | undefined
const complaints: string[] = []

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
async function listening(server: Server): Promise<Server> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

beforeAll(async () => {
  engine = await openStacks()
})
afterAll(() => engine.close())

beforeEach(async () => {
  complaints.length = 0
  trouble = undefined
  way = await listening(
    createServer((req, res) => {
      const kind = trouble?.() ?? 'pass'
      if (kind === 'drop') return void req.socket.destroy()
      if (kind === 'refuse') return void res.writeHead(503).end()
      const { hostname, port } = new URL(engine.url)
      const passed = request({ hostname, port, path: req.url, method: req.method, headers: req.headers }, (answer) => {
        if (kind === 'lose') return void req.socket.destroy()
        res.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(res)
      })
      passed.on('error', () => res.destroy())
      res.on('close', () => passed.destroy())
      req.pipe(passed)
    }),
  )
})
afterEach(async () => {
  door.closeAllConnections()
  door.close()
  await services.close()
  way.closeAllConnections()
  way.close()
})

async function start(clock: Clock): Promise<void> {
  const log = { ...silentLog, error: (message: string) => void complaints.push(message) }
  services = startServices({ region: REGION, account: ACCOUNT, endpoint: () => urlOf(way), clock, log })
  door = await listening(createServer((req, res) => void handlerFor(services, req)?.(req, res)))
  stacks = new StackClient(urlOf(door))
}

test('a stack that takes longer than it may is rolled back', async () => {
  const clock = new VirtualClock(Date.now())
  await start(clock)
  const creating = stacks.create('late', template({ P: parameter('v'), ...gate('Gate', { DependsOn: 'P' }) }), {
    TimeoutInMinutes: '2',
  })
  await stacks.waitsFor('late', 'Gate')
  const p = await stacks.ref('late', 'P')
  clock.advance(119_000)
  await creating
  expect(await stacks.stack('late')).toMatchObject({ StackStatus: 'CREATE_IN_PROGRESS', TimeoutInMinutes: '2' })
  clock.advance(1_000)
  expect(await stacks.status('late')).toBe('ROLLBACK_COMPLETE')
  const events = await stacks.events('late')
  expect(events).toContain('Gate CREATE_FAILED: Resource creation cancelled')
  expect(events).toContain(
    'late ROLLBACK_IN_PROGRESS: Stack creation time exceeded the specified timeout. Rollback requested by user.',
  )
  expect(await engine.parameter(p)).toBeUndefined()
  expect(
    await stacks.refused('CreateStack', {
      StackName: 'x',
      TemplateBody: '{"Resources":{"A":{"Type":"A::B::C"}}}',
      TimeoutInMinutes: '0',
    }),
  ).toContain('TimeoutInMinutes')
})

test('an engine that refuses, breaks off, and loses its answers now and then is asked again', async () => {
  await start(systemClock)
  let asked = 0
  const kinds = ['drop', 'pass', 'refuse', 'pass', 'lose', 'pass', 'pass'] as const
  // Services that make resources are reached by the same way: they fail as they would.
  const isOfEngine = () => asked++ < 3 * kinds.length
  trouble = () => (isOfEngine() ? (kinds[asked % kinds.length] ?? 'pass') : 'pass')
  await stacks.create(
    'troubled',
    template({ Vpc: { Type: 'AWS::EC2::VPC' }, Subnet: { Type: 'AWS::EC2::Subnet', DependsOn: 'Vpc' } }),
  )
  expect(await stacks.status('troubled')).toBe('CREATE_COMPLETE')
  const events = await stacks.events('troubled')
  expect(events.filter((line) => line === 'Subnet CREATE_COMPLETE')).toHaveLength(1)
  expect(events.at(-1)).toBe('troubled CREATE_COMPLETE')
}, 60_000)

test('while the disk is full nothing is lost: what could not be written is done when there is room', async () => {
  await start(systemClock)
  const creating = stacks.create('full', template({ ...gate('Gate'), After: parameter('v', {}, { DependsOn: 'Gate' }) }))
  await stacks.waitsFor('full', 'Gate')
  services.database.exec('PRAGMA query_only = 1')
  await creating
  expect((await stacks.stack('full'))['StackStatus']).toBe('CREATE_IN_PROGRESS')
  expect(
    await stacks.refused('CreateStack', { StackName: 'other', TemplateBody: '{"Resources":{"A":{"Type":"A::B::C"}}}' }),
  ).toMatch(/^InternalFailure/)
  services.database.exec('PRAGMA query_only = 0')
  const url = new URL(await stacks.ref('full', 'GateHandle'))
  const body = JSON.stringify({ Status: 'SUCCESS', Reason: 'r', UniqueId: 'u', Data: 'd' })
  expect((await fetch(`${stacks.url}${url.pathname}${url.search}`, { method: 'PUT', body })).status).toBe(200)
  expect(await stacks.status('full')).toBe('CREATE_COMPLETE')
  expect(await engine.parameter(await stacks.ref('full', 'After'))).toBe('v')
}, 60_000)
