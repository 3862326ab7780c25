import { expect, test } from 'vitest'

import { asId } from '../base/id-in-test.ts'

import { Activities, isHint, type Offer } from './activities.ts'
import { settled } from './testing/world.ts'

const A = 'arn:aws:states:us-east-1:000000000000:activity:a'
const offerOf = (task: number, activityArn = A): Offer => ({
  activityArn: asId(activityArn),
  execution: asId(1),
  frame: asId(0),
  task: asId(task),
})
const never = new AbortController().signal

test('the oldest offer goes to who asks, and each goes out once', async () => {
  const activities = new Activities()
  for (const task of [1, 2, 1]) activities.offer(offerOf(task))
  activities.offer(offerOf(9, 'arn:of:another'))
  expect([await activities.take(asId(A), never), await activities.take(asId(A), never)]).toEqual([offerOf(1), offerOf(2)])
  expect(activities.sizes).toEqual({ offers: 1, waiters: 0 })
})

test('workers who wait are served in the order in which they came', async () => {
  const activities = new Activities()
  const taken: [string, number | undefined][] = []
  for (const worker of ['first', 'second'])
    void activities.take(asId(A), never).then((offer) => taken.push([worker, offer && !isHint(offer) ? offer.task : undefined]))
  activities.offer(offerOf(1))
  activities.offer(offerOf(2))
  await settled()
  expect(taken).toEqual([
    ['first', 1],
    ['second', 2],
  ])
})

test('a task that is over is offered to nobody, and may be offered again', async () => {
  const activities = new Activities()
  activities.offer(offerOf(1))
  activities.withdraw(asId(1), asId(1))
  activities.withdraw(asId(1), asId(7))
  expect(activities.sizes.offers).toBe(0)
  activities.offer(offerOf(1))
  expect(await activities.take(asId(A), never)).toEqual(offerOf(1))
})

test('a worker who has gone takes nothing with him', async () => {
  const activities = new Activities()
  const gone = new AbortController()
  const empty = activities.take(asId(A), gone.signal)
  gone.abort()
  expect(await empty).toBeUndefined()
  expect(await activities.take(asId(A), gone.signal)).toBeUndefined()
  activities.offer(offerOf(1))
  expect(activities.sizes).toEqual({ offers: 1, waiters: 0 })
})

test('a close sends all who wait away empty, and keeps nobody after it', async () => {
  const activities = new Activities()
  const waiting = [
    activities.take(asId(A), never),
    activities.take(asId(A), never),
    activities.take(asId('arn:of:another'), never),
  ]
  activities.close()
  expect(await Promise.all(waiting)).toEqual([undefined, undefined, undefined])
  expect(await activities.take(asId(A), never)).toBeUndefined()
  expect(activities.sizes.waiters).toBe(0)
})
