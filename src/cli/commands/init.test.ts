import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'

import { isObject } from '../../base/json.ts'

import { listTemplates } from '../new-project.ts'
import { init } from './init.ts'

const ROOT = join(import.meta.dirname, '../../..')
let folder = ''
let written: string[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regente-init-'))
  written = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text))
    return true
  })
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true, force: true })
})

test('a template that there is not is told, with those that there are', async () => {
  await expect(init(folder, { template: 'order-proces' })).rejects.toThrow(
    'There is no template order-proces. There are callback-approval, distributed-map-s3, etl,',
  )
})

test('nothing is overwritten, and nothing written beside what is there', async () => {
  await writeFile(join(folder, 'package.json'), 'mine')
  await expect(init(folder, { template: 'task-timer' })).rejects.toThrow(
    `${folder} has package.json already, and nothing was written. Name another folder (regente init DIR), or replace them with --force.`,
  )
  expect(await readdir(folder)).toEqual(['package.json'])
  await init(folder, { template: 'task-timer', force: true })
  expect(await readFile(join(folder, 'package.json'), 'utf8')).toContain('"vitest run')
})

test('a file is no folder', async () => {
  await writeFile(join(folder, 'a'), '')
  await expect(init(join(folder, 'a'), { template: 'task-timer' })).rejects.toThrow('is a file. Name a folder.')
})

test('the templates are listed, each with what it shows', async () => {
  await init(folder, { template: 'order-process', list: true })
  expect(written.join('')).toMatch(/^order-process {2,}An order goes through stock, payment and logistics/m)
  expect(await readdir(folder)).toEqual([])
})

describe('a project', () => {
  test('has all that it needs, and says what to do next', async () => {
    const home = join(folder, 'My Orders')
    await init(home, { template: 'order-process' })
    const names = (await readdir(home, { recursive: true })).map((name) => name.replaceAll('\\', '/'))
    expect(names).toEqual(
      expect.arrayContaining([
        ...['.gitignore', '.github/workflows/workflows.yml', 'README.md', 'package.json', 'vendor/README.md', 'input.json'],
        ...['template.yaml', 'statemachine.asl.json', 'functions/payment/index.mjs'],
        ...['order-process.test.ts', 'order-process.workflow-test.yaml'],
      ]),
    )
    const manifest: unknown = JSON.parse(await readFile(join(home, 'package.json'), 'utf8'))
    expect(manifest).toMatchObject({
      name: 'my-orders',
      scripts: { start: 'regente dev .', test: 'vitest run && regente test .', deploy: 'sam deploy --guided' },
      devDependencies: { regente: expect.stringMatching(/^file:vendor\/regente-[\d.]+\.tgz$/) },
    })
    const workflow: unknown = parse(await readFile(join(home, '.github/workflows/workflows.yml'), 'utf8'))
    expect(isObject(workflow) && JSON.stringify(workflow['jobs'])).toMatch(
      /regente start .*regente dev template\.yaml .*npm test/,
    )
    const texts = await Promise.all(['README.md', 'vendor/README.md'].map((name) => readFile(join(home, name), 'utf8')))
    expect(texts.join('')).toMatch(/^# Order process\n/)
    expect(texts.join('')).not.toContain('{{')
    expect(written.join('')).toMatch(
      /cd ".*My Orders"\n.*\n {2}npm pack \S+ --pack-destination vendor\n {2}npm install\n.*\n {2}npm test\n/,
    )
  })

  test('of each template passes its tests', async () => {
    const templates = await listTemplates()
    for (const { name } of templates) await init(join(folder, name), { template: name })
    // The package is not published: the kit is its source, and vitest that of this repository. Each file runs where its project is.
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction')
    await writeFile(join(folder, 'setup.mjs'), SETUP)
    const resolve = { alias: { 'regente/testing': join(ROOT, 'src/testkit/index.ts') } }
    const settings = { resolve, test: { pool: 'forks', setupFiles: ['./setup.mjs'], maxWorkers: 1, testTimeout: 60_000 } }
    await writeFile(join(folder, 'vitest.config.mjs'), `export default ${JSON.stringify(settings)}\n`)
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
    const { stdout } = await promisify(execFile)(process.execPath, [vitest, 'run', '--no-color'], { cwd: folder })
    expect(stdout).toMatch(new RegExp(`Test Files +${templates.length} passed`))
  }, 180_000)
})

const SETUP = `import { dirname } from 'node:path'
import { expect } from 'vitest'
process.chdir(dirname(expect.getState().testPath))
`
