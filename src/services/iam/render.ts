/** Entities as IAM's answers show them; each answer shows a part. Source: IAM API reference, data types; AWS's recorded answers. */
import { encodeRfc3986 } from '../../wire/percent.ts'
import { element, optionalElement, type Xml } from '../../wire/xml.ts'

import type { Tags } from '../kit/tags.ts'

import type { ManagedPolicy } from './aws-managed.ts'
import { detailNumber, type Entity } from './entity-store.ts'

export type Rendered = readonly (Xml | undefined)[]

/** `2026-11-30T03:00:00Z`. */
export const renderTime = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')

/** A document goes percent-encoded. */
export const renderDocument = (document: string): string => encodeRfc3986(document)

export const renderTags = (tags: Tags): Xml =>
  element(
    'Tags',
    [...tags].map(([key, value]) => element('member', [element('Key', key), element('Value', value)])),
  )

/** Nothing where there are none. */
export const renderSomeTags = ({ tags }: Entity): Xml | undefined => (tags.size === 0 ? undefined : renderTags(tags))

export const renderBoundary = ({ boundary }: Entity): Xml | undefined =>
  boundary === null
    ? undefined
    : element('PermissionsBoundary', [element('PermissionsBoundaryType', 'Policy'), element('PermissionsBoundaryArn', boundary)])

export const SESSION_SECONDS = 3600

/** What every answer shows of a role. */
export const renderRole = (role: Entity): Rendered => [
  element('Path', role.path),
  element('RoleName', role.name),
  element('RoleId', role.uniqueId),
  element('Arn', role.arn),
  element('CreateDate', renderTime(role.createdMs)),
  element('AssumeRolePolicyDocument', renderDocument(role.document ?? '')),
]

/** What reading one shows besides. */
export const renderRoleSettings = (role: Entity): Rendered => [
  optionalElement('Description', role.description || undefined),
  element('MaxSessionDuration', detailNumber(role, 'maxSessionSeconds', SESSION_SECONDS)),
]

export const renderUser = (user: Entity): Rendered => [
  element('Path', user.path),
  element('UserName', user.name),
  element('UserId', user.uniqueId),
  element('Arn', user.arn),
  element('CreateDate', renderTime(user.createdMs)),
]

export const renderGroup = (group: Entity): Rendered => [
  element('Path', group.path),
  element('GroupName', group.name),
  element('GroupId', group.uniqueId),
  element('Arn', group.arn),
  element('CreateDate', renderTime(group.createdMs)),
]

export const renderInstanceProfile = (profile: Entity, roles: readonly Entity[]): Rendered => [
  element('Path', profile.path),
  element('InstanceProfileName', profile.name),
  element('InstanceProfileId', profile.uniqueId),
  element('Arn', profile.arn),
  element('CreateDate', renderTime(profile.createdMs)),
  element(
    'Roles',
    roles.map((role) => element('member', renderRole(role))),
  ),
]

export interface PolicyUse {
  readonly attachments: number
  readonly boundaries: number
}

export const renderPolicy = (policy: ManagedPolicy, { attachments, boundaries }: PolicyUse): Rendered => [
  element('PolicyName', policy.name),
  element('PolicyId', policy.policyId),
  element('Arn', policy.arn),
  element('Path', policy.path),
  element('DefaultVersionId', `v${policy.version}`),
  element('AttachmentCount', attachments),
  element('PermissionsBoundaryUsageCount', boundaries),
  element('IsAttachable', true),
  element('CreateDate', renderTime(policy.createdMs)),
  element('UpdateDate', renderTime(policy.updatedMs)),
]
