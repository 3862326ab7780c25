/**
 * Operations on tables. A table is there at once, and so is an index of an empty one; an index that is added to a table is filled
 * behind the answer (chores.ts), and so is what is left of a table that is deleted.
 * Source: Amazon DynamoDB API reference; texts as DynamoDB answers them.
 */
import { randomUUID } from 'node:crypto'

import { getOwn, type JsonObject } from '../../base/json.ts'

import type { ServiceDeps } from '../kit/service-deps.ts'
import { addTags, removeTags, type TagErrors, tagList, tagsObject, tagsOf } from '../kit/tags.ts'

import type { Chores } from './chores.ts'
import { dynamoError, invalidValues, tableInUse, tableNotFound, validationError } from './errors.ts'
import { flag, list, readInput, type ReadMembers, struct, text, whole } from './shapes.ts'
import type { StreamRecords } from './stream-records.ts'
import { listAt, type Table, type TableRecord, textAt } from './table.ts'
import { checkIndex, checkTableKeys } from './table-keys.ts'
import {
  attributeDefinition,
  checkSettings,
  checkUnprotected,
  indexName,
  isOnDemand,
  keySchema,
  ownTableName,
  projection,
  SETTINGS,
  type Settings,
  settled,
  throughput,
  throughputTold,
  wantedView,
} from './table-settings.ts'
import type { TableStore } from './table-store.ts'

export type TablesDeps = Pick<ServiceDeps, 'region' | 'account' | 'clock'> & {
  readonly store: TableStore
  readonly streams: StreamRecords
  readonly chores: Chores
  /** Where the service is reached. */
  readonly endpoint: () => string
}

const index = {
  IndexName: indexName,
  KeySchema: keySchema,
  Projection: projection,
  ProvisionedThroughput: throughput,
  OnDemandThroughput: { kind: 'json' },
  WarmThroughput: { kind: 'json' },
} as const
const tags = list(struct({ Key: text({ isRequired: true }), Value: text({ isRequired: true }) }))

const CREATE = {
  AttributeDefinitions: list(attributeDefinition, { isRequired: true }),
  TableName: ownTableName,
  KeySchema: keySchema,
  LocalSecondaryIndexes: list(struct(index)),
  GlobalSecondaryIndexes: list(struct(index)),
  Tags: tags,
  ...SETTINGS,
} as const
const UPDATE = {
  TableName: ownTableName,
  AttributeDefinitions: list(attributeDefinition),
  GlobalSecondaryIndexUpdates: list(
    struct({
      Create: struct(index),
      Update: struct({ IndexName: indexName, ProvisionedThroughput: throughput, OnDemandThroughput: { kind: 'json' } }),
      Delete: struct({ IndexName: indexName }),
    }),
  ),
  ReplicaUpdates: list({ kind: 'json' }),
  ...SETTINGS,
} as const
const ONE = { TableName: ownTableName } as const
const LIST = {
  Limit: whole({ min: 1, max: 100 }),
  ExclusiveStartTableName: text({ pattern: '[a-zA-Z0-9_.-]+', min: 3, max: 255 }),
} as const
const OF_RESOURCE = { ResourceArn: text({ isRequired: true }) } as const
const EXPIRY = {
  TableName: ownTableName,
  TimeToLiveSpecification: struct(
    { Enabled: { ...flag, isRequired: true }, AttributeName: text({ isRequired: true, min: 1, max: 255 }) },
    { isRequired: true },
  ),
} as const
const BACKUPS = {
  TableName: ownTableName,
  PointInTimeRecoverySpecification: struct(
    { PointInTimeRecoveryEnabled: { ...flag, isRequired: true }, RecoveryPeriodInDays: whole({ min: 1, max: 35 }) },
    { isRequired: true },
  ),
} as const

const BACKUP_DAYS = 35

export class Tables {
  readonly #deps: TablesDeps
  readonly operations: ReadonlyMap<string, (input: JsonObject) => JsonObject>

  constructor(deps: TablesDeps) {
    this.#deps = deps
    this.operations = new Map<string, (input: JsonObject) => JsonObject>([
      ['CreateTable', (input) => this.#create(readInput(CREATE, input))],
      ['DescribeTable', (input) => ({ Table: this.#told(this.require(readInput(ONE, input).TableName)) })],
      ['UpdateTable', (input) => this.#update(readInput(UPDATE, input))],
      ['DeleteTable', (input) => this.#delete(readInput(ONE, input).TableName)],
      ['ListTables', (input) => this.#list(readInput(LIST, input))],
      ['TagResource', (input) => this.#tag(readInput({ ...OF_RESOURCE, Tags: { ...tags, isRequired: true } }, input))],
      [
        'UntagResource',
        (input) => this.#untag(readInput({ ...OF_RESOURCE, TagKeys: list(text(), { isRequired: true }) }, input)),
      ],
      ['ListTagsOfResource', (input) => this.#listTags(readInput(OF_RESOURCE, input).ResourceArn)],
      ['DescribeTimeToLive', (input) => this.#describeExpiry(readInput(ONE, input).TableName)],
      ['UpdateTimeToLive', (input) => this.#updateExpiry(readInput(EXPIRY, input))],
      ['DescribeContinuousBackups', (input) => this.#describeBackups(readInput(ONE, input).TableName)],
      ['UpdateContinuousBackups', (input) => this.#updateBackups(readInput(BACKUPS, input))],
      ['DescribeEndpoints', () => this.#endpoints()],
      ['DescribeLimits', () => LIMITS],
    ])
  }

  /** Throws ResourceNotFoundException. */
  require(name: string): Table {
    const table = this.#deps.store.find(name)
    if (!table) throw tableNotFound(name)
    return table
  }

  /** In seconds. */
  #seconds(): number {
    return this.#deps.clock.now() / 1000
  }

  #told(table: Table): JsonObject {
    const { items, bytes } = this.#deps.store.counts(table)
    const entries = this.#deps.store.entries(table)
    const counted = (name: 'GlobalSecondaryIndexes' | 'LocalSecondaryIndexes') => {
      const indexes = listAt(table.record.description, name).map((one) => {
        const count = entries.get(textAt(one, 'IndexName')) ?? 0
        return { ...one, ItemCount: count, IndexSizeBytes: items === 0 ? 0 : Math.round((bytes / items) * count) }
      })
      return indexes.length === 0 ? {} : { [name]: indexes }
    }
    return {
      ...table.record.description,
      ...counted('GlobalSecondaryIndexes'),
      ...counted('LocalSecondaryIndexes'),
      ItemCount: items,
      TableSizeBytes: bytes,
    }
  }

  // ---- making and changing

  #create(input: ReadMembers<typeof CREATE>): JsonObject {
    const { store, region, account } = this.#deps
    const { TableName, BillingMode, ProvisionedThroughput } = input
    if (BillingMode === 'PAY_PER_REQUEST' && ProvisionedThroughput)
      throw invalidValues('Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST')
    if (BillingMode !== 'PAY_PER_REQUEST' && !ProvisionedThroughput)
      throw invalidValues('ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED')
    checkTableKeys(input)
    checkSettings(input)
    const given = addTags(new Map(), tagsFrom(input.Tags), TAG_ERRORS)
    if (store.find(TableName)) throw tableInUse(TableName)
    const arn = `arn:aws:dynamodb:${region}:${account}:table/${TableName}`
    const indexes = (all: typeof input.GlobalSecondaryIndexes) => all?.map((one) => indexTold(one, arn))
    const [global, local] = [indexes(input.GlobalSecondaryIndexes), indexes(input.LocalSecondaryIndexes)]
    const base: JsonObject = {
      AttributeDefinitions: input.AttributeDefinitions.map((one) => ({ ...one })),
      TableName,
      KeySchema: input.KeySchema.map((key) => ({ ...key })),
      TableStatus: 'ACTIVE',
      CreationDateTime: this.#seconds(),
      TableArn: arn,
      TableId: randomUUID(),
      ProvisionedThroughput: throughputTold(ProvisionedThroughput),
      ...(global && { GlobalSecondaryIndexes: global.map((one) => ({ ...one, IndexStatus: 'ACTIVE' })) }),
      ...(local && { LocalSecondaryIndexes: local.map(({ ProvisionedThroughput: _, ...one }) => one) }),
    }
    const description = settled(base, input, this.#seconds())
    const names = [...(global ?? []), ...(local ?? [])].map((one) => textAt(one, 'IndexName'))
    const table = store.transaction(() => {
      const made = store.insert(TableName, { description }, names, tagsObject(given))
      return this.#withStream(made, input)
    })
    return { TableDescription: { ...this.#told(table), TableStatus: 'CREATING' } }
  }

  /** Opens or closes the stream, as the settings have it. */
  #withStream(table: Table, settings: Settings): Table {
    if (settings.StreamSpecification === undefined) return table
    const { store, streams, clock } = this.#deps
    const { record, name, arn } = table
    const view = wantedView(settings)
    if (view === undefined) {
      if (!record.stream) throw validationError('Table has no stream to disable')
      streams.close(record.stream.id)
      const { StreamSpecification: _, ...description } = record.description
      return store.update(table, { ...record, description, stream: undefined })
    }
    if (record.stream) throw validationError(`Table already has an enabled stream: TableName: ${name}`)
    // Of two streams of one table no two have one label.
    let at = clock.now()
    while (streams.byArn(`${arn}/stream/${streamLabel(at)}`)) at++
    const label = streamLabel(at)
    const StreamArn = `${arn}/stream/${label}`
    const KeySchema = listAt(record.description, 'KeySchema')
    const id = streams.open(StreamArn, table.id, name, { StreamLabel: label, StreamViewType: view, KeySchema })
    const description = {
      ...record.description,
      StreamSpecification: { StreamEnabled: true, StreamViewType: view },
      LatestStreamLabel: label,
      LatestStreamArn: StreamArn,
    }
    return store.update(table, { ...record, description, stream: { id, view } })
  }

  #update(input: ReadMembers<typeof UPDATE>): JsonObject {
    const { TableName: _, AttributeDefinitions, ReplicaUpdates, GlobalSecondaryIndexUpdates: updates, ...settings } = input
    const table = this.require(input.TableName)
    if (ReplicaUpdates)
      throw dynamoError('NotImplemented', 'Tables are not copied to other regions here: ReplicaUpdates is not implemented.')
    if (Object.values(settings).every((one) => one === undefined) && (updates ?? []).length === 0)
      throw validationError(
        'At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required',
      )
    checkSettings(settings)
    checkBilling(table.record.description, settings)
    const { store, chores } = this.#deps
    const changed = store.transaction(() => {
      const description = settled(table.record.description, settings, this.#seconds())
      const withSettings = store.update(table, { ...table.record, description })
      const withIndexes = this.#changeIndexes(withSettings, updates ?? [], AttributeDefinitions ?? [])
      return this.#withStream(withIndexes, settings)
    })
    chores.ring()
    return { TableDescription: { ...this.#told(changed), TableStatus: 'UPDATING' } }
  }

  #changeIndexes(
    table: Table,
    updates: NonNullable<ReadMembers<typeof UPDATE>['GlobalSecondaryIndexUpdates']>,
    given: readonly { readonly AttributeName: string; readonly AttributeType: string }[],
  ): Table {
    if (updates.length === 0) return table
    checkUpdates(updates)
    const { store, chores } = this.#deps
    const { description } = table.record
    const attributes = new Map(
      listAt(description, 'AttributeDefinitions').map((one) => [textAt(one, 'AttributeName'), one] as const),
    )
    for (const one of given) attributes.set(one.AttributeName, { ...one })
    let indexes = listAt(description, 'GlobalSecondaryIndexes')
    const find = (name: string) => indexes.find((one) => textAt(one, 'IndexName') === name)
    const removed: number[] = []
    for (const update of updates) {
      const name = (update.Create ?? update.Update ?? update.Delete)?.IndexName ?? ''
      if (update.Create) {
        if (find(name) || table.indexes.some((one) => one.name === name))
          throw validationError(`Attempting to create an index which already exists: ${name}`)
        checkNewIndex(update.Create, [...attributes.keys()])
        if (!isOnDemand(description) && !update.Create.ProvisionedThroughput)
          throw invalidValues(`ProvisionedThroughput must be specified for index: ${name}`)
        const told = indexTold(update.Create, table.arn)
        indexes = [...indexes, { ...told, IndexStatus: 'CREATING', Backfilling: true }]
      } else if (!find(name)) {
        throw dynamoError('ResourceNotFoundException', `Requested resource not found: Index: ${name} not found`)
      } else if (update.Delete) {
        indexes = indexes.filter((one) => textAt(one, 'IndexName') !== name)
        removed.push(...table.indexes.filter((one) => one.name === name).map(({ id }) => id))
      } else if (update.Update?.ProvisionedThroughput) {
        const ProvisionedThroughput = throughputTold(update.Update.ProvisionedThroughput)
        indexes = indexes.map((one) => (textAt(one, 'IndexName') === name ? { ...one, ProvisionedThroughput } : one))
      }
    }
    const { GlobalSecondaryIndexes: _, ...rest } = description
    const whole: JsonObject = { ...rest, ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes }) }
    const changed = { ...whole, AttributeDefinitions: definitionsUsed(whole, attributes) }
    const added = updates.flatMap(({ Create }) => Create?.IndexName ?? [])
    const updated = store.update(table, { ...table.record, description: changed }, added, removed)
    for (const name of added) {
      const made = updated.indexes.find((one) => one.name === name)
      if (made) chores.add('fill', updated.id, made.id)
    }
    for (const id of removed) chores.add('dropIndex', updated.id, id)
    return updated
  }

  #delete(name: string): JsonObject {
    const table = this.require(name)
    checkUnprotected(table.record.description)
    const { store, streams, chores } = this.#deps
    const told = this.#told(table)
    store.transaction(() => {
      if (table.record.stream) streams.close(table.record.stream.id)
      store.remove(table)
      for (const { id } of table.indexes) chores.add('dropIndex', table.id, id)
      chores.add('dropTable', table.id, 0)
    })
    chores.ring()
    return { TableDescription: { ...told, TableStatus: 'DELETING' } }
  }

  #list({ Limit = 100, ExclusiveStartTableName = '' }: ReadMembers<typeof LIST>): JsonObject {
    const found = this.#deps.store.names(ExclusiveStartTableName, Limit + 1)
    const TableNames = found.slice(0, Limit)
    return { TableNames, ...(found.length > Limit && { LastEvaluatedTableName: TableNames.at(-1) ?? '' }) }
  }

  // ---- tags

  #tag({ ResourceArn, Tags }: { readonly ResourceArn: string; readonly Tags: Read }): JsonObject {
    if (Tags.length === 0) throw validationError('Atleast one Tag needs to be provided as Input.')
    const table = this.#ofArn(ResourceArn)
    const { store } = this.#deps
    store.setTags(table, tagsObject(addTags(tagsOf(store.tags(table)), tagsFrom(Tags), TAG_ERRORS)))
    return {}
  }

  #untag({ ResourceArn, TagKeys }: { readonly ResourceArn: string; readonly TagKeys: readonly string[] }): JsonObject {
    if (TagKeys.length === 0) throw validationError('Atleast one Tag Key needs to be provided as Input.')
    const table = this.#ofArn(ResourceArn)
    const { store } = this.#deps
    store.setTags(table, tagsObject(removeTags(tagsOf(store.tags(table)), TagKeys)))
    return {}
  }

  #listTags(arn: string): JsonObject {
    return { Tags: tagList(tagsOf(this.#deps.store.tags(this.#ofArn(arn)))) }
  }

  #ofArn(arn: string): Table {
    const [, name] = /^arn:[^:]+:dynamodb:[^:]*:\d+:table\/([a-zA-Z0-9_.-]{3,255})$/.exec(arn) ?? []
    if (name === undefined) throw validationError(`Invalid TableArn: Invalid ResourceArn provided as input ${arn}`)
    const table = this.#deps.store.find(name)
    if (!table) throw dynamoError('ResourceNotFoundException', `Requested resource not found: ResourcArn: ${arn} not found`)
    return table
  }

  // ---- what expires

  #describeExpiry(name: string): JsonObject {
    const { expiry } = this.require(name).record
    const TimeToLiveDescription =
      expiry === undefined ? { TimeToLiveStatus: 'DISABLED' } : { TimeToLiveStatus: 'ENABLED', AttributeName: expiry }
    return { TimeToLiveDescription }
  }

  #updateExpiry({ TableName, TimeToLiveSpecification: wanted }: ReadMembers<typeof EXPIRY>): JsonObject {
    const table = this.require(TableName)
    const { expiry, ...record } = table.record
    const { Enabled, AttributeName } = wanted
    if (Enabled === (expiry !== undefined)) throw validationError(`TimeToLive is already ${Enabled ? 'enabled' : 'disabled'}`)
    if (!Enabled && expiry !== AttributeName)
      throw validationError(`TimeToLive is active on a different AttributeName: current AttributeName is ${expiry}`)
    const { store, chores } = this.#deps
    store.transaction(() => {
      store.update(table, { ...record, ...(Enabled && { expiry: AttributeName }) })
      chores.add('expiry', table.id, 0)
    })
    chores.ring()
    return { TimeToLiveSpecification: { Enabled, AttributeName } }
  }

  // ---- backups: kept, and nothing is ever restored from them

  #describeBackups(name: string): JsonObject {
    return backupsTold(this.require(name).record, this.#seconds())
  }

  #updateBackups({ TableName, PointInTimeRecoverySpecification: wanted }: ReadMembers<typeof BACKUPS>): JsonObject {
    const table = this.require(TableName)
    const { PointInTimeRecoveryEnabled: isContinuous, RecoveryPeriodInDays: days = BACKUP_DAYS } = wanted
    const since = table.record.backups?.isContinuous === true ? table.record.backups.since : Math.floor(this.#seconds())
    const record = { ...table.record, backups: { isContinuous, days, since } }
    this.#deps.store.update(table, record)
    return backupsTold(record, this.#seconds())
  }

  #endpoints(): JsonObject {
    const { host } = new URL(this.#deps.endpoint())
    return { Endpoints: [{ Address: host, CachePeriodInMinutes: 1440 }] }
  }
}

type Read = readonly { readonly Key: string; readonly Value: string }[]

const LIMITS = {
  AccountMaxReadCapacityUnits: 80_000,
  AccountMaxWriteCapacityUnits: 80_000,
  TableMaxReadCapacityUnits: 40_000,
  TableMaxWriteCapacityUnits: 40_000,
}

const TAG_ERRORS: TagErrors = {
  tooMany: () => validationError('Too many tags: the limit is 50'),
  badKey: () => validationError('One or more parameter values were invalid: Tag key length must be between 1 and 128'),
  badValue: () => validationError('One or more parameter values were invalid: Tag value length must be at most 256'),
  reserved: () => validationError('One or more parameter values were invalid: Tag keys must not begin with aws:'),
}

const tagsFrom = (given: Read | undefined) => new Map((given ?? []).map(({ Key, Value }) => [Key, Value]))

/** `2026-11-30T07:00:00.000`. */
const streamLabel = (at: number): string => new Date(at).toISOString().slice(0, -1)

type GivenIndex = NonNullable<ReadMembers<typeof CREATE>['GlobalSecondaryIndexes']>[number]

function indexTold({ ProvisionedThroughput, KeySchema, Projection, IndexName }: GivenIndex, arn: string): JsonObject {
  const { ProjectionType, NonKeyAttributes } = Projection
  return {
    IndexName,
    KeySchema: KeySchema.map((key) => ({ ...key })),
    Projection: { ProjectionType: ProjectionType ?? 'ALL', ...(NonKeyAttributes && { NonKeyAttributes }) },
    IndexArn: `${arn}/index/${IndexName}`,
    ProvisionedThroughput: throughputTold(ProvisionedThroughput),
  }
}

function checkNewIndex(given: GivenIndex, defined: readonly string[]): void {
  const missing = given.KeySchema.map((key) => key.AttributeName).find((name) => !defined.includes(name))
  if (missing !== undefined)
    throw invalidValues(`Some index key attributes are not defined in AttributeDefinitions. Keys: [${missing}]`)
  checkIndex(given, defined)
}

function checkBilling(description: JsonObject, { BillingMode, ProvisionedThroughput }: Settings): void {
  if (BillingMode === 'PROVISIONED' && !ProvisionedThroughput)
    throw invalidValues('ProvisionedThroughput must be specified when BillingMode is PROVISIONED')
  const isFree = BillingMode === undefined ? isOnDemand(description) : BillingMode === 'PAY_PER_REQUEST'
  if (ProvisionedThroughput && isFree)
    throw invalidValues('Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST')
  if (!ProvisionedThroughput || BillingMode !== undefined) return
  const now = getOwn(description, 'ProvisionedThroughput') as Readonly<Record<string, number>>
  const { ReadCapacityUnits: read, WriteCapacityUnits: write } = ProvisionedThroughput
  if (read !== now['ReadCapacityUnits'] || write !== now['WriteCapacityUnits']) return
  throw validationError(
    `The provisioned throughput for the table will not change. The requested value equals the current value. Current ReadCapacityUnits provisioned for the table: ${read}. Requested ReadCapacityUnits: ${read}. Current WriteCapacityUnits provisioned for the table: ${write}. Requested WriteCapacityUnits: ${write}. Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.`,
  )
}

function checkUpdates(updates: NonNullable<ReadMembers<typeof UPDATE>['GlobalSecondaryIndexUpdates']>): void {
  const names = new Set<string>()
  for (const { Create, Update, Delete } of updates) {
    const name = (Create ?? Update ?? Delete)?.IndexName
    if (name === undefined)
      throw invalidValues(
        'One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null',
      )
    if (names.has(name))
      throw invalidValues(`Only one global secondary index update per index is allowed simultaneously. Index: ${name}`)
    names.add(name)
  }
}

/** Of attributes that no key names any more nothing is told. */
function definitionsUsed(description: JsonObject, attributes: ReadonlyMap<string, JsonObject>): readonly JsonObject[] {
  const keyed = [description, ...listAt(description, 'GlobalSecondaryIndexes'), ...listAt(description, 'LocalSecondaryIndexes')]
  const used = new Set(keyed.flatMap((one) => listAt(one, 'KeySchema').map((key) => textAt(key, 'AttributeName'))))
  return [...attributes].filter(([name]) => used.has(name)).map(([, definition]) => definition)
}

function backupsTold({ backups }: TableRecord, seconds: number): JsonObject {
  const recovery =
    backups?.isContinuous === true
      ? {
          PointInTimeRecoveryStatus: 'ENABLED',
          RecoveryPeriodInDays: backups.days,
          EarliestRestorableDateTime: Math.max(backups.since, seconds - backups.days * 86_400),
          LatestRestorableDateTime: seconds,
        }
      : { PointInTimeRecoveryStatus: 'DISABLED' }
  return {
    ContinuousBackupsDescription: { ContinuousBackupsStatus: 'ENABLED', PointInTimeRecoveryDescription: recovery },
  }
}
