/** S3 buckets. What is in them is never touched. */
import { WireError } from '../../wire/errors.ts'
import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import { objectAt, physicalName, type ResourceType, textAt } from './resource.ts'

export const bucket: ResourceType = {
  ignores: ['NotificationConfiguration', 'LifecycleConfiguration', 'WebsiteConfiguration', 'ReplicationConfiguration'],
  async deploy(resource, context) {
    const { properties } = resource
    const { aws, region } = context
    // The stack is often part of it, and here the stack is called as the folder is.
    const name = (textAt(properties, 'BucketName') ?? physicalName(context, resource.id, 63)).toLowerCase()
    const found = await orUndefined(
      aws.restXml(SERVICES.s3, 'HEAD', `/${name}`),
      'NoSuchBucket',
      'NotFound',
      '404',
      'NotFoundException',
    )
    if (found === undefined) {
      const place = `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`
      const created = aws.restXml(SERVICES.s3, 'PUT', `/${name}`, undefined, region === 'us-east-1' ? '' : place)
      await orUndefined(created, 'BucketAlreadyOwnedByYou')
    }
    const status = textAt(objectAt(properties, 'VersioningConfiguration') ?? {}, 'Status')
    if (status !== undefined) {
      const body = `<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>${status === 'Enabled' ? status : 'Suspended'}</Status></VersioningConfiguration>`
      const put = await orUndefined(
        aws.restXml(SERVICES.s3, 'PUT', `/${name}`, new URLSearchParams({ versioning: '' }), body),
        'NotImplemented',
      )
      if (put === undefined) context.warn(`${resource.id}: this S3 endpoint keeps no versions.`)
    }
    const domain = `${name}.s3.amazonaws.com`
    const attributes = {
      Arn: `arn:${context.partition}:s3:::${name}`,
      DomainName: domain,
      DualStackDomainName: `${name}.s3.dualstack.${region}.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
      WebsiteURL: `http://${name}.s3-website-${region}.amazonaws.com`,
    }
    return { ref: name, attributes, change: found === undefined ? 'created' : 'unchanged' }
  },
  async remove(ref, aws) {
    const gone = aws.restXml(SERVICES.s3, 'DELETE', `/${ref}`).then(() => undefined)
    return gone.catch((error: unknown) => {
      if (error instanceof WireError && error.code === 'BucketNotEmpty') return 'it is not empty'
      if (error instanceof WireError && error.code === 'NoSuchBucket') return undefined
      throw error
    })
  },
}
