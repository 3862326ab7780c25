import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { BodyTooLargeError, drainBody, readBody, SlowRequestError, targetOf } from './http.ts'

const requestOf = (headers: Readonly<Record<string, string>> = {}) =>
  Object.assign(new PassThrough(), { headers }) as unknown as IncomingMessage & PassThrough

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a body', () => {
  test('is read whole, and not beyond its bound', async () => {
    const req = requestOf()
    req.write('ab')
    req.end('c')
    expect((await readBody(req, 3)).toString()).toBe('abc')
    const long = requestOf()
    long.end('abcd')
    await expect(readBody(long, 3)).rejects.toThrow(BodyTooLargeError)
    await expect(readBody(requestOf({ 'content-length': '4' }), 3)).rejects.toThrow(BodyTooLargeError)
  })

  test('that stands still for 30 seconds is given up, and not waited for again', async () => {
    const req = requestOf()
    req.write('a')
    const read = readBody(req, 10).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(29_999)
    req.write('b')
    await vi.advanceTimersByTimeAsync(29_999)
    expect(vi.getTimerCount()).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(await read).toBeInstanceOf(SlowRequestError)
    await drainBody(req)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('that was refused is read to its end, so that its sender reads why; a very long one is not', async () => {
    const req = requestOf()
    req.write(Buffer.alloc(1_000))
    await expect(readBody(req, 10)).rejects.toThrow(BodyTooLargeError)
    const drained = drainBody(req)
    req.end(Buffer.alloc(1_000_000))
    await drained
    expect(req.readableEnded).toBe(true)
    const long = requestOf({ 'content-length': String(2 ** 30) })
    await drainBody(long)
    expect(long.readableEnded).toBe(false)
  })
})

test('a query of half a million names is read in no time by the reader of forms', () => {
  const { path, query } = targetOf({ url: `/b/k?${'a&'.repeat(500_000)}x=1%202` } as IncomingMessage)
  expect([path, query.get('x')]).toEqual(['/b/k', '1 2'])
})
