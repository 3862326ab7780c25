import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { afterAll, expect, it } from 'vitest'

import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'

import { Confinement } from './confinement.ts'
import { Environment } from './environment.ts'
import { MemoryWatch } from './memory-watch.ts'
import { Reaper } from './reaper.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
const directory = mkdtempSync(join(tmpdir(), 'lambda-memory-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const PAYLOAD_BYTES = 2_000_000

it('a process that lives on keeps nothing of the invocations that it has served', async () => {
  const code = join(directory, 'code')
  mkdirSync(code)
  writeFileSync(join(code, 'index.js'), 'exports.handler = async () => 1')
  const reaper = new Reaper()
  const environment = await Environment.start(
    {
      functionName: 'f',
      version: '$LATEST',
      runtime: 'nodejs22.x',
      handler: 'index.handler',
      directory: code,
      isLive: false,
      memoryMb: 512,
      region: 'us-east-1',
      endpoint: 'http://127.0.0.1:1',
      variables: {},
      logGroup: '/aws/lambda/f',
      responseBytesMax: 6_291_556,
    },
    {
      clock: systemClock,
      log: silentLog,
      reaper,
      confinement: new Confinement({ hidden: directory, log: silentLog }),
      memoryWatch: new MemoryWatch(systemClock),
      writeLog: () => {},
    },
  )
  const kept: WeakRef<Buffer>[] = []
  for (let i = 0; i < 300; i++) {
    const payload = Buffer.alloc(PAYLOAD_BYTES, 0x61)
    payload[0] = payload[PAYLOAD_BYTES - 1] = 0x22
    kept.push(new WeakRef(payload))
    const outcome = await environment.invoke({ requestId: randomUUID(), payload, functionArn: 'f', timeoutSeconds: 30 })
    expect(outcome?.payload.toString()).toBe('1')
  }
  await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  const ended = environment.ended
  expect(kept.filter((one) => one.deref() !== undefined).length).toBeLessThan(5)
  await environment.stop()
  await ended
  reaper.close()
}, 120_000)
