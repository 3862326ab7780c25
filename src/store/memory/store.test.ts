import { ALL_SHARDS } from '../../base/ids.ts'
import { expect, test } from 'vitest'

import { VirtualClock } from '../../base/clock.ts'
import { asId } from '../../base/id-in-test.ts'

import { testStoreContract } from '../contract-suite.ts'
import { type SharedStore, testLeasePromises } from '../testing/leases.ts'
import { executionOf, firstTurn } from '../testing/records.ts'
import { MemoryDisk } from './disk.ts'
import { openMemoryStore } from './store.ts'

testStoreContract('memory', async () => {
  const disk = new MemoryDisk()
  return { open: async () => openMemoryStore(disk), discard: async () => {} }
})

testLeasePromises('memory', async () => {
  const [disk, clock, leaseMs] = [new MemoryDisk(), new VirtualClock(), 1_000]
  return {
    leaseMs,
    async open(): Promise<SharedStore> {
      const { leases, ...store } = openMemoryStore(disk, { clock, leaseMs })
      if (!leases) throw new Error('the store is shared')
      return { ...store, leases }
    },
    pass: async (ms) => clock.advance(ms),
    discard: async () => {},
  }
})

test('a copy of a disk has what the disk has, and each goes its own way', async () => {
  const disk = new MemoryDisk()
  await openMemoryStore(disk).commit([firstTurn(executionOf(1))])
  const copy = new MemoryDisk(disk)
  await openMemoryStore(copy).commit([firstTurn(executionOf(2))])
  expect([...copy.executions.keys()]).toEqual([1, 2])
  expect([...disk.executions.keys()]).toEqual([1])
  expect(await openMemoryStore(copy).busy(ALL_SHARDS, asId(0), 10)).toEqual([])
  expect(openMemoryStore(copy).newExecutionKey()).toBe(3)
})
