/** What is sent in error, or in malice: each gets AWS's error or a clear one, and the server goes on. */
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { request } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { zipOf } from '../../src/services/lambda/testing/zip.ts'

import {
  ACCOUNT,
  credentials,
  makeDataDirectory,
  REGION,
  removeDataDirectory,
  type RunningServer,
  startServer,
} from './server.ts'

let dataDirectory = ''
let server: RunningServer

beforeAll(async () => {
  dataDirectory = await makeDataDirectory()
  server = await startServer(dataDirectory)
}, 60_000)
afterEach(async () => {
  // The same process answers still.
  expect(await states('ListStateMachines', '{}')).toMatchObject({ status: 200 })
  expect(() => process.kill(server.pid, 0)).not.toThrow()
})
afterAll(async () => {
  await server.stop()
  await removeDataDirectory(dataDirectory)
})

interface Answer {
  readonly status: number
  readonly body: string
}

/** The path is sent as it stands: `fetch` would resolve the `..` in it. */
function send(method: string, path: string, headers: Record<string, string>, body: string): Promise<Answer> {
  const { hostname, port } = new URL(server.url)
  return new Promise((resolve, reject) => {
    let isAnswered = false
    const call = request(
      { hostname, port, method, path, headers: { ...headers, 'content-length': Buffer.byteLength(body) } },
      (response) => {
        isAnswered = true
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (piece: string) => (text += piece))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
      },
    )
    // A server that refuses a long body may close before all of it is sent; its answer counts.
    call.on('error', (error) => isAnswered || reject(error))
    call.end(body)
  })
}

const states = (action: string, body: string): Promise<Answer> =>
  send('POST', '/', { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AWSStepFunctions.${action}` }, body)

const codeOf = ({ body }: Answer): string => String((JSON.parse(body) as { __type?: string }).__type).replace(/^.*#/, '')
const role = `arn:aws:iam::${ACCOUNT}:role/r`
const create = (name: string, definition: unknown): Promise<Answer> =>
  states(
    'CreateStateMachine',
    JSON.stringify({ name, roleArn: role, definition: typeof definition === 'string' ? definition : JSON.stringify(definition) }),
  )
const pass = { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } }

describe('requests', () => {
  test.each([
    ['not JSON', '{"name": '],
    ['not an object', '[1]'],
    ['empty', ''],
    ['control characters', '\u0000\u0001'],
  ])('%s is refused as it cannot be read', async (_, body) => {
    const answer = await states('CreateStateMachine', body)
    expect(answer.status).toBe(400)
    expect(codeOf(answer)).not.toBe('InternalFailure')
  })

  test('an unknown action is refused', async () => {
    const answer = await states('Nonsense', '{}')
    expect(answer.status).toBe(400)
    expect(codeOf(answer)).toMatch(/UnknownOperationException/)
  })

  test.each([
    ['StartExecution', {}],
    ['DescribeExecution', {}],
    ['CreateStateMachine', { name: 'x' }],
    ['CreateStateMachine', { name: 5, definition: {}, roleArn: [] }],
    ['GetExecutionHistory', { executionArn: 'x', maxResults: 'many' }],
  ])('%s with %j names what is missing or wrong', async (action, input) => {
    const answer = await states(action, JSON.stringify(input))
    expect(answer.status).toBe(400)
    expect(answer.body.length).toBeGreaterThan(20)
  })

  test('a body of 2 MB is refused', async () => {
    const answer = await create('big', { ...pass, Comment: 'x'.repeat(2 * 1024 * 1024) })
    expect([400, 413]).toContain(answer.status)
  })

  test.each(['[', '{"a":'])('100,000 times %s is refused', async (bracket) => {
    expect((await states('CreateStateMachine', bracket.repeat(100_000))).status).toBe(400)
    expect((await create('deep', bracket.repeat(100_000))).status).toBe(400)
  })

  test('an input of 100,000 closed brackets does not hurt', async () => {
    await create('nested', pass)
    const stateMachineArn = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:nested`
    const input = '['.repeat(100_000) + ']'.repeat(100_000)
    const answer = await states('StartExecution', JSON.stringify({ stateMachineArn, input }))
    expect([200, 400]).toContain(answer.status)
  })
})

describe('definitions', () => {
  test.each([
    ['broken JSON', '{"StartAt": "A", '],
    ['an unknown state', { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' } } }],
    ['an unknown type', { StartAt: 'A', States: { A: { Type: 'Dance', End: true } } }],
    ['no StartAt', { States: { A: { Type: 'Pass', End: true } } }],
    ['states as a list', { StartAt: 'A', States: [] }],
    ['a number for a state', { StartAt: 'A', States: { A: 5 } }],
    ['__proto__ for StartAt', '{"StartAt": "__proto__", "States": {"A": {"Type": "Pass", "End": true}}}'],
  ])('%s is InvalidDefinition', async (_, definition) => {
    const answer = await create('wrong', definition)
    expect(answer.status).toBe(400)
    expect(codeOf(answer)).toBe('InvalidDefinition')
  })

  test('a state named __proto__ is a state like any other', async () => {
    const answer = await create('proto', '{"StartAt": "__proto__", "States": {"__proto__": {"Type": "Pass", "End": true}}}')
    expect(answer.status).toBe(200)
  })

  test('__proto__ keys in an input come out as they went in, and reach no prototype', async () => {
    await create('echo', pass)
    const stateMachineArn = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:echo`
    const input = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"x":1}}}'
    const { executionArn } = JSON.parse(
      (await states('StartExecution', JSON.stringify({ stateMachineArn, input }))).body,
    ) as Record<string, string>
    await expect
      .poll(async () => JSON.parse((await states('DescribeExecution', JSON.stringify({ executionArn }))).body).status)
      .toBe('SUCCEEDED')
    const { body } = await states('DescribeExecution', JSON.stringify({ executionArn }))
    expect((JSON.parse(body) as { output: string }).output).toBe(input)
  })
})

describe('S3', () => {
  test.each(['/bucket-one/../../../etc/passwd', '/bucket-one/%2e%2e/%2e%2e/escape', '/bucket-one/a/..%2f..%2f..%2fescape'])(
    'the key of PUT %s stays in its bucket',
    async (path) => {
      await send('PUT', '/bucket-one', {}, '')
      const put = await send('PUT', path, {}, 'content')
      expect([200, 400]).toContain(put.status)
      if (put.status === 200) expect(await send('GET', path, {}, '')).toMatchObject({ status: 200, body: 'content' })
    },
  )
})

describe('Lambda', () => {
  const lambda = () => new LambdaClient({ endpoint: server.url, region: REGION, credentials, maxAttempts: 1 })
  const make = (name: string, files: Record<string, string>) =>
    lambda().send(
      new CreateFunctionCommand({
        FunctionName: name,
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: role,
        Timeout: 2,
        Code: { ZipFile: zipOf(files) },
      }),
    )

  test.each(['../escape.mjs', '/tmp/regente-escape.mjs', 'a/../../escape.mjs'])(
    'a zip with the entry %s is refused',
    async (entry) => {
      await expect(make('evil', { [entry]: 'export {}' })).rejects.toMatchObject({ name: 'InvalidParameterValueException' })
    },
  )

  test.each([
    ['crashes', 'process.abort()'],
    ['hangs', 'for (;;) {}'],
    ['exits', 'process.exit(3)'],
    ['throws', 'throw new Error("no")'],
  ])(
    'a function that %s is an error of the function',
    async (name, body) => {
      await make(name, { 'index.mjs': `export const handler = async () => { ${body} }` })
      const answer = await lambda().send(new InvokeCommand({ FunctionName: name, Payload: '{}' }))
      expect(answer.FunctionError).toBe('Unhandled')
    },
    30_000,
  )

  test('a function that prints 100 MB does not fill the server', async () => {
    const body = "const line = 'x'.repeat(1023) + '\\n'; for (let i = 0; i < 102400; i++) process.stdout.write(line); return 1"
    await make('prints', { 'index.mjs': `export const handler = async () => { ${body} }` })
    await lambda().send(new InvokeCommand({ FunctionName: 'prints', Payload: '{}' }))
  }, 60_000)
})
