import { readdirSync, readFileSync } from 'node:fs'

import { PutFunctionConcurrencyCommand, InvokeCommand } from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

import { startTestLambda } from './testing/lambda.ts'

let lambda: Awaited<ReturnType<typeof startTestLambda>>
beforeAll(async () => {
  lambda = await startTestLambda({ pool: { processesMax: 32 }, retryDelayMs: () => 20 })
})
afterAll(() => lambda.close())

/** Processes of a function that are still alive. */
function processesOf(name: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`AWS_LAMBDA_FUNCTION_NAME=${name}\0`)
    } catch {
      return false
    }
  })
}

const exitError = (reason: string) => ({
  errorType: 'Runtime.ExitError',
  errorMessage: expect.stringMatching(new RegExp(`^RequestId: [0-9a-f-]{36} Error: Runtime exited ${reason}$`)),
})

describe('a function that', () => {
  it('is of a runtime that is not here is kept, and its calls say so', async () => {
    await lambda.create('jvm', { 'A.class': 'x' }, { runtime: 'java21', handler: 'A::handle' })
    const { payload, functionError } = await lambda.invoke('jvm')
    expect(functionError).toBe('Unhandled')
    expect(payload).toMatchObject({ errorMessage: expect.stringContaining('java21 is not here: Regente runs nodejs*') })
    const unknown = lambda.create('cobol', { 'a.cob': 'x' }, { runtime: 'cobol85' as 'java21' })
    await expect(unknown).rejects.toThrow("Value cobol85 at 'runtime' cannot run here")
  })

  it('takes too long is killed and tells Sandbox.Timedout', async () => {
    await lambda.create('hang', { 'index.js': 'exports.handler = () => { for (;;) {} }' }, { timeout: 1 })
    const { payload, functionError, log } = await lambda.invoke('hang')
    expect(functionError).toBe('Unhandled')
    expect(payload).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Task timed out after 1.00 seconds$/),
    })
    expect(log).toMatch(/Z \S+ Task timed out after 1.00 seconds\nEND/)
    expect(processesOf('hang')).toEqual([])
  })

  it.each([
    ['process.exit(3)', 'with error: exit status 3'],
    ['process.exit(0)', 'without providing a reason'],
    ['process.kill(process.pid, "SIGKILL"); await new Promise(() => setInterval(() => {}, 99))', 'with error: signal: killed'],
  ])('ends by itself (%s) tells Runtime.ExitError, and the next call gets a new process', async (code, reason) => {
    const name = `exit-${reason.replaceAll(/\W/g, '-')}`
    await lambda.create(name, { 'index.js': `exports.handler = async (event) => { if (event.live) return 1; ${code} }` })
    expect((await lambda.invoke(name)).payload).toEqual(exitError(reason))
    expect((await lambda.invoke(name, { live: true })).payload).toBe(1)
  })

  it('loses its channel to Regente has not failed: the service has', async () => {
    await lambda.create('cut-off', { 'index.js': 'exports.handler = async () => require("fs").closeSync(3)' })
    await expect(lambda.invoke('cut-off')).rejects.toMatchObject({ name: 'ServiceException', $metadata: { httpStatusCode: 500 } })
  })

  it.each([
    ['what is no frame', '"GET / HTTP/1.1\\r\\n\\r\\n"'],
    ['a head that is no JSON', 'Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 0x78])'],
    ['a frame of a kind of its own', 'Buffer.from("\\0\\0\\0\\x10\\0\\0\\0\\0{\\"kind\\":\\"mine\\"}")'],
  ])('writes %s into the channel is ended, the log says why, and the next call gets a new process', async (title, bytes) => {
    const name = `garbage-${title.replaceAll(' ', '-')}`
    const code = `exports.handler = async (event) => {
      if (event.live) return process.pid
      require('fs').writeSync(3, ${bytes})
      await new Promise((resolve) => setTimeout(resolve, 5000))
    }`
    await lambda.create(name, { 'index.js': code })
    const { payload, log } = await lambda.invoke(name)
    expect(payload).toEqual(exitError('with error: signal: killed'))
    expect(log).toMatch(/\[Regente\] The process wrote .* to descriptor 3, the channel of its runtime: it was ended\./)
    expect((await lambda.invoke(name, { live: true })).functionError).toBe(undefined)
  })

  it('dies in the middle of a frame tells how it ended', async () => {
    const code = `exports.handler = async () => {
      require('fs').writeSync(3, Buffer.from([0, 0, 0, 9, 0, 1, 0, 0, 0x7b, 0x22]))
      process.kill(process.pid, 'SIGKILL')
      await new Promise(() => setInterval(() => {}, 99))
    }`
    await lambda.create('half-a-frame', { 'index.js': code })
    expect((await lambda.invoke('half-a-frame')).payload).toEqual(exitError('with error: signal: killed'))
  })

  it('answers for an invocation that is not at hand is not heard', async () => {
    const code = `exports.handler = async () => {
      const [head, body] = [JSON.stringify({ kind: 'response', id: 'another' }), '"stolen"']
      const lengths = Buffer.alloc(8)
      lengths.writeUInt32BE(head.length, 0)
      lengths.writeUInt32BE(body.length, 4)
      require('fs').writeSync(3, Buffer.concat([lengths, Buffer.from(head + body)]))
      return 'mine'
    }`
    await lambda.create('another', { 'index.js': code })
    expect((await lambda.invoke('another')).payload).toBe('mine')
    expect((await lambda.invoke('another')).payload).toBe('mine')
  })

  it('ends while it starts tells Runtime.ExitError', async () => {
    await lambda.create('exit-init', { 'index.js': 'process.exit(7)' })
    expect((await lambda.invoke('exit-init')).payload).toEqual(exitError('with error: exit status 7'))
  })

  it('throws outside of its handler tells what', async () => {
    await lambda.create('outside', {
      'index.js': 'exports.handler = () => new Promise(() => { setTimeout(() => { throw new TypeError("late") }, 5) })',
    })
    expect((await lambda.invoke('outside')).payload).toMatchObject({ errorType: 'TypeError', errorMessage: 'late' })
    await lambda.create('unhandled', {
      'index.js': 'exports.handler = () => new Promise(() => { Promise.reject(new Error("lost")); setInterval(() => {}, 99) })',
    })
    expect((await lambda.invoke('unhandled')).payload).toMatchObject({
      errorType: 'Runtime.UnhandledPromiseRejection',
      errorMessage: 'Error: lost',
    })
  })

  it('holds more than its memory is killed with Runtime.OutOfMemory', async () => {
    const code =
      'import time\ndef handler(e, c):\n    x = []\n    while True:\n        x.append(bytearray(10_000_000))\n        time.sleep(0.005)\n'
    await lambda.create('oom', { 'handler.py': code }, { runtime: 'python3.12', handler: 'handler.handler', memory: 128 })
    expect((await lambda.invoke('oom')).payload).toEqual({
      errorType: 'Runtime.OutOfMemory',
      errorMessage: expect.stringContaining('Error: Runtime exited with error: signal: killed'),
    })
  })

  it('prints 100 MB is kept short, and the log says so', async () => {
    await lambda.create(
      'loud',
      {
        'index.js':
          'const line = "x".repeat(99999) + "\\n"\nexports.handler = async () => { for (let i = 0; i < 1000; i++) process.stdout.write(line); return "done" }',
      },
      { timeout: 60 },
    )
    const { payload, log } = await lambda.invoke('loud')
    expect(payload).toBe('done')
    expect(log).toMatch(/\[Regente\] 98951424 bytes of output dropped/)
    const kept = lambda.logs
      .filter((event) => event.group === '/aws/lambda/loud')
      .reduce((sum, event) => sum + event.message.length, 0)
    expect(kept).toBeLessThan(1_100_000)
  })

  it('leaves children and daemons behind loses them when it ends', async () => {
    const code = `
const { spawn } = require('node:child_process')
exports.handler = async (event) => {
  spawn('sleep', ['1000'], { stdio: 'inherit' })
  spawn('setsid', ['sleep', '1001'], { stdio: 'ignore', detached: true }).unref()
  await new Promise((resolve) => setTimeout(resolve, 100))
  process.exit(1)
}`
    await lambda.create('daemon', { 'index.js': code })
    expect((await lambda.invoke('daemon')).payload).toEqual(exitError('with error: exit status 1'))
    await vi.waitFor(() => expect(processesOf('daemon')).toEqual([]), 2000)
  })

  it('returns more than 6 MB is told so', async () => {
    await lambda.create('large', { 'index.js': 'exports.handler = async () => "x".repeat(7000000)' })
    expect(await lambda.invoke('large')).toMatchObject({
      functionError: 'Unhandled',
      payload: {
        errorType: 'Function.ResponseSizeTooLarge',
        errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
      },
    })
  })
})

describe('many at once', () => {
  it('share warm processes, wait in line, and lose none', async () => {
    await lambda.create('count', {
      'index.js':
        'let n = 0\nexports.handler = async (e) => { await new Promise((r) => setTimeout(r, 5)); return [process.pid, ++n, e.i] }',
    })
    const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => lambda.invoke('count', { i })))
    expect(answers.map(({ payload }) => (payload as number[])[2])).toEqual(Array.from({ length: 60 }, (_, i) => i))
    expect(new Set(answers.map(({ payload }) => (payload as number[])[0])).size).toBeLessThanOrEqual(8)
  })

  it('do not lock each other out when functions call functions', async () => {
    await lambda.create(
      'caller',
      {
        'index.mjs':
          'import { LambdaClient, InvokeCommand } from "@aws-sdk/client-lambda"\nexport const handler = async (n) => n === 0 ? "bottom" : JSON.parse(Buffer.from((await new LambdaClient({}).send(new InvokeCommand({ FunctionName: "caller", Payload: String(n - 1) }))).Payload).toString())',
      },
      { timeout: 30 },
    )
    expect((await lambda.invoke('caller', 3)).payload).toBe('bottom')
  })

  it('past reserved concurrency are throttled', async () => {
    await lambda.create('reserved', { 'index.js': 'exports.handler = () => new Promise((r) => setTimeout(r, 300))' })
    await lambda.client.send(new PutFunctionConcurrencyCommand({ FunctionName: 'reserved', ReservedConcurrentExecutions: 1 }))
    const [first, second] = await Promise.allSettled([lambda.invoke('reserved'), lambda.invoke('reserved')])
    expect(first?.status).toBe('fulfilled')
    expect(second).toMatchObject({
      status: 'rejected',
      reason: {
        name: 'TooManyRequestsException',
        message: 'Rate Exceeded.',
        Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
        $metadata: { httpStatusCode: 429 },
      },
    })
  })
})

describe('idle processes', () => {
  it('go after a while, and the longest idle first when room is needed', async () => {
    const small = await startTestLambda({ pool: { processesMax: 2, idleMs: 1500 } })
    for (const name of ['idle-a', 'idle-b', 'idle-c']) {
      await small.create(name, { 'index.js': 'exports.handler = async () => 1' })
      await small.invoke(name)
    }
    await vi.waitFor(() => expect(processesOf('idle-a')).toEqual([]), 1000)
    expect(processesOf('idle-c')).toHaveLength(1)
    await vi.waitFor(() => expect([...processesOf('idle-b'), ...processesOf('idle-c')]).toEqual([]), 4000)
    expect((await small.invoke('idle-b')).payload).toBe(1)
    await small.close()
    expect(processesOf('idle-b')).toEqual([])
  })
})

describe('an asynchronous invocation', () => {
  it('is accepted, and tried three times when the function fails', async () => {
    await lambda.create('later', { 'index.js': 'exports.handler = async () => { throw new Error("again") }' })
    const answer = await lambda.client.send(
      new InvokeCommand({ FunctionName: 'later', InvocationType: 'Event', Payload: Buffer.from('{}') }),
    )
    expect(answer.StatusCode).toBe(202)
    const ends = () => lambda.logs.filter((event) => event.group === '/aws/lambda/later' && event.message.startsWith('START'))
    await vi.waitFor(() => expect(ends()).toHaveLength(3), 10_000)
    expect(new Set(ends().map((event) => event.message)).size).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(ends()).toHaveLength(3)
  })
})
