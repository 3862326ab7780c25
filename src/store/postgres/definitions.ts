/**
 * State machines with their revisions, versions and aliases.
 * 1. A machine's key and its revisions' keys are never used again, nor is a version's number.
 * 2. A revision has at most one version.
 * 3. A revision outlives its machine as long as an execution of the machine is kept.
 * 4. Whoever takes a machine away holds the lock of it alone; commits that start executions of it hold it shared (commit.ts).
 * 5. Each change of a machine raises the version of the definitions, in the same transaction.
 */
import { type AliasArn, type StateMachineArn, type VersionArn, versionArn } from '../../base/arn.ts'
import { assert } from '../../base/assert.ts'
import type { RevisionKey, StateMachineKey } from '../../base/ids.ts'

import type { RowReader } from '../../sqlite/row.ts'

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
import type { Channel, Query } from './channel.ts'
import { instant, integer, key, oneOf, optional, shapeOf, text, textOf } from './shape.ts'
import { nothing, only, prepared } from './statement.ts'

const MACHINE = shapeOf<StateMachineSummary>({
  key: key<StateMachineKey>(),
  arn: textOf<StateMachineArn>(),
  name: text,
  type: oneOf(...WORKFLOW_TYPES),
  status: oneOf(...STATE_MACHINE_STATUSES),
  createdAt: instant,
})
const NEW_REVISION = {
  revisionId: optional(text),
  definition: text,
  roleArn: text,
  loggingConfiguration: optional(text),
  tracingConfiguration: optional(text),
  encryptionConfiguration: optional(text),
  createdAt: instant,
}
const REVISION = shapeOf<RevisionRecord>({
  key: key<RevisionKey>(),
  stateMachineKey: key<StateMachineKey>(),
  ...NEW_REVISION,
})
const ADDED_REVISION = shapeOf<NewRevision & { readonly stateMachineKey: StateMachineKey }>({
  stateMachineKey: key<StateMachineKey>(),
  ...NEW_REVISION,
})
const NEW_MACHINE = shapeOf<Omit<StateMachineSummary, 'key'>>({
  arn: textOf<StateMachineArn>(),
  name: text,
  type: oneOf(...WORKFLOW_TYPES),
  status: oneOf(...STATE_MACHINE_STATUSES),
  createdAt: instant,
})
const VERSION = shapeOf<VersionRecord>({
  arn: textOf<VersionArn>(),
  stateMachineKey: key<StateMachineKey>(),
  version: integer,
  revisionKey: key<RevisionKey>(),
  description: optional(text),
  createdAt: instant,
})
const ALIAS = shapeOf<AliasRecord>({
  arn: textOf<AliasArn>(),
  stateMachineKey: key<StateMachineKey>(),
  name: text,
  description: optional(text),
  routing: text,
  createdAt: instant,
  updatedAt: instant,
})

/** A machine with its revision, in one row: the columns of both, those of the revision behind `r_`. */
const WHOLE_COLUMNS = `${MACHINE.columns
  .split(', ')
  .map((column) => `state_machines.${column}`)
  .join(', ')}, ${REVISION.columns
  .split(', ')
  .map((column) => `revisions.${column} AS r_${column}`)
  .join(', ')}`
const WHOLE: RowReader<StateMachineRecord> = (given) => {
  const machine = MACHINE.reader(given)
  const revision = REVISION.reader(
    given.map((one) => (one.name.startsWith('r_') ? { ...one, name: one.name.slice(2) } : { ...one, name: `m_${one.name}` })),
  )
  return (values) => ({ ...machine(values), revision: revision(values) })
}

const WHOLE_FROM = `SELECT ${WHOLE_COLUMNS} FROM state_machines JOIN revisions ON revisions.key = revision_key`
const BY_ARN = prepared(`${WHOLE_FROM} WHERE arn = $1`, WHOLE)
const BY_KEY = prepared(`${WHOLE_FROM} WHERE state_machines.key = $1`, WHOLE)
const MACHINES = prepared(`SELECT ${MACHINE.columns} FROM state_machines WHERE arn > $1 ORDER BY arn LIMIT $2`, MACHINE.reader)
const DELETING = prepared("SELECT key FROM state_machines WHERE status = 'DELETING' ORDER BY key", only(key<StateMachineKey>()))
const REVISION_BY_KEY = prepared(`SELECT ${REVISION.columns} FROM revisions WHERE key = $1`, REVISION.reader)
const VERSION_BY_ARN = prepared(`SELECT ${VERSION.columns} FROM versions WHERE arn = $1`, VERSION.reader)
const VERSION_OF = prepared(`SELECT ${VERSION.columns} FROM versions WHERE revision_key = $1`, VERSION.reader)
const VERSIONS = prepared(
  `SELECT ${VERSION.columns} FROM versions WHERE state_machine_key = $1 AND version < $2 ORDER BY version DESC LIMIT $3`,
  VERSION.reader,
)
const ALIAS_BY_ARN = prepared(`SELECT ${ALIAS.columns} FROM aliases WHERE arn = $1`, ALIAS.reader)
const ALIASES = prepared(
  `SELECT ${ALIAS.columns} FROM aliases WHERE state_machine_key = $1 AND arn > $2 ORDER BY arn LIMIT $3`,
  ALIAS.reader,
)
const HIGHEST_VERSION = 2 ** 31 - 1

/** Machines are listed by ARN, versions newest first, aliases by ARN. */
export const definitionReads = (query: Query) => ({
  deletingMachines: (): Promise<readonly StateMachineKey[]> => query(DELETING),
  stateMachine: async (arn: StateMachineArn): Promise<StateMachineRecord | undefined> => (await query(BY_ARN, arn))[0],
  stateMachines: async (limit: number, from = ''): Promise<Page<StateMachineSummary>> =>
    pageOf(await query(MACHINES, from, limit + 1), limit, (last) => last.arn),
  revision: async (revisionKey: RevisionKey): Promise<RevisionRecord | undefined> =>
    (await query(REVISION_BY_KEY, revisionKey))[0],
  version: async (arn: VersionArn): Promise<VersionRecord | undefined> => (await query(VERSION_BY_ARN, arn))[0],
  versionOfRevision: async (revisionKey: RevisionKey): Promise<VersionRecord | undefined> =>
    (await query(VERSION_OF, revisionKey))[0],
  async versions(stateMachineKey: StateMachineKey, limit: number, from?: string): Promise<Page<VersionRecord>> {
    const below = from === undefined ? HIGHEST_VERSION : Number(from)
    return pageOf(await query(VERSIONS, stateMachineKey, below, limit + 1), limit, (last) => String(last.version))
  },
  alias: async (arn: AliasArn): Promise<AliasRecord | undefined> => (await query(ALIAS_BY_ARN, arn))[0],
  aliases: async (stateMachineKey: StateMachineKey, limit: number, from = ''): Promise<Page<AliasRecord>> =>
    pageOf(await query(ALIASES, stateMachineKey, from, limit + 1), limit, (last) => last.arn),
})

const INSERT_MACHINE = prepared(
  `INSERT INTO state_machines (${NEW_MACHINE.columns}, revision_key) VALUES (${NEW_MACHINE.marks}, 0)
   ON CONFLICT DO NOTHING RETURNING key`,
  only(key<StateMachineKey>()),
)
const ADD_REVISION = prepared(
  `INSERT INTO revisions (${ADDED_REVISION.columns}) VALUES (${ADDED_REVISION.marks}) RETURNING key`,
  only(key<RevisionKey>()),
)
const SET_REVISION = prepared('UPDATE state_machines SET revision_key = $2 WHERE key = $1', nothing)
const SET_STATUS = prepared('UPDATE state_machines SET status = $2 WHERE key = $1', nothing)
const CHANGED = prepared("UPDATE counters SET value = value + 1 WHERE name = 'definitions'", nothing)
/** The machine stays as long as the transaction. */
const HOLD = prepared('SELECT key FROM state_machines WHERE key = $1 FOR UPDATE', only(key<StateMachineKey>()))
const LOCK_ALONE = prepared('SELECT pg_advisory_xact_lock(773403, $1::int4)::text', only(text))
const NEXT_VERSION = prepared(
  'UPDATE state_machines SET last_version = last_version + 1 WHERE key = $1 RETURNING last_version',
  only(integer),
)
const INSERT_VERSION = prepared(`INSERT INTO versions (${VERSION.columns}) VALUES (${VERSION.marks})`, nothing)
const REMOVE_VERSION = prepared('DELETE FROM versions WHERE arn = $1', nothing)
const PUT_ALIAS = prepared(
  `INSERT INTO aliases (${ALIAS.columns}) VALUES (${ALIAS.marks}) ON CONFLICT (arn) DO UPDATE SET
    description = excluded.description, routing = excluded.routing, updated_at = excluded.updated_at`,
  nothing,
)
const REMOVE_ALIAS = prepared('DELETE FROM aliases WHERE arn = $1', nothing)
const REMOVALS = [
  'DELETE FROM tags WHERE resource_arn = (SELECT arn FROM state_machines WHERE key = $1)',
  'DELETE FROM versions WHERE state_machine_key = $1',
  'DELETE FROM aliases WHERE state_machine_key = $1',
  'DELETE FROM state_machines WHERE key = $1',
].map((sql) => prepared(sql, nothing))
/** Drops the revisions that neither a machine nor an execution needs any more (3). */
const REMOVE_ORPHAN_REVISIONS = prepared(
  `DELETE FROM revisions WHERE NOT EXISTS (SELECT FROM state_machines WHERE state_machines.key = state_machine_key)
     AND NOT EXISTS (SELECT FROM executions WHERE executions.state_machine_key = revisions.state_machine_key AND map_run_key IS NULL)`,
  nothing,
)

export function definitionWrites(channel: Pick<Channel, 'transaction'>) {
  async function addRevision(query: Query, stateMachineKey: StateMachineKey, revision: NewRevision): Promise<StateMachineRecord> {
    const [revisionKey] = await query(ADD_REVISION, ...ADDED_REVISION.values({ ...revision, stateMachineKey }))
    assert(revisionKey, 'a revision has a key')
    await query(SET_REVISION, stateMachineKey, revisionKey)
    await query(CHANGED)
    const [machine] = await query(BY_KEY, stateMachineKey)
    assert(machine, `state machine ${stateMachineKey} exists`)
    return machine
  }
  const isThere = async (query: Query, stateMachineKey: StateMachineKey) => (await query(HOLD, stateMachineKey)).length === 1

  return {
    createStateMachine: (
      machine: Omit<StateMachineSummary, 'key'>,
      revision: NewRevision,
    ): Promise<StateMachineRecord | 'name-taken'> =>
      channel.transaction(async (query) => {
        const [made] = await query(INSERT_MACHINE, ...NEW_MACHINE.values(machine))
        return made === undefined ? 'name-taken' : addRevision(query, made, revision)
      }),
    updateStateMachine: (machine: StateMachineKey, revision: NewRevision): Promise<StateMachineRecord | undefined> =>
      channel.transaction(async (query) => ((await isThere(query, machine)) ? addRevision(query, machine, revision) : undefined)),
    setStateMachineStatus: (machine: StateMachineKey, status: 'DELETING'): Promise<void> =>
      channel.transaction(async (query) => {
        await query(LOCK_ALONE, machine)
        await query(SET_STATUS, machine, status)
        await query(CHANGED)
      }),
    deleteStateMachine: (machine: StateMachineKey): Promise<void> =>
      channel.transaction(async (query) => {
        await query(LOCK_ALONE, machine)
        for (const removal of REMOVALS) await query(removal, machine)
        await query(REMOVE_ORPHAN_REVISIONS)
        await query(CHANGED)
      }),
    /** The version that the revision has already, if any (2). */
    createVersion: (
      version: Omit<VersionRecord, 'version' | 'arn'>,
      stateMachineArn: StateMachineArn,
    ): Promise<VersionRecord | undefined> =>
      channel.transaction(async (query) => {
        const isHeld = await isThere(query, version.stateMachineKey)
        const [published] = await query(VERSION_OF, version.revisionKey)
        if (published || !isHeld) return published
        const [number] = await query(NEXT_VERSION, version.stateMachineKey)
        assert(number, 'the machine is held')
        const record = { ...version, version: number, arn: versionArn(stateMachineArn, number) }
        await query(INSERT_VERSION, ...VERSION.values(record))
        return record
      }),
    deleteVersion: (arn: VersionArn): Promise<void> =>
      channel.transaction(async (query) => {
        await query(REMOVE_VERSION, arn)
      }),
    putAlias: (alias: AliasRecord): Promise<boolean> =>
      channel.transaction(async (query) => {
        if (!(await isThere(query, alias.stateMachineKey))) return false
        await query(PUT_ALIAS, ...ALIAS.values(alias))
        return true
      }),
    deleteAlias: (arn: AliasArn): Promise<void> =>
      channel.transaction(async (query) => {
        await query(REMOVE_ALIAS, arn)
      }),
  }
}
