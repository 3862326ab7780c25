/**
 * The role that SAM makes for a function or a state machine: managed policies by name or ARN, SAM's policy templates, and
 * documents, each under a name that counts the policies.
 * Source: AWS SAM developer guide, "Policies" of AWS::Serverless::Function; "Generated CloudFormation resources".
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { asList, attributeOf, isIntrinsic, isNoValue, type SamResource, tagsWith } from './draft.ts'
import { managedPolicyArn } from './managed-policies.ts'
import { isPolicyTemplate, policyOfTemplate, templateIn } from './policy-templates.ts'

/** What a role is to be allowed. */
export interface Allowed {
  /** ARNs. */
  readonly managed: readonly Json[]
  readonly policies: readonly JsonObject[]
}

export interface RoleSettings extends Allowed {
  /** `lambda` */
  readonly principal: string
  readonly tag: string
}

/** Answers the role's ARN: of the one that the resource names, else of one that is made. */
export function roleOf(resource: SamResource, { principal, tag, managed, policies }: RoleSettings): Json {
  const given = resource.at('Role')
  if (given !== undefined && !isNoValue(given)) {
    const [condition, yes, no] = choiceIn(given)
    if (condition === undefined || (!isNoValue(yes) && !isNoValue(no))) return given
  }
  const id = `${resource.id}Role`
  const own = policiesOf(resource, id)
  const documents = [...policies, ...own.policies]
  resource.make(
    id,
    'AWS::IAM::Role',
    {
      AssumeRolePolicyDocument: resource.at('AssumeRolePolicyDocument') ?? trustOf(principal),
      ManagedPolicyArns: distinct([...managed, ...own.managed]),
      Policies: documents.length > 0 ? documents : undefined,
      Path: resource.at('RolePath'),
      PermissionsBoundary: resource.at('PermissionsBoundary'),
      Tags: tagsWith(tag, resource.at('Tags')),
    },
    { path: resource.pathOf('Policies') },
  )
  const arn = attributeOf(id, 'Arn')
  const [condition, yes, no] = choiceIn(given)
  return condition === undefined ? arn : { 'Fn::If': [condition, isNoValue(yes) ? arn : yes, isNoValue(no) ? arn : no] }
}

const choiceIn = (value: Json | undefined): readonly [condition: Json | undefined, yes: Json, no: Json] => {
  const choice = isObject(value) ? getOwn(value, 'Fn::If') : undefined
  return isArray(choice) ? [choice[0], choice[1] ?? null, choice[2] ?? null] : [undefined, null, null]
}

export const trustOf = (principal: string): JsonObject => ({
  Version: '2012-10-17',
  Statement: [{ Action: ['sts:AssumeRole'], Effect: 'Allow', Principal: { Service: [`${principal}.amazonaws.com`] } }],
})

/** A policy of one statement, as those that SAM writes itself. */
export const policyFor = (name: string, Action: Json, Resource: Json): JsonObject => ({
  PolicyName: name,
  PolicyDocument: { Statement: [{ Action, Effect: 'Allow', Resource }] },
})

function policiesOf(resource: SamResource, roleId: string): Allowed {
  const managed: Json[] = []
  const policies: JsonObject[] = []
  for (const [index, policy] of asList(resource.at('Policies')).entries()) {
    const put = (PolicyDocument: Json): unknown => policies.push({ PolicyName: `${roleId}Policy${index}`, PolicyDocument })
    if (typeof policy === 'string') managed.push(arnFor(policy, resource))
    else if (!isObject(policy)) refusePolicy(resource, index)
    else if (Object.hasOwn(policy, 'Statement')) put(policy)
    else if (Object.hasOwn(policy, 'Fn::If')) putChoice(policy, resource, index, put, managed)
    else if (isIntrinsic(policy)) managed.push(policy)
    else documentOf(policy, resource, index, put)
  }
  return { managed, policies }
}

const arnFor = (policy: string, { draft }: SamResource): string =>
  policy.startsWith('arn:') ? policy : managedPolicyArn(policy, draft.options.partition)

function refusePolicy(resource: SamResource, index: number): void {
  resource.refuse(`Policy at index ${index} in the 'Policies' property is not valid`, 'Policies')
}

function documentOf(policy: Json, resource: SamResource, index: number, put: (document: Json) => unknown): void {
  const found = templateIn(policy)
  if (found === undefined) return refusePolicy(resource, index)
  const { name, given } = found
  if (!isPolicyTemplate(name))
    return resource.refuse(`Must specify valid parameter values for policy template '${name}'`, 'Policies')
  const made = policyOfTemplate(name, given)
  if ('document' in made) put(made.document)
  else
    resource.refuse(
      `Must specify valid parameter values for policy template '${name}': Following required parameters of template '${name}' ` +
        `don't have values: [${made.missing.map((one) => `'${one}'`).join(', ')}]`,
      'Policies',
    )
}

/** Either branch may be a document, a template or the name of a managed policy. */
function putChoice(
  policy: JsonObject,
  resource: SamResource,
  index: number,
  put: (document: Json) => unknown,
  managed: Json[],
): void {
  const [condition, yes, no] = choiceIn(policy)
  const branches = [yes, no]
  if (branches.every((branch) => typeof branch === 'string' || isIntrinsic(branch))) {
    const [first = null, second = null] = branches.map((branch) =>
      typeof branch === 'string' ? arnFor(branch, resource) : branch,
    )
    managed.push({ 'Fn::If': [condition ?? null, first, second] })
    return
  }
  // The whole entry of the list is chosen: a policy has no name without its document.
  const [first = null, second = null] = branches.map((branch) => {
    let document: Json = branch
    if (isObject(branch) && !isIntrinsic(branch) && !Object.hasOwn(branch, 'Statement'))
      documentOf(branch, resource, index, (made) => {
        document = made
      })
    return document
  })
  put({ 'Fn::If': [condition ?? null, first, second] })
}

const distinct = (arns: readonly Json[]): readonly Json[] => [...new Map(arns.map((arn) => [JSON.stringify(arn), arn])).values()]
