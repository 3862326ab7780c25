/** Terraform, unmodified, over a bucket with all its settings and tables with streams, indexes and time to live. */
import { join } from 'node:path'

import { DynamoDB } from '@aws-sdk/client-dynamodb'
import { S3 } from '@aws-sdk/client-s3'
import { SQS } from '@aws-sdk/client-sqs'
import { expect, test } from 'vitest'

import { credentials, REGION } from '../e2e/server.ts'
import { useTerraform } from '../e2e/terraform.ts'
import { describeWithTerraform } from '../e2e/tools.ts'
import { useServer } from '../e2e/use-server.ts'

describeWithTerraform('Terraform over S3 and DynamoDB', () => {
  const server = useServer()
  const terraform = useTerraform(join(import.meta.dirname, 'terraform-storage'), server)
  const config = () => ({ endpoint: server.url, region: REGION, credentials })

  test('applies, and then has nothing more to do', async () => {
    await terraform.run('init', '-input=false', '-no-color')
    expect(await terraform.apply()).toContain('Apply complete!')
    expect(await terraform.plan()).toContain('No changes.')
    expect(await terraform.outputs()).toMatchObject({
      bucket: 'arn:aws:s3:::tf-data',
      stream: expect.stringContaining('/stream/'),
    })
  }, 600_000)

  test('what it made acts: the object was told to the queue, and is a version', async () => {
    const [s3, sqs] = [new S3({ ...config(), forcePathStyle: true }), new SQS(config())]
    const { queue: QueueUrl } = await terraform.outputs()
    const bodies: string[] = []
    const seen = async () => {
      const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 2, MaxNumberOfMessages: 10 })
      bodies.push(...Messages.map(({ Body = '' }) => Body))
      return bodies.join()
    }
    await expect.poll(seen, { timeout: 20_000 }).toContain('in/object.txt')
    expect(bodies.join()).toContain('s3:TestEvent')
    const { Versions } = await s3.listObjectVersions({ Bucket: 'tf-data' })
    expect(Versions).toMatchObject([{ Key: 'in/object.txt', IsLatest: true }])
  }, 60_000)

  test('updates in place, and then has nothing more to do', async () => {
    const two = ['-var', 'comment=two', '-var', 'days=40']
    expect(await terraform.apply(...two)).toMatch(/0 added, [1-9]\d* changed, 0 destroyed/)
    expect(await terraform.plan(...two)).toContain('No changes.')
    const { Item } = await new DynamoDB(config()).getItem({ TableName: 'tf-items', Key: { pk: { S: 'a' }, sk: { N: '1' } } })
    expect(Item?.['text']).toEqual({ S: 'two' })
  }, 600_000)

  test('destroys, and nothing is left', async () => {
    expect(await terraform.run('destroy', '-input=false', '-no-color', '-auto-approve')).toContain('Destroy complete!')
    const { Buckets = [] } = await new S3({ ...config(), forcePathStyle: true }).listBuckets({})
    // The bucket that CDK looks for is there from the first start.
    expect(Buckets.filter(({ Name }) => !Name?.startsWith('cdk-'))).toEqual([])
    expect((await new DynamoDB(config()).listTables({})).TableNames).toEqual([])
  }, 600_000)
})
