/** boto3, unmodified, calls every operation of DynamoDB and its streams, and all that S3 has beside plain objects. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'

import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { DynamoDbService } from '../../src/services/dynamodb/service.ts'
import { openServicesDatabase } from '../../src/services/kit/database.ts'
import { ACCOUNT, REGION } from '../e2e/server.ts'
import { python, testWithBoto3 } from '../e2e/tools.ts'
import { useServer } from '../e2e/use-server.ts'

const PROGRAM = join(import.meta.dirname, 'boto3/storage.py')
const server = useServer()

function operationsOf(): readonly string[] {
  const database = openServicesDatabase()
  const deps = { database, region: REGION, account: ACCOUNT, clock: systemClock, log: silentLog, endpoint: () => '' }
  const service = new DynamoDbService(deps)
  const names = [
    ...[...service.operations.keys()].map((name) => `dynamodb.${name}`),
    ...[...service.streamOperations.keys()].map((name) => `dynamodbstreams.${name}`),
  ]
  service.close()
  database.close()
  return names
}

testWithBoto3('boto3 calls every operation of DynamoDB, and all that S3 has beside plain objects', async () => {
  const { stdout } = await promisify(execFile)(python, [PROGRAM, server.url], { timeout: 80_000 })
  const { seen, refused, called } = JSON.parse(stdout) as { seen: object; refused: object; called: string[] }
  expect(operationsOf().filter((name) => !called.includes(name))).toEqual([])
  const tag = [{ Key: 'a', Value: 'b' }]
  expect(seen).toEqual({
    versioning: 'Enabled',
    lifecycle: true,
    cors: true,
    website: { Suffix: 'i.html' },
    accelerate: 'Suspended',
    payer: 'Requester',
    logging: 'target',
    encryption: { SSEAlgorithm: 'AES256' },
    blocked: true,
    ownership: 'ObjectWriter',
    acl: 2,
    policy: [true, true],
    tags: tag,
    replication: 'arn:aws:iam::000000000000:role/r',
    lock: { ObjectLockEnabled: 'Enabled' },
    metrics: ['m', 1],
    analytics: ['m', 1],
    intelligent_tiering: ['m', 1],
    inventory: ['m', 1],
    notification: 1,
    told: ['ObjectCreated:Put', 'k.txt', true],
    kms: 'aws:kms',
    old: 'one',
    versions: [2, 1],
    attributes: 3,
    objectAcl: 1,
    objectTags: tag,
    hold: ['OFF', 'GOVERNANCE'],
    buckets: 0,
    item: ['1.75', ['x', 'y', 'z'], 'bytes'],
    query: [5, 10, 2019],
    scan: [3, 61],
    batch: 1,
    index: 30,
    cancelled: [['ConditionalCheckFailed', 'None'], { N: '1' }],
    transactGet: 1,
    partiql: [[{ n: { N: '1' } }], [['Error', 'TableName']], 1],
    ttl: { TimeToLiveStatus: 'ENABLED', AttributeName: 'until' },
    expired: true,
    stream: [67, ['INSERT', 'MODIFY'], { N: '1.5' }, 'dynamodb.amazonaws.com'],
    tableTags: tag,
    backups: 'ENABLED',
    endpoint: true,
    limits: 40_000,
    tables: [],
  })
  expect(refused).toEqual({
    get_bucket_cors: 'NoSuchCORSConfiguration',
    get_bucket_website: 'NoSuchWebsiteConfiguration',
    get_bucket_replication: 'ReplicationConfigurationNotFoundError',
    get_bucket_lifecycle_configuration: 'NoSuchLifecycleConfiguration',
    get_bucket_policy: 'NoSuchBucketPolicy',
    get_bucket_policy_status: 'NoSuchBucketPolicy',
    get_bucket_tagging: 'NoSuchTagSet',
    get_object_lock_configuration: 'ObjectLockConfigurationNotFoundError',
    get_bucket_metrics: 'NoSuchConfiguration',
    get_bucket_analytics: 'NoSuchConfiguration',
    get_bucket_intelligent_tiering: 'NoSuchConfiguration',
    get_bucket_inventory: 'NoSuchConfiguration',
    get_object: 'NoSuchKey',
    get_bucket_ownership_controls: 'OwnershipControlsNotFoundError',
    get_public_access_block: 'NoSuchPublicAccessBlockConfiguration',
    delete_bucket: 'BucketNotEmpty',
    put_item: 'ConditionalCheckFailedException',
    export: 'NotImplemented',
    backup: 'NotImplemented',
    describe_table: 'ResourceNotFoundException',
  })
})
