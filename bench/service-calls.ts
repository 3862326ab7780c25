/**
 * What a call costs inside the embedded services, from the moment that they have the request until its answer leaves: without a
 * socket, 32 at a time, durable. CPU time of a call in microseconds, calls a second, and how often a second the disk syncs.
 * Run: node_modules/.bin/node bench/service-calls.ts [checkout …] [kinds=sqs,sns,dynamodb,events,s3,logs] [count=N] [rounds=N]
 */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { IncomingMessage, ServerResponse } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'

import type { startServices as StartServices } from '../src/services/services.ts'

import { checkouts, setting } from './settings.ts'
import { inParallel, perSecond } from './workload.ts'

const CLIENTS = 32
const rounds = Number(setting('rounds') ?? 3)
const count = Number(setting('count') ?? 20_000)

type Services = ReturnType<typeof StartServices>
type Service = 'sqs' | 'sns' | 'dynamodb' | 'events' | 'logs' | 's3'
interface Call {
  readonly service: Service
  readonly method?: string
  readonly path?: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const json = (service: Service, version: string, target: string) => (action: string, input: object) => ({
  service,
  headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': `${target}.${action}` },
  body: JSON.stringify(input),
})
const sns = (form: Record<string, string>): Call => ({
  service: 'sns',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams({ Version: '2010-03-31', ...form }).toString(),
})
const put = (path: string, body: string): Call => ({ service: 's3', method: 'PUT', path, headers: {}, body })
const sqs = json('sqs', '1.0', 'AmazonSQS')
const dynamodb = json('dynamodb', '1.0', 'DynamoDB_20120810')
const events = json('events', '1.1', 'AWSEvents')
const logs = json('logs', '1.1', 'Logs_20140328')
const message = JSON.stringify({ order: 1, customer: 'c' })
const TopicArn = 'arn:aws:sns:us-east-1:000000000000:bench'

interface Kind {
  readonly prepare: readonly Call[]
  readonly call: (index: number) => Call
}

const KINDS: Readonly<Record<string, Kind>> = {
  sqs: {
    prepare: [sqs('CreateQueue', { QueueName: 'bench' })],
    call: () => sqs('SendMessage', { QueueUrl: 'http://localhost/000000000000/bench', MessageBody: message }),
  },
  sns: {
    prepare: [sns({ Action: 'CreateTopic', Name: 'bench' })],
    call: () => sns({ Action: 'Publish', TopicArn, Message: message }),
  },
  dynamodb: {
    prepare: [
      dynamodb('CreateTable', {
        TableName: 'bench',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    ],
    call: (index) => dynamodb('PutItem', { TableName: 'bench', Item: { id: { S: `item ${index % 5_000}` }, of: { S: 'T' } } }),
  },
  events: {
    prepare: [],
    call: () => events('PutEvents', { Entries: [{ Source: 'bench', DetailType: 'done', Detail: message }] }),
  },
  s3: {
    prepare: [put('/bench', '')],
    call: (index) => put(`/bench/${index % 5_000}`, 'x'.repeat(1_024)),
  },
  logs: {
    prepare: [
      logs('CreateLogGroup', { logGroupName: 'bench' }),
      logs('CreateLogStream', { logGroupName: 'bench', logStreamName: 'bench' }),
    ],
    call: () =>
      logs('PutLogEvents', {
        logGroupName: 'bench',
        logStreamName: 'bench',
        logEvents: [{ timestamp: Date.now(), message }],
      }),
  },
}

async function answer(services: Services, { service, method = 'POST', path = '/', headers, body }: Call): Promise<number> {
  const req = new IncomingMessage(new Socket())
  Object.assign(req, { method, url: path, headers: { host: 'localhost', ...headers, 'content-length': `${body.length}` } })
  req.complete = true
  req.push(body)
  req.push(null)
  const res = new ServerResponse(req)
  const socket = new Writable({ write: (_, __, done) => done() })
  res.assignSocket(socket as Socket)
  const finished = once(res, 'finish')
  await services.handlerOf(service)(req, res)
  await finished
  return res.statusCode
}

/** Within a process of its own: one checkout, one kind. */
async function measure(checkout: string, kind: Kind): Promise<void> {
  const modules = pathToFileURL(join(checkout, 'src/services/services.ts')).href
  const { startServices } = (await import(modules)) as { startServices: typeof StartServices }
  const directory = mkdtempSync(join(tmpdir(), 'regente-calls-'))
  const silent = { debug() {}, info() {}, warn: console.warn, error: console.error }
  const services = startServices({
    directory,
    region: 'us-east-1',
    account: '000000000000',
    endpoint: () => 'http://localhost',
    log: silent,
  })
  const expectOk = async (call: Call) => {
    const status = await answer(services, call)
    if (status !== 200) throw new Error(`${call.body}: ${status}`)
  }
  for (const call of kind.prepare) await expectOk(call)
  await inParallel(count / 2, CLIENTS, (index) => expectOk(kind.call(index)))
  const [begun, used] = [performance.now(), process.cpuUsage()]
  await inParallel(count, CLIENTS, (index) => expectOk(kind.call(index)))
  const { user, system } = process.cpuUsage(used)
  console.log(JSON.stringify({ us: (user + system) / count, rate: perSecond(count, performance.now() - begun) }))
  await services.close()
  rmSync(directory, { recursive: true })
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const one = setting('one')
if (one !== undefined) {
  const kind = KINDS[one]
  if (!kind) throw new Error(`${one} is none of ${Object.keys(KINDS).join(', ')}`)
  await measure(checkouts[0] ?? '', kind)
  process.exit(0)
}
for (const name of setting('kinds')?.split(',') ?? Object.keys(KINDS)) {
  const figures = checkouts.map(() => [] as { us: number; rate: number }[])
  for (let round = 0; round < rounds; round++)
    for (const [index, checkout] of checkouts.entries()) {
      const { stdout } = spawnSync(process.execPath, [import.meta.filename, checkout, `one=${name}`, `count=${count}`], {
        stdio: ['ignore', 'pipe', 'inherit'],
        encoding: 'utf8',
      })
      figures[index]?.push(JSON.parse(stdout) as { us: number; rate: number })
    }
  const line = figures.map((all) => `${median(all.map(({ us }) => us)).toFixed(1)} µs ${median(all.map(({ rate }) => rate))}/s`)
  console.log(`${name.padEnd(10)}${line.map((text) => text.padStart(22)).join('')}`)
}
