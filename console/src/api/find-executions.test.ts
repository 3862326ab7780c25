import { afterEach, expect, test, vi } from 'vitest'

import { findByName, findExecutions, type Wanted } from './find-executions.ts'

const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:orders'
const PAGE = 1_000

afterEach(() => vi.unstubAllGlobals())

/** A server that has executions `order-0` … started one second after the other; tells how many pages were read. */
function serve(count: number): { pages: number } {
  const seen = { pages: 0 }
  vi.stubGlobal('fetch', async (_: string, { body, headers }: { body: string; headers: Record<string, string> }) => {
    const input = JSON.parse(body) as { nextToken?: string; executionArn?: string }
    if (Object.values(headers).some((value) => value.endsWith('DescribeExecution'))) {
      const name = input.executionArn?.split(':').at(-1) ?? ''
      const n = Number(/^order-(\d+)$/.exec(name)?.[1] ?? count)
      return n < count
        ? Response.json({ executionArn: input.executionArn, name, startDate: n })
        : Response.json({ __type: 'ExecutionDoesNotExist', message: 'none' }, { status: 400 })
    }
    seen.pages++
    const latest = Number(input.nextToken ?? count - 1)
    const executions = Array.from({ length: Math.min(PAGE, latest + 1) }, (_, i) => ({
      name: `order-${latest - i}`,
      startDate: latest - i,
    }))
    const rest = latest - executions.length
    return Response.json({ executions, ...(rest >= 0 && { nextToken: String(rest) }) })
  })
  return seen
}

const wanted = (more: Partial<Wanted>): Wanted => ({
  stateMachineArn: MACHINE,
  status: undefined,
  name: '',
  from: undefined,
  to: undefined,
  ...more,
})
const { signal } = new AbortController()

test('part of a name is found however old it is', async () => {
  serve(5_000)
  const { items, next } = await findExecutions(wanted({ name: 'ORDER-77' }), undefined, signal)
  expect(items.map(({ name }) => name)).toEqual(expect.arrayContaining(['order-779', 'order-77']))
  expect(items).toHaveLength(11)
  expect(next).toBeUndefined()
})

test('where the range begins, nothing older is read', async () => {
  const seen = serve(100_000)
  const { items, next } = await findExecutions(wanted({ from: 98_500, to: 98_510 }), undefined, signal)
  expect(items).toHaveLength(10)
  expect([next, seen.pages]).toEqual([undefined, 2])
})

test('without a wish, a page is a page', async () => {
  const seen = serve(100_000)
  const first = await findExecutions(wanted({}), undefined, signal)
  expect(first.items).toHaveLength(PAGE)
  const second = await findExecutions(wanted({}), first.next, signal)
  expect([second.items[0]?.name, seen.pages]).toEqual(['order-98999', 2])
})

test('an exact name is asked for by its ARN', async () => {
  const seen = serve(100_000)
  expect(await findByName(MACHINE, 'order-7', signal)).toMatchObject({ name: 'order-7' })
  expect(await findByName(MACHINE, 'nobody', signal)).toBeUndefined()
  expect(seen.pages).toBe(0)
})
