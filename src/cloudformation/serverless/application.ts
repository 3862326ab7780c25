/**
 * AWS::Serverless::Application: a stack within the stack, of a template in a bucket or, where paths are kept, beside this one.
 * Source: AWS SAM developer guide, "AWS::Serverless::Application".
 */
import { getOwn, isObject, type Json } from '../../base/json.ts'

import { asList, FUNCTION_TAG, only, type SamResource, tagsWith } from './draft.ts'

export function makeApplication(resource: SamResource): void {
  const location = resource.draft.known(resource.at('Location'))
  const Tags = [...asList(tagsWith(FUNCTION_TAG, resource.at('Tags'))), ...published(location)]
  const settings = only(resource.properties, ['NotificationARNs', 'Parameters', 'TimeoutInMinutes'])
  if (typeof location === 'string')
    return resource.become('AWS::CloudFormation::Stack', { TemplateURL: location, ...settings, Tags })
  if (location === undefined) return resource.refuse('Resource is missing the required [Location] property.')
  // The repository of published applications is not here. Whoever keeps paths has a placeholder for what it cannot read.
  if (!resource.draft.options.keepsPaths)
    return resource.refuse(`Application with id ${idIn(location)} could not be found.`, 'Location')
  resource.become('AWS::CloudFormation::Stack', { Location: location, ...settings, Tags })
}

const idIn = (location: Json): string => String(isObject(location) ? getOwn(location, 'ApplicationId') : location)

function published(location: Json | undefined): readonly Json[] {
  if (!isObject(location)) return []
  return [
    { Key: 'serverlessrepo:applicationId', Value: getOwn(location, 'ApplicationId') ?? null },
    { Key: 'serverlessrepo:semanticVersion', Value: getOwn(location, 'SemanticVersion') ?? null },
  ]
}
