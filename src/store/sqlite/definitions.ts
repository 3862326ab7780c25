/**
 * State machines with their revisions, versions and aliases.
 * 1. A machine's key and its revisions' keys are never used again, nor is a version's number.
 * 2. A revision has at most one version.
 * 3. A revision outlives its machine as long as an execution of the machine is kept.
 */
import { type AliasArn, type StateMachineArn, type VersionArn, versionArn } from '../../base/arn.ts'
import { assert } from '../../base/assert.ts'
import { type RevisionKey, type StateMachineKey, toRevisionKey, toStateMachineKey } from '../../base/ids.ts'

import type { Database } from '../../sqlite/database.ts'
import { integer, integerOf, oneOf, text, textOf } from '../../sqlite/row.ts'

import {
  type AliasRecord,
  type NewRevision,
  type Page,
  type RevisionRecord,
  type StateMachineRecord,
  type StateMachineSummary,
  type VersionRecord,
  STATE_MACHINE_STATUSES,
  WORKFLOW_TYPES,
} from '../contract.ts'
import { pageOf } from '../page.ts'
import { instant, optional, shapeOf } from './shape.ts'

interface MachineRow extends StateMachineSummary {
  readonly revisionKey: RevisionKey
}

const MACHINE = shapeOf<MachineRow>({
  key: integerOf<StateMachineKey>(),
  arn: textOf<StateMachineArn>(),
  name: text,
  type: oneOf(...WORKFLOW_TYPES),
  status: oneOf(...STATE_MACHINE_STATUSES),
  createdAt: instant,
  revisionKey: integerOf<RevisionKey>(),
})

const REVISION = shapeOf<RevisionRecord>({
  key: integerOf<RevisionKey>(),
  stateMachineKey: integerOf<StateMachineKey>(),
  revisionId: optional(text),
  definition: text,
  roleArn: text,
  loggingConfiguration: optional(text),
  tracingConfiguration: optional(text),
  encryptionConfiguration: optional(text),
  createdAt: instant,
})

const VERSION = shapeOf<VersionRecord>({
  arn: textOf<VersionArn>(),
  stateMachineKey: integerOf<StateMachineKey>(),
  version: integer,
  revisionKey: integerOf<RevisionKey>(),
  description: optional(text),
  createdAt: instant,
})

const ALIAS = shapeOf<AliasRecord>({
  arn: textOf<AliasArn>(),
  stateMachineKey: integerOf<StateMachineKey>(),
  name: text,
  description: optional(text),
  routing: text,
  createdAt: instant,
  updatedAt: instant,
})

/** Machines and activities are listed by name, versions newest first, aliases by name. */
export function definitionReads(db: Database) {
  const machineByArn = db.prepare<[string], MachineRow>('SELECT * FROM state_machines WHERE arn = ?', MACHINE.reader)
  const machinePage = db.prepare<[string, number], MachineRow>(
    'SELECT * FROM state_machines WHERE arn > ? ORDER BY arn LIMIT ?',
    MACHINE.reader,
  )
  const revisionByKey = db.prepare<[number], RevisionRecord>('SELECT * FROM revisions WHERE key = ?', REVISION.reader)
  const versionByArn = db.prepare<[string], VersionRecord>('SELECT * FROM versions WHERE arn = ?', VERSION.reader)
  const versionByRevision = db.prepare<[number], VersionRecord>('SELECT * FROM versions WHERE revision_key = ?', VERSION.reader)
  const versionPage = db.prepare<[number, number, number], VersionRecord>(
    'SELECT * FROM versions WHERE state_machine_key = ? AND version < ? ORDER BY version DESC LIMIT ?',
    VERSION.reader,
  )
  const aliasByArn = db.prepare<[string], AliasRecord>('SELECT * FROM aliases WHERE arn = ?', ALIAS.reader)
  const aliasPage = db.prepare<[number, string, number], AliasRecord>(
    'SELECT * FROM aliases WHERE state_machine_key = ? AND arn > ? ORDER BY arn LIMIT ?',
    ALIAS.reader,
  )

  /** Reads of one moment: the writing thread may delete a machine between two of them. */
  const snapshot = <T>(read: () => T): T => db.transaction(read)

  const revision = (key: RevisionKey): RevisionRecord | undefined => revisionByKey.get(key)
  function machineOf({ revisionKey, ...machine }: MachineRow): StateMachineRecord {
    const current = revision(revisionKey)
    assert(current, `revision ${revisionKey} of ${machine.arn} is kept`)
    return { ...machine, revision: current }
  }

  const deleting = db.prepareValue<[], StateMachineKey>(
    "SELECT key FROM state_machines WHERE status = 'DELETING' ORDER BY key",
    integerOf<StateMachineKey>(),
  )
  return {
    revision,
    deletingMachines: (): readonly StateMachineKey[] => deleting.all(),
    stateMachine: (arn: StateMachineArn): StateMachineRecord | undefined =>
      snapshot(() => {
        const row = machineByArn.get(arn)
        return row && machineOf(row)
      }),
    stateMachines: (limit: number, from = ''): Page<StateMachineSummary> =>
      pageOf(machinePage.all(from, limit + 1), limit, (last) => last.arn),
    version: (arn: VersionArn): VersionRecord | undefined => versionByArn.get(arn),
    versionOfRevision: (revisionKey: RevisionKey): VersionRecord | undefined => versionByRevision.get(revisionKey),
    versions(stateMachineKey: StateMachineKey, limit: number, from?: string): Page<VersionRecord> {
      const below = from === undefined ? Number.MAX_SAFE_INTEGER : Number(from)
      return pageOf(versionPage.all(stateMachineKey, below, limit + 1), limit, (last) => String(last.version))
    },
    alias: (arn: AliasArn): AliasRecord | undefined => aliasByArn.get(arn),
    aliases: (stateMachineKey: StateMachineKey, limit: number, from = ''): Page<AliasRecord> =>
      pageOf(aliasPage.all(stateMachineKey, from, limit + 1), limit, (last) => last.arn),
  }
}

/** Drops the revisions that neither a machine nor an execution needs any more (3). */
const REMOVE_ORPHAN_REVISIONS = `
DELETE FROM revisions WHERE state_machine_key NOT IN (SELECT key FROM state_machines)
  AND NOT EXISTS (SELECT 1 FROM executions INDEXED BY executions_machine
    WHERE executions.state_machine_key = revisions.state_machine_key AND executions.map_run_key IS NULL)`

export function definitionWrites(db: Database) {
  const read = definitionReads(db)
  const insertMachine = db.prepare(
    `INSERT INTO state_machines (${MACHINE.columns}) VALUES (${MACHINE.marks}) ON CONFLICT DO NOTHING`,
  )
  const insertRevision = db.prepare(`INSERT INTO revisions (${REVISION.columns}) VALUES (${REVISION.marks})`)
  const setRevision = db.prepare<[number, number]>('UPDATE state_machines SET revision_key = ? WHERE key = ?')
  const setStatus = db.prepare<[string, number]>('UPDATE state_machines SET status = ? WHERE key = ?')
  const machineArn = db.prepareValue<[number], StateMachineArn>(
    'SELECT arn FROM state_machines WHERE key = ?',
    textOf<StateMachineArn>(),
  )
  const active = db.prepareValue<[number], number>("SELECT 1 FROM state_machines WHERE key = ? AND status = 'ACTIVE'", integer)
  const nextVersion = db.prepareValue<[number], number>(
    'UPDATE state_machines SET last_version = last_version + 1 WHERE key = ? RETURNING last_version',
    integer,
  )
  const insertVersion = db.prepare(`INSERT INTO versions (${VERSION.columns}) VALUES (${VERSION.marks})`)
  const removeVersion = db.prepare<[string]>('DELETE FROM versions WHERE arn = ?')
  const putAlias = db.prepare(
    `INSERT INTO aliases (${ALIAS.columns}) VALUES (${ALIAS.marks}) ON CONFLICT DO UPDATE SET
      description = excluded.description, routing = excluded.routing, updated_at = excluded.updated_at`,
  )
  const removeAlias = db.prepare<[string]>('DELETE FROM aliases WHERE arn = ?')
  const removals = [
    'DELETE FROM tags WHERE resource_arn = (SELECT arn FROM state_machines WHERE key = ?)',
    'DELETE FROM versions WHERE state_machine_key = ?',
    'DELETE FROM aliases WHERE state_machine_key = ?',
    'DELETE FROM state_machines WHERE key = ?',
  ].map((sql) => db.prepare<[number]>(sql))
  const removeOrphans = db.prepare(REMOVE_ORPHAN_REVISIONS)

  function addRevision(stateMachineKey: StateMachineKey, revision: NewRevision): void {
    const [, ...values] = REVISION.values({ ...revision, key: toRevisionKey(0), stateMachineKey })
    const { lastInsertRowid } = insertRevision.run(null, ...values)
    setRevision.run(lastInsertRowid, stateMachineKey)
  }
  function stateMachine(key: StateMachineKey): StateMachineRecord {
    const arn = machineArn.get(key)
    const machine = arn === undefined ? undefined : read.stateMachine(arn)
    assert(machine, `state machine ${key} exists`)
    return machine
  }

  return {
    isActive: (key: StateMachineKey): boolean => active.get(key) === 1,
    createStateMachine(machine: Omit<StateMachineSummary, 'key'>, revision: NewRevision): StateMachineRecord | 'name-taken' {
      const [, ...values] = MACHINE.values({ ...machine, key: toStateMachineKey(0), revisionKey: toRevisionKey(0) })
      const { changes, lastInsertRowid } = insertMachine.run(null, ...values)
      if (changes === 0) return 'name-taken'
      const key = toStateMachineKey(lastInsertRowid)
      addRevision(key, revision)
      return stateMachine(key)
    },
    updateStateMachine(key: StateMachineKey, revision: NewRevision): StateMachineRecord | undefined {
      if (machineArn.get(key) === undefined) return undefined
      addRevision(key, revision)
      return stateMachine(key)
    },
    setStateMachineStatus(key: StateMachineKey, status: 'DELETING'): void {
      setStatus.run(status, key)
    },
    deleteStateMachine(key: StateMachineKey): void {
      for (const removal of removals) removal.run(key)
      removeOrphans.run()
    },
    /** The version that the revision has already, if any (2). */
    createVersion(version: Omit<VersionRecord, 'version' | 'arn'>, stateMachineArn: StateMachineArn): VersionRecord | undefined {
      const published = read.versionOfRevision(version.revisionKey)
      if (published) return published
      const number = nextVersion.get(version.stateMachineKey)
      if (number === undefined) return undefined
      const record = { ...version, version: number, arn: versionArn(stateMachineArn, number) }
      insertVersion.run(...VERSION.values(record))
      return record
    },
    deleteVersion(arn: VersionArn): void {
      removeVersion.run(arn)
    },
    putAlias(alias: AliasRecord): boolean {
      if (machineArn.get(alias.stateMachineKey) === undefined) return false
      putAlias.run(...ALIAS.values(alias))
      return true
    },
    deleteAlias(arn: AliasArn): void {
      removeAlias.run(arn)
    },
  }
}
