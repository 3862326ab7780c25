import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { keepSecret } from './secret-file.ts'

let directory = ''
let path = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'secret-'))
  path = join(directory, 'page-token.key')
})
afterEach(() => rm(directory, { recursive: true, force: true }))

test('a secret is made once, and only its owner reads it', async () => {
  const secret = await keepSecret(path)
  expect(secret).toHaveLength(32)
  expect(await keepSecret(path)).toEqual(secret)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readdir(directory)).toEqual(['page-token.key'])
})

test.each([0, 31])('a file of %d bytes, left by a process that died as it wrote, is no secret', async (bytes) => {
  await writeFile(path, Buffer.alloc(bytes))
  await writeFile(`${path}.new`, 'half')
  const secret = await keepSecret(path)
  expect(secret).toHaveLength(32)
  expect(await keepSecret(path)).toEqual(secret)
})
