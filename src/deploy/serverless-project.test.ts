import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { findServerlessProject } from './serverless-project.ts'

const PLACE = { endpoint: 'http://127.0.0.1:4566', region: 'us-east-1', account: '000000000000' }
const SERVERLESS = `#!${process.execPath}
const { mkdirSync, writeFileSync } = require('node:fs')
if (process.argv[2] !== 'package') process.exit(1)
mkdirSync('.serverless', { recursive: true })
writeFileSync('.serverless/cloudformation-template-update-stack.json', '{}')
writeFileSync('.serverless/serverless-state.json', JSON.stringify({ service: { service: 'shop', provider: { stage: 'dev' } } }))
`

let folder = ''
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'regente-serverless-')))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

test('the serverless of the project makes its template; the stack is named by service and stage', async () => {
  write('serverless.yml', 'service: shop\n')
  write('node_modules/.bin/serverless', SERVERLESS)
  chmodSync(join(folder, 'node_modules/.bin/serverless'), 0o755)
  const project = await findServerlessProject(folder)
  const file = join(folder, '.serverless/cloudformation-template-update-stack.json')
  expect(await project?.make(PLACE)).toEqual([{ file, stackName: 'shop-dev' }])
  expect(
    ['serverless.yml', 'src/a.js', '.env', '.serverless/x.zip', '.esbuild/a.js', 'node_modules/a/b.js'].map((path) =>
      project?.isSource(join(folder, path)),
    ),
  ).toEqual([true, true, true, false, false, false])
})

test('a serverless that is nowhere is told, with how to mend it; a folder without a project is none', async () => {
  expect(await findServerlessProject(folder)).toBeUndefined()
  write('serverless.yml', 'service: shop\n')
  vi.stubEnv('PATH', '')
  await expect((await findServerlessProject(folder))?.make(PLACE)).rejects.toThrow(
    `serverless is neither in ${folder}/node_modules/.bin nor on the PATH: npm install --save-dev serverless@3.`,
  )
})
