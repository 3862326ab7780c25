/** The launcher: around a server on an older Node, which learns over their channel that it was killed; and what others see of it. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { expect, onTestFinished, test } from 'vitest'

import { makeDataDirectory, removeDataDirectory, ROOT, startServer } from './server.ts'

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

test.skipIf(process.platform !== 'linux')(
  'a password on the command line is not in the list of processes',
  async () => {
    const data = await makeDataDirectory()
    onTestFinished(() => removeDataDirectory(data))
    const server = await startServer(data, ['--smtp', 'smtp://me:realpw@127.0.0.1:1'])
    onTestFinished(() => server.kill())
    const shown = await readFile(`/proc/${server.pid}/cmdline`, 'utf8')
    expect(shown).toMatch(/regente start --port \d+ /)
    expect(shown).toContain('--smtp smtp://me:****@127.0.0.1:1')
    expect(shown).not.toContain('realpw')
  },
  20_000,
)
