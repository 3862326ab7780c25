/**
 * Map Runs over the rows of one CSV object, the children two Pass states: seconds, the server's CPU seconds, and the most
 * memory that it had while the run went on. Express children in batches of 100, Express children of one row, Standard children
 * of one row; each on a server of its own, and with another checkout each in turn on both.
 * Run: node_modules/.bin/node bench/map-run.ts [thousands of rows: batched] [unbatched] [Standard] [other checkout]
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { openClient, ROLE, startBench } from './workload.ts'

const [batched = '1000', unbatched = '1000', standard = '100', other] = process.argv.slice(2)
const HERE = join(import.meta.dirname, '..')
const RUNS = [
  { name: 'Express, 100 a batch', rows: Number(batched) * 1000, batch: 100, executionType: 'EXPRESS' },
  { name: 'Express', rows: Number(unbatched) * 1000, batch: 0, executionType: 'EXPRESS' },
  { name: 'Standard', rows: Number(standard) * 1000, batch: 0, executionType: 'STANDARD' },
] as const
type Run = (typeof RUNS)[number]

const definitionOf = ({ batch, executionType }: Run) => ({
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

/** The peak is counted from now on. */
const forgetPeak = (pid: number) => writeFileSync(`/proc/${pid}/clear_refs`, '5')

async function measure(run: Run, checkout: string): Promise<string> {
  const server = await startBench({ checkout })
  const pid = server.child.pid ?? 0
  try {
    const client = openClient(server.url, 4)
    await client.put('/bench', '')
    const lines = Array.from({ length: run.rows }, (_, row) => `${row},name ${row},${row % 97}`)
    await client.put('/bench/rows.csv', `id,name,amount\n${lines.join('\n')}\n`)
    const definition = JSON.stringify(definitionOf(run))
    const { stateMachineArn } = await client.states('CreateStateMachine', { name: 'bench-map-run', definition, roleArn: ROLE })
    forgetPeak(pid)
    const before = useOf(pid)
    const begun = performance.now()
    const { executionArn } = await client.states('StartExecution', { stateMachineArn, input: '{}' })
    let execution: Record<string, unknown>
    do {
      await sleep(100)
      execution = await client.states('DescribeExecution', { executionArn })
    } while (execution['status'] === 'RUNNING')
    const seconds = (performance.now() - begun) / 1000
    if (execution['status'] !== 'SUCCEEDED') throw new Error(JSON.stringify(execution))
    const { peakMiB, cpuSeconds } = useOf(pid)
    return `${seconds.toFixed(1)} s, CPU ${(cpuSeconds - before.cpuSeconds).toFixed(1)} s, peak ${Math.round(peakMiB)} MiB`
  } finally {
    await server.stop()
  }
}

for (const run of RUNS) {
  if (run.rows === 0) continue
  console.log(`${run.name}, ${run.rows} rows`)
  if (other !== undefined) console.log(`  there: ${await measure(run, other)}`)
  console.log(`  here:  ${await measure(run, HERE)}`)
}
process.exit(0)
