import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { getOwn, type JsonObject } from '../base/json.ts'

import { buildFolder } from './build.ts'
import { FakeAws } from '../cloudformation/fake-aws.ts'
import type { FolderContext } from './folder-context.ts'

let root = ''
const warnings: string[] = []
const watched: string[] = []
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'regente-build-')))
  warnings.length = 0
  watched.length = 0
  // No program of this machine's.
  vi.stubEnv('PATH', join(root, 'bin'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(root, { recursive: true, force: true })
})

function write(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), text)
}

/** A program that notes its arguments, then runs some lines of Node. */
function program(path: string, script: string): void {
  write(
    path,
    `#!${process.execPath}\nrequire('node:fs').appendFileSync(${JSON.stringify(join(root, 'calls'))}, process.argv.slice(2).join(' ') + '\\n')\n${script}`,
  )
  chmodSync(join(root, path), 0o755)
}

const context = (): FolderContext => ({
  aws: new FakeAws(),
  region: 'us-east-1',
  account: '000000000000',
  partition: 'aws',
  stackName: 's',
  folder: root,
  excluded: [],
  placeOf: () => ({ file: 't.yaml' }),
  suffixOf: () => 'x',
  adopt: () => {},
  made: () => {},
  warn: (message) => warnings.push(message),
  note: () => {},
  watch: (path) => watched.push(path),
})

async function build(properties: JsonObject, metadata: JsonObject = {}) {
  const resource = { id: 'F', type: 'AWS::Serverless::Function', properties, metadata, path: [] }
  const { entries, variables } = await buildFolder(join(root, 'code'), resource, context())
  return { files: Object.fromEntries(entries.map(({ name, data }) => [name, data.toString('utf8')])), variables }
}

const NODE = { Runtime: 'nodejs22.x', Handler: 'app.handler' }

test('JavaScript stays as it is', async () => {
  write('code/app.js', 'exports.handler = 1')
  expect(await build(NODE)).toEqual({ files: { 'app.js': 'exports.handler = 1' }, variables: {} })
})

test('TypeScript without esbuild loses its types; imports get the endings that Node wants, stack traces the lines', async () => {
  write(
    'code/app.ts',
    "import { a } from './lib/a'\nimport b from './b.js'\nenum E { X }\nexport const handler = (x: number): number => a(x) + b + E.X\n",
  )
  write('code/lib/a.ts', 'export const a = (x: number) => x\n')
  write('code/b.ts', 'export default 1 as number\n')
  const { files, variables } = await build(NODE)
  expect(Object.keys(files).sort()).toEqual(['app.js', 'b.js', 'lib/a.js'])
  expect(files['app.js']).toMatch(/from '\.\/lib\/a\.js';?\n.*from '\.\/b\.js'/)
  expect(files['app.js']).not.toContain(': number')
  const map = Buffer.from(/base64,(\S+)/.exec(files['app.js'] ?? '')?.[1] ?? '', 'base64').toString()
  expect(getOwn(JSON.parse(map) as JsonObject, 'sources')).toEqual([join(root, 'code/app.ts')])
  expect(variables).toEqual({ NODE_OPTIONS: '--enable-source-maps' })
})

test("the project's own esbuild bundles, with what the template wishes", async () => {
  program(
    'node_modules/.bin/esbuild',
    `const out = process.argv.find((one) => one.startsWith('--outdir=')).slice(9)
require('node:fs').writeFileSync(out + '/app.js', 'bundled')
require('node:fs').writeFileSync(out + '/app.js.map', JSON.stringify({ sources: ['src/app.ts', '../shared/x.ts'].map((one) => require('node:path').relative(out, one)) }))`,
  )
  write('code/src/app.ts', 'export const handler = 1')
  const wishes = { Minify: true, Target: 'es2020', External: ['pg'], EntryPoints: ['src/app.ts'] }
  const { files } = await build({ ...NODE, Handler: 'src/app.handler' }, { BuildMethod: 'esbuild', BuildProperties: wishes })
  expect(files['src/app.js']).toBe('bundled')
  expect(JSON.parse(files['app.js.map'] ?? '')).toEqual({ sources: [join(root, 'code/src/app.ts'), join(root, 'shared/x.ts')] })
  expect(watched).toEqual([join(root, 'shared/x.ts')])
  const calls = (await import('node:fs')).readFileSync(join(root, 'calls'), 'utf8')
  for (const flag of ['src/app.ts', '--bundle', '--minify', '--target=es2020', '--external:pg', '--sourcemap=linked'])
    expect(calls).toContain(flag)
})

test('where esbuild is wanted and not there, that is said, and the code runs as it lies', async () => {
  write('code/app.ts', 'export const handler = 1 as number')
  expect((await build(NODE, { BuildMethod: 'esbuild' })).files).toHaveProperty(['app.js'])
  expect(warnings.join()).toContain('npm install --save-dev esbuild')
})

test('packages are installed once for a list, beside the template; what the function brings itself is left alone', async () => {
  program(
    'bin/npm',
    "require('node:fs').mkdirSync('node_modules/ms', { recursive: true }); require('node:fs').writeFileSync('node_modules/ms/index.js', 'ms')",
  )
  write('code/package.json', '{"dependencies":{"ms":"2"}}')
  write('code/app.js', '1')
  for (let round = 0; round < 2; round++)
    expect((await build(NODE)).files).toMatchObject({ 'node_modules/ms/index.js': 'ms', 'app.js': '1' })
  expect((await import('node:fs')).readFileSync(join(root, 'calls'), 'utf8').trim().split('\n')).toHaveLength(1)
  write('code/node_modules/ms/index.js', 'own')
  expect((await build(NODE)).files).toMatchObject({ 'node_modules/ms/index.js': 'own' })
})

test('an installation that fails is told, and not tried again', async () => {
  program('bin/python3', "if (process.argv.includes('--version')) process.exit(0); console.error('no network'); process.exit(1)")
  write('code/requirements.txt', '# none\nsix\n')
  write('code/app.py', '1')
  const PYTHON = { Runtime: 'python3.12', Handler: 'app.handler' }
  for (let round = 0; round < 2; round++) expect((await build(PYTHON)).files).toHaveProperty(['app.py'])
  expect(warnings).toEqual([expect.stringContaining('requirements.txt: no network')])
})

test.each([
  ['without esbuild', () => {}, 'app.ts: '],
  [
    'with esbuild',
    () => program('node_modules/.bin/esbuild', "console.error('app.ts:1:3: oh'); process.exit(1)"),
    'esbuild failed: app.ts:1:3: oh',
  ],
])('TypeScript that is none is told, %s', async (_, prepare, message) => {
  prepare()
  write('code/app.ts', 'export const = = 1')
  await expect(build(NODE)).rejects.toThrow(message)
})
