/** The files by which Regente is run elsewhere: each is read by its own rules, and by its own tool where that is at hand. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'

import { isArray } from '../src/base/json.ts'

import { readConfig, SETTINGS } from '../src/config.ts'

const ROOT = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const { version } = JSON.parse(read('package.json')) as { readonly version: string }
const isSetting = (variable: string) => SETTINGS.some(({ env }) => env === variable)
const portOf = (name: string) => SETTINGS.find((setting) => setting.name === name)?.default

describe('the Dockerfile', () => {
  /** Instructions with their arguments, continued lines joined. */
  const instructions = read('Dockerfile')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? []
      return { name, rest }
    })
  const of = (wanted: string) => instructions.filter(({ name }) => name === wanted).map(({ rest }) => rest)
  const lastStage = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'))

  test('has only instructions that there are', () => {
    const known = /^(?:FROM|RUN|COPY|ENV|USER|WORKDIR|VOLUME|EXPOSE|HEALTHCHECK|ENTRYPOINT|CMD)$/
    expect(instructions.filter(({ name }) => !known.test(name))).toEqual([])
  })

  test('builds in stages of which the last takes what was built, and no compiler and no npm', () => {
    const stages = of('FROM').flatMap((rest) => / AS (\w+)$/.exec(rest)?.[1] ?? [])
    expect(of('FROM').length).toBeGreaterThan(1)
    const copied = lastStage.filter(({ name }) => name === 'COPY').map(({ rest }) => rest)
    expect(copied.filter((rest) => !stages.includes(/^--from=(\w+) /.exec(rest)?.[1] ?? ''))).toEqual([])
    expect(lastStage[0]?.rest).toMatch(/^alpine:[\d.]+$/)
  })

  test('takes what is in this repository, or made by its build', () => {
    const taken = of('COPY').flatMap((rest) => [...rest.matchAll(/\/build\/([\w./-]+)/g)].map(([, path = '']) => path))
    expect(taken).toContain('bin')
    expect(taken.filter((path) => !['dist', 'node_modules'].includes(path) && !existsSync(join(ROOT, path)))).toEqual([])
  })

  test('gives the build all that it needs', () => {
    const given = read('.dockerignore')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []))
    expect(given.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
    for (const path of ['src', 'console', 'scripts', 'bin', 'package-lock.json', 'tsconfig.build.json'])
      expect(given).toContain(path)
  })

  test('runs without rights, on the port of the settings, and is asked for its health', () => {
    const names = lastStage.map(({ name }) => name)
    expect(of('USER')).toEqual(['regente'])
    expect(names.indexOf('USER')).toBeLessThan(names.indexOf('ENTRYPOINT'))
    expect(of('EXPOSE')).toEqual([portOf('port')])
    expect(of('HEALTHCHECK')[0]).toContain(`127.0.0.1:\${REGENTE_PORT:-${portOf('port')}}/_regente/health`)
    expect(JSON.parse(of('ENTRYPOINT')[0] ?? '')).toEqual(['node', '/app/bin/regente.js'])
    const variables = of('ENV').flatMap((rest) => rest.split(' ').map((pair) => pair.split('=')[0] ?? ''))
    expect(variables.filter((variable) => !isSetting(variable))).toEqual([])
  })
})

test('compose.yaml publishes the port to this machine alone, and keeps the data', () => {
  const { services, volumes } = parse(read('compose.yaml'), { strict: true }) as {
    readonly services: { readonly regente: Readonly<Record<string, unknown>> }
    readonly volumes: object
  }
  const { ports, environment, volumes: mounts } = services.regente
  expect(ports).toEqual([`127.0.0.1:${portOf('port')}:${portOf('port')}`])
  expect(mounts).toEqual(['data:/data'])
  expect(Object.keys(volumes)).toEqual(['data'])
  expect(Object.keys(environment as object).filter((variable) => !isSetting(variable))).toEqual([])
})

test('compose.cluster.yaml has nodes that know themselves, one home for services, and a load balancer alone outside', () => {
  interface Service {
    readonly environment?: Readonly<Record<string, string>>
    readonly command?: readonly string[]
    readonly ports?: readonly string[]
    readonly volumes?: readonly string[]
    readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>
  }
  const { services, volumes } = parse(read('packaging/compose.cluster.yaml'), { strict: true, merge: true }) as {
    readonly services: Readonly<Record<string, Service>>
    readonly volumes: object
  }
  const nodes = Object.entries(services).filter(([, { environment }]) => environment?.['REGENTE_STORE'] !== undefined)
  expect(nodes.map(([name]) => name)).toEqual(['node-1', 'node-2', 'node-3'])
  for (const [name, { environment = {} }] of nodes) {
    expect(environment['REGENTE_NODE_URL']).toBe(`http://${name}:${portOf('port')}`)
    const config = readConfig({}, { ...environment, REGENTE_HOST: '0.0.0.0', REGENTE_INSECURE: 'true' })
    expect(config).toMatchObject({ store: environment['REGENTE_STORE'], servicesUrl: 'http://services:4567' })
  }
  expect(services['services']).toMatchObject({ command: ['services'], environment: { REGENTE_PORT: '4567' } })
  const variables = ['services', ...nodes.map(([name]) => name)].flatMap((name) => Object.keys(services[name]?.environment ?? {}))
  expect(variables.filter((variable) => !isSetting(variable))).toEqual([])
  const published = Object.entries(services).flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port]))
  expect(published).toEqual([['haproxy', `127.0.0.1:${portOf('port')}:${portOf('port')}`]])
  const needed = Object.values(services).flatMap(({ depends_on: others = [] }) =>
    isArray(others) ? others : Object.keys(others),
  )
  expect(needed.filter((name) => !(name in services))).toEqual([])
  const mounted = Object.values(services).flatMap(({ volumes: mounts = [] }) => mounts.map((mount) => mount.split(':')[0] ?? ''))
  expect(mounted.filter((source) => !(source in volumes) && !existsSync(join(ROOT, 'packaging', source)))).toEqual([])
})

/** The names of nodes are found in their own network. */
const isOfCompose = (line: string) => /could not resolve address 'node-\d'/.test(line)

describe('haproxy.cfg', () => {
  const config = read('packaging/haproxy.cfg')

  test('asks the nodes of the compose file whether they are ready, and repeats nothing that a node may have seen', () => {
    expect(config).toContain('uri /_regente/ready ')
    const nodes = ['node-1', 'node-2', 'node-3'].map((name) => [name, `${name}:${portOf('port')}`])
    const servers = [...config.matchAll(/^ +server (\S+) (\S+)$/gm)].map(([, name, address]) => [name, address])
    expect(servers, 'those that are ready, and where none is all').toEqual([...nodes, ...nodes])
    expect(/retry-on (.*)/.exec(config)?.[1]).toBe('conn-failure')
  })

  test.skipIf(spawnSync('haproxy', ['-v']).error !== undefined)(
    'HAProxy finds nothing wrong with it, where it is at hand',
    () => {
      const { status, stderr } = spawnSync('haproxy', ['-c', '-f', join(ROOT, 'packaging/haproxy.cfg')], { encoding: 'utf8' })
      expect({ status, told: stderr.split('\n').filter((line) => /ALERT|WARNING/.test(line) && !isOfCompose(line)) }).toEqual({
        status: 0,
        told: [],
      })
    },
  )
})

describe.each([
  ['regente.service', 'regente.service'],
  ['regente-node@.service', 'regente-node@4566.service'],
  ['regente-services.service', 'regente-services.service'],
])('the systemd unit %s', (file, instance) => {
  const unit = read(`packaging/${file}`)
  const lines = unit.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const settings = new Map(lines.flatMap((line) => (line.startsWith('[') ? [] : [line.split(/=(.*)/, 2) as [string, string]])))

  test('has sections and settings, keeps its data where the unit lets it write, and has time to stop', () => {
    expect(lines.filter((line) => !/^(?:\[\w+\]|[A-Z][A-Za-z]+=.*)$/.test(line))).toEqual([])
    const variables = new Map((settings.get('Environment') ?? '').split(' ').map((pair) => pair.split('=') as [string, string]))
    expect([...variables.keys()].filter((variable) => !isSetting(variable))).toEqual([])
    expect(variables.get('REGENTE_DATA')).toBe(`/var/lib/${settings.get('StateDirectory')}`)
    expect(settings.get('WorkingDirectory')).toBe(variables.get('REGENTE_DATA'))
    expect(Number(settings.get('TimeoutStopSec'))).toBeGreaterThan(Number(portOf('shutdownGraceSeconds')))
  })

  test.skipIf(!existsSync('/usr/bin/systemd-analyze'))('systemd finds nothing wrong with it, where it is at hand', () => {
    const folder = mkdtempSync(join(tmpdir(), 'regente-unit-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const path = join(folder, instance)
    // The command has to be there for it to be right.
    writeFileSync(path, unit.replace('/usr/local/bin/regente', process.execPath))
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' })
    const told = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('regente'))
    expect({ status, told }).toEqual({ status: 0, told: [] })
  })
})

test('the workflow for GitHub Actions starts a server, waits for it, and speaks to it', () => {
  const { on, jobs } = parse(read('packaging/github-actions.yml'), { strict: true }) as {
    readonly on: readonly string[]
    readonly jobs: { readonly test: { readonly env: Record<string, string>; readonly steps: readonly Record<string, unknown>[] } }
  }
  expect(on).toEqual(['push', 'pull_request'])
  expect(jobs.test.env['AWS_ENDPOINT_URL']).toBe(`http://127.0.0.1:${portOf('port')}`)
  expect(jobs.test.steps.filter(({ uses, run }) => (uses === undefined) === (run === undefined))).toEqual([])
  for (const { run } of jobs.test.steps) if (run !== undefined) execFileSync('sh', ['-n', '-c', String(run)])
  const commands = jobs.test.steps.map(({ run }) => String(run ?? '')).join('\n')
  for (const part of ['regente start', '/_regente/health', 'regente dev']) expect(commands).toContain(part)
})

test('docs/install.md names the package as npm pack does', () => {
  const named = new Set([...read('docs/install.md').matchAll(/regente-(\d[\w.]*)\.tgz/g)].map(([, told]) => told))
  expect([...named]).toEqual([version])
})

test('no page tells to run a package of our name from a registry', () => {
  const folders = ['docs', 'examples', 'packaging'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
  )
  const pages = ['README.md', 'CONTRIBUTING.md', ...folders.filter((path) => /\.(?:md|ya?ml)$/.test(path))]
  const wrong = pages.filter((page) =>
    /^\s*(?:npx (?!--no-install )|npm (?:exec|install|i)(?: -\S+)* )regente\b/m.test(read(page)),
  )
  expect(wrong).toEqual([])
})
