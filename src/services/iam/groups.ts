/** Groups of users. Source: IAM API reference, CreateGroup and its kin; AWS's recorded answers. */
import { element } from '../../wire/xml.ts'

import { mustFirst, quotaExceeded } from './errors.ts'
import { type Iam, KINDS, type Operations } from './iam.ts'
import { readGivenPath, readName, readPath, readPathPrefix, requireName } from './input.ts'
import { listPage } from './page.ts'
import { renderGroup, renderUser } from './render.ts'

const GROUPS_PER_USER_MAX = 10

export function groupOperations(iam: Iam): Operations {
  const { entities } = iam
  const { charsMax } = KINDS.group
  return [
    [
      'CreateGroup',
      (input) => {
        const name = requireName(input, 'GroupName', charsMax)
        return element('Group', renderGroup(iam.create('group', { name, path: readPath(input), tags: new Map() })))
      },
    ],
    [
      'GetGroup',
      (input) => {
        const group = iam.named('group', input)
        const users = listPage(input, 'Users', entities.membersOf(group), ({ name }) => name, renderUser)
        return [element('Group', renderGroup(group)), ...users]
      },
    ],
    [
      'ListGroups',
      (input) => {
        const prefix = readPathPrefix(input)
        const groups = entities.all('group').filter(({ path }) => path.startsWith(prefix))
        return listPage(input, 'Groups', groups, ({ name }) => name, renderGroup)
      },
    ],
    [
      'ListGroupsForUser',
      (input) => listPage(input, 'Groups', entities.holdersOf(iam.named('user', input)), ({ name }) => name, renderGroup),
    ],
    [
      'UpdateGroup',
      (input) => {
        const group = iam.named('group', input)
        const name = readName(input, 'NewGroupName', charsMax) ?? group.name
        const path = readGivenPath(input, 'NewPath') ?? group.path
        iam.checkFree('group', name, group)
        entities.change(group, { name, path, arn: iam.arnOf('group', path, name) })
        return undefined
      },
    ],
    [
      'DeleteGroup',
      (input) => {
        const group = iam.named('group', input)
        if (entities.membersOf(group).length > 0) throw mustFirst('remove users from group')
        iam.checkHasNoPolicies(group)
        entities.remove(group)
        return undefined
      },
    ],
    [
      'AddUserToGroup',
      (input) => {
        const user = iam.named('user', input)
        const group = iam.named('group', input)
        const groups = entities.holdersOf(user)
        if (groups.length >= GROUPS_PER_USER_MAX && !groups.some(({ id }) => id === group.id))
          throw quotaExceeded('GroupsPerUser', GROUPS_PER_USER_MAX)
        entities.addMember(group, user)
        return undefined
      },
    ],
    [
      'RemoveUserFromGroup',
      (input) => {
        const user = iam.named('user', input)
        entities.removeMember(iam.named('group', input), user)
        return undefined
      },
    ],
  ]
}
