import { describe, expect, test } from 'vitest'

import { StartError } from '../../base/start-error.ts'

import { isPostgresUrl, parseAddress } from './address.ts'

describe('the URL of a store', () => {
  test('names user, password, host, port and database', () => {
    expect(parseAddress('postgres://me:secret@db.example:6432/flows')).toMatchObject({
      hosts: [{ host: 'db.example', port: 6432 }],
      user: 'me',
      password: 'secret',
      database: 'flows',
      shown: 'postgres://me@db.example:6432/flows',
    })
  })

  test('may leave out the port and the database', () => {
    expect(parseAddress('postgresql://me@db')).toMatchObject({
      hosts: [{ host: 'db', port: 5432 }],
      password: undefined,
      database: 'me',
    })
  })

  test('may name several hosts, addresses of IPv6 too', () => {
    expect(parseAddress('postgres://me@a:1,b,[::1]:3/x?target_session_attrs=read-write').hosts).toEqual([
      { host: 'a', port: 1 },
      { host: 'b', port: 5432 },
      { host: '::1', port: 3 },
    ])
  })

  test('may name the folder of a socket, and everything as parameters', () => {
    const url = 'postgres:///flows?host=/var/run/postgresql&port=5433&user=me&password=p%26q'
    expect(parseAddress(url)).toMatchObject({
      hosts: [{ host: '/var/run/postgresql', port: 5433 }],
      user: 'me',
      password: 'p&q',
      database: 'flows',
    })
  })

  test('spells what would be misread with %', () => {
    expect(parseAddress('postgres://me:p%40ss%2Fword@db/my%20flows')).toMatchObject({
      password: 'p@ss/word',
      database: 'my flows',
    })
  })

  test('sets time-outs', () => {
    expect(parseAddress('postgres://db/x?statement_timeout=5000&lock_timeout=700&connect_timeout=2')).toMatchObject({
      statementTimeoutMs: 5_000,
      lockTimeoutMs: 700,
      connectTimeoutMs: 2_000,
    })
  })

  test.each([
    ['mysql://db/x', /no URL of a PostgreSQL database\. It looks like postgres:\/\//],
    ['postgres://me:p@ss@db/x', /written as %40/],
    ['postgres://me:50%@db/x', /password in the URL of the store has a % that begins no escape.*%25/],
    ['postgres://me@db:99999/x', /a host that cannot be: "db:99999"/],
    ['postgres://me@a,,b/x', /a host that cannot be: ""/],
    ['postgres://me@db/x?sslmod=require', /a parameter "sslmod" that Regente does not know/],
    ['postgres://me@db/x?sslmode=on', /sslmode=on\. Say one of disable/],
    ['postgres://me@db/x?sslrootcert=/no/such/file', /named? as sslrootcert cannot be read|names as sslrootcert cannot be read/],
    ['postgres://me@db/x?target_session_attrs=standby', /needs the server that takes writes/],
    ['postgres://me@db/x?statement_timeout=soon', /statement_timeout=soon, which is no whole number/],
  ])('that is wrong is refused with how to mend it: %s', (url, sentence) => {
    expect(() => parseAddress(url)).toThrow(StartError)
    expect(() => parseAddress(url)).toThrow(sentence)
  })

  test('is never told with the password', () => {
    for (const url of [
      'postgres://me:hunter2@db:x/y',
      'postgres://me:hunter2%@db/y',
      'postgres://me:hunter2@@db/y',
      'postgres:/me:hunter2@db',
      'postgres://me:p@ss/hunter2@db/y',
      'postgres://me:7/hunter2@db/y',
      'postgres://me:7?hunter2@db/y',
      'postgres://me:hunter2/7@db/y',
      'postgres://me:hunter2?7@db/y',
    ]) {
      let told = ''
      try {
        parseAddress(url)
      } catch (error) {
        told = String(error)
      }
      expect(told).toMatch(/StartError/)
      expect(told).not.toMatch(/hunter2/)
    }
    expect(parseAddress('postgres://me:hunter2@db/y').shown).not.toMatch(/hunter2/)
  })

  test('is told from a folder', () => {
    expect(isPostgresUrl('postgres://x')).toBe(true)
    expect(isPostgresUrl('PostgreSQL://x')).toBe(true)
    expect(isPostgresUrl('.regente')).toBe(false)
  })
})
