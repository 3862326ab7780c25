/** `regente services`: the embedded services alone, until they are told to end, for engines that are started with `--services-url`. */
import { returnMemoryWhenIdle } from '../../idle-memory.ts'
import { startServicesServer } from '../../services-server.ts'

import { takeAwsCredentials } from '../own-keys.ts'
import { configOf, type ServerFlags, warnIfInsecure, withoutNode } from '../server-flags.ts'
import { stopSignal } from './start.ts'

export async function services(flags: ServerFlags): Promise<number> {
  const config = configOf(flags, withoutNode(process.env))
  warnIfInsecure(config)
  // None of them is needed here.
  takeAwsCredentials(process.env)
  const signalled = stopSignal()
  const { url, stop } = await startServicesServer(config)
  process.stdout.write(`regente services ready on ${url}\n`)
  returnMemoryWhenIdle()
  await signalled
  await stop()
  return 0
}
