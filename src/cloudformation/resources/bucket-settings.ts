/**
 * The settings of a bucket, as the API of S3 has them: one document each, made of a property of the template.
 * Source: CloudFormation, AWS::S3::Bucket; Amazon S3 API reference, the pages of PutBucket….
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { element, parseXml, type Xml, type XmlElement } from '../../wire/xml.ts'

import { booleanAt, listAt, objectAt, requiredText, tagsOf, textAt, textsAt } from './resource.ts'

export interface BucketSetting {
  readonly property: string
  /** As the query names it, and under which id, where a bucket may have several. */
  readonly query: string
  readonly id?: string
  /** Undefined where the template says nothing of it. */
  readonly document: string | undefined
  /** What is put where it says so no more; undefined where it is deleted then. */
  readonly unset?: string
}

/** In the order in which they are to be put: some ask for others. */
export function settingsOf(properties: JsonObject, bucket: string): readonly BucketSetting[] {
  return SETTINGS.map(({ property, query, root, shape, unset }) => {
    const value = getOwn(properties, property)
    const isSaid = value !== undefined && !(isArray(value) && value.length === 0)
    const shaped = isSaid ? shape(value, bucket, properties) : undefined
    return {
      property,
      query,
      document: shaped && print(root, shaped),
      ...(unset && { unset: print(root, unset) }),
    }
  })
}

/** Those of which a bucket may have several, by their ids. */
export function listedSettingsOf(properties: JsonObject): readonly BucketSetting[] {
  return LISTED.flatMap(({ property, query, root, shape }) =>
    listAt(properties, property)
      .filter(isObject)
      .map((one) => ({ property, query, id: requiredText(one, 'Id'), document: print(root, shape(one)) })),
  )
}

export const printXml = (root: string, value: JsonObject): Xml => element(root, partsOf(value), { xmlns: NAMESPACE })
const print = (root: string, value: JsonObject): string => printXml(root, value).xml

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/'

/** A list is an element for each of its items. */
function partsOf(value: Json): Xml[] | string {
  if (!isObject(value)) return String(value)
  return Object.entries(value).flatMap(([name, member]) =>
    (isArray(member) ? member : [member]).map((one) => element(name, partsOf(one))),
  )
}

/** Whether two documents say the same, whatever the order, and the ids that S3 has given. */
export const isSameXml = (told: string, wanted: string): boolean => canonical(parseXml(told)) === canonical(parseXml(wanted))

const canonical = ({ name, text, children }: XmlElement): string => {
  const parts = children.filter((one) => !/^id$/i.test(one.name)).map(canonical)
  return `<${name}>${parts.length > 0 ? parts.sort().join('') : text.trim()}</>`
}

// ---- what is called otherwise in a template

type Shape = (value: Json, bucket: string, properties: JsonObject) => JsonObject

interface Setting {
  readonly property: string
  readonly query: string
  readonly root: string
  readonly shape: Shape
  readonly unset?: JsonObject
}

const objectOf = (value: Json): JsonObject => (isObject(value) ? value : {})
const rulesIn = (value: Json, name: string): readonly JsonObject[] => listAt(objectOf(value), name).filter(isObject)
/** The members that are there, under the names that the API has for them. */
const renamed = (object: JsonObject, names: Readonly<Record<string, string>>): Record<string, Json> =>
  Object.fromEntries(
    Object.entries(names).flatMap(([from, to]): [string, Json][] => {
      const value = getOwn(object, from)
      return value === undefined ? [] : [[to, value]]
    }),
  )
const same = (...names: readonly string[]): Record<string, string> => Object.fromEntries(names.map((name) => [name, name]))

const BLOCKS = ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets']

const SETTINGS: readonly Setting[] = [
  {
    property: 'VersioningConfiguration',
    query: 'versioning',
    root: 'VersioningConfiguration',
    shape: (value) => ({ Status: textAt(objectOf(value), 'Status') === 'Enabled' ? 'Enabled' : 'Suspended' }),
    unset: { Status: 'Suspended' },
  },
  {
    property: 'Tags',
    query: 'tagging',
    root: 'Tagging',
    shape: (_, __, properties) => ({ TagSet: { Tag: tagsOf(properties).map(({ key, value }) => ({ Key: key, Value: value })) } }),
  },
  {
    property: 'OwnershipControls',
    query: 'ownershipControls',
    root: 'OwnershipControls',
    shape: (value) => ({ Rule: rulesIn(value, 'Rules') }),
  },
  {
    property: 'PublicAccessBlockConfiguration',
    query: 'publicAccessBlock',
    root: 'PublicAccessBlockConfiguration',
    shape: (value) => Object.fromEntries(BLOCKS.map((name) => [name, booleanAt(objectOf(value), name) ?? false])),
  },
  {
    property: 'BucketEncryption',
    query: 'encryption',
    root: 'ServerSideEncryptionConfiguration',
    shape: (value) => ({ Rule: rulesIn(value, 'ServerSideEncryptionConfiguration').map(encryptionRule) }),
  },
  {
    property: 'CorsConfiguration',
    query: 'cors',
    root: 'CORSConfiguration',
    shape: (value) => ({ CORSRule: rulesIn(value, 'CorsRules').map((rule) => renamed(rule, CORS)) }),
  },
  {
    property: 'ObjectLockConfiguration',
    query: 'object-lock',
    root: 'ObjectLockConfiguration',
    shape: (value) => ({ ObjectLockEnabled: 'Enabled', ...renamed(objectOf(value), same('Rule')) }),
    unset: { ObjectLockEnabled: 'Enabled' },
  },
  {
    property: 'LifecycleConfiguration',
    query: 'lifecycle',
    root: 'LifecycleConfiguration',
    shape: (value) => ({ Rule: rulesIn(value, 'Rules').map(lifecycleRule) }),
  },
  {
    property: 'LoggingConfiguration',
    query: 'logging',
    root: 'BucketLoggingStatus',
    shape: (value, bucket) => ({
      LoggingEnabled: {
        TargetBucket: textAt(objectOf(value), 'DestinationBucketName') ?? bucket,
        TargetPrefix: textAt(objectOf(value), 'LogFilePrefix') ?? '',
        ...renamed(objectOf(value), same('TargetObjectKeyFormat')),
      },
    }),
    unset: {},
  },
  {
    property: 'AccelerateConfiguration',
    query: 'accelerate',
    root: 'AccelerateConfiguration',
    shape: (value) => ({ Status: textAt(objectOf(value), 'AccelerationStatus') ?? 'Suspended' }),
    unset: { Status: 'Suspended' },
  },
  {
    property: 'WebsiteConfiguration',
    query: 'website',
    root: 'WebsiteConfiguration',
    shape: (value) => website(objectOf(value)),
  },
  {
    property: 'ReplicationConfiguration',
    query: 'replication',
    root: 'ReplicationConfiguration',
    shape: (value) => ({
      Role: textAt(objectOf(value), 'Role') ?? '',
      Rule: rulesIn(value, 'Rules').map(replicationRule),
    }),
  },
  {
    property: 'NotificationConfiguration',
    query: 'notification',
    root: 'NotificationConfiguration',
    shape: (value) => notifications(objectOf(value)),
    unset: {},
  },
]

const encryptionRule = (rule: JsonObject): JsonObject => ({
  ...renamed(rule, { ServerSideEncryptionByDefault: 'ApplyServerSideEncryptionByDefault' }),
  BucketKeyEnabled: booleanAt(rule, 'BucketKeyEnabled') ?? false,
  ...renamed(rule, same('BlockedEncryptionTypes')),
})

const CORS = {
  Id: 'ID',
  AllowedHeaders: 'AllowedHeader',
  AllowedMethods: 'AllowedMethod',
  AllowedOrigins: 'AllowedOrigin',
  ExposedHeaders: 'ExposeHeader',
  MaxAge: 'MaxAgeSeconds',
}

function lifecycleRule(rule: JsonObject): JsonObject {
  const single = (name: string): readonly JsonObject[] => {
    const one = objectAt(rule, name)
    return [...(one ? [one] : []), ...rulesIn(rule, `${name}s`)]
  }
  const expiration = renamed(rule, {
    ExpirationDate: 'Date',
    ExpirationInDays: 'Days',
    ExpiredObjectDeleteMarker: 'ExpiredObjectDeleteMarker',
  })
  const older =
    objectAt(rule, 'NoncurrentVersionExpiration') ?? renamed(rule, { NoncurrentVersionExpirationInDays: 'NoncurrentDays' })
  const after = { TransitionDate: 'Date', TransitionInDays: 'Days', StorageClass: 'StorageClass' }
  const afterOlder = { TransitionInDays: 'NoncurrentDays', ...same('NewerNoncurrentVersions', 'StorageClass') }
  return {
    ...renamed(rule, { Id: 'ID' }),
    Filter: filterOf(rule),
    Status: textAt(rule, 'Status') ?? '',
    ...(Object.keys(expiration).length > 0 && { Expiration: expiration }),
    Transition: single('Transition').map((one) => renamed(one, after)),
    NoncurrentVersionTransition: single('NoncurrentVersionTransition').map((one) => renamed(one, afterOlder)),
    ...(Object.keys(older).length > 0 && { NoncurrentVersionExpiration: older }),
    ...renamed(rule, same('AbortIncompleteMultipartUpload')),
  }
}

/** One condition stands by itself, several within `And`. */
function filterOf(rule: JsonObject): JsonObject {
  const Tag = listAt(rule, 'TagFilters').filter(isObject)
  const conditions = textsAt(rule, ['Prefix', 'ObjectSizeGreaterThan', 'ObjectSizeLessThan'])
  const count = Object.keys(conditions).length + Tag.length
  if (count === 0) return { Prefix: '' }
  const all = { ...conditions, ...(Tag.length > 0 && { Tag }) }
  return count === 1 ? all : { And: all }
}

function website(value: JsonObject): JsonObject {
  const [index, error] = [textAt(value, 'IndexDocument'), textAt(value, 'ErrorDocument')]
  const rules = rulesIn(value, 'RoutingRules').map((rule) =>
    renamed(rule, { RoutingRuleCondition: 'Condition', RedirectRule: 'Redirect' }),
  )
  return {
    ...renamed(value, same('RedirectAllRequestsTo')),
    ...(index !== undefined && { IndexDocument: { Suffix: index } }),
    ...(error !== undefined && { ErrorDocument: { Key: error } }),
    ...(rules.length > 0 && { RoutingRules: { RoutingRule: rules } }),
  }
}

function replicationRule(rule: JsonObject): JsonObject {
  const filter = objectAt(rule, 'Filter')
  const several = filter && objectAt(filter, 'And')
  const conditions = (one: JsonObject) => renamed(one, { Prefix: 'Prefix', TagFilter: 'Tag', TagFilters: 'Tag' })
  return {
    ...renamed(rule, { Id: 'ID', ...same('Priority', 'Prefix', 'Status') }),
    ...(filter && { Filter: several ? { And: conditions(several) } : conditions(filter) }),
    ...renamed(rule, same('SourceSelectionCriteria', 'DeleteMarkerReplication', 'Destination')),
  }
}

const TARGETS = [
  { property: 'TopicConfigurations', root: 'TopicConfiguration', from: 'Topic', to: 'Topic' },
  { property: 'QueueConfigurations', root: 'QueueConfiguration', from: 'Queue', to: 'Queue' },
  { property: 'LambdaConfigurations', root: 'CloudFunctionConfiguration', from: 'Function', to: 'CloudFunction' },
]

function notifications(value: JsonObject): JsonObject {
  const told = TARGETS.map(({ property, root, from, to }): [string, Json] => [
    root,
    rulesIn(value, property).map((rule) => ({
      ...renamed(rule, { [from]: to, Event: 'Event' }),
      ...keyFilter(objectAt(rule, 'Filter')),
    })),
  ])
  const bridge = objectAt(value, 'EventBridgeConfiguration')
  const isForBridge = bridge !== undefined && booleanAt(bridge, 'EventBridgeEnabled') !== false
  return { ...Object.fromEntries(told), ...(isForBridge && { EventBridgeConfiguration: {} }) }
}

const keyFilter = (filter: JsonObject | undefined): JsonObject =>
  filter ? { Filter: { S3Key: { FilterRule: rulesIn(objectAt(filter, 'S3Key') ?? {}, 'Rules') } } } : {}

interface Listed extends Omit<Setting, 'shape'> {
  readonly shape: (one: JsonObject) => JsonObject
}

const destinationOf = (destination: JsonObject): JsonObject => ({
  S3BucketDestination: renamed(destination, { BucketAccountId: 'AccountId', BucketArn: 'Bucket', ...same('Format', 'Prefix') }),
})

/** Without a condition there is no filter at all. */
function optionalFilter(one: JsonObject): JsonObject {
  const { Prefix, TagFilters, AccessPointArn } = one
  if (Prefix === undefined && TagFilters === undefined && AccessPointArn === undefined) return {}
  return { Filter: { ...filterOf(one), ...(AccessPointArn !== undefined && { AccessPointArn }) } }
}

const LISTED: readonly Listed[] = [
  {
    property: 'MetricsConfigurations',
    query: 'metrics',
    root: 'MetricsConfiguration',
    shape: (one) => ({ ...renamed(one, same('Id')), ...optionalFilter(one) }),
  },
  {
    property: 'IntelligentTieringConfigurations',
    query: 'intelligent-tiering',
    root: 'IntelligentTieringConfiguration',
    shape: (one) => ({
      ...renamed(one, same('Id')),
      ...optionalFilter(one),
      ...renamed(one, same('Status')),
      Tiering: rulesIn(one, 'Tierings'),
    }),
  },
  {
    property: 'AnalyticsConfigurations',
    query: 'analytics',
    root: 'AnalyticsConfiguration',
    shape(one) {
      const exported = objectAt(objectAt(one, 'StorageClassAnalysis') ?? {}, 'DataExport')
      const data = exported && {
        ...renamed(exported, same('OutputSchemaVersion')),
        Destination: destinationOf(objectAt(exported, 'Destination') ?? {}),
      }
      return {
        ...renamed(one, same('Id')),
        ...optionalFilter(one),
        StorageClassAnalysis: data ? { DataExport: data } : {},
      }
    },
  },
  {
    property: 'InventoryConfigurations',
    query: 'inventory',
    root: 'InventoryConfiguration',
    shape: (one) => ({
      ...renamed(one, same('Id')),
      IsEnabled: booleanAt(one, 'Enabled') ?? false,
      Destination: destinationOf(objectAt(one, 'Destination') ?? {}),
      ...(one['Prefix'] !== undefined && { Filter: { Prefix: one['Prefix'] } }),
      ...renamed(one, same('IncludedObjectVersions')),
      ...(one['OptionalFields'] !== undefined && { OptionalFields: { Field: one['OptionalFields'] } }),
      Schedule: { Frequency: textAt(one, 'ScheduleFrequency') ?? '' },
    }),
  },
]
