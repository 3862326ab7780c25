/** The address at which a function is called. Source: CloudFormation, AWS::Lambda::Url. */
import type { JsonObject } from '../../base/json.ts'

import { functionPath } from '../../aws/paths.ts'
import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import { changeOf, claim, objectAt, requiredText, type ResourceType, textAt } from './resource.ts'
import { saysAll, typed } from './typed.ts'

export const functionUrl: ResourceType = {
  replacedBy: ['Qualifier', 'TargetFunctionArn'],
  async deploy(resource, context) {
    const { properties } = resource
    const target = requiredText(properties, 'TargetFunctionArn')
    const qualifier = textAt(properties, 'Qualifier')
    const ask = (method: string, input?: JsonObject) => call(context.aws, method, target, qualifier, input)
    const found = claim(await orUndefined(ask('GET'), 'ResourceNotFoundException'), resource, target, context)
    const settings = {
      AuthType: requiredText(properties, 'AuthType'),
      InvokeMode: textAt(properties, 'InvokeMode') ?? 'BUFFERED',
      Cors: typed(objectAt(properties, 'Cors') ?? {}, { numbers: ['MaxAge'], flags: ['AllowCredentials'] }),
    }
    const isSame = found !== undefined && saysAll(found, settings)
    const url = isSame ? found : await ask(found === undefined ? 'POST' : 'PUT', settings)
    const arn = requiredText(url, 'FunctionArn')
    const attributes = { FunctionArn: arn, FunctionUrl: requiredText(url, 'FunctionUrl') }
    return { ref: arn, attributes, change: changeOf(found, !isSame) }
  },
  /** `ref`: the ARN, with the alias behind it where it is of one. */
  async remove(ref, aws) {
    const [, target = ref, qualifier] = /^(arn:[^:]+:lambda:[^:]*:[^:]*:function:[^:]+):([^:]+)$/.exec(ref) ?? []
    await orUndefined(call(aws, 'DELETE', target, qualifier), 'ResourceNotFoundException')
    return undefined
  },
}

function call(aws: Aws, method: string, target: string, qualifier: string | undefined, input?: JsonObject): Promise<JsonObject> {
  const query = qualifier === undefined ? undefined : new URLSearchParams({ Qualifier: qualifier })
  return aws.rest(SERVICES.lambda, method, `${functionPath(target, '2021-10-31')}/url`, input, query)
}
