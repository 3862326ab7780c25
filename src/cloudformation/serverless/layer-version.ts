/**
 * AWS::Serverless::LayerVersion: another resource whenever the layer is another, under an id that says so; the ones that were stay.
 * Source: AWS SAM developer guide, "AWS::Serverless::LayerVersion".
 */
import { inBucket, locationOf } from './code-location.ts'
import { only, present, type SamResource, sha10 } from './draft.ts'

const SAME = ['CompatibleArchitectures', 'CompatibleRuntimes', 'Description', 'LicenseInfo']

export function makeLayerVersion(resource: SamResource): void {
  const { id, draft } = resource
  const location = locationOf(resource, 'ContentUri')
  const properties = present({
    ...only(resource.properties, SAME),
    LayerName: resource.at('LayerName') ?? id,
    Content: typeof location === 'string' ? location : location && inBucket(location),
  })
  const policy = draft.known(resource.at('RetentionPolicy'))
  const isRetained = policy === undefined || /^retain$/i.test(String(policy))
  if (!isRetained && !/^delete$/i.test(String(policy)))
    resource.refuse("'RetentionPolicy' must be one of the following options: ['Retain', 'Delete'].", 'RetentionPolicy')
  resource.become('AWS::Lambda::LayerVersion', properties, {
    id: `${id}${sha10({ [id]: properties })}`,
    attributes: { DeletionPolicy: isRetained ? 'Retain' : 'Delete' },
  })
}
