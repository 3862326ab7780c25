import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

import { connectionsWithin } from './descriptors.ts'

test('many descriptors take nothing away, few leave some connections', () => {
  expect([Number.POSITIVE_INFINITY, 1_048_576, 4_096].map((granted) => connectionsWithin(granted, 512))).toEqual([512, 512, 512])
  expect([1_024, 256, 80, 16].map((granted) => connectionsWithin(granted, 512))).toEqual([244, 52, 8, 4])
})

test.runIf(process.platform === 'linux')('on Linux the bound of this very process is known', () => {
  const program = `import('${new URL('./descriptors.ts', import.meta.url)}').then((m) => console.log(m.grantedDescriptors()))`
  const told = execFileSync('/bin/sh', ['-c', 'ulimit -n 90; exec "$@"', 'sh', process.execPath, '-e', program], {
    encoding: 'utf8',
  })
  expect(told.trim()).toBe('90')
})
