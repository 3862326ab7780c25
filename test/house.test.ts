/**
 * The floors hold: a file imports from floors below its own or from its own room. The pure rooms use nothing of Node, no
 * clock and no chance. The table is DESIGN's, as ARCHITECTURE.md tells it.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

import { expect, test } from 'vitest'

const SRC = join(import.meta.dirname, '../src')

/** What a room may import besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  expr: ['base'],
  items: ['base'],
  sqlite: ['base'],
  wire: ['base'],
  aws: ['wire', 'base'],
  asl: ['expr', 'base'],
  local: ['aws', 'wire', 'sqlite', 'base'],
  engine: ['asl', 'items', 'expr', 'base'],
  store: ['engine', 'sqlite', 'base'],
  tasks: ['asl', 'aws', 'items', 'wire', 'base'],
  history: ['engine', 'base'],
  observe: ['history', 'engine', 'aws', 'store', 'base'],
  control: ['asl', 'engine', 'store', 'tasks', 'expr', 'base'],
  runtime: ['engine', 'asl', 'store', 'tasks', 'items', 'control', 'expr', 'base'],
  server: ['wire', 'base'],
  api: ['history', 'control', 'engine', 'store', 'aws', 'wire', 'base'],
  config: ['base'],
  'data-directory': ['base'],
  regente: [
    'config',
    'data-directory',
    'api',
    'server',
    'deploy',
    'control',
    'runtime',
    'store',
    'tasks',
    'observe',
    'engine',
    'local',
    'aws',
    'items',
    'wire',
    'base',
  ],
  deploy: ['aws', 'wire', 'base'],
  cli: ['regente', 'config', 'deploy', 'history', 'asl', 'aws', 'wire', 'base'],
  index: ['regente', 'config', 'deploy', 'asl', 'engine', 'base'],
}
const PURE = new Set(['base', 'expr', 'asl', 'engine', 'history'])
/** The only doors to the real clock and to chance. */
const DOORS = new Set(['base/breather.ts', 'base/clock.ts', 'base/random.ts', 'base/deferred.ts'])

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => path.replaceAll('\\', '/'))
const isTest = (path: string): boolean =>
  /\.test\.ts$|(?:^|\/)(?:testing|test-(?!state\.)[\w-]+|fake-[\w-]+)(?:\/|\.ts$)/.test(path)
const roomOf = (path: string): string => path.split('/')[0]?.replace(/(?:\.test)?\.ts$/, '') ?? ''

function importsOf(path: string): string[] {
  const text = readFileSync(join(SRC, path), 'utf8')
  return [
    ...text.matchAll(/^\s*(?:import|export)\b[^'"`;]*?\bfrom\s+'([^']+)'|^\s*import\s+'([^']+)'|\bimport\('([^']+)'\)/gm),
  ].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
}

test('every room is on the plan', () => {
  expect([...new Set(files.map(roomOf))].filter((room) => !(room in MAY_IMPORT))).toEqual([])
})

test('a file imports only from floors below or its own room', () => {
  const wrong: string[] = []
  for (const path of files.filter((file) => !isTest(file))) {
    const room = roomOf(path)
    for (const specifier of importsOf(path).filter((name) => name.startsWith('.'))) {
      const target = relative(SRC, join(SRC, dirname(path), specifier)).replaceAll('\\', '/')
      const other = roomOf(target)
      if (other !== room && MAY_IMPORT[room]?.includes(other) !== true) wrong.push(`${path} imports ${target}`)
    }
  }
  expect(wrong).toEqual([])
})

/** They call what a user names: a web API, a subscriber, an authorization server. No service of AWS. */
const OTHER_CALLERS = ['local/events/oauth.ts', 'local/sns/senders.ts', 'tasks/connectors/http.ts']

test('a service of AWS is called through aws/ alone', () => {
  const callers = files
    .filter((path) => !isTest(path) && !['aws', 'wire'].includes(roomOf(path)))
    .filter((path) =>
      /^import (?!type)[^;'"]*\b(?:callAws|openStream)\b[^;'"]* from '[./]+wire\/client\.ts'/m.test(
        readFileSync(join(SRC, path), 'utf8'),
      ),
    )
  expect(callers.toSorted()).toEqual(OTHER_CALLERS)
})

test('the pure rooms use no module of Node', () => {
  const wrong = files
    .filter((path) => PURE.has(roomOf(path)) && !isTest(path))
    .flatMap((path) =>
      importsOf(path)
        .filter((name) => name.startsWith('node:'))
        .map((name) => `${path} imports ${name}`),
    )
  expect(wrong).toEqual([])
})

test('the pure rooms have no clock, no chance and no promise of their own', () => {
  const wrong = files
    .filter((path) => PURE.has(roomOf(path)) && !isTest(path) && !DOORS.has(path))
    .filter((path) =>
      /\bDate\.now\(|new Date\(\)|Math\.random\(|\bsetTimeout\(|\basync function|\bawait /.test(withoutComments(path)),
    )
  expect(wrong).toEqual([])
})

function withoutComments(path: string): string {
  return readFileSync(join(SRC, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
}
