/** Tags of any resource, by its ARN, in the order in which their keys were first put. */
import type { StateMachineKey } from '../../base/ids.ts'

import { row } from '../../sqlite/row.ts'

import type { TaggedArn } from '../contract.ts'
import { arrayOf } from './binary-array.ts'
import type { Query } from './channel.ts'
import { key, text } from './shape.ts'
import { nothing, prepared } from './statement.ts'

const OF_RESOURCE = prepared(
  'SELECT key, value FROM tags WHERE resource_arn = $1 ORDER BY place',
  row({ key: text, value: text }),
)
const OF_MACHINES = prepared(
  'SELECT state_machines.key AS machine, value FROM tags JOIN state_machines ON arn = resource_arn WHERE tags.key = $1',
  row({ machine: key<StateMachineKey>(), value: text }),
)
const PUT = prepared(
  `INSERT INTO tags (resource_arn, key, value)
   SELECT $1, key, value FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS given (key, value, place) ORDER BY place
   ON CONFLICT (resource_arn, key) DO UPDATE SET value = excluded.value`,
  nothing,
)
const REMOVE = prepared('DELETE FROM tags WHERE resource_arn = $1 AND key = ANY ($2::text[])', nothing)

export const tagReads = (query: Query) => ({
  tags: async (resourceArn: TaggedArn): Promise<ReadonlyMap<string, string>> =>
    new Map((await query(OF_RESOURCE, resourceArn)).map(({ key, value }) => [key, value])),
  machinesWithTag: async (tag: string): Promise<ReadonlyMap<StateMachineKey, string>> =>
    new Map((await query(OF_MACHINES, tag)).map(({ machine, value }) => [machine, value])),
})

export const tagWrites = (query: Query) => ({
  async putTags(resourceArn: TaggedArn, tags: ReadonlyMap<string, string>): Promise<void> {
    await query(PUT, resourceArn, arrayOf('text', tags.keys()), arrayOf('text', tags.values()))
  },
  async removeTags(resourceArn: TaggedArn, keys: readonly string[]): Promise<void> {
    await query(REMOVE, resourceArn, arrayOf('text', keys))
  },
})
