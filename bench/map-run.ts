/**
 * A Map Run over the rows of one CSV object, its children two Pass states: seconds from start to end, and the server's time and
 * memory. Run: node_modules/.bin/node bench/map-run.ts [rows] [items a batch, 0: none] [EXPRESS|STANDARD] [checkout]
 */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import { openClient, ROLE, startBench } from './workload.ts'

const [rowsText = '1000000', batchText = '0', executionType = 'EXPRESS', checkout] = process.argv.slice(2)
const rows = Number(rowsText)
const batch = Number(batchText)
const definition = JSON.stringify({
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
        Parameters: { Bucket: 'bench', Key: 'rows.csv' },
      },
      ...(batch > 0 && { ItemBatcher: { MaxItemsPerBatch: batch } }),
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: executionType },
        StartAt: 'First',
        States: { First: { Type: 'Pass', Next: 'Second' }, Second: { Type: 'Pass', Result: 1, End: true } },
      },
      ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'bench', Prefix: 'out' } },
      End: true,
    },
  },
})

interface Use {
  readonly peakMiB: number
  readonly cpuSeconds: number
}

/** What a process and those that it began have used: the most memory of any, the time of all. */
function useOf(pid: number): Use {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const times = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13).map(Number) ?? []
  const begun = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
  )
  const own = {
    peakMiB: Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024,
    cpuSeconds: (times[0] ?? 0) / 100 + (times[1] ?? 0) / 100,
  }
  return begun
    .map(useOf)
    .reduce((a, b) => ({ peakMiB: Math.max(a.peakMiB, b.peakMiB), cpuSeconds: a.cpuSeconds + b.cpuSeconds }), own)
}

const server = await startBench(checkout === undefined ? {} : { checkout })
try {
  const client = openClient(server.url, 4)
  await client.put('/bench', '')
  const lines = Array.from({ length: rows }, (_, row) => `${row},name ${row},${row % 97}`)
  await client.put('/bench/rows.csv', `id,name,amount\n${lines.join('\n')}\n`)
  const { stateMachineArn } = await client.states('CreateStateMachine', { name: 'bench-map-run', definition, roleArn: ROLE })
  const before = useOf(server.child.pid ?? 0)
  const begun = performance.now()
  const { executionArn } = await client.states('StartExecution', { stateMachineArn, input: '{}' })
  let execution: Record<string, unknown>
  do {
    await sleep(100)
    execution = await client.states('DescribeExecution', { executionArn })
  } while (execution['status'] === 'RUNNING')
  const seconds = (performance.now() - begun) / 1000
  if (execution['status'] !== 'SUCCEEDED') throw new Error(JSON.stringify(execution))
  const { peakMiB, cpuSeconds } = useOf(server.child.pid ?? 0)
  console.log(
    `${rows} rows, ${executionType}${batch > 0 ? `, ${batch} a batch` : ''}: ${seconds.toFixed(2)} s (${Math.round(rows / seconds)} items/s), CPU ${(cpuSeconds - before.cpuSeconds).toFixed(1)} s, peak ${Math.round(peakMiB)} MiB`,
  )
} finally {
  await server.stop()
}
process.exit(0)
