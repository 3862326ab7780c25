/**
 * Runs a Node.js handler behind the Lambda Runtime API, as the managed nodejs runtimes do: asks for an invocation, calls
 * the handler, posts what comes back, and asks again. Modules that the function does not bring are looked for beside
 * Regente (REGENTE_MODULES), so that `@aws-sdk/*` is there as it is on AWS.
 * Source: AWS Lambda developer guide, "Using the Lambda runtime API" and "Lambda function handler in Node.js".
 */
import { existsSync } from 'node:fs'
import http from 'node:http'
import { createRequire, registerHooks } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { formatWithOptions } from 'node:util'

const env = process.env
const [host, port] = env.AWS_LAMBDA_RUNTIME_API.split(':')
const taskRoot = env.LAMBDA_TASK_ROOT
const fallback = env.REGENTE_MODULES
delete env.REGENTE_MODULES
process.umask(0o022) // as on AWS; Regente's own is narrower
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
let requestId = ''

class Fault extends Error {
  constructor(name, message) {
    super(message)
    this.name = name
  }
}

// ---- modules ----

/** Bare names that nobody else resolves are tried from Regente's own place; what is missing there too is said in full. */
function lendModules() {
  let isBorrowing = false // a resolution from Regente's place comes through the same hook
  const place = pathToFileURL(fallback).href
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context)
      } catch (error) {
        if (isBorrowing || !isBare(specifier) || !isMissing(error)) throw error
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

/** Printing waits until it is printed, as on AWS: nothing is lost at an exit, and nothing piles up in memory. */
function printAtOnce() {
  for (const stream of [process.stdout, process.stderr]) stream._handle?.setBlocking?.(true)
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
        .filter((line) => !line.includes(ownFile) && !line.includes('node:internal'))
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

const ownFile = fileURLToPath(import.meta.url)

function logError(title, report) {
  const { trace, ...rest } = report
  console.error(`${title} \t${JSON.stringify({ ...rest, stack: trace })}`)
}

// ---- Runtime API ----

function call(method, path, body, headers = {}) {
  return new Promise((done) => {
    // Regente is gone, or could not take the call for want of descriptors (environment.ts knows the code).
    const gone = () => process.exit(113)
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body), 'content-type': 'application/json' }
    const request = http.request(
      { agent, host, port, method, path: `/2018-06-01/runtime${path}`, headers: { ...length, ...headers } },
      (response) => {
        const chunks = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('error', gone)
        response.on('end', () => done({ headers: response.headers, text: Buffer.concat(chunks).toString() }))
      },
    )
    request.on('error', gone)
    request.end(body)
  })
}

const fail = (path, report) =>
  call('POST', path, JSON.stringify(report), {
    'lambda-runtime-function-error-type': report.errorType.replace(/[^\x20-\x7e]/g, '?'),
  })

/** Tells why the process is about to end, then ends it: 128 is what AWS's runtime exits with after an uncaught error. */
async function die(kind, error) {
  const report = describe(error)
  const named =
    kind === undefined ? report : { ...report, errorType: kind, errorMessage: `${report.errorType}: ${report.errorMessage}` }
  logError(kind === 'Runtime.UnhandledPromiseRejection' ? 'Unhandled Promise Rejection' : 'Uncaught Exception', named)
  await fail(requestId === '' ? '/init/error' : `/invocation/${requestId}/error`, named)
  process.exit(kind === undefined ? 129 : 128)
}

// ---- one invocation ----

function contextOf(headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms'])
  const parse = (text) => (text ? JSON.parse(text) : undefined)
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parse(headers['lambda-runtime-client-context']),
    identity: parse(headers['lambda-runtime-cognito-identity']),
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
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

async function serve(handler, headers, text) {
  requestId = headers['lambda-runtime-aws-request-id']
  env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'] ?? ''
  let body
  try {
    const result = await handle(handler, JSON.parse(text), contextOf(headers))
    body = marshal(result)
  } catch (error) {
    const report = describe(error)
    logError('Invoke Error', report)
    await fail(`/invocation/${requestId}/error`, report)
    return
  }
  await call('POST', `/invocation/${requestId}/response`, body)
}

function marshal(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null'
  } catch (error) {
    throw new Fault('Runtime.MarshalError', `Unable to stringify response body as json: ${error.message}`)
  }
}

async function run() {
  if (fallback) lendModules()
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
  for (;;) {
    const { headers, text } = await call('GET', '/invocation/next')
    await serve(handler, headers, text)
  }
}

run()
