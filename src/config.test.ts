import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { ConfigError, readConfig, SETTINGS } from './config.ts'

test('without anything given every setting has its default', () => {
  expect(readConfig()).toEqual({
    port: 4566,
    host: '127.0.0.1',
    dataDirectory: join(process.cwd(), '.regente/data'),
    region: 'us-east-1',
    account: '000000000000',
    insecure: false,
    lambda: false,
    leaseSeconds: 10,
    allowedHosts: [],
    allowedOrigins: [],
    servicesTransport: 'memory',
    shutdownGraceSeconds: 10,
    retentionDays: 90,
    limits: 'aws',
    logLevel: 'warn',
  })
})

test('the command line goes before the environment, the environment before the default', () => {
  const env = { REGENTE_PORT: '5000', REGENTE_REGION: 'eu-west-1', REGENTE_LIMITS: '' }
  expect(readConfig({ port: '6000' }, env)).toMatchObject({ port: 6000, region: 'eu-west-1', limits: 'aws' })
})

test('settings may be given as they are read, and all of them again', () => {
  const config = readConfig({
    port: 0,
    insecure: true,
    host: '0.0.0.0',
    allowedHosts: ['a.test', 'b.test'],
    shutdownGraceSeconds: 3,
    retentionDays: 7,
    archive: 's3://bucket//some/prefix/',
  })
  expect(config).toMatchObject({ port: 0, insecure: true, allowedHosts: ['a.test', 'b.test'], shutdownGraceSeconds: 3 })
  expect(config).toMatchObject({ retentionDays: 7, archive: 's3://bucket/some/prefix' })
  expect(readConfig(config)).toEqual(config)
})

test.each([
  [{ port: 65_536 }, 'port must be a port from 0 to 65535, not "65536".'],
  [{ port: 1.5 }, 'port must be a port'],
  [{ port: '65536' }, 'port must be a port from 0 to 65535, not "65536".'],
  [{ port: '80x' }, 'port must be a port'],
  [{ account: '123' }, 'account must be an account of 12 digits'],
  [{ region: 'moon' }, 'region must be a region such as us-east-1'],
  [{ limits: 'none' }, 'limits must be one of aws, off'],
  [{ smtp: 'mail.example.org' }, 'smtp must be a URL'],
  [{ allowedOrigins: 'localhost:3000' }, 'allowedOrigins must be an origin such as http://localhost:3000, not "localhost:3000".'],
  [{ allowedOrigins: 'http://a,http://b/path' }, 'not "http://b/path"'],
  [{ allowedOrigins: '*' }, 'must be an origin'],
  [{ awsEndpoint: 'localhost:4567' }, 'awsEndpoint must be a URL such as http://127.0.0.1:4567, or aws, not "localhost:4567".'],
  [
    { store: 'mysql://me:secret@db/regente' },
    'store must be a URL such as postgres://user:password@host:5432/database, not "mysql://me:****@db/regente".',
  ],
  [{ store: './regente.sqlite' }, 'store must be a URL such as postgres://'],
  [{ smtp: 'me:secret@mail' }, 'not "me:****@mail".'],
  [{ nodeUrl: 'node-1:4566' }, 'nodeUrl must be a URL such as http://node-1.internal:4566, not "node-1:4566".'],
  [{ leaseSeconds: 1 }, 'leaseSeconds must be seconds from 2 to 60, not "1".'],
  [{ leaseSeconds: '61' }, 'leaseSeconds must be seconds from 2 to 60'],
  [{ shutdownGraceSeconds: '-1' }, 'shutdownGraceSeconds must be seconds from 0 to 3600'],
  [{ retentionDays: 0 }, 'retentionDays must be days from 1 to 3650, not "0".'],
  [{ retentionDays: '3651' }, 'retentionDays must be days from 1 to 3650'],
  [{ archive: 'bucket/prefix' }, 'archive must be a place in a bucket such as s3://bucket/executions, not "bucket/prefix".'],
  [{ archive: 's3://' }, 'archive must be a place in a bucket'],
  [{ archive: 's3://No_Bucket/x' }, 'archive must be a place in a bucket'],
  [{ dataDirectory: '' }, 'dataDirectory must be a folder'],
])('%j is refused with what would do', (given, message) => {
  expect(() => readConfig(given)).toThrow(ConfigError)
  expect(() => readConfig(given)).toThrow(message)
  expect(() => readConfig(given)).not.toThrow('secret')
})

test('a store is the URL of a PostgreSQL database', () => {
  for (const store of [
    'postgres://me:pw@db:5432/regente',
    'postgresql:///regente?host=/run/postgresql',
    'postgres://me@db-1:5432,db-2:5433/r',
  ])
    expect(readConfig({}, { REGENTE_STORE: store })).toMatchObject({ store })
})

test('functions are run for services that are named, with their key', () => {
  const servicesUrl = 'http://services:4567'
  expect(() => readConfig({ lambda: true })).toThrow(/^lambda is for servers .* --services-url, .* --services-key\.$/)
  expect(() => readConfig({ servicesUrl }, { REGENTE_LAMBDA: 'true' })).toThrow('REGENTE_LAMBDA is for')
  expect(readConfig({ lambda: 'true', servicesUrl, servicesKey: '/key' }).lambda).toBe(true)
})

test('a node that listens everywhere has to be told where the others reach it', () => {
  const node = { store: 'postgres://db/regente', host: '0.0.0.0', insecure: true }
  expect(() => readConfig(node)).toThrow(/--node-url http:\/\/NAME:PORT, or REGENTE_NODE_URL/)
  expect(() => readConfig({ ...node, host: '::' })).toThrow(ConfigError)
  expect(readConfig(node, { REGENTE_NODE_URL: 'http://node-1:4566/' }).nodeUrl).toBe('http://node-1:4566')
  expect(readConfig({ ...node, host: '10.0.0.7' }).nodeUrl).toBeUndefined()
})

test('lists are read with their spaces; origins as browsers write them', () => {
  expect(
    readConfig({ allowedHosts: ' Flows.example.org, *.x', allowedOrigins: 'HTTP://App.Example:80/, https://b:8443' }),
  ).toMatchObject({
    allowedHosts: ['flows.example.org', '*.x'],
    allowedOrigins: ['http://app.example', 'https://b:8443'],
  })
})

test('what the shell tells clients of AWS is no setting of a server', () => {
  expect(readConfig({}, { AWS_ENDPOINT_URL: 'http://another' })).toEqual(readConfig())
  expect(readConfig({}, { REGENTE_AWS_ENDPOINT: 'aws' }).awsEndpoint).toBe('aws')
  expect(readConfig({ awsEndpoint: 'http://127.0.0.1:4567/' }).awsEndpoint).toBe('http://127.0.0.1:4567')
})

test('an address that others reach is listened on only when it is said to be wanted', () => {
  expect(() => readConfig({ host: '0.0.0.0' })).toThrow('--insecure')
  expect(readConfig({ host: '0.0.0.0', insecure: 'true' })).toMatchObject({ host: '0.0.0.0', insecure: true })
  expect(readConfig({ host: '127.0.0.2' }).insecure).toBe(false)
})

test('a wrong variable is named as the user knows it', () => {
  expect(() => readConfig({}, { REGENTE_PORT: 'http' })).toThrow('REGENTE_PORT must be')
})

test('docs/settings.md lists every setting and no other', () => {
  const text = readFileSync(join(import.meta.dirname, '../docs/settings.md'), 'utf8')
  const listed = [...text.matchAll(/^\| `(\w+)` \| `(\w+)` \| ([^|]*) \| ([^|]*) \| (.*) \|$/gm)].map((row) => row.slice(1))
  expect(listed).toEqual(
    SETTINGS.map(({ name, env, unit, default: value, meaning }) => [
      name,
      env,
      unit,
      value === undefined ? 'none' : `\`${value}\``,
      meaning,
    ]),
  )
})
