/**
 * The SAM CLI, which cannot be installed here: its calls, replayed by boto3 with its own waiters and paginators over one of the
 * examples. `sam deploy --resolve-s3`, again without and with changes, `sam sync`, `sam remote invoke`, `sam logs`, `sam delete`.
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, expect } from 'vitest'

import { takeInventory } from '../e2e/inventory.ts'
import { ROOT } from '../e2e/server.ts'
import { python, testWithBoto3 } from '../e2e/tools.ts'
import { useServer } from '../e2e/use-server.ts'

const PROGRAM = join(import.meta.dirname, 'boto3/sam.py')
const FUNCTIONS = ['LogisticsFunction', 'PaymentFunction', 'StockFunction']
const ROLES = ['LogisticsFunctionRole', 'OrderProcessRole', 'PaymentFunctionRole', 'StockFunctionRole']
const UPDATED = ['UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'UPDATE_COMPLETE']

const server = useServer()
const project = mkdtempSync(join(tmpdir(), 'regente-sam-'))
afterAll(() => rmSync(project, { recursive: true, force: true }))

testWithBoto3("the SAM CLI's calls deploy, sync, run and delete an example", async () => {
  cpSync(join(ROOT, 'examples/order-process'), project, { recursive: true })
  const before = await takeInventory(server.url)
  const { stdout } = await promisify(execFile)(python, [PROGRAM, server.url, project], { timeout: 80_000 })
  expect(JSON.parse(stdout)).toEqual({
    managedBefore: null,
    managedAgain: true,

    created: [...FUNCTIONS, 'OrderProcess', ...ROLES].map((id) => `Add ${id}`).toSorted(),
    createEvents: ['CREATE_IN_PROGRESS', 'CREATE_COMPLETE'],
    uploads: 5,
    unchanged: [
      'FAILED',
      "The submitted information didn't contain changes. Submit different information to create a change set.",
    ],
    uploadsAgain: 5,
    executed: 'SUCCEEDED',
    updated: ['Modify OrderProcess', 'Modify StockFunction'],
    updateEvents: UPDATED,
    executedAgain: 'ON ITS WAY',

    invoked: [200, { isReserved: false }, true],
    executedSynced: ['SUCCEEDED', { orderId: '1001', status: 'OUT_OF_STOCK' }],
    machineSynced: 'SOLD OUT',
    syncEvents: UPDATED,
    timeout: 11,
    syncAgain: { Type: 'Sender', Code: 'ValidationError', Message: 'No updates are to be performed.' },

    logs: true,
    original: true,
    deletedObjects: true,
    left: [null, null],
  })
  expect(await takeInventory(server.url)).toEqual(before)
})
