/**
 * The floors hold: a file imports from floors below its own or from its own room, and no file imports itself by way of others,
 * types included. The pure rooms use nothing of Node, no clock and no chance. ARCHITECTURE.md tells the same table.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const SRC = join(ROOT, 'src')

/** What a room may import besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  expr: ['base'],
  items: ['base'],
  source: ['base'],
  sqlite: ['base'],
  wire: ['base'],
  aws: ['wire', 'base'],
  asl: ['expr', 'source', 'base'],
  cloudformation: ['asl', 'aws', 'wire', 'source', 'base'],
  services: ['cloudformation', 'idle-memory', 'aws', 'expr', 'source', 'wire', 'sqlite', 'base'],
  drawing: ['asl', 'base'],
  engine: ['asl', 'items', 'expr', 'base'],
  store: ['engine', 'idle-memory', 'sqlite', 'base'],
  tasks: ['asl', 'aws', 'items', 'wire', 'base'],
  history: ['engine', 'base'],
  observe: ['history', 'engine', 'aws', 'store', 'base'],
  control: ['asl', 'engine', 'store', 'tasks', 'expr', 'source', 'base'],
  runtime: ['engine', 'asl', 'store', 'tasks', 'items', 'control', 'expr', 'base'],
  server: ['wire', 'base'],
  api: ['history', 'control', 'engine', 'store', 'aws', 'wire', 'base'],
  config: ['base'],
  'idle-memory': [],
  'data-directory': ['base'],
  'services-room': ['config', 'services', 'server', 'aws', 'wire', 'base'],
  'services-server': ['config', 'data-directory', 'services-room', 'services', 'server', 'store', 'observe', 'wire', 'base'],
  'node-room': ['runtime', 'server', 'store', 'wire', 'base'],
  transfer: ['services', 'cloudformation', 'aws', 'wire', 'base'],
  upkeep: ['data-directory', 'services', 'store', 'engine', 'sqlite', 'base'],
  testkit: [
    'runtime',
    'control',
    'api',
    'history',
    'engine',
    'asl',
    'drawing',
    'deploy',
    'cloudformation',
    'store',
    'tasks',
    'items',
    'aws',
    'wire',
    'source',
    'base',
  ],
  regente: [
    'config',
    'data-directory',
    'node-room',
    'services-room',
    'api',
    'server',
    'deploy',
    'control',
    'runtime',
    'store',
    'tasks',
    'observe',
    'engine',
    'services',
    'aws',
    'items',
    'wire',
    'base',
  ],
  deploy: ['cloudformation', 'asl', 'aws', 'wire', 'source', 'base'],
  cli: [
    'testkit',
    'regente',
    'transfer',
    'upkeep',
    'idle-memory',
    'services-server',
    'config',
    'deploy',
    'cloudformation',
    'drawing',
    'history',
    'asl',
    'aws',
    'wire',
    'source',
    'base',
  ],
  index: ['regente', 'config', 'deploy', 'cloudformation', 'asl', 'engine', 'base'],
}
/**
 * The console is no room of `src/`: it takes the pure rooms as they are, the types of the protocol that it speaks, the table of
 * services, their paths, the reader of schedules and what coverage tells, which are as pure; it knows all others by their protocols alone.
 */
const CONSOLE_MAY_IMPORT =
  /^src\/(?:(?:asl|engine|expr|history|source|base)\/|api\/model\.ts$|aws\/(?:services|paths)\.ts$|services\/events\/schedule-expression\.ts$|testkit\/coverage\/(?:coverage|coverage-file|marks|missing|points|summary|workflow-coverage)\.ts$)/
const PURE = new Set(['base', 'expr', 'source', 'asl', 'drawing', 'engine', 'history'])
/** The only doors to the real clock and to chance. */
const DOORS = new Set(['base/breather.ts', 'base/clock.ts', 'base/random.ts', 'base/deferred.ts'])

const sourcesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => path.replaceAll('\\', '/'))
const files = sourcesIn(SRC)
const isTest = (path: string): boolean =>
  /\.test\.ts$|(?:^|\/)(?:testing|test-(?!state\.)[\w-]+|fake-[\w-]+)(?:\/|\.ts$)/.test(path)
const roomOf = (path: string): string => path.split('/')[0]?.replace(/(?:\.test)?\.ts$/, '') ?? ''

function importsOf(path: string, folder = SRC): string[] {
  const text = readFileSync(join(folder, path), 'utf8')
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

test('ARCHITECTURE.md tells what each room may import', () => {
  const rows = [
    ...readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8').matchAll(/^\| \d \| `([\w-]+)(?:\/|\.ts)` \|.*\| (.*) \|$/gm),
  ]
  const told = Object.fromEntries(rows.map(([, room = '', may = '']) => [room, may === 'nothing' ? [] : may.split(', ').sort()]))
  expect(told).toEqual(Object.fromEntries(Object.entries(MAY_IMPORT).map(([room, may]) => [room, [...may].sort()])))
})

test('the console imports the pure rooms, and what is as pure, and nothing else of the server', () => {
  const folder = join(ROOT, 'console/src')
  const wrong = sourcesIn(folder).flatMap((path) =>
    importsOf(path, folder)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => relative(ROOT, join(folder, dirname(path), specifier)).replaceAll('\\', '/'))
      .filter((target) => !target.startsWith('console/') && !CONSOLE_MAY_IMPORT.test(target))
      .map((target) => `${path} imports ${target}`),
  )
  expect(wrong).toEqual([])
})

test.each(['src', 'console/src'])('no file of %s imports itself by way of others', (name) => {
  const folder = join(ROOT, name)
  const graph = new Map(
    sourcesIn(folder).map((path) => [
      path,
      importsOf(path, folder)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => join(dirname(path), specifier).replaceAll('\\', '/')),
    ]),
  )
  // Whoever imports nothing, or is imported by nobody, that is still in question is in no cycle.
  for (let before = -1; before !== graph.size; ) {
    before = graph.size
    const imported = new Set([...graph.values()].flat())
    for (const [path, targets] of graph)
      if (!imported.has(path) || !targets.some((target) => graph.has(target))) graph.delete(path)
  }
  expect([...graph.keys()]).toEqual([])
})

/** They call what a user names (a web API, a subscriber, an authorization server), or our own servers past AWS's APIs. */
const OTHER_CALLERS = [
  'server/node-door.ts',
  'server/ready-check.ts',
  'services/apigateway/gateway/backends.ts',
  'services/events/api-destinations.ts',
  'services/events/oauth.ts',
  'services/kit/senders.ts',
  'services/lambda/runner.ts',
  'services/lambda/runners.ts',
  'services/link.ts',
  'tasks/connectors/http.ts',
]

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
