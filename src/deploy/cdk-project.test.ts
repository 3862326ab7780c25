import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { findCdkProject } from './cdk-project.ts'

const PLACE = { endpoint: 'http://127.0.0.1:4566', region: 'eu-west-1', account: '123456789012' }
const APP = `
const { mkdirSync, writeFileSync } = require('node:fs')
const out = process.env.CDK_OUTDIR
mkdirSync(out, { recursive: true })
const properties = { templateFile: 'Shop.template.json', stackName: 'shop-prod' }
writeFileSync(out + '/manifest.json', JSON.stringify({ artifacts: { Shop: { type: 'aws:cloudformation:stack', properties } } }))
writeFileSync(out + '/Shop.template.json', process.env.CDK_CONTEXT_JSON)
writeFileSync(out + '/place', process.env.CDK_DEFAULT_ACCOUNT + ' ' + process.env.CDK_DEFAULT_REGION)
`

let folder = ''
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'regente-cdk-')))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(path: string, content: unknown): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content))
}
const node = `"${process.execPath}"`
const read = (path: string): string => readFileSync(join(folder, path), 'utf8')

test('an app without an aws-cdk of its own is run as aws-cdk runs it, for the place where it is deployed', async () => {
  write('app.js', APP)
  write('cdk.json', { app: `${node} app.js`, context: { colour: 'red', size: 1 } })
  write('cdk.context.json', { size: 2 })
  const project = await findCdkProject(folder)
  expect(await project?.make(PLACE)).toEqual([{ file: join(folder, 'cdk.out/Shop.template.json'), stackName: 'shop-prod' }])
  expect(JSON.parse(read('cdk.out/Shop.template.json'))).toMatchObject({
    colour: 'red',
    size: 2,
    'aws:cdk:disable-asset-staging': true,
  })
  expect(read('cdk.out/place')).toBe('123456789012 eu-west-1')
})

test('the aws-cdk of the project makes the templates, from code that stays where it is', async () => {
  write('cdk.json', { app: 'never run', output: 'build/cdk' })
  write(
    'node_modules/aws-cdk/bin/cdk',
    `process.env.CDK_OUTDIR = process.argv.at(-1); process.env.CDK_CONTEXT_JSON = process.argv.slice(2).join(' ')\n${APP}`,
  )
  const project = await findCdkProject(folder)
  await project?.make(PLACE)
  const output = join(folder, 'build/cdk')
  expect(read('build/cdk/Shop.template.json')).toBe(`synth --quiet --no-staging --output ${output}`)
})

test('what the app says when it fails is told; so is a program that is not there, with how to mend it', async () => {
  write('app.js', "throw new Error('no queue without a name')")
  write('cdk.json', { app: `${node} app.js` })
  await expect((await findCdkProject(folder))?.make(PLACE)).rejects.toThrow(
    /app\.js` in .* failed:\n[\s\S]*no queue without a name/,
  )
  write('cdk.json', { app: 'ts-node-of-nobody bin/app.ts' })
  await expect((await findCdkProject(folder))?.make(PLACE)).rejects.toThrow(
    `The app of ${folder}/cdk.json is run with ts-node-of-nobody, which is neither in ${folder}/node_modules/.bin nor on the PATH. Install what the project needs there: npm install.`,
  )
  write('cdk.json', {})
  await expect(findCdkProject(folder)).rejects.toThrow('cdk.json does not say which program the app is')
})

test('an app that is a folder is an assembly that somebody else makes', async () => {
  write('cdk.json', { app: 'cdk.out' })
  const artifacts = { S: { type: 'aws:cloudformation:stack', properties: { templateFile: 'S.template.json' } } }
  write('cdk.out/manifest.json', { artifacts })
  const project = await findCdkProject(folder)
  expect(project?.folder).toBeUndefined()
  expect(await project?.make(PLACE)).toEqual([{ file: join(folder, 'cdk.out/S.template.json') }])
})

test('sources are what `watch` includes and does not exclude; packages, dot files and the output never are', async () => {
  write('cdk.json', { app: `${node} app.js`, watch: { include: ['**'], exclude: ['README.md', '**/*.d.ts', 'test'] } })
  const project = await findCdkProject(folder)
  const isSource = (path: string) => project?.isSource(join(folder, path))
  expect(['bin/app.ts', 'lib/deep/stack.ts', 'lambda/index.py', 'cdk.json'].map(isSource)).toEqual([true, true, true, true])
  const others = ['README.md', 'lib/a.d.ts', 'test/a.ts', 'node_modules/a/b.js', '.git/HEAD', 'lib/.swp', '../else.ts']
  expect(others.map(isSource)).toEqual(others.map(() => false))
  expect([project?.isMade(join(folder, 'cdk.out/manifest.json')), project?.isMade(join(folder, 'lib/a.ts'))]).toEqual([
    true,
    false,
  ])
})

test('an app that starts others is ended with them', async () => {
  write('cdk.json', { app: `sleep 60 & echo $! > child; wait` })
  const over = new AbortController()
  const making = (await findCdkProject(folder))?.make(PLACE, over.signal)
  await expect.poll(() => readable(join(folder, 'child'))).toMatch(/^\d+\n$/)
  over.abort()
  await expect(making).rejects.toThrow()
  await expect.poll(() => isAlive(Number(read('child')))).toBe(false)
})

function readable(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** A process that has ended and that nobody has asked after is no longer alive either. */
function isAlive(pid: number): boolean {
  return !/^State:\s+Z/m.test(readable(`/proc/${pid}/status`)) && readable(`/proc/${pid}/status`) !== ''
}
