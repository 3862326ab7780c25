/**
 * `npm run test:ha:map`: a Distributed Map over three nodes, each child a call, and a node killed in the middle. No child may be
 * lost, and none that had finished may have been called again.
 *   -- --children 100000   so many
 *   -- --kill driver       the node that drives the run; another one without it
 * Ends with 1 where something does not hold.
 */
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'

import { type Bed, startBed } from './bed/bed.ts'
import { query } from './bed/database.ts'
import { MissingProgram } from './bed/programs.ts'
import { HOST, portOf, sleep } from './bed/workspace.ts'
import { Client } from './load/client.ts'

const { values } = parseArgs({
  options: { children: { type: 'string', default: '100000' }, kill: { type: 'string', default: 'other' } },
})
const CHILDREN = Number(values.children)
const LEASE_SECONDS = 5
const ROLE = 'arn:aws:iam::000000000000:role/map'

/** How often each child was called, by its item. */
const calls = new Uint32Array(CHILDREN + 1)
let total = 0
const functions = createServer((request, response) => {
  let text = ''
  request.setEncoding('utf8')
  request.on('data', (piece: string) => (text += piece))
  request.on('end', () => {
    const item = Number(/"item":(\d+)/.exec(text)?.[1])
    calls[item] = (calls[item] ?? 0) + 1
    total++
    response.end('{}')
  })
})
functions.keepAliveTimeout = 60_000
await new Promise<void>((resolve) => functions.listen(0, HOST, resolve))

const DEFINITION = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      Items: `{% [1..${CHILDREN}] %}`,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Call',
        States: {
          Call: {
            Type: 'Task',
            Resource: 'arn:aws:states:::lambda:invoke',
            Arguments: { FunctionName: 'work', Payload: { item: '{% $states.input %}' } },
            Output: 1,
            End: true,
          },
        },
      },
      Output: 1,
      End: true,
    },
  },
})

process.exitCode = await main()

async function main(): Promise<number> {
  const url = `http://${HOST}:${portOf(functions)}`
  const env = { AWS_ENDPOINT_URL_LAMBDA: url, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }
  let bed: Bed | undefined
  try {
    bed = await startBed({ kind: 'postgres', leaseSeconds: LEASE_SECONDS, envOf: () => env, tell: say })
    return await run(bed)
  } catch (error) {
    console.error(error instanceof MissingProgram ? error.message : error)
    return 1
  } finally {
    await bed?.close()
    functions.closeAllConnections()
    functions.close()
  }
}

async function run(bed: Bed): Promise<number> {
  const { database, nodes } = bed
  if (!database) throw new Error('nodes share a database')
  const client = new Client(bed.url)
  const made = await client.sfn.createStateMachine({ name: 'large', definition: DEFINITION, roleArn: ROLE })
  const { executionArn = '' } = await client.sfn.startExecution({ stateMachineArn: made.stateMachineArn, input: '{}' })
  const begun = performance.now()
  while (total < CHILDREN / 2) await sleep(50)
  const holder = await query(
    database.url,
    `SELECT nodes.url FROM executions JOIN shards ON shard = (key % 256)::int JOIN nodes ON number = holder WHERE map_run_key IS NULL`,
  )
  const isDriver = (node: (typeof nodes)[number]) => [node.url, node.peerUrl].includes(String(holder[0]?.['url']))
  const victim = nodes.find((node) => isDriver(node) === (values.kill === 'driver'))
  await victim?.kill()
  const rows = await query(
    database.url,
    `SELECT item_index FROM executions WHERE map_run_key IS NOT NULL AND status = 'SUCCEEDED'`,
  )
  const finished = rows.map((row) => Number(row['item_index']) + 1)
  say(`${victim?.name} is killed after ${total} calls; ${finished.length} children had finished`)
  const calledBefore = finished.filter((item) => calls[item] === 1)
  for (;;) {
    const { status } = await client.sfn.describeExecution({ executionArn })
    if (status !== 'RUNNING') break
    await sleep(200)
  }
  const seconds = (performance.now() - begun) / 1_000
  const { mapRuns = [] } = await client.sfn.listMapRuns({ executionArn })
  const { itemCounts } = await client.sfn.describeMapRun({ mapRunArn: mapRuns[0]?.mapRunArn })
  const { status } = await client.sfn.describeExecution({ executionArn })
  client.close()
  const lost = [...calls.keys()].slice(1).filter((item) => calls[item] === 0)
  const doubled = calledBefore.filter((item) => calls[item] !== 1)
  const again = total - CHILDREN
  say(
    `${String(status)} after ${seconds.toFixed(1)} s, ${Math.round(CHILDREN / seconds)} children a second; ${itemCounts?.succeeded} succeeded, ` +
      `${lost.length} were lost, ${doubled.length} that had finished were called again; ${again} that were under way were`,
  )
  const isWell = status === 'SUCCEEDED' && itemCounts?.succeeded === CHILDREN && lost.length === 0 && doubled.length === 0
  say(isWell ? 'All is well.' : 'Not well.')
  return isWell ? 0 : 1
}

function say(what: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)} ${what}`)
}
