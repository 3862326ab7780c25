import { afterEach, beforeEach, expect, test } from 'vitest'

import { VirtualClock } from '../../base/clock.ts'

import { openServicesDatabase, type ServicesDatabase } from '../kit/database.ts'
import { openSeal } from '../seal.ts'

import { ResponseLinks } from './response-links.ts'

const never = new AbortController().signal
const ID = 'request'
const seal = openSeal(undefined)
let clock: VirtualClock
let database: ServicesDatabase
/** As after a restart. */
const open = () => new ResponseLinks({ database, clock, seal })
const ask = (links: ResponseLinks) => links.open({ id: ID, operationId: 'o', timeoutMs: 1000 })
beforeEach(() => {
  clock = new VirtualClock()
  database = openServicesDatabase()
})
afterEach(() => database.close())

test('a request that is opened again is the same, in another process too', () => {
  const links = open()
  const first = ask(links)
  clock.advance(10)
  links.noteSent(ID)
  expect(ask(open())).toEqual({ ...first, isSent: true, outcome: null, answer: null })
})

test('silence is as final as an answer, and comes when the time of the first opening is over', async () => {
  const links = open()
  ask(links)
  clock.advance(999)
  const again = open()
  ask(again)
  const outcome = again.outcomeOf(ID, never)
  clock.advance(1)
  expect(await outcome).toEqual({ kind: 'silent' })
  again.answer(ID, Buffer.from('late'))
  expect(await open().outcomeOf(ID, never)).toEqual({ kind: 'silent' })
})

test('an answer wakes all who wait, is kept sealed, and goes with its operation', async () => {
  const links = open()
  ask(links)
  const both = Promise.all([links.outcomeOf(ID, never), links.outcomeOf(ID, never)])
  links.answer(ID, Buffer.from('a secret'))
  expect(await both).toEqual([
    { kind: 'answered', text: 'a secret' },
    { kind: 'answered', text: 'a secret' },
  ])
  expect(JSON.stringify(database.prepare('SELECT * FROM cloudformation_requests').all())).not.toContain('a secret')
  expect(ask(open()).isSent).toBe(true)
  links.forget('other')
  expect(await open().outcomeOf(ID, never)).toEqual({ kind: 'answered', text: 'a secret' })
  links.forget('o')
  expect(database.prepare('SELECT * FROM cloudformation_requests').all()).toEqual([])
})
