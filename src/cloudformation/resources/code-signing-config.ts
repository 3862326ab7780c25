/**
 * By whom the code of functions is to be signed. A configuration has no name: it is known by its ARN.
 * Source: CloudFormation, AWS::Lambda::CodeSigningConfig.
 */
import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import { changeLambdaTags } from './function-tags.ts'
import { changeOf, objectAt, requiredText, type ResourceType, textAt, knownRef } from './resource.ts'
import { tagMapOf } from './tags.ts'
import { saysAll } from './typed.ts'

const PATH = '/2020-04-22/code-signing-configs'
const GONE = ['CodeSigningConfigNotFoundException', 'ResourceNotFoundException']
const pathOf = (arn: string): string => `${PATH}/${encodeURIComponent(arn)}`

export const codeSigningConfig: ResourceType = {
  async deploy(resource, context) {
    const { aws } = context
    const { properties } = resource
    const known = knownRef(resource)
    const asked = known && orUndefined(aws.rest(SERVICES.lambda, 'GET', pathOf(known)), ...GONE)
    const found = objectAt((await asked) || {}, 'CodeSigningConfig')
    const settings = {
      Description: textAt(properties, 'Description') ?? '',
      AllowedPublishers: objectAt(properties, 'AllowedPublishers') ?? {},
      CodeSigningPolicies: objectAt(properties, 'CodeSigningPolicies') ?? { UntrustedArtifactOnDeployment: 'Warn' },
    }
    const isSame = found !== undefined && saysAll(found, settings)
    const Tags = tagMapOf(properties)
    const put = () =>
      found === undefined
        ? aws.rest(SERVICES.lambda, 'POST', PATH, { ...settings, ...(Object.keys(Tags).length > 0 && { Tags }) })
        : aws.rest(SERVICES.lambda, 'PUT', pathOf(requiredText(found, 'CodeSigningConfigArn')), settings)
    const config = isSame ? found : (objectAt(await put(), 'CodeSigningConfig') ?? {})
    const arn = requiredText(config, 'CodeSigningConfigArn')
    if (found === undefined) context.made(resource, arn)
    const hasOtherTags = await changeLambdaTags(resource, arn, aws)
    const attributes = { CodeSigningConfigArn: arn, CodeSigningConfigId: requiredText(config, 'CodeSigningConfigId') }
    return { ref: arn, attributes, change: changeOf(found, !isSame, hasOtherTags) }
  },
  async remove(ref, aws) {
    await orUndefined(aws.rest(SERVICES.lambda, 'DELETE', pathOf(ref)), ...GONE)
    return undefined
  },
}
