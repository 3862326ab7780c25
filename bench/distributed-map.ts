/**
 * A Distributed Map over 10,000 small objects in S3, Express children of one Pass state: seconds from start to end. Beside it:
 * the time to only list the same objects. Run: node_modules/.bin/node bench/distributed-map.ts [objects]
 */
import { setTimeout as sleep } from 'node:timers/promises'

import { inParallel, openClient, ROLE, startBench } from './workload.ts'

const OBJECTS = Number(process.argv[2] ?? 10_000)
const definition = JSON.stringify({
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      ItemReader: { Resource: 'arn:aws:states:::s3:listObjectsV2', Parameters: { Bucket: 'bench', Prefix: 'in/' } },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
        StartAt: 'Pass',
        States: { Pass: { Type: 'Pass', End: true } },
      },
      ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'bench', Prefix: 'out' } },
      MaxConcurrency: 1000,
      End: true,
    },
  },
})

const server = await startBench()
try {
  const client = openClient(server.url, 32)
  await client.put('/bench', '')
  await inParallel(OBJECTS, 32, (index) => client.put(`/bench/in/${String(index).padStart(6, '0')}`, `object ${index}`))
  const listBegun = performance.now()
  const pages = Math.ceil(OBJECTS / 1000)
  for (let page = 0; page < pages; page++) {
    const after = page === 0 ? '' : `&start-after=in/${String(page * 1000 - 1).padStart(6, '0')}`
    await (await fetch(`${server.url}/bench?list-type=2&prefix=in/${after}`)).text()
  }
  const listSeconds = (performance.now() - listBegun) / 1000
  const { stateMachineArn } = await client.states('CreateStateMachine', { name: 'bench-map', definition, roleArn: ROLE })
  const begun = performance.now()
  const { executionArn } = await client.states('StartExecution', { stateMachineArn, input: '{}' })
  let execution: Record<string, unknown>
  do {
    await sleep(20)
    execution = await client.states('DescribeExecution', { executionArn })
  } while (execution['status'] === 'RUNNING')
  const seconds = (performance.now() - begun) / 1000
  if (execution['status'] !== 'SUCCEEDED') throw new Error(JSON.stringify(execution))
  const { mapRuns } = await client.states('ListMapRuns', { executionArn })
  const mapRunArn = (mapRuns as { mapRunArn: string }[])[0]?.mapRunArn
  const { itemCounts } = await client.states('DescribeMapRun', { mapRunArn })
  console.log(
    `${OBJECTS} objects: ${seconds.toFixed(2)} s (${Math.round(OBJECTS / seconds)} items/s), ${JSON.stringify(itemCounts)}`,
  )
  console.log(`only listing them: ${listSeconds.toFixed(2)} s`)
} finally {
  await server.stop()
}
process.exit(0)
