/**
 * Loaded into a server under measurement (`--import`): the longest time that its main thread has computed between two looks at
 * its timers, in milliseconds of its own CPU time, so that other programs of the machine do not count. Written to the file that
 * ROUNDS_FILE names, half a second late; the file is emptied by whoever wants to begin anew.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

const file = process.env['ROUNDS_FILE']
if (file !== undefined && isMainThread && process.argv.includes('start')) {
  const cpuMs = () => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1_000
  }
  let [before, longest, told] = [cpuMs(), 0, 0]
  setInterval(() => {
    const now = cpuMs()
    longest = Math.max(longest, now - before)
    before = now
  }, 1).unref()
  setInterval(() => {
    if (!existsSync(file)) longest = 0
    else if (longest === told) return
    told = longest
    writeFileSync(file, longest.toFixed(1))
  }, 250).unref()
}
