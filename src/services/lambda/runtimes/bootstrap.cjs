/**
 * Runs a Node.js handler as the managed nodejs runtimes do: says that it is ready, is handed an invocation, calls the handler and
 * sends what comes back, over the channel to Regente (descriptor 3; frames as `frames.ts` has them). Modules that the function does
 * not bring are looked for beside Regente (REGENTE_MODULES), so that `@aws-sdk/*` is there as it is on AWS.
 * What is not always needed is loaded when it is: a process is started while somebody waits.
 * Source: AWS Lambda developer guide, "Using the Lambda runtime API" and "Lambda function handler in Node.js".
 */
'use strict'
const { existsSync } = require('node:fs')
const { createRequire, registerHooks } = require('node:module')
const { Socket } = require('node:net')
const { resolve } = require('node:path')
const { pathToFileURL } = require('node:url')
const { formatWithOptions } = require('node:util')

const env = process.env
const { gc } = globalThis
const taskRoot = env.LAMBDA_TASK_ROOT
const fallback = env.REGENTE_MODULES
delete env.REGENTE_MODULES
process.umask(0o022) // as on AWS; Regente's own is narrower
let requestId = ''

class Fault extends Error {
  constructor(name, message) {
    super(message)
    this.name = name
  }
}

// ---- modules ----

/**
 * Bare names that nobody else resolves are tried from Regente's own place; what is missing there too is said in full. `https` is
 * asked for here before anybody has it: `prepareHttps` is called then.
 */
function lendModules(prepareHttps) {
  let isBorrowing = false // a resolution from Regente's place comes through the same hook
  const place = pathToFileURL(fallback ?? __filename).href
  registerHooks({
    resolve(specifier, context, next) {
      if (isHttps(specifier)) prepareHttps()
      try {
        return next(specifier, context)
      } catch (error) {
        if (fallback === undefined || isBorrowing || !isBare(specifier) || !isMissing(error)) throw error
        if (specifier === 'cfn-response')
          return { url: pathToFileURL(resolve(__dirname, 'cfn-response.cjs')).href, shortCircuit: true }
        isBorrowing = true
        try {
          return borrow(specifier, context, next, place, error)
        } finally {
          isBorrowing = false
        }
      }
    },
  })
}

/** Loads of ours that make links to stacks lead home, the first time. */
function httpsPreparer(endpoint) {
  let isPrepared = false
  return () => {
    if (isPrepared || endpoint === undefined) return
    isPrepared = true
    require('./response-link.cjs').leadLinksTo(endpoint)
  }
}

const isHttps = (specifier) => specifier === 'https' || specifier === 'node:https'
const isBare = (specifier) => !/^(\.|\/|[a-z]+:)/.test(specifier)
const isMissing = (error) => error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND'

function borrow(specifier, context, next, place, error) {
  try {
    // A list in some versions of Node, a set in others.
    if (![...context.conditions].includes('require')) return next(specifier, { ...context, parentURL: place })
    return { url: pathToFileURL(createRequire(place).resolve(specifier)).href, shortCircuit: true }
  } catch (again) {
    if (!isMissing(again)) throw again
    const name = /^(@[^/]+\/)?[^/]+/.exec(specifier)[0]
    if (name.startsWith('@aws-sdk/') && !error.message.includes('npm install')) {
      error.message = `Cannot find package '${name}': the function does not bring it, and it is not installed beside Regente. npm install ${name} beside Regente, or put it into the function's package`
    }
    throw error
  }
}

// ---- console ----

/**
 * Printing waits until it is printed, as on AWS: nothing is lost at an exit, and nothing piles up in memory. The streams are made
 * when they are first asked for.
 */
function printAtOnce() {
  for (const name of ['stdout', 'stderr']) {
    const { get, ...rest } = Object.getOwnPropertyDescriptor(process, name)
    let stream
    const getAtOnce = () => {
      if (stream === undefined) {
        stream = get.call(process)
        stream._handle?.setBlocking?.(true)
      }
      return stream
    }
    Object.defineProperty(process, name, { ...rest, get: getAtOnce })
  }
}

/** One log event per call: carriage returns stand for line feeds until the log has split the lines. */
function patchConsole() {
  const print =
    (level) =>
    (...values) => {
      const text = formatWithOptions({ colors: false }, ...values).replaceAll('\n', '\r')
      process.stdout.write(`${new Date().toISOString()}\t${requestId || 'undefined'}\t${level}\t${text}\n`)
    }
  Object.assign(console, {
    log: print('INFO'),
    info: print('INFO'),
    debug: print('DEBUG'),
    trace: print('TRACE'),
    warn: print('WARN'),
    error: print('ERROR'),
    fatal: print('FATAL'),
  })
}

// ---- handler ----

const EXTENSIONS = ['', '.js', '.mjs', '.cjs']

async function loadHandler() {
  const name = env._HANDLER
  if (name.includes('..'))
    throw new Fault(
      'Runtime.MalformedHandlerName',
      `'${name}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    )
  const slash = name.lastIndexOf('/')
  const match = /^([^.]*)\.(.*)$/.exec(name.slice(slash + 1))
  if (!match) throw new Fault('Runtime.MalformedHandlerName', 'Bad handler')
  const path = resolve(taskRoot, name.slice(0, slash + 1) + match[1])
  const exports = await loadModule(path, match[1])
  const handler =
    match[2].split('.').reduce((object, key) => object?.[key], exports) ??
    match[2].split('.').reduce((object, key) => object?.[key], exports.default)
  if (handler === undefined || handler === null)
    throw new Fault('Runtime.HandlerNotFound', `${name} is undefined or not exported`)
  if (typeof handler !== 'function') throw new Fault('Runtime.HandlerNotFound', `${name} is not a function`)
  return handler
}

async function loadModule(path, name) {
  const file = EXTENSIONS.map((extension) => path + extension).find((candidate) => existsSync(candidate))
  if (file === undefined)
    throw new Fault('Runtime.ImportModuleError', `Error: Cannot find module '${name}'\nRequire stack:\n- /var/runtime/index.mjs`)
  try {
    return await load(file)
  } catch (error) {
    if (error instanceof SyntaxError)
      throw withStack(new Fault('Runtime.UserCodeSyntaxError', `SyntaxError: ${error.message}`), error)
    if (isMissing(error)) throw withStack(new Fault('Runtime.ImportModuleError', `Error: ${error.message}`), error)
    throw error
  }
}

/** `require` also reads ES modules; one with a top-level await asks to be imported. */
async function load(file) {
  const require = createRequire(pathToFileURL(`${taskRoot}/`))
  if (file.endsWith('.mjs')) return await import(pathToFileURL(file).href)
  try {
    return require(file)
  } catch (error) {
    if (error.code === 'ERR_REQUIRE_ASYNC_MODULE' || error.code === 'ERR_REQUIRE_ESM')
      return await import(pathToFileURL(file).href)
    throw error
  }
}

function withStack(fault, error) {
  fault.stack = error.stack ?? fault.stack
  return fault
}

// ---- errors ----

const asAwsPath = (text) => text.replaceAll(`file://${taskRoot}`, 'file:///var/task').replaceAll(taskRoot, '/var/task')

/** The error as the caller of the function sees it. Whatever was thrown need not be an Error. */
function describe(error) {
  try {
    if (error instanceof Error || Object.prototype.toString.call(error) === '[object Error]') {
      const lines = asAwsPath(String(error.stack ?? ''))
        .split('\n')
        .filter((line) => !line.includes(__filename) && !line.includes('node:internal'))
      return { errorType: String(error.name ?? 'Error'), errorMessage: asAwsPath(String(error.message)), trace: lines }
    }
    return { errorType: typeof error, errorMessage: String(error), trace: [] }
  } catch {
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
      trace: [],
    }
  }
}

function logError(title, report) {
  const { trace, ...rest } = report
  console.error(`${title} \t${JSON.stringify({ ...rest, stack: trace })}`)
}

// ---- the channel to Regente ----

/** Regente is gone, or was not heard (environment.ts knows the code). */
const gone = () => process.exit(113)
const LENGTHS_BYTES = 8
const PIECE_BYTES_MAX = 262_144 // as runtime-channel.ts takes them

const socket = new Socket({ fd: 3, readable: true, writable: true })
socket.on('error', gone)
socket.on('end', gone)
socket.on('data', take)

let parts = []
let bytes = 0
/** Called with the next invocation. Until then the process stays; while it serves one, the channel does not keep it. */
let invoked
let isServing = false

function take(chunk) {
  parts.push(chunk)
  bytes += chunk.length
  if (bytes < LENGTHS_BYTES) return
  const front = parts.length === 1 ? chunk : Buffer.concat(parts.slice(0, LENGTHS_BYTES))
  const bodyAt = LENGTHS_BYTES + front.readUInt32BE(0)
  const end = bodyAt + front.readUInt32BE(4)
  if (bytes < end) return
  const frame = parts.length === 1 ? chunk : Buffer.concat(parts, bytes)
  parts = []
  bytes = 0
  socket.unref()
  isServing = true
  invoked({ head: JSON.parse(frame.toString('utf8', LENGTHS_BYTES, bodyAt)), text: frame.toString('utf8', bodyAt, end) })
}

/** What Regente says next comes after what was sent here, one invocation at a time. */
function nextInvocation() {
  isServing = false
  socket.ref()
  restSoon()
  return new Promise((done) => {
    invoked = done
  })
}

const REST_MS = 1_000
let rest

/** Many processes stay warm: one that nobody has asked for a while gives memory back. */
function restSoon() {
  rest ??= setTimeout(() => {
    if (!isServing) gc?.({ type: 'major', flavor: 'last-resort' })
  }, REST_MS).unref()
  rest.refresh()
}

function send(head, body = '', done = undefined) {
  const text = JSON.stringify(head)
  const headBytes = Buffer.byteLength(text)
  const bodyBytes = typeof body === 'string' ? Buffer.byteLength(body) : body.length
  const frame = Buffer.allocUnsafe(LENGTHS_BYTES + headBytes + bodyBytes)
  frame.writeUInt32BE(headBytes, 0)
  frame.writeUInt32BE(bodyBytes, 4)
  frame.write(text, LENGTHS_BYTES)
  if (typeof body === 'string') frame.write(body, LENGTHS_BYTES + headBytes)
  else frame.set(body, LENGTHS_BYTES + headBytes)
  socket.write(frame, done)
}

/** Tells why the process is about to end, then ends it: 128 is what AWS's runtime exits with after an uncaught error. */
function die(kind, error) {
  const report = describe(error)
  const named =
    kind === undefined ? report : { ...report, errorType: kind, errorMessage: `${report.errorType}: ${report.errorMessage}` }
  logError(kind === 'Runtime.UnhandledPromiseRejection' ? 'Unhandled Promise Rejection' : 'Uncaught Exception', named)
  const head = requestId === '' ? { kind: 'init-error' } : { kind: 'fault', id: requestId }
  send(head, JSON.stringify(named), () => process.exit(kind === undefined ? 129 : 128))
}

// ---- streamed answers ----

const STREAMS = Symbol('streams')
const PRELUDE_TYPE = 'application/vnd.awslambda.http-integration-response'

/** What AWS's runtime lends to handlers that stream their answer. */
globalThis.awslambda = {
  streamifyResponse(handler) {
    const streamed = (...given) => handler(...given)
    streamed[STREAMS] = true
    return streamed
  },
  HttpResponseStream: {
    /** What is said of the response goes first, with eight zeros behind it. */
    from(stream, prelude) {
      stream.setContentType(PRELUDE_TYPE)
      stream.write(JSON.stringify(prelude))
      stream.write(new Uint8Array(8))
      return stream
    },
  },
}

/** Nothing is sent before the first piece: who fails before has answered nothing. */
function openResponseStream() {
  const { Writable } = require('node:stream')
  const id = requestId
  const { promise: answered, resolve: settle } = Promise.withResolvers()
  let contentType = 'application/octet-stream'
  const stream = new Writable({
    write(piece, _, done) {
      let at = 0
      for (; piece.length - at > PIECE_BYTES_MAX; at += PIECE_BYTES_MAX)
        send({ kind: 'piece', id, contentType }, piece.subarray(at, at + PIECE_BYTES_MAX))
      send({ kind: 'piece', id, contentType }, piece.subarray(at), done)
    },
    final(done) {
      send({ kind: 'response', id })
      settle()
      done()
    },
  })
  stream.setContentType = (type) => {
    contentType = type
  }
  return { stream, answered }
}

async function serveStreamed(handler, head, text) {
  const { stream, answered } = openResponseStream()
  try {
    await handler(JSON.parse(text), stream, contextOf(head))
    if (!stream.writableEnded) stream.end()
    await answered
  } catch (error) {
    const report = describe(error)
    logError('Invoke Error', report)
    send({ kind: 'error', id: requestId }, JSON.stringify(report))
  }
}

// ---- one invocation ----

function contextOf({ id, deadlineMs, functionArn, clientContext }) {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: clientContext ? JSON.parse(clientContext) : undefined,
    identity: undefined,
    invokedFunctionArn: functionArn,
    awsRequestId: id,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  }
}

/** What the handler comes to: by its promise, by its callback, or null once nothing is left to wait for. */
async function handle(handler, event, context) {
  const { promise, resolve: done, reject: failed } = Promise.withResolvers()
  const finish = (error, value) => {
    idle = undefined
    if (error !== undefined && error !== null) return failed(error)
    if (context.callbackWaitsForEmptyEventLoop && awaited) idle = () => done(value)
    else done(value)
  }
  let awaited = true
  const callback = (error, value) => finish(error, value)
  context.done = callback
  context.fail = (error) => finish(error ?? 'handled')
  context.succeed = (value) => finish(null, value)
  idle = () => done(undefined)
  let result
  try {
    result = handler(event, context, callback)
  } catch (error) {
    failed(error)
    return promise
  }
  if (typeof result?.then !== 'function') return promise
  awaited = false
  result.then(
    (value) => finish(null, value),
    (error) => failed(error),
  )
  return promise
}

/** Called when the event loop has run empty: the moment that callback-style handlers wait for. */
let idle
process.on('beforeExit', () => {
  const waiting = idle
  idle = undefined
  waiting?.()
})

async function serve(handler, head, text) {
  requestId = head.id
  env._X_AMZN_TRACE_ID = head.traceId
  if (handler[STREAMS]) return serveStreamed(handler, head, text)
  let body
  try {
    const result = await handle(handler, JSON.parse(text), contextOf(head))
    body = marshal(result)
  } catch (error) {
    const report = describe(error)
    logError('Invoke Error', report)
    return send({ kind: 'error', id: requestId }, JSON.stringify(report))
  }
  send({ kind: 'response', id: requestId }, body)
}

function marshal(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null'
  } catch (error) {
    throw new Fault('Runtime.MarshalError', `Unable to stringify response body as json: ${error.message}`)
  }
}

async function run() {
  const prepareHttps = httpsPreparer(env.AWS_ENDPOINT_URL)
  const { getBuiltinModule } = process
  process.getBuiltinModule = (id) => {
    if (isHttps(id)) prepareHttps()
    return getBuiltinModule(id)
  }
  lendModules(prepareHttps)
  printAtOnce()
  patchConsole()
  process.on('uncaughtException', (error) => die(undefined, error))
  process.on('unhandledRejection', (error) => die('Runtime.UnhandledPromiseRejection', error))
  let handler
  try {
    handler = await loadHandler()
  } catch (error) {
    return die(undefined, error)
  }
  send({ kind: 'ready' })
  for (;;) {
    const { head, text } = await nextInvocation()
    await serve(handler, head, text)
  }
}

run()
