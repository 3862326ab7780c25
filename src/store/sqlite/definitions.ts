/**
 * State machines with their revisions, versions and aliases.
 * 1. A machine's key and its revisions' keys are never used again, nor is a version's number.
 * 2. A revision has at most one version.
 * 3. A revision outlives its machine as long as an execution of the machine is kept.
 */
import { assert } from '../../base/assert.ts'

import type { Database } from '../../sqlite/database.ts'

import type {
  AliasRecord,
  NewRevision,
  Page,
  RevisionRecord,
  StateMachineRecord,
  StateMachineSummary,
  VersionRecord,
} from '../contract.ts'
import { pageOf } from '../page.ts'
import { type Row, shapeOf } from './shape.ts'

type MachineRow = StateMachineSummary & { readonly revisionKey: number }

const MACHINE = shapeOf<MachineRow>({
  key: 'key',
  arn: 'arn',
  name: 'name',
  type: 'type',
  status: 'status',
  createdAt: 'created_at',
  revisionKey: 'revision_key',
})

const REVISION = shapeOf<RevisionRecord>({
  key: 'key',
  stateMachineKey: 'state_machine_key',
  revisionId: 'revision_id',
  definition: 'definition',
  roleArn: 'role_arn',
  loggingConfiguration: 'logging_configuration',
  tracingConfiguration: 'tracing_configuration',
  encryptionConfiguration: 'encryption_configuration',
  createdAt: 'created_at',
})

const VERSION = shapeOf<VersionRecord>({
  arn: 'arn',
  stateMachineKey: 'state_machine_key',
  version: 'version',
  revisionKey: 'revision_key',
  description: 'description',
  createdAt: 'created_at',
})

const ALIAS = shapeOf<AliasRecord>({
  arn: 'arn',
  stateMachineKey: 'state_machine_key',
  name: 'name',
  description: 'description',
  routing: 'routing',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
})

/** Machines and activities are listed by name, versions newest first, aliases by name. */
export function definitionReads(db: Database) {
  const machineByArn = db.prepare<[string], Row>('SELECT * FROM state_machines WHERE arn = ?')
  const machinePage = db.prepare<[string, number], Row>('SELECT * FROM state_machines WHERE arn > ? ORDER BY arn LIMIT ?')
  const revisionByKey = db.prepare<[number], Row>('SELECT * FROM revisions WHERE key = ?')
  const versionByArn = db.prepare<[string], Row>('SELECT * FROM versions WHERE arn = ?')
  const versionByRevision = db.prepare<[number], Row>('SELECT * FROM versions WHERE revision_key = ?')
  const versionPage = db.prepare<[number, number, number], Row>(
    'SELECT * FROM versions WHERE state_machine_key = ? AND version < ? ORDER BY version DESC LIMIT ?',
  )
  const aliasByArn = db.prepare<[string], Row>('SELECT * FROM aliases WHERE arn = ?')
  const aliasPage = db.prepare<[number, string, number], Row>(
    'SELECT * FROM aliases WHERE state_machine_key = ? AND arn > ? ORDER BY arn LIMIT ?',
  )

  /** Reads of one moment: the writing thread may delete a machine between two of them. */
  const snapshot = <T>(read: () => T): T => db.transaction(read)

  function revision(key: number): RevisionRecord | undefined {
    const row = revisionByKey.get(key)
    return row && REVISION.read(row)
  }
  function machineOf(row: Row): StateMachineRecord {
    const { revisionKey, ...machine } = MACHINE.read(row)
    const current = revision(revisionKey)
    assert(current, `revision ${revisionKey} of ${machine.arn} is kept`)
    return { ...machine, revision: current }
  }

  return {
    revision,
    stateMachine: (arn: string): StateMachineRecord | undefined =>
      snapshot(() => {
        const row = machineByArn.get(arn)
        return row && machineOf(row)
      }),
    stateMachines: (limit: number, from = ''): Page<StateMachineSummary> =>
      pageOf(machinePage.all(from, limit + 1).map(MACHINE.read), limit, (last) => last.arn),
    version(arn: string): VersionRecord | undefined {
      const row = versionByArn.get(arn)
      return row && VERSION.read(row)
    },
    versionOfRevision(revisionKey: number): VersionRecord | undefined {
      const row = versionByRevision.get(revisionKey)
      return row && VERSION.read(row)
    },
    versions(stateMachineKey: number, limit: number, from?: string): Page<VersionRecord> {
      const below = from === undefined ? Number.MAX_SAFE_INTEGER : Number(from)
      const rows = versionPage.all(stateMachineKey, below, limit + 1).map(VERSION.read)
      return pageOf(rows, limit, (last) => String(last.version))
    },
    alias(arn: string): AliasRecord | undefined {
      const row = aliasByArn.get(arn)
      return row && ALIAS.read(row)
    },
    aliases(stateMachineKey: number, limit: number, from = ''): Page<AliasRecord> {
      return pageOf(aliasPage.all(stateMachineKey, from, limit + 1).map(ALIAS.read), limit, (last) => last.arn)
    },
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
  const machineArn = db.prepareValue<[number], string>('SELECT arn FROM state_machines WHERE key = ?')
  const nextVersion = db.prepareValue<[number], number>(
    'UPDATE state_machines SET last_version = last_version + 1 WHERE key = ? RETURNING last_version',
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

  function addRevision(stateMachineKey: number, revision: NewRevision): void {
    const [, ...values] = REVISION.values({ ...revision, key: 0, stateMachineKey })
    const { lastInsertRowid } = insertRevision.run(null, ...values)
    setRevision.run(Number(lastInsertRowid), stateMachineKey)
  }
  function stateMachine(key: number): StateMachineRecord {
    const arn = machineArn.get(key)
    const machine = arn === undefined ? undefined : read.stateMachine(arn)
    assert(machine, `state machine ${key} exists`)
    return machine
  }

  return {
    hasStateMachine: (key: number): boolean => machineArn.get(key) !== undefined,
    createStateMachine(machine: Omit<StateMachineSummary, 'key'>, revision: NewRevision): StateMachineRecord | 'name-taken' {
      const [, ...values] = MACHINE.values({ ...machine, key: 0, revisionKey: 0 })
      const { changes, lastInsertRowid } = insertMachine.run(null, ...values)
      if (changes === 0) return 'name-taken'
      addRevision(Number(lastInsertRowid), revision)
      return stateMachine(Number(lastInsertRowid))
    },
    updateStateMachine(key: number, revision: NewRevision): StateMachineRecord | undefined {
      if (machineArn.get(key) === undefined) return undefined
      addRevision(key, revision)
      return stateMachine(key)
    },
    setStateMachineStatus(key: number, status: 'DELETING'): void {
      setStatus.run(status, key)
    },
    deleteStateMachine(key: number): void {
      for (const removal of removals) removal.run(key)
      removeOrphans.run()
    },
    /** The version that the revision has already, if any (2). */
    createVersion(version: Omit<VersionRecord, 'version' | 'arn'>, stateMachineArn: string): VersionRecord | undefined {
      const published = read.versionOfRevision(version.revisionKey)
      if (published) return published
      const number = nextVersion.get(version.stateMachineKey)
      if (number === undefined) return undefined
      const record = { ...version, version: number, arn: `${stateMachineArn}:${number}` }
      insertVersion.run(...VERSION.values(record))
      return record
    },
    deleteVersion(arn: string): void {
      removeVersion.run(arn)
    },
    putAlias(alias: AliasRecord): boolean {
      if (machineArn.get(alias.stateMachineKey) === undefined) return false
      putAlias.run(...ALIAS.values(alias))
      return true
    },
    deleteAlias(arn: string): void {
      removeAlias.run(arn)
    },
  }
}
