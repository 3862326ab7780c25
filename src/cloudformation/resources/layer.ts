/**
 * Layers. A version is published when the content differs from that of the newest one.
 * Source: CloudFormation, AWS::Lambda::LayerVersion.
 */
import { isObject, type JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import { readContent } from '../code.ts'
import { codeSha256 } from '../zip.ts'
import { arnOf, listAt, objectAt, physicalName, requiredText, type ResourceType, textAt, textsAt } from './resource.ts'

export const layer: ResourceType = {
  ignores: ['RetentionPolicy'],
  replacedBy: ['*'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const { aws } = context
    const name = textAt(properties, 'LayerName') ?? physicalName(context, id, 140)
    const zip = await readContent(resource, context)
    if (zip === undefined) {
      context.warn(`${id}: its content is neither beside the template nor in a bucket that is there; functions run without it.`)
      const ref = arnOf(context, 'lambda', `layer:${name}:1`)
      return { ref, attributes: { LayerVersionArn: ref }, change: 'recorded' }
    }
    const path = `/2018-10-31/layers/${encodeURIComponent(name)}/versions`
    const newest = newestOf(await aws.rest(SERVICES.lambda, 'GET', path))
    const known = newest && (await aws.rest(SERVICES.lambda, 'GET', `${path}/${newest}`))
    if (known && textAt(objectAt(known, 'Content') ?? {}, 'CodeSha256') === codeSha256(zip)) {
      const ref = requiredText(known, 'LayerVersionArn')
      return { ref, attributes: { LayerVersionArn: ref }, change: 'unchanged' }
    }
    const published = await aws.rest(SERVICES.lambda, 'POST', path, {
      Content: { ZipFile: zip.toString('base64') },
      CompatibleRuntimes: listAt(properties, 'CompatibleRuntimes'),
      CompatibleArchitectures: listAt(properties, 'CompatibleArchitectures'),
      ...textsAt(properties, ['Description', 'LicenseInfo']),
    })
    const ref = requiredText(published, 'LayerVersionArn')
    return { ref, attributes: { LayerVersionArn: ref }, change: known ? 'updated' : 'created' }
  },
  async remove(ref, aws) {
    const [, name = '', version = ''] = /:layer:([^:]+):(\d+)$/.exec(ref) ?? []
    const path = `/2018-10-31/layers/${encodeURIComponent(name)}/versions/${version}`
    await orUndefined(aws.rest(SERVICES.lambda, 'DELETE', path), 'ResourceNotFoundException')
    return undefined
  },
}

function newestOf(list: JsonObject): string | undefined {
  const [newest] = listAt(list, 'LayerVersions')
  return isObject(newest) ? textAt(newest, 'Version') : undefined
}
