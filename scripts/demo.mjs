/**
 * `npm run demo`: both founding workflows on a server of their own, on real parts: S3, Lambda, SNS, SQS and Logs behind one
 * port. Deploys the examples, makes the data, runs them, looks at what they left behind, and says where. Its data is in a folder
 * that was not there before: what an earlier demo left may have become somebody's, and a server may run on it. Runs on Node 20.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { buildIfStale } from './build.mjs'
import { makeDataFolder } from './data-folder.mjs'
import { capture, NODE, ROOT, run, start, unlessEnding } from './node.mjs'
import { setUp } from './setup.mjs'

const REGION = 'us-east-1'
const CLI = join(ROOT, 'bin/regente.js')
const ENV = { ...localEnv(), AWS_REGION: REGION, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }

title('Setting up')
await setUp()
await buildIfStale()

title('Starting the server')
const DATA = makeDataFolder(ROOT)
const server = await startServer()
console.log(`Regente runs on ${server.url} (open it in a browser for the console); its data is in ${DATA}`)

const problems = []
const runs = []
try {
  title('Workflow 1: task timer (waits 10 seconds, then publishes to SNS)')
  runs.push(await runWorkflow('task-timer', 'TaskTimer'))
  await look('The message in the queue reminders-inbox', async () => {
    const message = await receiveMessage('reminders-inbox')
    if (message !== 'HelloWorld') throw new Error(`expected HelloWorld, received ${message}`)
    return message
  })

  title('Workflow 2: process data in S3 with a Distributed Map (240 weather stations, one file is corrupt)')
  await deploy('distributed-map-s3')
  const generator = join(ROOT, 'examples/distributed-map-s3/generate-data.mjs')
  if ((await run(NODE, [generator, '--endpoint', server.url], { env: ENV })) !== 0) throw new Error('No data could be made')
  runs.push(await runWorkflow('distributed-map-s3', 'HottestDays'))
  await look('The report', async () => {
    const report = await getObject('noaa-gsod-output/2025/hottest-days.json')
    const { stations, hottest, failures } = JSON.parse(report)
    for (const [month, day] of Object.entries(hottest))
      console.log(`  ${month}  ${day.maxCelsius.toFixed(1).padStart(5)} °C  ${day.name} on ${day.date}`)
    if (Object.keys(hottest).length !== 12 || failures.length !== 1) throw new Error('expected 12 months and 1 failed batch')
    return `${stations} stations read; tolerated: ${failures[0].error}, ${failures[0].cause}`
  })
} catch (error) {
  await unlessEnding()
  problems.push(error.message)
} finally {
  await server.stop()
}

title('Summary')
for (const { name, arn, ending } of runs) console.log(`${name}: ${ending}\n  ${arn}`)
console.log(`
Where the results lie (${DATA} keeps everything; no later demo touches it):
  message   queue reminders-inbox, subscribed to the topic reminders
  results   s3://noaa-gsod-results/results/ (manifest.json, SUCCEEDED_0.json, FAILED_0.json)
  report    s3://noaa-gsod-output/2025/hottest-days.json
  log       log group /aws/vendedlogs/states/HottestDays

Look at them in the console:
  node bin/regente.js start --data ${DATA}        # in another terminal
${runs.map(({ arn }) => `  http://127.0.0.1:4566/console/execution/${encodeURIComponent(arn)}`).join('\n')}

Or with the AWS CLI:
  export AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_DEFAULT_REGION=${REGION} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
  aws s3 cp s3://noaa-gsod-output/2025/hottest-days.json -
  aws s3 ls --recursive s3://noaa-gsod-results/
  aws logs filter-log-events --log-group-name /aws/vendedlogs/states/HottestDays`)
for (const { arn } of runs) console.log(`  aws stepfunctions get-execution-history --execution-arn ${arn}`)
console.log(problems.length === 0 ? '\nBoth workflows succeeded.' : `\nFAILED:\n  ${problems.join('\n  ')}`)
process.exitCode = problems.length === 0 ? 0 : 1

/** Endpoints and settings of the user's shell are for other servers. */
function localEnv() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:AWS|REGENTE)_/.test(name)))
}

function title(text) {
  console.log(`\n── ${text} ${'─'.repeat(Math.max(2, 96 - text.length))}`)
}

/** Resolves when the ready line has come. */
function startServer() {
  const child = start(NODE, [CLI, 'start', '--port', '0', '--data', DATA], { env: ENV, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const stop = async () => {
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), 10_000)
    await ended
    clearTimeout(late)
  }
  return new Promise((resolve, reject) => {
    ended.then(unlessEnding).then(() => reject(new Error('the server ended before it was ready')))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const url = /^regente ready on (\S+)$/.exec(line)?.[1]
      if (url !== undefined) resolve({ url, stop })
    })
  })
}

async function deploy(example) {
  const { code, output } = await capture(NODE, [CLI, 'dev', `examples/${example}`, '--no-watch', '--endpoint', server.url], {
    env: ENV,
  })
  if (code !== 0) throw new Error(`Deploying ${example} failed:\n${output}`)
}

/** Runs an example by the command, as a user would; the ARN follows from the names. */
async function runWorkflow(example, machine) {
  const folder = `examples/${example}`
  const input = readFileSync(join(ROOT, folder, 'input.json'), 'utf8')
    .replace(/\s+/g, ' ')
    .trim()
  console.log(`Input: ${input}`)
  const args = [
    'run',
    folder,
    '--input',
    `@${folder}/input.json`,
    '--machine',
    machine,
    '--name',
    'demo',
    '--endpoint',
    server.url,
  ]
  const { code } = await capture(NODE, [CLI, ...args], { env: ENV })
  const arn = `arn:aws:states:${REGION}:000000000000:execution:${machine}:demo`
  const shown = await capture(NODE, [CLI, 'show', arn, '--endpoint', server.url], { env: ENV })
  const lines = shown.output.trim().split('\n')
  console.log(`\n${lines.slice(3).join('\n')}`)
  if (code !== 0) throw new Error(`${machine} did not succeed`)
  return { name: machine, arn, ending: lines.at(-1) }
}

async function look(what, read) {
  console.log(`${what}: ${await read()}`)
}

async function receiveMessage(queue) {
  const sqs = async (action, input) => {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` }
    const response = await fetch(server.url, { method: 'POST', headers, body: JSON.stringify(input) })
    if (!response.ok) throw new Error(`SQS ${action}: ${await response.text()}`)
    return response.json()
  }
  const { QueueUrl } = await sqs('GetQueueUrl', { QueueName: queue })
  const { Messages = [] } = await sqs('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 10, VisibilityTimeout: 0 })
  return Messages.length === 0 ? 'nothing' : JSON.parse(Messages[0].Body).Message
}

async function getObject(path) {
  const response = await fetch(`${server.url}/${path}`)
  if (!response.ok) throw new Error(`s3://${path}: ${await response.text()}`)
  return response.text()
}
