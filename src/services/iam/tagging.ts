/** The tags of what can have some: the same three actions for each kind. Source: IAM API reference, TagRole and its kin. */
import type { JsonObject } from '../../base/json.ts'

import { element } from '../../wire/xml.ts'

import { removeTags } from '../kit/tags.ts'

import type { Entity } from './entity-store.ts'
import { accessDenied, noSuchEntity } from './errors.ts'
import type { Iam, Operations } from './iam.ts'
import { readTagKeys, readTags, type TagKeys, withTags } from './input.ts'
import { policyAt, requirePolicyArn } from './managed-policies.ts'
import { listPage } from './page.ts'
import { oidcProvider, samlProvider } from './providers.ts'

interface Tagged {
  readonly noun: string
  readonly keys: TagKeys
  readonly find: (iam: Iam, input: JsonObject) => Entity
}

const TAGGED: readonly Tagged[] = [
  { noun: 'Role', keys: 'caseInsensitive', find: (iam, input) => iam.named('role', input) },
  { noun: 'User', keys: 'caseInsensitive', find: (iam, input) => iam.named('user', input) },
  { noun: 'InstanceProfile', keys: 'caseInsensitive', find: (iam, input) => iam.named('instanceProfile', input) },
  { noun: 'Policy', keys: 'caseSensitive', find: ownPolicy },
  { noun: 'OpenIDConnectProvider', keys: 'caseInsensitive', find: oidcProvider },
  { noun: 'SAMLProvider', keys: 'caseInsensitive', find: samlProvider },
]

function ownPolicy(iam: Iam, input: JsonObject): Entity {
  const arn = requirePolicyArn(input)
  const policy = policyAt(iam, arn)
  if (!policy) throw noSuchEntity(`Policy ${arn} was not found.`)
  if (!('kind' in policy)) throw accessDenied(iam.root, 'TagPolicy', `policy ${arn}`)
  return policy
}

export const tagOperations = (iam: Iam): Operations =>
  TAGGED.flatMap(
    ({ noun, keys, find }): Operations => [
      [
        `Tag${noun}`,
        (input) => {
          const more = readTags(input, keys)
          const entity = find(iam, input)
          iam.entities.change(entity, { tags: withTags(entity.tags, more, keys) })
          return undefined
        },
      ],
      [
        `Untag${noun}`,
        (input) => {
          const gone = readTagKeys(input)
          const entity = find(iam, input)
          iam.entities.change(entity, { tags: removeTags(entity.tags, gone) })
          return undefined
        },
      ],
      [
        `List${noun}Tags`,
        (input) => {
          const tags = [...find(iam, input).tags].toSorted(([a], [b]) => (a < b ? -1 : 1))
          return listPage(
            input,
            'Tags',
            tags,
            ([key]) => key,
            ([key, value]) => [element('Key', key), element('Value', value)],
          )
        },
      ],
    ],
  )
