/** Users, their access keys and login profiles. Source: IAM API reference; AWS's recorded answers. */
import type { IncomingMessage } from 'node:http'

import type { JsonObject } from '../../base/json.ts'

import { WireError } from '../../wire/errors.ts'
import { element, type Xml } from '../../wire/xml.ts'

import { readBoundary } from './boundaries.ts'
import type { AccessKey, LoginProfile } from './credential-store.ts'
import type { Entity } from './entity-store.ts'
import { alreadyExists, constraintError, mustFirst, noSuchEntity, quotaExceeded } from './errors.ts'
import { type Iam, KINDS, type Operations } from './iam.ts'
import {
  readChoice,
  readFlag,
  readGivenPath,
  readName,
  readPath,
  readPathPrefix,
  readTags,
  readText,
  requireName,
  requireText,
} from './input.ts'
import { listPage } from './page.ts'
import { renderBoundary, renderSomeTags, renderTime, renderUser } from './render.ts'

const KEYS_MAX = 2

export const userOperations = (iam: Iam): Operations => [
  ...ownOperations(iam),
  ...accessKeyOperations(iam),
  ...loginOperations(iam),
  ...NOT_KEPT.map(([action, list]) => [action, (input: JsonObject) => listPage(input, list, [], String, String)] as const),
]

/** What Regente has none of; clients look before they delete a user. */
const NOT_KEPT = [
  ['ListMFADevices', 'MFADevices'],
  ['ListVirtualMFADevices', 'VirtualMFADevices'],
  ['ListSSHPublicKeys', 'SSHPublicKeys'],
  ['ListSigningCertificates', 'Certificates'],
  ['ListServerCertificates', 'ServerCertificateMetadataList'],
  ['ListServiceSpecificCredentials', 'ServiceSpecificCredentials'],
] as const

function ownOperations(iam: Iam): Operations {
  const { entities, credentials } = iam

  function createUser(input: JsonObject): Xml {
    const name = requireName(input, 'UserName', KINDS.user.charsMax)
    const path = readPath(input)
    const tags = readTags(input, 'caseInsensitive')
    const boundary = readBoundary(iam, input) ?? null
    const user = iam.create('user', { name, path, tags, boundary })
    return element('User', [...renderUser(user), renderBoundary(user), renderSomeTags(user)])
  }

  function getUser(input: JsonObject, req: IncomingMessage): Xml {
    const user = readName(input, 'UserName') === undefined ? iam.caller(req) : iam.named('user', input)
    if (user) return element('User', [...renderUser(user), renderBoundary(user), renderSomeTags(user)])
    return element('User', [
      element('UserId', iam.account),
      element('Arn', iam.root),
      element('CreateDate', renderTime(iam.clock.now())),
    ])
  }

  function updateUser(input: JsonObject): undefined {
    const user = iam.named('user', input)
    const name = readName(input, 'NewUserName', KINDS.user.charsMax) ?? user.name
    const path = readGivenPath(input, 'NewPath') ?? user.path
    iam.checkFree('user', name, user)
    entities.change(user, { name, path, arn: iam.arnOf('user', path, name) })
    return undefined
  }

  function deleteUser(input: JsonObject): undefined {
    const user = iam.named('user', input)
    if (entities.holdersOf(user).length > 0) throw mustFirst('remove users from group')
    iam.checkHasNoPolicies(user)
    if (credentials.keysOf(user).length > 0) throw mustFirst('delete access keys')
    if (credentials.login(user)) throw mustFirst('delete login profile')
    entities.remove(user)
    return undefined
  }

  return [
    ['CreateUser', createUser],
    ['GetUser', (input, { req }) => getUser(input, req)],
    [
      'ListUsers',
      (input) => {
        const prefix = readPathPrefix(input)
        const users = entities.all('user').filter(({ path }) => path.startsWith(prefix))
        return listPage(input, 'Users', users, ({ name }) => name, renderUser)
      },
    ],
    ['UpdateUser', updateUser],
    ['DeleteUser', deleteUser],
  ]
}

function accessKeyOperations(iam: Iam): Operations {
  const { credentials } = iam

  function createKey(input: JsonObject, req: IncomingMessage): Xml {
    const user = iam.userOrCaller(input, req)
    if (credentials.keysOf(user).length >= KEYS_MAX) throw quotaExceeded('AccessKeysPerUser', KEYS_MAX)
    const key = credentials.createKey(user)
    return element('AccessKey', [...renderKey(user, key), element('SecretAccessKey', key.secret)])
  }

  function ownKey(input: JsonObject, req: IncomingMessage): AccessKey {
    const user = iam.userOrCaller(input, req)
    const accessKeyId = requireText(input, 'AccessKeyId', 128)
    const key = credentials.key(accessKeyId)
    if (key?.user !== user.id) throw noSuchEntity(`The Access Key with id ${accessKeyId} cannot be found.`)
    return key
  }

  /** When a key was used is not kept. */
  function lastUsed(input: JsonObject): readonly Xml[] {
    const accessKeyId = requireText(input, 'AccessKeyId', 128)
    const key = credentials.key(accessKeyId)
    const user = key && iam.entities.byId(key.user)
    if (!user) {
      const text = `User: ${iam.root} is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key ${accessKeyId}`
      throw new WireError(403, 'AccessDenied', text)
    }
    return [
      element('UserName', user.name),
      element('AccessKeyLastUsed', [element('ServiceName', 'N/A'), element('Region', 'N/A')]),
    ]
  }

  return [
    ['CreateAccessKey', (input, { req }) => createKey(input, req)],
    [
      'ListAccessKeys',
      (input, { req }) => {
        const user = iam.userOrCaller(input, req)
        const orderOf = ({ createdMs, accessKeyId }: AccessKey) => `${createdMs} ${accessKeyId}`
        return listPage(input, 'AccessKeyMetadata', credentials.keysOf(user), orderOf, (key) => renderKey(user, key))
      },
    ],
    [
      'UpdateAccessKey',
      (input, { req }) => {
        const key = ownKey(input, req)
        const status = readChoice(input, 'Status', ['Active', 'Inactive'])
        if (status === undefined) throw constraintError('Status', 'Member must not be null')
        credentials.setActive(key, status === 'Active')
        return undefined
      },
    ],
    [
      'DeleteAccessKey',
      (input, { req }) => {
        credentials.removeKey(ownKey(input, req))
        return undefined
      },
    ],
    ['GetAccessKeyLastUsed', lastUsed],
  ]
}

const renderKey = (user: Entity, { accessKeyId, isActive, createdMs }: AccessKey): readonly Xml[] => [
  element('UserName', user.name),
  element('AccessKeyId', accessKeyId),
  element('Status', isActive ? 'Active' : 'Inactive'),
  element('CreateDate', renderTime(createdMs)),
]

function loginOperations(iam: Iam): Operations {
  const { credentials } = iam
  const missing = ({ name }: Entity) => noSuchEntity(`Login Profile for User ${name} cannot be found.`)
  const loginOf = (user: Entity): LoginProfile => {
    const login = credentials.login(user)
    if (!login) throw missing(user)
    return login
  }

  return [
    [
      'CreateLoginProfile',
      (input, { req }) => {
        const user = iam.userOrCaller(input, req)
        requireText(input, 'Password', 128)
        if (credentials.login(user)) throw alreadyExists(`Login Profile for user ${user.name} already exists.`)
        const login = credentials.createLogin(user, readFlag(input, 'PasswordResetRequired'))
        return element('LoginProfile', renderLogin(user, login))
      },
    ],
    [
      'GetLoginProfile',
      (input, { req }) => {
        const user = iam.userOrCaller(input, req)
        return element('LoginProfile', renderLogin(user, loginOf(user)))
      },
    ],
    [
      'UpdateLoginProfile',
      (input) => {
        const user = iam.named('user', input)
        const { mustReset } = loginOf(user)
        const isGiven = readText(input, 'PasswordResetRequired') !== undefined
        credentials.setMustReset(user, isGiven ? readFlag(input, 'PasswordResetRequired') : mustReset)
        return undefined
      },
    ],
    [
      'DeleteLoginProfile',
      (input, { req }) => {
        const user = iam.userOrCaller(input, req)
        loginOf(user)
        credentials.removeLogin(user)
        return undefined
      },
    ],
  ]
}

const renderLogin = (user: Entity, { mustReset, createdMs }: LoginProfile): readonly Xml[] => [
  element('UserName', user.name),
  element('CreateDate', renderTime(createdMs)),
  element('PasswordResetRequired', mustReset),
]
