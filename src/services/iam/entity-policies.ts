/**
 * The policies of roles, users and groups: inline ones, and managed ones that are attached. The same seven actions for each.
 * Source: IAM API reference, PutRolePolicy, AttachRolePolicy and their kin; IAM user guide, "IAM and STS quotas".
 */
import type { JsonObject } from '../../base/json.ts'

import { element, type Xml } from '../../wire/xml.ts'

import { limitExceeded, noSuchEntity, quotaExceeded, unmodifiable } from './errors.ts'
import { type Iam, KINDS, type Operations } from './iam.ts'
import { readPathPrefix, requireName, requireText } from './input.ts'
import { policyAt, requirePolicyArn } from './managed-policies.ts'
import { listPage } from './page.ts'
import { checkPermissionPolicy, policySize } from './policy-document.ts'
import { renderDocument } from './render.ts'
import { isServiceLinked } from './service-linked-roles.ts'

const HOLDERS = [
  { noun: 'Role', kind: 'role', inlineCharsMax: 10_240 },
  { noun: 'User', kind: 'user', inlineCharsMax: 2048 },
  { noun: 'Group', kind: 'group', inlineCharsMax: 5120 },
] as const
type Holder = (typeof HOLDERS)[number]

const ATTACHED_MAX = 20

export const entityPolicyOperations = (iam: Iam): Operations =>
  HOLDERS.flatMap((holder) => [...inlineOperations(iam, holder), ...attachOperations(iam, holder)])

function inlineOperations(iam: Iam, { noun, kind, inlineCharsMax }: Holder): Operations {
  const { policies } = iam
  const missing = (name: string) => noSuchEntity(`The ${kind} policy with name ${name} cannot be found.`)

  function put(input: JsonObject): undefined {
    const entity = iam.named(kind, input)
    if (isServiceLinked(entity)) throw unmodifiable(entity.name)
    const name = requireName(input, 'PolicyName')
    const document = requireText(input, 'PolicyDocument', 131_072)
    checkPermissionPolicy(document, 'inline')
    const others = policies.inline(entity).filter((policy) => policy.name !== name)
    const size = others.reduce((sum, policy) => sum + policySize(policy.document), policySize(document))
    if (size > inlineCharsMax)
      throw limitExceeded(`Maximum policy size of ${inlineCharsMax} bytes exceeded for ${kind} ${entity.name}`)
    policies.putInline(entity, name, document)
    return undefined
  }

  function get(input: JsonObject): readonly Xml[] {
    const entity = iam.named(kind, input)
    const name = requireName(input, 'PolicyName')
    const policy = policies.inline(entity).find((one) => one.name === name)
    if (!policy) throw missing(name)
    return [
      element(KINDS[kind].member, entity.name),
      element('PolicyName', name),
      element('PolicyDocument', renderDocument(policy.document)),
    ]
  }

  return [
    [`Put${noun}Policy`, put],
    [`Get${noun}Policy`, get],
    [
      `List${noun}Policies`,
      (input) => {
        const names = policies.inline(iam.named(kind, input)).map(({ name }) => name)
        return listPage(
          input,
          'PolicyNames',
          names,
          (name) => name,
          (name) => name,
        )
      },
    ],
    [
      `Delete${noun}Policy`,
      (input) => {
        const entity = iam.named(kind, input)
        const name = requireName(input, 'PolicyName')
        if (!policies.removeInline(entity, name)) throw missing(name)
        return undefined
      },
    ],
  ]
}

function attachOperations(iam: Iam, { noun, kind }: Holder): Operations {
  const { policies } = iam
  return [
    [
      `Attach${noun}Policy`,
      (input) => {
        const arn = requirePolicyArn(input)
        const entity = iam.named(kind, input)
        if (isServiceLinked(entity)) throw unmodifiable(entity.name)
        if (!policyAt(iam, arn)) throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`)
        const attached = policies.attached(entity)
        if (attached.length >= ATTACHED_MAX && !attached.includes(arn)) throw quotaExceeded(`PoliciesPer${noun}`, ATTACHED_MAX)
        policies.attach(entity, arn)
        return undefined
      },
    ],
    [
      `Detach${noun}Policy`,
      (input) => {
        const arn = requirePolicyArn(input)
        if (!policies.detach(iam.named(kind, input), arn)) throw noSuchEntity(`Policy ${arn} was not found.`)
        return undefined
      },
    ],
    [
      `ListAttached${noun}Policies`,
      (input) => {
        const entity = iam.named(kind, input)
        const prefix = readPathPrefix(input)
        const attached = policies
          .attached(entity)
          .map(nameInArn)
          .filter(({ path }) => path.startsWith(prefix))
          .toSorted((a, b) => (a.order < b.order ? -1 : 1))
        return listPage(
          input,
          'AttachedPolicies',
          attached,
          ({ order }) => order,
          ({ arn, name }) => [element('PolicyName', name), element('PolicyArn', arn)],
        )
      },
    ],
  ]
}

/** What an ARN of a policy tells of it. */
function nameInArn(arn: string) {
  const [, path = '/', name = arn] = /:policy(\/(?:.*\/)?)([^/]+)$/.exec(arn) ?? []
  return { arn, path, name, order: `${name} ${arn}` }
}
