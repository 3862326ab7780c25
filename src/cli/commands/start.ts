/** `regente start`: a server until it is told to end. The ready line is written when requests are taken, not before. */
import { returnMemoryWhenIdle } from '../../idle-memory.ts'
import { createRegente } from '../../regente.ts'

import { takeAwsCredentials } from '../own-keys.ts'
import { tellCalls } from '../own-calls.ts'
import { configOf, type ServerFlags, warnIfInsecure } from '../server-flags.ts'

export async function start(flags: ServerFlags): Promise<number> {
  const config = configOf(flags)
  warnIfInsecure(config)
  const server = createRegente(config, takeAwsCredentials(process.env))
  // A signal that comes during the start must not be lost.
  const signalled = stopSignal()
  const begun = await Promise.race([server.start(), signalled])
  if (begun === undefined) {
    await server.stop()
    return 0
  }
  const { url } = begun
  tellCalls(config, url)
  process.stdout.write(`regente ready on ${url}\n`)
  returnMemoryWhenIdle()
  await signalled
  await server.stop()
  return 0
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      process.once(name, () => {
        resolve()
        process.once(name, () => process.exit(130))
      })
    }
  })
}
