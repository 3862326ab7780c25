/**
 * State machines with their revisions, versions and aliases.
 * 1. A machine's key and its revisions' keys are never used again, nor is a version's number.
 * 2. A revision has at most one version.
 * 3. A revision outlives its machine as long as an execution of the machine is kept.
 */
import { type AliasArn, type StateMachineArn, type VersionArn, versionArn } from '../../base/arn.ts'
import { assert } from '../../base/assert.ts'
import { type RevisionKey, type StateMachineKey, toRevisionKey, toStateMachineKey } from '../../base/ids.ts'

import type { AliasRecord, NewRevision, Page, RevisionRecord, StateMachineRecord, VersionRecord } from '../contract.ts'
import { pageOf } from '../page.ts'
import type { MachineRow, MemoryDisk } from './disk.ts'

/** Machines are listed by ARN, versions newest first, aliases by ARN. */
export function definitionOperations(disk: MemoryDisk) {
  const { machines, revisions, versions, aliases } = disk

  function shown({ revisionKey, lastVersion: _, ...machine }: MachineRow): StateMachineRecord {
    const revision = revisions.get(revisionKey)
    assert(revision, `revision ${revisionKey} of ${machine.arn} is kept`)
    return { ...machine, revision }
  }
  function addRevision(stateMachineKey: StateMachineKey, revision: NewRevision): RevisionKey {
    const key = toRevisionKey(++disk.last.revision)
    revisions.set(key, { ...revision, key, stateMachineKey })
    return key
  }
  const byArn = (arn: StateMachineArn) => [...machines.values()].find((machine) => machine.arn === arn)
  const versionOf = (revisionKey: RevisionKey) => [...versions.values()].find((version) => version.revisionKey === revisionKey)

  const changed = () => void disk.last.definitions++

  return {
    async createStateMachine(
      machine: Omit<StateMachineRecord, 'key' | 'revision'>,
      revision: NewRevision,
    ): Promise<StateMachineRecord | 'name-taken'> {
      if (byArn(machine.arn)) return 'name-taken'
      const key = toStateMachineKey(++disk.last.machine)
      const row = { ...machine, key, revisionKey: addRevision(key, revision), lastVersion: 0 }
      machines.set(key, row)
      changed()
      return shown(row)
    },
    async updateStateMachine(key: StateMachineKey, revision: NewRevision): Promise<StateMachineRecord | undefined> {
      const machine = machines.get(key)
      if (!machine) return undefined
      const row = { ...machine, revisionKey: addRevision(key, revision) }
      machines.set(key, row)
      changed()
      return shown(row)
    },
    async stateMachine(arn: StateMachineArn): Promise<StateMachineRecord | undefined> {
      const machine = byArn(arn)
      return machine && shown(machine)
    },
    async stateMachines(limit: number, from = ''): Promise<Page<StateMachineRecord>> {
      const rows = [...machines.values()].filter(({ arn }) => arn > from)
      return pageOf(rows.sort(byArnRising).map(shown), limit, (last) => last.arn)
    },
    revision: async (key: RevisionKey): Promise<RevisionRecord | undefined> => revisions.get(key),
    async setStateMachineStatus(key: StateMachineKey, status: 'DELETING'): Promise<void> {
      const machine = machines.get(key)
      if (machine) machines.set(key, { ...machine, status })
      changed()
    },
    deletingMachines: async (): Promise<readonly StateMachineKey[]> =>
      [...machines.values()].flatMap(({ key, status }) => (status === 'DELETING' ? [key] : [])),
    async deleteStateMachine(key: StateMachineKey): Promise<void> {
      const machine = machines.get(key)
      if (!machine) return
      disk.tags.delete(machine.arn)
      machines.delete(key)
      changed()
      for (const { arn, stateMachineKey } of [...versions.values()]) if (stateMachineKey === key) versions.delete(arn)
      for (const { arn, stateMachineKey } of [...aliases.values()]) if (stateMachineKey === key) aliases.delete(arn)
      removeOrphanRevisions(disk)
    },

    /** The version that the revision has already, if any (2). */
    async createVersion(
      version: Omit<VersionRecord, 'version' | 'arn'>,
      stateMachineArn: StateMachineArn,
    ): Promise<VersionRecord | undefined> {
      const published = versionOf(version.revisionKey)
      if (published) return published
      const machine = machines.get(version.stateMachineKey)
      if (!machine) return undefined
      const number = machine.lastVersion + 1
      machines.set(machine.key, { ...machine, lastVersion: number })
      const record = { ...version, version: number, arn: versionArn(stateMachineArn, number) }
      versions.set(record.arn, record)
      return record
    },
    version: async (arn: VersionArn): Promise<VersionRecord | undefined> => versions.get(arn),
    versionOfRevision: async (revisionKey: RevisionKey): Promise<VersionRecord | undefined> => versionOf(revisionKey),
    async versions(stateMachineKey: StateMachineKey, limit: number, from?: string): Promise<Page<VersionRecord>> {
      const below = from === undefined ? Number.POSITIVE_INFINITY : Number(from)
      const rows = [...versions.values()].filter((one) => one.stateMachineKey === stateMachineKey && one.version < below)
      return pageOf(
        rows.sort((a, b) => b.version - a.version),
        limit,
        (last) => String(last.version),
      )
    },
    async deleteVersion(arn: VersionArn): Promise<void> {
      versions.delete(arn)
    },

    async putAlias(alias: AliasRecord): Promise<boolean> {
      if (!machines.has(alias.stateMachineKey)) return false
      aliases.set(alias.arn, { ...alias, createdAt: aliases.get(alias.arn)?.createdAt ?? alias.createdAt })
      return true
    },
    alias: async (arn: AliasArn): Promise<AliasRecord | undefined> => aliases.get(arn),
    async aliases(stateMachineKey: StateMachineKey, limit: number, from = ''): Promise<Page<AliasRecord>> {
      const rows = [...aliases.values()].filter((one) => one.stateMachineKey === stateMachineKey && one.arn > from)
      return pageOf(rows.sort(byArnRising), limit, (last) => last.arn)
    },
    async deleteAlias(arn: AliasArn): Promise<void> {
      aliases.delete(arn)
    },
  }
}

export const byArnRising = (a: { readonly arn: string }, b: { readonly arn: string }): number => (a.arn < b.arn ? -1 : 1)

/** Drops the revisions that neither a machine nor an execution needs any more (3). */
function removeOrphanRevisions({ revisions, machines, executions }: MemoryDisk): void {
  const needed = new Set(machines.keys())
  for (const { stateMachineKey, mapRunKey } of executions.values()) if (mapRunKey === undefined) needed.add(stateMachineKey)
  for (const { key, stateMachineKey } of [...revisions.values()]) if (!needed.has(stateMachineKey)) revisions.delete(key)
}
