/**
 * 100,000 broken requests against a server: mutated members, wrong types, huge numbers, broken signatures and JSON, cut bodies,
 * odd headers and targets. Every answer must be 2xx or 4xx with AWS's shape; the server must answer health afterwards, and its
 * memory must not have grown without end. Run: node_modules/.bin/node bench/fuzz-api.ts [requests] [seed]
 */
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'

import type { Json } from '../src/base/json.ts'
import { seededRandom } from '../src/base/random.ts'
import { OPERATIONS } from '../src/api/handler.ts'
import { mutate } from '../src/asl/mutate.ts'
import { inParallel, openClient, perSecond, startBench } from './workload.ts'

const COUNT = Number(process.argv[2] ?? 100_000)
const SEED = process.argv[3] ?? 'regente'
const CLIENTS = 64
const ACCOUNT = 'us-east-1:000000000000'
const DEFINITION = JSON.stringify({ StartAt: 'P', States: { P: { Type: 'Pass', End: true } } })

/** Something near to what an operation takes; the mutation does the rest. */
const MEMBERS: Record<string, Json> = {
  name: 'm',
  definition: DEFINITION,
  roleArn: 'arn:aws:iam::000000000000:role/r',
  type: 'STANDARD',
  input: '{"a":1}',
  stateMachineArn: `arn:aws:states:${ACCOUNT}:stateMachine:m`,
  executionArn: `arn:aws:states:${ACCOUNT}:execution:m:e`,
  activityArn: `arn:aws:states:${ACCOUNT}:activity:none`,
  mapRunArn: `arn:aws:states:${ACCOUNT}:mapRun:m/L:x`,
  taskToken: 'AQCs',
  output: '{}',
  maxResults: 10,
  nextToken: 'x.y',
  reverseOrder: true,
  statusFilter: 'RUNNING',
  publish: false,
  tags: [{ key: 'a', value: 'b' }],
  tagKeys: ['a'],
  resourceArn: `arn:aws:states:${ACCOUNT}:stateMachine:m`,
  error: 'E',
  cause: 'c',
  loggingConfiguration: { level: 'OFF' },
  tracingConfiguration: { enabled: true },
  mock: { result: '{}' },
  inspectionLevel: 'DEBUG',
  routingConfiguration: [{ stateMachineVersionArn: `arn:aws:states:${ACCOUNT}:stateMachine:m:1`, weight: 100 }],
  stateName: 'P',
  variables: '{}',
  context: '{}',
  clientToken: 't',
  revisionId: 'INITIAL',
  severity: 'WARNING',
  workerName: 'w',
}
const names = Object.keys(OPERATIONS).filter((name) => name !== 'GetActivityTask')
const targets = [
  '',
  'AWSStepFunctions.',
  'AWSStepFunctions.__proto__',
  'Nobody.Act',
  'AmazonSQS.SendMessage',
  'Logs_20140328.PutLogEvents',
  'AWSEvents.PutEvents',
  'DynamoDB_20120810.PutItem',
]

const server = await startBench()
const pid = server.child.pid ?? 0
const client = openClient(server.url, CLIENTS)
const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
const counts = new Map<number, number>()
let slowest = { ms: 0, what: '' }

async function one(i: number): Promise<void> {
  const random = seededRandom(`${SEED} ${i}`)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random.next() * from.length)] as T
  const operation = pick(names)
  const target = random.next() < 0.05 ? pick(targets) : `AWSStepFunctions.${operation}`
  let body = JSON.stringify(mutate(MEMBERS, `${SEED} ${i}`, 1 + Math.floor(random.next() * 8)))
  const kind = random.next()
  if (kind < 0.05) body = body.slice(0, Math.floor(body.length * random.next()))
  else if (kind < 0.08)
    body = pick([
      '',
      '[]',
      'null',
      '"x"',
      '{"a":',
      '\u0000',
      '{}'.repeat(9),
      '['.repeat(50_000),
      '1e999',
      '{"__proto__":{"x":1}}',
    ])
  const headers: Record<string, string> = {
    'content-type': pick(['application/x-amz-json-1.0', 'application/x-amz-json-1.1', 'text/plain', 'application/json', '']),
    'x-amz-target': target,
  }
  if (random.next() < 0.1)
    headers['authorization'] = pick(['AWS4-HMAC-SHA256 Credential=x', 'Basic eA==', `AWS4-HMAC-SHA256 ${'x'.repeat(4_000)}`, ''])
  if (random.next() < 0.05) headers['x-amz-date'] = pick(['now', '20200101T000000Z', ''])
  const begun = performance.now()
  const answer = await client.post(headers, body)
  const ms = performance.now() - begun
  counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1)
  if (ms > slowest.ms) slowest = { ms, what: `${target} ${body.slice(0, 200)}` }
  const where = `seed ${SEED} ${i}: ${target} ${body.slice(0, 500)}`
  if (answer.status >= 500) throw new Error(`${answer.status} ${answer.body}\n${where}`)
  if (answer.status >= 400 && !/"__type"|<Code>/.test(answer.body)) throw new Error(`not AWS's shape: ${answer.body}\n${where}`)
  if (/\bat .*\.(?:ts|js):\d+/.test(answer.body)) throw new Error(`a stack trace: ${answer.body}\n${where}`)
}

/** Bytes that are no HTTP, headers without end, bodies that are cut off. */
async function raw(bytes: string): Promise<void> {
  const { hostname, port } = new URL(server.url)
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.end(bytes))
    socket
      .on('error', () => resolve())
      .on('close', () => resolve())
      .resume()
    setTimeout(() => socket.destroy(), 500)
  })
}

try {
  await inParallel(2_000, CLIENTS, one)
  const before = rss()
  const begun = performance.now()
  await inParallel(COUNT, CLIENTS, (i) => one(i + 2_000))
  const ms = performance.now() - begun
  const head = 'POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSStepFunctions.ListActivities\r\n'
  const odd = [
    'GET\r\n\r\n',
    '\u0016\u0003\u0001',
    `${head}Content-Length: 99\r\n\r\n{}`,
    `${head}Content-Length: -1\r\n\r\n`,
    `${head}X: ${'y'.repeat(100_000)}\r\n\r\n`,
    `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
  ]
  await inParallel(300, 30, (i) => raw(odd[i % odd.length] ?? ''))
  const health = await fetch(`${server.url}/_regente/health`)
  console.log(`${COUNT.toLocaleString('en')} requests, ${perSecond(COUNT, ms)}/s`, Object.fromEntries([...counts].sort()))
  console.log(`slowest ${slowest.ms.toFixed(0)} ms: ${slowest.what}`)
  console.log(`memory ${before.toFixed(0)} MB before, ${rss().toFixed(0)} MB after; health ${health.status}`)
  if (!health.ok) throw new Error('the server does not answer any more')
} finally {
  await server.stop()
}
