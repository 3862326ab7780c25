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
    allowedHosts: [],
    allowedOrigins: [],
    shutdownGraceSeconds: 10,
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
  })
  expect(config).toMatchObject({ port: 0, insecure: true, allowedHosts: ['a.test', 'b.test'], shutdownGraceSeconds: 3 })
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
  [{ shutdownGraceSeconds: '-1' }, 'shutdownGraceSeconds must be seconds from 0 to 3600'],
  [{ dataDirectory: '' }, 'dataDirectory must be a folder'],
])('%j is refused with what would do', (given, message) => {
  expect(() => readConfig(given)).toThrow(ConfigError)
  expect(() => readConfig(given)).toThrow(message)
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
