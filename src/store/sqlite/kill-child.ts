/** Process of the kill test: commits turns as fast as it can and prints the key of each that was acknowledged. */
import { ROOT_FRAME } from '../../base/ids.ts'
import { asId } from '../../base/id-in-test.ts'
import { writeSync } from 'node:fs'

import { Payload } from '../../base/payload.ts'
import { silentLog } from '../../base/log.ts'
import { toInstant } from '../../base/time.ts'

import type { ExecutionRecord } from '../contract.ts'
import { openSqliteStore } from './store.ts'

const [directory = ''] = process.argv.slice(2)
const store = await openSqliteStore({ directory, log: silentLog })
const at = toInstant(1)

async function startOne(): Promise<void> {
  const key = store.newExecutionKey()
  const name = `e${key}`
  const create: ExecutionRecord = {
    key,
    arn: asId(`arn:${name}`),
    name,
    stateMachineArn: asId('arn:m'),
    stateMachineKey: asId(1),
    revisionKey: asId(1),
    type: 'STANDARD',
    status: 'RUNNING',
    startAt: at,
    input: '{}',
    isBusy: false,
    redriveCount: 0,
    lastEventId: 1,
  }
  const input = Payload.ofText(`{"key":${key}}`)
  const event = { id: 1, previousEventId: 0, at, frame: ROOT_FRAME, type: 'ExecutionStarted', input, roleArn: 'r' } as const
  await store.commit([{ key, create, sequence: 0, events: [event] }])
  tell(key)
}

/** At once: a buffered line would be lost with the process. A key that finds the pipe full is not told, and so not asked for. */
function tell(key: number): void {
  try {
    writeSync(1, `${key}\n`)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
  }
}

await Promise.all(
  Array.from({ length: 50 }, async () => {
    for (;;) await startOne()
  }),
)
