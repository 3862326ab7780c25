import { expect, test } from 'vitest'

import { Engines } from './link-door.ts'

const OWN = 'http://127.0.0.1:4567'
const OTHERS = 'http://services.test:4567'

test('functions are told to call the engine that came last, and the services themselves where there is none', () => {
  const engines = new Engines(() => OWN)
  expect(engines.url()).toBe(OWN)
  const forget = engines.add('a', { url: 'http://a:1' })
  expect(engines.url()).toBe('http://a:1')
  engines.add('b', { url: 'http://b:1' })
  expect(engines.url()).toBe('http://b:1')
  forget()
  expect([engines.urls(), engines.count]).toEqual([['http://b:1'], 1])
})

test('where engines come and go they are told to call the services, by the name under which engines know these', () => {
  const engines = new Engines(() => OWN)
  const leave = ['a', 'b'].map((name) => engines.add(name, { url: `http://${name}:1`, servicesUrl: OTHERS }))
  expect(engines.url()).toBe(OTHERS)
  expect(engines.urls()).toEqual(['http://a:1', 'http://b:1'])
  for (const forget of leave) forget()
  expect(engines.url()).toBe(OWN)
})

test('an engine whose link is taken up again before the old one was found broken stays', () => {
  const engines = new Engines(() => OWN)
  const forgetOld = engines.add('a', { url: 'http://a:1' })
  engines.add('a', { url: 'http://a:1' })
  forgetOld()
  expect(engines.urls()).toEqual(['http://a:1'])
})
