/** The server's own log: lines of JSON, whatever is told and whoever reads. */
import { expect, test } from 'vitest'

import { createLog } from './log.ts'

/** What was written, a line each; takes `atOnce` bytes at a time, and throws first what it is given. */
function pipe({ atOnce = Infinity, throws = [] as string[] } = {}) {
  let text = ''
  return {
    lines: () => text.split('\n').slice(0, -1),
    write(bytes: Uint8Array, from: number) {
      const code = throws.shift()
      if (code !== undefined) throw Object.assign(new Error(code), { code })
      const taken = bytes.subarray(from, from + atOnce)
      text += Buffer.from(taken).toString('latin1')
      return taken.length
    },
  }
}

test('an event is a line: level, time, its fields, and the message', () => {
  const { lines, write } = pipe()
  createLog('info', write).warn('the disk is full', { file: '/a\nb', left: 0 })
  expect(lines().map((line) => JSON.parse(line) as unknown)).toEqual([
    { level: 40, time: expect.any(Number), file: '/a\nb', left: 0, msg: 'the disk is full' },
  ])
})

test('what is below the level is not told, and nothing at all where it is silent', () => {
  const { lines, write } = pipe()
  createLog('warn', write).info('started')
  createLog('silent', write).error('a bug')
  expect(lines()).toEqual([])
})

test('a field that cannot be JSON does not take the message along', () => {
  const { lines, write } = pipe()
  const loop: Record<string, unknown> = {}
  loop['self'] = loop
  createLog('warn', write).error('a bug', { loop, count: 1n })
  expect(lines()).toEqual([expect.stringContaining('"msg":"a bug"')])
})

test('a reader that is slow gets every byte; for one that is gone nothing breaks', () => {
  const slow = pipe({ atOnce: 7, throws: ['EAGAIN', 'EAGAIN'] })
  createLog('warn', slow.write).warn('first')
  createLog('warn', slow.write).warn('second')
  expect(slow.lines().map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['first', 'second'])
  expect(() => createLog('warn', pipe({ throws: ['EPIPE'] }).write).error('nobody hears')).not.toThrow()
})
