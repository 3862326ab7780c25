/** The launcher, where an older Node stands around the server: over their channel the server learns that it was killed. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { expect, onTestFinished, test } from 'vitest'

import { makeDataDirectory, removeDataDirectory, ROOT } from './server.ts'

test('a server ends with the older Node that has started it, also when that one is killed', async () => {
  const data = await makeDataDirectory()
  onTestFinished(() => removeDataDirectory(data))
  const server = fork(join(ROOT, 'bin/regente.js'), ['start', '--port', '0', '--data', data], {
    env: { ...process.env, REGENTE_WRAPPED: '1' },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  onTestFinished(() => void server.kill('SIGKILL'))
  if (server.stdout === null) throw new Error('no output')
  const [line] = (await once(createInterface({ input: server.stdout }), 'line')) as [string]
  expect(line).toMatch(/^regente ready on /)
  expect(server.connected).toBe(true)
  server.disconnect()
  expect((await once(server, 'exit'))[1]).toBe('SIGKILL')
}, 20_000)
