/**
 * Who may call a function, or take a layer: statements of their policies. A change of one is another one.
 * Source: CloudFormation, AWS::Lambda::Permission and AWS::Lambda::LayerVersionPermission.
 */
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { parseJson } from '../../base/json-bounds.ts'

import { functionPath } from '../../aws/paths.ts'
import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import { booleanAt, changeOf, claim, listAt, physicalName, requiredText, type ResourceType, textAt, textsAt } from './resource.ts'

const TEXTS = [
  ...['Action', 'EventSourceToken', 'FunctionUrlAuthType', 'Principal', 'PrincipalOrgID', 'SourceAccount', 'SourceArn'],
]

export const functionPermission: ResourceType = {
  replacedBy: ['*'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const FunctionName = requiredText(properties, 'FunctionName')
    const StatementId = physicalName(context, id, 100)
    const path = `${functionPath(FunctionName)}/policy`
    const found = claim(await statement(path, StatementId, context.aws), resource, StatementId, context)
    const byUrl = booleanAt(properties, 'InvokedViaFunctionUrl')
    const input = {
      StatementId,
      ...textsAt(properties, TEXTS),
      ...(byUrl !== undefined && { InvokedViaFunctionUrl: byUrl }),
    }
    if (found === undefined) await context.aws.rest(SERVICES.lambda, 'POST', path, input)
    return { ref: `${FunctionName}|${StatementId}`, attributes: { Id: StatementId }, change: changeOf(found) }
  },
  async remove(ref, aws) {
    const [name = '', id = ''] = ref.split('|')
    const path = `${functionPath(name)}/policy/${encodeURIComponent(id)}`
    await orUndefined(aws.rest(SERVICES.lambda, 'DELETE', path), 'ResourceNotFoundException')
    return undefined
  },
}

export const layerPermission: ResourceType = {
  replacedBy: ['*'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const layer = requiredText(properties, 'LayerVersionArn')
    const StatementId = physicalName(context, id, 100)
    const path = `${layerPath(layer)}/policy`
    const ref = `${layer}#${StatementId}`
    const found = claim(await statement(path, StatementId, context.aws), resource, ref, context)
    const input = { StatementId, ...textsAt(properties, ['Action', 'OrganizationId', 'Principal']) }
    if (found === undefined) await context.aws.rest(SERVICES.lambda, 'POST', path, input)
    return { ref, attributes: { Id: ref }, change: changeOf(found) }
  },
  async remove(ref, aws) {
    const [layer = '', id = ''] = ref.split('#')
    const path = `${layerPath(layer)}/policy/${encodeURIComponent(id)}`
    await orUndefined(aws.rest(SERVICES.lambda, 'DELETE', path), 'ResourceNotFoundException')
    return undefined
  },
}

function layerPath(arn: string): string {
  const [, name = '', version = ''] = /:layer:([^:]+):(\d+)$/.exec(arn) ?? []
  return `/2018-10-31/layers/${encodeURIComponent(name)}/versions/${version}`
}

/** Undefined where the policy has none of that id. */
async function statement(path: string, sid: string, aws: Aws): Promise<JsonObject | undefined> {
  const told = await orUndefined(aws.rest(SERVICES.lambda, 'GET', path), 'ResourceNotFoundException')
  const policy: Json = parseJson(textAt(told ?? {}, 'Policy') ?? '{}')
  const statements = isObject(policy) ? listAt(policy, 'Statement') : []
  return statements.filter(isObject).find((one) => getOwn(one, 'Sid') === sid)
}
