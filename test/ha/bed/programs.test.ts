import { afterEach, expect, test } from 'vitest'

import { findPrograms } from './programs.ts'

const { PATH = '' } = process.env
afterEach(() => {
  process.env['PATH'] = PATH
})

test('what is not installed is said, with what installs it', () => {
  process.env['PATH'] = import.meta.dirname
  expect(() => findPrograms(['etcd', 'patroni'])).toThrow(
    /^Not installed: etcd, patroni\. On Debian or Ubuntu: (?:sudo )?apt-get install etcd-server patroni$/,
  )
})
