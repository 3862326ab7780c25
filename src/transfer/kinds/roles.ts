/**
 * The roles under which what was found runs, with their trust and policies. A role that is not there is no fault: nobody asks for
 * it here.
 * Source: IAM API reference, GetRole, GetRolePolicy; CloudFormation, AWS::IAM::Role.
 */
import { isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { jsonOf } from '../../base/json-text.ts'

import { SERVICES } from '../../aws/services.ts'
import { listAt, numberAt, objectAt, requiredText, textAt, textsAt } from '../../cloudformation/resources/resource.ts'

import type { Inventory } from '../inventory.ts'
import { pagesOf, type Source } from '../source.ts'
import { tagsIn } from '../tags.ts'

const ROLE = /^arn:[\w-]+:iam::\d{12}:role\/(?!aws-service-role\/)(?:.*\/)?([\w+=,.@-]+)$/
const MARKER = ['Marker', 'Marker'] as const
const SESSION_SECONDS = 3600

export async function readRoles(source: Source, inventory: Inventory): Promise<void> {
  const arns = new Set(inventory.found.flatMap(({ properties }) => rolesIn(properties)))
  for (const arn of arns) {
    const name = ROLE.exec(arn)?.[1] ?? arn
    await inventory.attempt('roles', name, () => readRole(name, arn, source, inventory))
  }
}

function rolesIn(value: Json): readonly string[] {
  if (typeof value === 'string') return ROLE.test(value) ? [value] : []
  return (isArray(value) ? value : isObject(value) ? Object.values(value) : []).flatMap(rolesIn)
}

async function readRole(name: string, arn: string, source: Source, inventory: Inventory): Promise<void> {
  const iam = (action: string, input: JsonObject) => source.query(SERVICES.iam, action, { RoleName: name, ...input })
  const role = objectAt(await iam('GetRole', {}), 'Role') ?? {}
  const policies: Json[] = []
  for (const policyName of await policyNames(iam)) {
    const policy = await iam('GetRolePolicy', { PolicyName: policyName })
    policies.push({ PolicyName: policyName, PolicyDocument: documentAt(policy, 'PolicyDocument') })
  }
  const attached = await pagesOf((token) => iam('ListAttachedRolePolicies', token), 'AttachedPolicies', MARKER)
  const managed = attached.map((one) => requiredText(one, 'PolicyArn'))
  for (const policy of managed.filter((one) => !one.includes(':iam::aws:')))
    inventory.leave('roles', `${name}: ${policy}`, 'managed policies of the account are not copied')
  const ofAws = managed.filter((one) => one.includes(':iam::aws:'))
  const seconds = numberAt(role, 'MaxSessionDuration') ?? SESSION_SECONDS
  const { Path = '/', Description = '' } = textsAt(role, ['Path', 'Description'])
  inventory.add({
    kind: 'roles',
    type: 'AWS::IAM::Role',
    name,
    properties: {
      RoleName: name,
      ...(Path !== '/' && { Path }),
      ...(Description !== '' && { Description }),
      AssumeRolePolicyDocument: documentAt(role, 'AssumeRolePolicyDocument'),
      ...(seconds !== SESSION_SECONDS && { MaxSessionDuration: seconds }),
      ...(policies.length > 0 && { Policies: policies }),
      ...(ofAws.length > 0 && { ManagedPolicyArns: ofAws }),
      ...tagsIn(role),
    },
    known: { [arn]: 'Arn' },
  })
}

async function policyNames(iam: (action: string, input: JsonObject) => Promise<JsonObject>): Promise<readonly string[]> {
  const names: string[] = []
  for (let Marker: string | undefined = ''; Marker !== undefined; ) {
    const page: JsonObject = await iam('ListRolePolicies', Marker === '' ? {} : { Marker })
    names.push(...listAt(page, 'PolicyNames').map(String))
    Marker = textAt(page, 'Marker')
  }
  return names
}

/** IAM answers it as URLs write it. */
function documentAt(object: JsonObject, member: string): Json {
  const text = textAt(object, member) ?? ''
  return jsonOf(text) ?? jsonOf(decodeURIComponent(text)) ?? {}
}
