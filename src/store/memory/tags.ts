/** Tags of any resource, by its ARN, in the order in which their keys were first put. */
import type { StateMachineKey } from '../../base/ids.ts'

import type { TaggedArn } from '../contract.ts'
import type { MemoryDisk } from './disk.ts'

export function tagOperations({ tags, machines }: MemoryDisk) {
  const of = (resourceArn: TaggedArn) => tags.get(resourceArn) ?? new Map<string, string>()
  return {
    tags: async (resourceArn: TaggedArn): Promise<ReadonlyMap<string, string>> => of(resourceArn),
    async putTags(resourceArn: TaggedArn, put: ReadonlyMap<string, string>): Promise<void> {
      tags.set(resourceArn, new Map([...of(resourceArn), ...put]))
    },
    async removeTags(resourceArn: TaggedArn, keys: readonly string[]): Promise<void> {
      tags.set(resourceArn, new Map([...of(resourceArn)].filter(([key]) => !keys.includes(key))))
    },
    async machinesWithTag(key: string): Promise<ReadonlyMap<StateMachineKey, string>> {
      const values = [...machines.values()].map((machine) => [machine.key, of(machine.arn).get(key)] as const)
      return new Map(values.flatMap(([machine, value]) => (value === undefined ? [] : [[machine, value]])))
    },
  }
}
