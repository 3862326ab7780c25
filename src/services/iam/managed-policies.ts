/**
 * Managed policies and their versions.
 * 1. One version is the default. It cannot be deleted alone, and a number is never used again.
 * 2. A policy that is attached, or bounds somebody's permissions, cannot be deleted; nor one with more than one version.
 * Source: IAM API reference, CreatePolicy and its kin; IAM user guide, "Versioning IAM policies"; AWS's recorded answers.
 */
import type { JsonObject } from '../../base/json.ts'

import { element, optionalElement, type Xml } from '../../wire/xml.ts'

import { awsPolicies, type AwsPolicy, awsPolicy, isAwsManaged, type ManagedPolicy } from './aws-managed.ts'
import { detailNumber, type Entity } from './entity-store.ts'
import {
  accessDenied,
  alreadyExists,
  constraintError,
  deleteConflict,
  limitExceeded,
  noSuchEntity,
  quotaExceeded,
  validationError,
} from './errors.ts'
import type { Iam, Operations } from './iam.ts'
import { readChoice, readFlag, readPath, readPathPrefix, readTags, readText, requireName, requireText } from './input.ts'
import { listPage } from './page.ts'
import { checkPermissionPolicy, policySize } from './policy-document.ts'
import type { PolicyVersion } from './policy-store.ts'
import { type PolicyUse, renderDocument, renderPolicy, renderSomeTags, renderTags, renderTime } from './render.ts'
import { newUniqueId } from './unique-id.ts'

const VERSIONS_MAX = 5
const POLICY_CHARS_MAX = 6144
const MORE_VERSIONS =
  "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy."

/** One's own, or one of AWS; undefined where there is none. */
export function policyAt(iam: Iam, arn: string): Entity | AwsPolicy | undefined {
  if (isAwsManaged(arn)) return awsPolicy(arn)
  const entity = iam.entities.byArn(arn)
  return entity?.kind === 'policy' ? entity : undefined
}

const POLICY_ARN = /^arn:aws[\w-]*:iam::(?:\d{12}|aws):policy\/[\w+=,.@/-]+$/

/** Throws ValidationError where it could be no policy's. */
export function requirePolicyArn(input: JsonObject, member = 'PolicyArn'): string {
  const arn = requireText(input, member)
  if (arn.length < 20) throw constraintError(member, 'Member must have length greater than or equal to 20')
  if (!POLICY_ARN.test(arn)) throw validationError(`ARN ${arn} is not valid.`)
  return arn
}

const policyMissing = (arn: string) => noSuchEntity(`Policy ${arn} was not found.`)
const versionMissing = (arn: string, version: string) =>
  noSuchEntity(`Policy ${arn} version ${version} does not exist or is not attachable.`)

export function managedPolicyOperations(iam: Iam): Operations {
  const { entities, policies } = iam

  /** Throws where it is AWS's own, or not there. */
  const ownPolicy = (input: JsonObject, action: string): Entity => {
    const arn = requirePolicyArn(input)
    if (isAwsManaged(arn)) throw accessDenied(iam.root, action, `policy ${arn}`)
    const found = policyAt(iam, arn)
    if (!found || !('kind' in found)) throw policyMissing(arn)
    return found
  }
  const anyPolicy = (input: JsonObject): Entity | AwsPolicy => {
    const arn = requirePolicyArn(input)
    const found = policyAt(iam, arn)
    if (!found) throw policyMissing(arn)
    return found
  }
  const usesOf = (arn: string): PolicyUse => ({
    attachments: policies.holdersOf(arn).length,
    boundaries: entities.boundedBy(arn).length,
  })
  const versionsOf = (policy: Entity | AwsPolicy): readonly PolicyVersion[] =>
    'kind' in policy
      ? policies.versions(policy)
      : [{ number: policy.version, document: policy.document, createdMs: policy.updatedMs }]

  /** Throws where the version is not there, or is none. */
  function namedVersion(input: JsonObject): { arn: string; policy: Entity | AwsPolicy; version: PolicyVersion } {
    const arn = requirePolicyArn(input)
    const versionId = requireText(input, 'VersionId')
    if (!/^v[1-9]\d*(?:\.[A-Za-z0-9-]*)?$/.test(versionId))
      throw constraintError('VersionId', 'Member must satisfy regular expression pattern: v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?')
    const policy = policyAt(iam, arn)
    const version = policy && versionsOf(policy).find(({ number }) => `v${number}` === versionId)
    if (!version) throw versionMissing(arn, versionId)
    return { arn, policy, version }
  }

  function createPolicy(input: JsonObject): Xml {
    const name = requireName(input, 'PolicyName')
    const path = readPath(input)
    const description = readText(input, 'Description', 1000) ?? null
    const tags = readTags(input, 'caseSensitive')
    const document = readPolicy(input)
    const arn = `arn:aws:iam::${iam.account}:policy${path}${name}`
    if (entities.find('policy', name))
      throw alreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`)
    const policy = iam.transaction(() => {
      const details = { version: 1, lastVersion: 1 }
      const made = entities.create({
        kind: 'policy',
        name,
        path,
        arn,
        uniqueId: newUniqueId('ANPA'),
        tags,
        description,
        details,
      })
      policies.addVersion(made, 1, document)
      return made
    })
    return element('Policy', [...renderPolicy(managedOf(policy), usesOf(arn)), renderSomeTags(policy)])
  }

  function listPolicies(input: JsonObject): readonly Xml[] {
    const scope = readChoice(input, 'Scope', ['All', 'AWS', 'Local']) ?? 'All'
    const usage = readChoice(input, 'PolicyUsageFilter', ['PermissionsPolicy', 'PermissionsBoundary'])
    const isAttachedOnly = readFlag(input, 'OnlyAttached')
    const prefix = readPathPrefix(input)
    const own = scope === 'AWS' ? [] : entities.all('policy').map(managedOf)
    const all = [...own, ...(scope === 'Local' ? [] : awsPolicies())]
      .filter(({ path }) => path.startsWith(prefix))
      .map((policy) => ({ policy, use: usesOf(policy.arn) }))
      .filter(({ use }) => !isAttachedOnly || use.attachments > 0 || use.boundaries > 0)
      .filter(({ use }) => usage === undefined || (usage === 'PermissionsPolicy' ? use.attachments : use.boundaries) > 0)
    const nameOf = ({ policy }: { policy: ManagedPolicy }) => `${policy.name} ${policy.arn}`
    const sorted = all.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    return listPage(input, 'Policies', sorted, nameOf, ({ policy, use }) => renderPolicy(policy, use))
  }

  function createVersion(input: JsonObject): Xml {
    const policy = ownPolicy(input, 'CreatePolicyVersion')
    const document = readPolicy(input)
    const isDefault = readFlag(input, 'SetAsDefault')
    if (policies.versions(policy).length >= VERSIONS_MAX)
      throw limitExceeded(
        `A managed policy can have up to ${VERSIONS_MAX} versions. Before you create a new version, you must delete an existing version.`,
      )
    const number = detailNumber(policy, 'lastVersion', 1) + 1
    const version = iam.transaction(() => {
      entities.change(policy, { details: { version: isDefault ? number : defaultOf(policy), lastVersion: number } })
      return policies.addVersion(policy, number, document)
    })
    return element('PolicyVersion', renderVersion(version, isDefault))
  }

  return [
    ['CreatePolicy', createPolicy],
    [
      'GetPolicy',
      (input) => {
        const policy = anyPolicy(input)
        const isOwn = 'kind' in policy
        return element('Policy', [
          ...renderPolicy(isOwn ? managedOf(policy) : policy, usesOf(policy.arn)),
          optionalElement('Description', (isOwn && policy.description) || undefined),
          renderTags(isOwn ? policy.tags : new Map()),
        ])
      },
    ],
    ['ListPolicies', listPolicies],
    [
      'DeletePolicy',
      (input) => {
        const policy = ownPolicy(input, 'DeletePolicy')
        const { attachments, boundaries } = usesOf(policy.arn)
        if (attachments + boundaries > 0) throw deleteConflict('Cannot delete a policy attached to entities.')
        const versions = policies.versions(policy)
        if (versions.length > 1) throw deleteConflict(MORE_VERSIONS)
        iam.transaction(() => {
          for (const { number } of versions) policies.removeVersion(policy, number)
          entities.remove(policy)
        })
        return undefined
      },
    ],
    ['CreatePolicyVersion', createVersion],
    [
      'GetPolicyVersion',
      (input) => {
        const { policy, version } = namedVersion(input)
        const document = element('Document', renderDocument(version.document))
        return element('PolicyVersion', [document, ...renderVersion(version, version.number === defaultOf(policy))])
      },
    ],
    [
      'ListPolicyVersions',
      (input) => {
        const policy = anyPolicy(input)
        // Newest first: what counts down is what the pages are ordered by.
        const orderOf = ({ number }: PolicyVersion) => String(1e9 - number)
        const render = (version: PolicyVersion) => renderVersion(version, version.number === defaultOf(policy))
        return listPage(input, 'Versions', versionsOf(policy), orderOf, render)
      },
    ],
    [
      'SetDefaultPolicyVersion',
      (input) => {
        const { arn, policy, version } = namedVersion(input)
        if (!('kind' in policy)) throw accessDenied(iam.root, 'SetDefaultPolicyVersion', `policy ${arn}`)
        entities.change(policy, { details: { ...policy.details, version: version.number } })
        return undefined
      },
    ],
    [
      'DeletePolicyVersion',
      (input) => {
        const { arn, policy, version } = namedVersion(input)
        if (!('kind' in policy)) throw accessDenied(iam.root, 'DeletePolicyVersion', `policy ${arn}`)
        if (version.number === defaultOf(policy)) throw deleteConflict('Cannot delete the default version of a policy.')
        policies.removeVersion(policy, version.number)
        return undefined
      },
    ],
    ['ListEntitiesForPolicy', (input) => listEntities(iam, input, anyPolicy(input).arn)],
  ]
}

function readPolicy(input: JsonObject): string {
  const document = requireText(input, 'PolicyDocument', 131_072)
  checkPermissionPolicy(document, 'managed')
  if (policySize(document) > POLICY_CHARS_MAX) throw quotaExceeded('PolicySize', POLICY_CHARS_MAX)
  return document
}

const defaultOf = (policy: Entity | AwsPolicy): number => ('kind' in policy ? detailNumber(policy, 'version', 1) : policy.version)

const managedOf = (policy: Entity): ManagedPolicy => ({
  arn: policy.arn,
  name: policy.name,
  path: policy.path,
  policyId: policy.uniqueId,
  createdMs: policy.createdMs,
  updatedMs: policy.updatedMs,
  version: defaultOf(policy),
})

const renderVersion = ({ number, createdMs }: PolicyVersion, isDefault: boolean): readonly Xml[] => [
  element('VersionId', `v${number}`),
  element('IsDefaultVersion', isDefault),
  element('CreateDate', renderTime(createdMs)),
]

const HOLDERS = [
  { kind: 'group', filter: 'Group', list: 'PolicyGroups', name: 'GroupName', id: 'GroupId' },
  { kind: 'user', filter: 'User', list: 'PolicyUsers', name: 'UserName', id: 'UserId' },
  { kind: 'role', filter: 'Role', list: 'PolicyRoles', name: 'RoleName', id: 'RoleId' },
] as const

function listEntities(iam: Iam, input: JsonObject, arn: string): readonly Xml[] {
  const usage = readChoice(input, 'PolicyUsageFilter', ['PermissionsPolicy', 'PermissionsBoundary'])
  const filter = readChoice(input, 'EntityFilter', ['User', 'Role', 'Group', 'LocalManagedPolicy', 'AWSManagedPolicy'])
  const prefix = readPathPrefix(input)
  const attached = iam.policies.holdersOf(arn).flatMap((id) => iam.entities.byId(id) ?? [])
  const bounded = iam.entities.boundedBy(arn)
  const found = [...(usage === 'PermissionsBoundary' ? [] : attached), ...(usage === 'PermissionsPolicy' ? [] : bounded)]
  const holders = [...new Map(found.map((entity) => [entity.id, entity])).values()].filter(({ path }) => path.startsWith(prefix))
  const lists = HOLDERS.map(({ kind, filter: wanted, list, name, id }) => {
    const ofKind = holders.filter((entity) => entity.kind === kind && (filter === undefined || filter === wanted))
    return element(
      list,
      ofKind.map((entity) => element('member', [element(name, entity.name), element(id, entity.uniqueId)])),
    )
  })
  return [...lists, element('IsTruncated', false)]
}
