import { expect, test } from 'vitest'

import { asId } from '../../base/id-in-test.ts'

import { testStoreContract } from '../contract-suite.ts'
import { executionOf, firstTurn } from '../testing/records.ts'
import { MemoryDisk } from './disk.ts'
import { openMemoryStore } from './store.ts'

testStoreContract('memory', async () => {
  const disk = new MemoryDisk()
  return { open: async () => openMemoryStore(disk), discard: async () => {} }
})

test('a copy of a disk has what the disk has, and each goes its own way', async () => {
  const disk = new MemoryDisk()
  await openMemoryStore(disk).commit([firstTurn(executionOf(1))])
  const copy = new MemoryDisk(disk)
  await openMemoryStore(copy).commit([firstTurn(executionOf(2))])
  expect([...copy.executions.keys()]).toEqual([1, 2])
  expect([...disk.executions.keys()]).toEqual([1])
  expect(await openMemoryStore(copy).busy(asId(0), 10)).toEqual([])
  expect(openMemoryStore(copy).newExecutionKey()).toBe(3)
})
