import { symlink } from 'node:fs/promises'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, it } from 'vitest'

import { startTestLambda } from './testing/lambda.ts'

let lambda: Awaited<ReturnType<typeof startTestLambda>>
beforeEach(async () => {
  lambda = await startTestLambda()
})
afterEach(() => lambda.close())

const look = async (query: Record<string, string>) => {
  const response = await fetch(`${lambda.url}/_regente/lambda/code?${new URLSearchParams(query)}`)
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

it('lists the files of a function, and shows one', async () => {
  await lambda.create('f', { 'index.mjs': 'export const handler = 1', 'lib/a.mjs': 'a', 'node_modules/b/b.js': 'b' })
  expect((await look({ FunctionName: 'f' })).body['files']).toEqual([
    { path: 'index.mjs', size: 24 },
    { path: 'lib/a.mjs', size: 1 },
    { path: 'node_modules/b/b.js', size: 1 },
  ])
  expect((await look({ FunctionName: 'f', path: 'lib/a.mjs' })).body).toMatchObject({ text: 'a', isCut: false })
  expect((await look({ FunctionName: 'none' })).status).toBe(404)
})

it('never leaves the folder of the code', async () => {
  await lambda.create('f', { 'index.mjs': 'x' })
  const { record } = lambda.lambda.service.functions.resolve('f')
  await symlink('/etc/passwd', join(record.codeDirectory, 'link'))
  for (const path of ['../../x', '/etc/passwd', 'link', '']) expect((await look({ FunctionName: 'f', path })).status).toBe(404)
})
