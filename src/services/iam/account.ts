/** What the account has once: alias, password policy, and the counts of all else. Source: IAM API reference, GetAccountSummary. */
import type { JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

import { element, type Xml } from '../../wire/xml.ts'

import { alreadyExists, noSuchEntity, validationError } from './errors.ts'
import type { Iam, Operations } from './iam.ts'
import { readFlag, readWhole, requireText } from './input.ts'
import { listPage } from './page.ts'

/** AWS's quotas, as the summary tells them. */
const QUOTAS = {
  AccessKeysPerUserQuota: 2,
  AccountAccessKeysPresent: 0,
  AccountMFAEnabled: 0,
  AccountPasswordPresent: 0,
  AccountSigningCertificatesPresent: 0,
  AssumeRolePolicySizeQuota: 2048,
  AttachedPoliciesPerGroupQuota: 10,
  AttachedPoliciesPerRoleQuota: 10,
  AttachedPoliciesPerUserQuota: 10,
  GlobalEndpointTokenVersion: 1,
  GroupPolicySizeQuota: 5120,
  GroupsPerUserQuota: 10,
  GroupsQuota: 300,
  InstanceProfilesQuota: 1000,
  MFADevices: 0,
  MFADevicesInUse: 0,
  PoliciesQuota: 1500,
  PolicySizeQuota: 6144,
  PolicyVersionsInUseQuota: 10_000,
  RolePolicySizeQuota: 10_240,
  RolesQuota: 1000,
  ServerCertificates: 0,
  ServerCertificatesQuota: 20,
  SigningCertificatesPerUserQuota: 2,
  UserPolicySizeQuota: 2048,
  UsersQuota: 5000,
  VersionsPerPolicyQuota: 5,
}

export function accountOperations(iam: Iam): Operations {
  const { entities, policies, settings } = iam

  function summary(): Xml {
    const counts = {
      Groups: entities.count('group'),
      InstanceProfiles: entities.count('instanceProfile'),
      Policies: entities.count('policy'),
      PolicyVersionsInUse: policies.countVersions(),
      Providers: entities.count('oidcProvider') + entities.count('samlProvider'),
      Roles: entities.count('role'),
      Users: entities.count('user'),
    }
    const entries = [...Object.entries(QUOTAS), ...Object.entries(counts)].toSorted(([a], [b]) => (a < b ? -1 : 1))
    return element(
      'SummaryMap',
      entries.map(([key, value]) => element('entry', [element('key', key), element('value', value)])),
    )
  }

  const passwordPolicyMissing = () => noSuchEntity(`The Password Policy with domain name ${iam.account} cannot be found.`)

  return [
    ['GetAccountSummary', summary],
    [
      'CreateAccountAlias',
      (input) => {
        const alias = readAlias(input)
        const known = settings.get('accountAlias')
        if (known !== undefined && known !== alias) throw alreadyExists(`The account alias ${alias} already exists.`)
        settings.put('accountAlias', alias)
        return undefined
      },
    ],
    [
      'ListAccountAliases',
      (input) => {
        const alias = settings.get('accountAlias')
        return listPage(input, 'AccountAliases', alias === undefined ? [] : [alias], String, String)
      },
    ],
    [
      'DeleteAccountAlias',
      (input) => {
        const alias = readAlias(input)
        if (settings.get('accountAlias') !== alias) throw noSuchEntity(`The account alias ${alias} cannot be found.`)
        settings.remove('accountAlias')
        return undefined
      },
    ],
    [
      'UpdateAccountPasswordPolicy',
      (input) => {
        settings.put('passwordPolicy', JSON.stringify(readPasswordPolicy(input)))
        return undefined
      },
    ],
    [
      'GetAccountPasswordPolicy',
      () => {
        const policy = settings.get('passwordPolicy')
        if (policy === undefined) throw passwordPolicyMissing()
        const members = Object.entries(objectOf(policy) ?? {})
        return element(
          'PasswordPolicy',
          members.map(([name, value]) => element(name, String(value))),
        )
      },
    ],
    [
      'DeleteAccountPasswordPolicy',
      () => {
        if (settings.get('passwordPolicy') === undefined)
          throw noSuchEntity('The account policy with name PasswordPolicy cannot be found.')
        settings.remove('passwordPolicy')
        return undefined
      },
    ],
  ]
}

function readAlias(input: JsonObject): string {
  const alias = requireText(input, 'AccountAlias', 63)
  if (!/^[a-z0-9](?:[a-z0-9]|-(?!-)){1,61}[a-z0-9]$/.test(alias))
    throw validationError(
      "1 validation error detected: Value at 'accountAlias' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$",
    )
  return alias
}

const LENGTH_MIN = 6

function readPasswordPolicy(input: JsonObject): JsonObject {
  const maxAge = readWhole(input, 'MaxPasswordAge', 0, 1095)
  const reuse = readWhole(input, 'PasswordReusePrevention', 0, 24)
  return {
    MinimumPasswordLength: readWhole(input, 'MinimumPasswordLength', LENGTH_MIN, 128) ?? LENGTH_MIN,
    RequireSymbols: readFlag(input, 'RequireSymbols'),
    RequireNumbers: readFlag(input, 'RequireNumbers'),
    RequireUppercaseCharacters: readFlag(input, 'RequireUppercaseCharacters'),
    RequireLowercaseCharacters: readFlag(input, 'RequireLowercaseCharacters'),
    AllowUsersToChangePassword: readFlag(input, 'AllowUsersToChangePassword'),
    ExpirePasswords: maxAge !== undefined && maxAge > 0,
    ...(maxAge !== undefined && maxAge > 0 && { MaxPasswordAge: maxAge }),
    ...(reuse !== undefined && reuse > 0 && { PasswordReusePrevention: reuse }),
    ...(input['HardExpiry'] !== undefined && { HardExpiry: readFlag(input, 'HardExpiry') }),
  }
}
