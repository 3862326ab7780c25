/** Tags of any resource, by its ARN, in the order in which their keys were first put. */
import type { StateMachineKey } from '../../base/ids.ts'

import type { Database } from '../../sqlite/database.ts'
import { integerOf, row, type RowOf, text } from '../../sqlite/row.ts'

import type { TaggedArn } from '../contract.ts'

const TAG = row({ key: text, value: text })
const OF_MACHINE = row({ machine: integerOf<StateMachineKey>(), value: text })

export function tagReads(db: Database) {
  const ofResource = db.prepare<[string], RowOf<typeof TAG>>(
    'SELECT key, value FROM tags WHERE resource_arn = ? ORDER BY rowid',
    TAG,
  )
  const ofMachines = db.prepare<[string], RowOf<typeof OF_MACHINE>>(
    `SELECT state_machines.key AS machine, value FROM state_machines JOIN tags ON resource_arn = arn AND tags.key = ?`,
    OF_MACHINE,
  )
  return {
    machinesWithTag: (key: string): ReadonlyMap<StateMachineKey, string> =>
      new Map(ofMachines.all(key).map(({ machine, value }) => [machine, value])),
    tags: (resourceArn: TaggedArn): ReadonlyMap<string, string> =>
      new Map(ofResource.all(resourceArn).map(({ key, value }) => [key, value])),
  }
}

export function tagWrites(db: Database) {
  const put = db.prepare<[string, string, string]>(
    'INSERT INTO tags (resource_arn, key, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  )
  const remove = db.prepare<[string, string]>('DELETE FROM tags WHERE resource_arn = ? AND key = ?')
  return {
    putTags(resourceArn: TaggedArn, tags: ReadonlyMap<string, string>): void {
      for (const [key, value] of tags) put.run(resourceArn, key, value)
    },
    removeTags(resourceArn: TaggedArn, keys: readonly string[]): void {
      for (const key of keys) remove.run(resourceArn, key)
    },
  }
}
