import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'

import { expect, it, vi } from 'vitest'

import { Reaper } from './reaper.ts'

/** The shells that watch, with their state letter from /proc. */
function watchers(): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const isOurs = /^\d+$/.test(pid) && stat.includes(`(sh) `) && stat.includes(` ${process.pid} `)
      return isOurs ? [pid] : []
    } catch {
      return []
    }
  })
}

it.skipIf(process.platform !== 'linux')(
  'the watching shell ends with its Regente, however many processes came and went',
  async () => {
    const reaper = new Reaper()
    for (let i = 0; i < 40; i++) {
      const child = spawn('sleep', ['100'], {
        detached: true,
        stdio: 'ignore',
        env: { PATH: process.env['PATH'], MARK: `mark-${i}` },
      })
      reaper.watch(child.pid ?? 0)
      const exit = once(child, 'exit')
      await reaper.kill(child.pid ?? 0, `mark-${i}`)
      await reaper.kill(child.pid ?? 0, `mark-${i}`)
      await exit
    }
    expect(watchers()).toHaveLength(1)
    reaper.close()
    await vi.waitFor(() => expect(watchers()).toEqual([]), 3000)
  },
)
