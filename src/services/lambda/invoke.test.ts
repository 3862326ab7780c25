import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startTestLambda } from './testing/lambda.ts'

let lambda: Awaited<ReturnType<typeof startTestLambda>>
beforeAll(async () => {
  lambda = await startTestLambda()
})
afterAll(() => lambda.close())

const python = (name: string, code: string, more = {}) =>
  lambda.create(name, { 'handler.py': code }, { runtime: 'python3.12', handler: 'handler.handler', ...more })

describe('a Python function', () => {
  it('answers with what the handler returns, and logs START, prints, END and REPORT', async () => {
    await python(
      'py-echo',
      'def handler(event, context):\n    print("hello")\n    return {"got": event, "name": context.function_name}\n',
    )
    const answer = await lambda.invoke('py-echo', { a: 'ü' })
    expect(answer).toMatchObject({
      status: 200,
      payload: { got: { a: 'ü' }, name: 'py-echo' },
      functionError: undefined,
      version: '$LATEST',
    })
    expect(answer.log).toMatch(/^START RequestId: \S+ Version: \$LATEST\nhello\nEND RequestId: \S+\nREPORT RequestId: /)
    const first = lambda.logs.find((event) => event.message === 'hello')
    expect(first?.group).toBe('/aws/lambda/py-echo')
    expect(first?.stream).toMatch(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/)
  })

  it('describes an exception as the AWS runtime does, with the code under /var/task', async () => {
    await python('py-raise', 'def handler(event, context):\n    raise Exception("Some exception was raised.")\n')
    const { payload, functionError } = await lambda.invoke('py-raise')
    expect(functionError).toBe('Unhandled')
    expect(payload).toEqual({
      errorMessage: 'Some exception was raised.',
      errorType: 'Exception',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      stackTrace: ['  File "/var/task/handler.py", line 2, in handler\n    raise Exception("Some exception was raised.")\n'],
    })
  })

  it('sends bytes as they are', async () => {
    await python('py-bytes', `def handler(event, context):\n    return '"HelloWorld!"'.encode()\n`)
    expect((await lambda.invoke('py-bytes')).payload).toBe('HelloWorld!')
  })

  it('tells a result that is not JSON', async () => {
    await python('py-set', 'def handler(event, context):\n    return {1, 2}\n')
    expect((await lambda.invoke('py-set')).payload).toMatchObject({
      errorType: 'Runtime.MarshalError',
      errorMessage: 'Unable to marshal response: Object of type set is not JSON serializable',
      stackTrace: [],
    })
  })

  it('tells a module that cannot be imported, a missing handler and a syntax error', async () => {
    await python('py-import', 'import no_such_module\n')
    expect((await lambda.invoke('py-import')).payload).toMatchObject({
      errorType: 'Runtime.ImportModuleError',
      errorMessage: "Unable to import module 'handler': No module named 'no_such_module'",
    })
    await python('py-missing', 'x = 1\n')
    expect((await lambda.invoke('py-missing')).payload).toMatchObject({
      errorType: 'Runtime.HandlerNotFound',
      errorMessage: "Handler 'handler' missing on module 'handler'",
    })
    await python('py-syntax', 'def handler(:\n')
    expect((await lambda.invoke('py-syntax')).payload).toMatchObject({ errorType: 'Runtime.UserCodeSyntaxError' })
  })

  it('finds a handler in a folder', async () => {
    await lambda.create(
      'py-folder',
      { 'app/main.py': 'def run(e, c):\n    return 7\n', 'app/__init__.py': '' },
      { runtime: 'python3.12', handler: 'app/main.run' },
    )
    expect((await lambda.invoke('py-folder')).payload).toBe(7)
  })

  it('logs a traceback as one event', async () => {
    await python('py-log', 'import logging\ndef handler(e, c):\n    logging.getLogger().error("a\\nb")\n')
    await lambda.invoke('py-log')
    expect(
      lambda.logs.find((event) => event.group === '/aws/lambda/py-log' && event.message.startsWith('[ERROR]'))?.message,
    ).toMatch(/\ta\nb$/)
  })
})

describe('a Node.js function', () => {
  it.each([
    ['an async CommonJS handler', { 'index.js': 'exports.handler = async (event) => ({ got: event })' }],
    [
      'a callback',
      { 'index.js': 'exports.handler = (event, context, callback) => setTimeout(() => callback(null, { got: event }), 5)' },
    ],
    ['context.succeed', { 'index.js': 'exports.handler = (event, context) => context.succeed({ got: event })' }],
    ['an ES module', { 'index.mjs': 'export const handler = async (event) => ({ got: event })' }],
    [
      'an ES module with a top-level await',
      { 'index.mjs': 'const x = await Promise.resolve(1)\nexport const handler = async (event) => ({ got: event })' },
    ],
    [
      'a package of type module with a top-level await',
      { 'package.json': '{"type":"module"}', 'index.js': 'await 1\nexport const handler = async (event) => ({ got: event })' },
    ],
  ])('runs %s', async (title, files) => {
    const name = `node-${title.replaceAll(/[^a-z]/gi, '-')}`
    await lambda.create(name, files)
    expect(await lambda.invoke(name, { n: 1 })).toMatchObject({ payload: { got: { n: 1 } }, functionError: undefined })
    expect(await lambda.invoke(name, { n: 2 })).toMatchObject({ payload: { got: { n: 2 } } })
  })

  it('describes an error with its type, message and trace', async () => {
    await lambda.create('node-throw', {
      'index.js':
        'class Odd extends Error { constructor(m) { super(m); this.name = "Odd" } }\nexports.handler = async () => { throw new Odd("no") }',
    })
    const { payload, functionError } = await lambda.invoke('node-throw')
    expect(functionError).toBe('Unhandled')
    expect(payload).toMatchObject({
      errorType: 'Odd',
      errorMessage: 'no',
      trace: [expect.stringMatching(/^(Odd|Error): no$/), expect.stringContaining('(/var/task/index.js:2:')],
    })
    expect(Object.keys(payload as object)).toEqual(['errorType', 'errorMessage', 'trace'])
  })

  it('gives the context its members', async () => {
    await lambda.create(
      'node-context',
      { 'index.js': 'exports.handler = async (e, c) => ({ ...c, left: c.getRemainingTimeInMillis(), env: process.env })' },
      { variables: { MINE: 'yes' } },
    )
    process.env['REGENTE_SECRET_THING'] = 'hidden'
    const ClientContext = Buffer.from('{"custom":{"a":"é"}}').toString('base64')
    const { payload } = await lambda.invoke('node-context', {}, { ClientContext })
    expect(payload).toMatchObject({
      functionName: 'node-context',
      functionVersion: '$LATEST',
      memoryLimitInMB: '256',
      logGroupName: '/aws/lambda/node-context',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:node-context',
      clientContext: { custom: { a: 'é' } },
      env: {
        MINE: 'yes',
        AWS_REGION: 'us-east-1',
        AWS_ENDPOINT_URL: lambda.url,
        TZ: ':UTC',
        AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x',
      },
    })
    expect(payload).not.toHaveProperty('env.REGENTE_SECRET_THING')
    expect((payload as { left: number }).left).toBeGreaterThan(8000)
  })

  it('lends the AWS SDK that is installed beside Regente, to import and require alike', async () => {
    await lambda.create('node-sdk', {
      'index.mjs': 'import { S3Client } from "@aws-sdk/client-s3"\nexport const handler = async () => typeof S3Client',
    })
    expect((await lambda.invoke('node-sdk')).payload).toBe('function')
    await lambda.create('node-sdk-cjs', {
      'index.js': 'const { SQSClient } = require("@aws-sdk/client-sqs")\nexports.handler = async () => typeof SQSClient',
    })
    expect((await lambda.invoke('node-sdk-cjs')).payload).toBe('function')
    for (const [name, code] of Object.entries({
      'index.mjs': 'import "@aws-sdk/client-nothing"',
      'index.js': 'require("@aws-sdk/client-nothing")',
    })) {
      await lambda.create(`no-sdk-${name.replace('.', '-')}`, { [name]: code })
      expect((await lambda.invoke(`no-sdk-${name.replace('.', '-')}`)).payload).toMatchObject({
        errorType: 'Runtime.ImportModuleError',
        errorMessage: expect.stringContaining('npm install @aws-sdk/client-nothing beside Regente'),
      })
    }
  })

  it('finds the Runtime API where it is told, for its own invocation alone', async () => {
    const code = `exports.handler = async (event, { awsRequestId }) => {
      const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/invocation/'
      const answer = (id, body) => fetch(api + id + '/response', { method: 'POST', body: JSON.stringify(body) })
      const seen = [(await fetch(api + 'next')).status, (await answer('another', 1)).status]
      await answer(awsRequestId, seen)
      return 'too late'
    }`
    await lambda.create('node-runtime-api', { 'index.js': code })
    expect((await lambda.invoke('node-runtime-api')).payload).toEqual([403, 400])
    expect((await lambda.invoke('node-runtime-api')).payload).toEqual([403, 400])
  })

  it('is handed a payload of megabytes, and gives it back, whole', async () => {
    await lambda.create('node-large', { 'index.js': 'exports.handler = async (event) => event' })
    const event = { text: 'ü'.repeat(2_500_000) }
    expect((await lambda.invoke('node-large', event)).payload).toEqual(event)
    await python('py-large', 'def handler(event, context):\n    return event\n')
    expect((await lambda.invoke('py-large', { text: 'x'.repeat(5_000_000) })).payload).toEqual({ text: 'x'.repeat(5_000_000) })
  })

  it('prints what it has to say before END, in whatever way', async () => {
    const code = `exports.handler = async () => {
      for (let i = 0; i < 200; i++) console.log('line ' + i)
      require('fs').writeSync(1, 'raw\\n')
      require('child_process').execFileSync('echo', ['child'], { stdio: 'inherit' })
    }`
    await lambda.create('node-prints', { 'index.js': code })
    for (let i = 0; i < 20; i++) await lambda.invoke('node-prints')
    const messages = lambda.logs.filter(({ group }) => group === '/aws/lambda/node-prints').map(({ message }) => message)
    const of = (start: string) => messages.filter((message) => message.startsWith(start) || message.endsWith(start)).length
    expect([of('START'), of('line 199'), of('raw'), of('child'), of('END')]).toEqual([20, 20, 20, 20, 20])
    const each = messages.length / 20
    for (let i = 0; i < 20; i++) expect(messages[i * each]).toMatch(/^START/)
  })

  it('has links to stacks led home however it comes to `https`', async () => {
    const code = `exports.handler = async () => {
      const ways = [require('https'), require('node:https'), process.getBuiltinModule('https'), (await import('https')).default]
      return ways.map(({ request }) => request === ways[0].request && !/native|ClientRequest\\(/.test(String(request)))
    }`
    await lambda.create('node-https', { 'index.js': code })
    expect((await lambda.invoke('node-https')).payload).toEqual([true, true, true, true])
  })

  it('tells a missing module and a missing handler', async () => {
    await lambda.create('node-nothing', { 'other.js': '' })
    expect((await lambda.invoke('node-nothing')).payload).toMatchObject({
      errorType: 'Runtime.ImportModuleError',
      errorMessage: expect.stringContaining("Cannot find module 'index'"),
    })
    await lambda.create('node-no-handler', { 'index.js': 'exports.other = 1' })
    expect((await lambda.invoke('node-no-handler')).payload).toMatchObject({
      errorType: 'Runtime.HandlerNotFound',
      errorMessage: 'index.handler is undefined or not exported',
    })
  })
})

describe('a function that brings its own bootstrap', () => {
  it('talks to the Runtime API itself', async () => {
    const bootstrap = `#!/bin/sh
exec python3 - <<'END'
import os, urllib.request as u
api = 'http://%s/2018-06-01/runtime/invocation/' % os.environ['AWS_LAMBDA_RUNTIME_API']
while True:
    r = u.urlopen(api + 'next')
    u.urlopen(u.Request(api + r.headers['Lambda-Runtime-Aws-Request-Id'] + '/response', r.read(), method='POST'))
END
`
    await lambda.create('own', { bootstrap }, { runtime: 'provided.al2023', mode: 0o100755 })
    expect((await lambda.invoke('own', { x: 1 })).payload).toEqual({ x: 1 })
    await lambda.create('own-not-there', { 'x.txt': '' }, { runtime: 'provided.al2023' })
    expect((await lambda.invoke('own-not-there')).payload).toMatchObject({ errorType: 'Runtime.InvalidEntrypoint' })
  })
})
