import { afterAll, beforeAll, expect, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { openStage, type Stage } from './testing/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const BUCKET = 'AWS::S3::Bucket'
const read = async (name: string, query: string) => {
  const asked = new URLSearchParams(query.includes('=') ? query : { [query]: '' })
  return (await stage.aws.restXml(SERVICES.s3, 'GET', `/${name}`, asked)).body.toString()
}
const put = (path: string) => stage.aws.restXml(SERVICES.s3, 'PUT', path, undefined, 'x', 'text/plain')

test('a bucket is made with every setting that its template says, and loses what it says no more', async () => {
  const logs = await stage.create(BUCKET, { BucketName: 'the-logs' }, 'Logs')
  const queue = await stage.create('AWS::SQS::Queue', {}, 'Queue')
  const destination = { BucketArn: 'arn:aws:s3:::the-logs', Format: 'CSV' }
  const full: JsonObject = {
    BucketName: 'full',
    AccelerateConfiguration: { AccelerationStatus: 'Enabled' },
    AccessControl: 'LogDeliveryWrite',
    AnalyticsConfigurations: [
      { Id: 'a', StorageClassAnalysis: { DataExport: { Destination: destination, OutputSchemaVersion: 'V_1' } } },
    ],
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [
        { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'k' } },
      ],
    },
    CorsConfiguration: {
      CorsRules: [{ AllowedMethods: ['GET', 'PUT'], AllowedOrigins: ['*'], ExposedHeaders: ['ETag'], MaxAge: 10 }],
    },
    IntelligentTieringConfigurations: [{ Id: 'i', Status: 'Enabled', Tierings: [{ AccessTier: 'ARCHIVE_ACCESS', Days: 90 }] }],
    InventoryConfigurations: [
      {
        Id: 'v',
        Enabled: true,
        Destination: destination,
        IncludedObjectVersions: 'All',
        ScheduleFrequency: 'Daily',
        OptionalFields: ['Size'],
      },
    ],
    LifecycleConfiguration: {
      Rules: [
        { Status: 'Enabled', ExpirationInDays: '30', Prefix: 'tmp/', TagFilters: [{ Key: 'a', Value: 'b' }] },
        {
          Id: 'old',
          Status: 'Enabled',
          NoncurrentVersionExpirationInDays: 3,
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        },
        { Status: 'Enabled', Transitions: [{ StorageClass: 'GLACIER', TransitionInDays: 1 }] },
      ],
    },
    LoggingConfiguration: { DestinationBucketName: 'the-logs', LogFilePrefix: 'x/' },
    MetricsConfigurations: [{ Id: 'm', Prefix: 'p' }, { Id: 'n' }],
    NotificationConfiguration: {
      EventBridgeConfiguration: { EventBridgeEnabled: true },
      QueueConfigurations: [
        {
          Event: 's3:ObjectCreated:*',
          Queue: queue.deployed.attributes['Arn'] ?? '',
          Filter: { S3Key: { Rules: [{ Name: 'suffix', Value: '.csv' }] } },
        },
      ],
    },
    ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 1 } } },
    ObjectLockEnabled: true,
    OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] },
    PublicAccessBlockConfiguration: { BlockPublicAcls: true },
    ReplicationConfiguration: {
      Role: 'arn:aws:iam::123456789012:role/r',
      Rules: [
        {
          Id: 'r',
          Status: 'Enabled',
          Priority: 1,
          Filter: { Prefix: '' },
          Destination: { Bucket: 'arn:aws:s3:::the-logs' },
          DeleteMarkerReplication: { Status: 'Disabled' },
        },
      ],
    },
    Tags: [{ Key: 'a', Value: '1' }],
    VersioningConfiguration: { Status: 'Enabled' },
    WebsiteConfiguration: {
      IndexDocument: 'index.html',
      ErrorDocument: 'error.html',
      RoutingRules: [{ RoutingRuleCondition: { KeyPrefixEquals: 'a' }, RedirectRule: { HostName: 'b' } }],
    },
  }
  const made = await stage.create(BUCKET, full)
  expect(stage.warnings).toEqual([])
  expect(made.deployed).toMatchObject({
    ref: 'full',
    change: 'created',
    attributes: { Arn: 'arn:aws:s3:::full', RegionalDomainName: 'full.s3.us-east-1.amazonaws.com' },
  })
  expect(await read('full', 'lifecycle')).toMatch(/<Filter><And><Prefix>tmp\/<\/Prefix><Tag>.*<Days>30</)
  expect(await read('full', 'notification')).toMatch(/<FilterRule><Name>suffix<.*<EventBridgeConfiguration/)
  expect(await read('full', 'acl')).toContain('LogDelivery')
  expect(await read('full', 'inventory')).toContain('<Field>Size</Field>')
  expect((await stage.update(made, full)).deployed.change).toBe('unchanged')
  await expect(stage.create(BUCKET, full)).rejects.toThrow('full already exists')

  // Objects that can be locked keep their versions, whatever a template says.
  const bare = await stage.update(made, {
    BucketName: 'full',
    ObjectLockEnabled: true,
    VersioningConfiguration: { Status: 'Enabled' },
  })
  expect(bare.deployed.change).toBe('updated')
  for (const gone of ['lifecycle', 'cors', 'website', 'replication', 'tagging', 'ownershipControls', 'publicAccessBlock'])
    await expect(read('full', gone)).rejects.toMatchObject({ status: 404 })
  expect(await read('full', 'encryption')).toContain('AES256')
  for (const query of ['notification', 'logging']) expect(await read('full', query)).not.toContain('Configuration><')
  expect(await read('full', 'accelerate')).toContain('Suspended')
  expect(await read('full', 'acl')).not.toContain('LogDelivery')
  for (const listed of ['analytics', 'inventory', 'metrics', 'intelligent-tiering'])
    expect(await read('full', listed)).not.toContain('<Id>')
  expect((await stage.update(bare, bare.existing.properties)).deployed.change).toBe('unchanged')
  for (const gone of [bare, logs, queue, bare, logs]) expect(await stage.remove(gone)).toBeUndefined()
})

test('a bucket that is not empty stays, for CloudFormation with the words of S3', async () => {
  const made = await stage.create(BUCKET, {})
  expect(made.deployed.ref).toBe('stack-thing-abcdefghijkl')
  await put('/stack-thing-abcdefghijkl/a')
  await expect(stage.remove(made)).rejects.toThrow('The bucket you tried to delete is not empty')
  expect(await stage.remove(made, {})).toBe('it is not empty')
  await stage.aws.restXml(SERVICES.s3, 'DELETE', '/stack-thing-abcdefghijkl/a')
  expect(await stage.remove(made)).toBeUndefined()
})

test('the policy of a bucket', async () => {
  const made = await stage.create(BUCKET, { BucketName: 'held' }, 'Held')
  const policy = (Sid: string): JsonObject => ({
    Bucket: 'held',
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid,
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: 'arn:aws:s3:::held/*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    },
  })
  const one = await stage.create('AWS::S3::BucketPolicy', policy('one'))
  expect(one.deployed).toEqual({ ref: 'held', attributes: {}, change: 'created' })
  expect((await stage.update(one, policy('one'))).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::S3::BucketPolicy', policy('one'))).rejects.toThrow('held already exists')
  const two = await stage.update(one, policy('two'))
  expect(two.deployed.change).toBe('updated')
  expect(await read('held', 'policy')).toContain('two')
  for (const gone of [two, two, made, two]) expect(await stage.remove(gone)).toBeUndefined()
})
