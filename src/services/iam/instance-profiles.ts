/** Instance profiles: each holds one role at most. Source: IAM API reference, CreateInstanceProfile and its kin. */
import { element } from '../../wire/xml.ts'

import type { Entity } from './entity-store.ts'
import { mustFirst, noSuchEntity, quotaExceeded } from './errors.ts'
import { type Iam, KINDS, type Operations } from './iam.ts'
import { readPath, readPathPrefix, readTags, requireName } from './input.ts'
import { listPage } from './page.ts'
import { renderInstanceProfile, renderSomeTags, renderTags } from './render.ts'

export function instanceProfileOperations(iam: Iam): Operations {
  const { entities } = iam
  const shown = (profile: Entity) => renderInstanceProfile(profile, entities.membersOf(profile))
  return [
    [
      'CreateInstanceProfile',
      (input) => {
        const name = requireName(input, 'InstanceProfileName', KINDS.instanceProfile.charsMax)
        const tags = readTags(input, 'caseInsensitive')
        const profile = iam.create('instanceProfile', { name, path: readPath(input), tags })
        return element('InstanceProfile', [...shown(profile), renderSomeTags(profile)])
      },
    ],
    [
      'GetInstanceProfile',
      (input) => {
        const profile = iam.named('instanceProfile', input)
        return element('InstanceProfile', [...shown(profile), renderTags(profile.tags)])
      },
    ],
    [
      'ListInstanceProfiles',
      (input) => {
        const prefix = readPathPrefix(input)
        const profiles = entities.all('instanceProfile').filter(({ path }) => path.startsWith(prefix))
        return listPage(input, 'InstanceProfiles', profiles, ({ name }) => name, shown)
      },
    ],
    [
      'ListInstanceProfilesForRole',
      (input) => {
        const profiles = entities.holdersOf(iam.named('role', input))
        return listPage(input, 'InstanceProfiles', profiles, ({ name }) => name, shown)
      },
    ],
    [
      'AddRoleToInstanceProfile',
      (input) => {
        const profile = iam.named('instanceProfile', input)
        const role = iam.named('role', input)
        if (entities.membersOf(profile).length > 0) throw quotaExceeded('InstanceSessionsPerInstanceProfile', 1)
        entities.addMember(profile, role)
        return undefined
      },
    ],
    [
      'RemoveRoleFromInstanceProfile',
      (input) => {
        const profile = iam.named('instanceProfile', input)
        const role = iam.named('role', input)
        if (!entities.removeMember(profile, role))
          throw noSuchEntity(`Role ${role.name} in Instance Profile ${profile.name} cannot be found.`)
        return undefined
      },
    ],
    [
      'DeleteInstanceProfile',
      (input) => {
        const profile = iam.named('instanceProfile', input)
        if (entities.membersOf(profile).length > 0) throw mustFirst('remove roles from instance profile')
        entities.remove(profile)
        return undefined
      },
    ],
  ]
}
