import { expect, it } from 'vitest'

import { VirtualClock } from '../../base/clock.ts'

import { HelperThread } from './helper-thread.ts'

it('a job that comes while the idle thread ends is done by another one', async () => {
  const clock = new VirtualClock()
  const thread = new HelperThread(clock)
  expect(await thread.run('jsonFault', Buffer.from('{}'))).toBeUndefined()
  clock.advance(10_000)
  expect(await thread.run('jsonFault', Buffer.from('{'))).toContain('JSON')
  await thread.close()
})
