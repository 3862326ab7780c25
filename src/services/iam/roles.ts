/**
 * Roles. Their trust policy is kept as it came, and not enforced.
 * Source: IAM API reference, CreateRole and its kin; AWS's recorded answers (which members each answer shows).
 */
import type { JsonObject } from '../../base/json.ts'

import { element, type Xml } from '../../wire/xml.ts'

import { readBoundary } from './boundaries.ts'
import type { Entity } from './entity-store.ts'
import { mustFirst, quotaExceeded, unmodifiable } from './errors.ts'
import type { Iam, Operations } from './iam.ts'
import { readPath, readPathPrefix, readTags, readText, readWhole, requireName, requireText } from './input.ts'
import { listPage } from './page.ts'
import { checkTrustPolicy } from './policy-document.ts'
import { renderBoundary, renderRole, renderRoleSettings, renderSomeTags, SESSION_SECONDS } from './render.ts'
import { isServiceLinked } from './service-linked-roles.ts'

const ROLES_MAX = 5000

export function roleOperations(iam: Iam): Operations {
  const { entities } = iam

  /** One that is not AWS's to change. */
  const ownRole = (input: JsonObject): Entity => {
    const role = iam.named('role', input)
    if (isServiceLinked(role)) throw unmodifiable(role.name)
    return role
  }

  function createRole(input: JsonObject): Xml {
    const name = requireName(input, 'RoleName', 64)
    const path = readPath(input)
    const document = readTrustPolicy(input, 'AssumeRolePolicyDocument')
    const description = readText(input, 'Description', 1000) ?? null
    const maxSessionSeconds = readSessionSeconds(input) ?? SESSION_SECONDS
    const tags = readTags(input, 'caseInsensitive')
    const boundary = readBoundary(iam, input) ?? null
    if (entities.count('role') >= ROLES_MAX) throw quotaExceeded('RolesPerAccount', ROLES_MAX)
    const role = iam.create('role', { name, path, tags, document, description, boundary, details: { maxSessionSeconds } })
    return element('Role', [...renderRole(role), renderBoundary(role), renderSomeTags(role)])
  }

  function deleteRole(input: JsonObject): undefined {
    const role = ownRole(input)
    if (entities.holdersOf(role).length > 0) throw mustFirst('remove roles from instance profile')
    iam.checkHasNoPolicies(role)
    entities.remove(role)
    return undefined
  }

  return [
    ['CreateRole', createRole],
    [
      'GetRole',
      (input) => {
        const role = iam.named('role', input)
        const settings = [...renderRoleSettings(role), renderBoundary(role), renderSomeTags(role), element('RoleLastUsed')]
        return element('Role', [...renderRole(role), ...settings])
      },
    ],
    [
      'ListRoles',
      (input) => {
        const prefix = readPathPrefix(input)
        const roles = entities.all('role').filter(({ path }) => path.startsWith(prefix))
        return listPage(
          input,
          'Roles',
          roles,
          ({ name }) => name,
          (role) => [...renderRole(role), ...renderRoleSettings(role)],
        )
      },
    ],
    [
      'UpdateRole',
      (input) => {
        const role = ownRole(input)
        const description = readText(input, 'Description', 1000) ?? role.description
        const maxSessionSeconds = readSessionSeconds(input)
        const details = maxSessionSeconds === undefined ? role.details : { ...role.details, maxSessionSeconds }
        entities.change(role, { description, details })
        return []
      },
    ],
    [
      'UpdateRoleDescription',
      (input) => {
        const role = entities.change(ownRole(input), { description: readText(input, 'Description', 1000) ?? '' })
        return element('Role', [...renderRole(role), element('Description', role.description ?? '')])
      },
    ],
    [
      'UpdateAssumeRolePolicy',
      (input) => {
        entities.change(ownRole(input), { document: readTrustPolicy(input, 'PolicyDocument') })
        return undefined
      },
    ],
    ['DeleteRole', deleteRole],
  ]
}

const readSessionSeconds = (input: JsonObject): number | undefined => readWhole(input, 'MaxSessionDuration', 3600, 43_200)

function readTrustPolicy(input: JsonObject, member: string): string {
  const document = requireText(input, member, 131_072)
  checkTrustPolicy(document)
  return document
}
