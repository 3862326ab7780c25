/** What STS asks IAM: the role that is to be assumed, the user whose key it is. Nothing is known where IAM does not answer. */
import { getOwn, isObject, type JsonObject } from '../../base/json.ts'

import { callQuery } from '../../aws/call.ts'
import { endpointsAt } from '../../aws/endpoints.ts'
import { SERVICES } from '../../aws/services.ts'

import type { ServiceDeps } from '../kit/service-deps.ts'

export interface KnownRole {
  readonly arn: string
  readonly roleId: string
  readonly maxSessionSeconds: number
}

export interface KnownUser {
  readonly arn: string
  readonly userId: string
}

export interface Directory {
  role(name: string): Promise<KnownRole | undefined>
  userOfKey(accessKeyId: string): Promise<KnownUser | undefined>
}

export type DirectoryDeps = Pick<ServiceDeps, 'endpoint' | 'region' | 'credentials'>

export function createDirectory({ endpoint, region, credentials }: DirectoryDeps): Directory {
  const endpoints = endpointsAt(() => ({ endpoint: endpoint(), region, credentials: credentials?.() }))
  const ask = async (action: string, input: JsonObject): Promise<JsonObject> => {
    const called = await callQuery(endpoints, SERVICES.iam, action, input)
    return called.ok ? called.value.body : {}
  }
  return {
    async role(name) {
      const { Role: role } = await ask('GetRole', { RoleName: name })
      if (!isObject(role)) return undefined
      return {
        arn: String(getOwn(role, 'Arn')),
        roleId: String(getOwn(role, 'RoleId')),
        maxSessionSeconds: Number(getOwn(role, 'MaxSessionDuration')),
      }
    },
    async userOfKey(accessKeyId) {
      const { UserName: name } = await ask('GetAccessKeyLastUsed', { AccessKeyId: accessKeyId })
      if (typeof name !== 'string') return undefined
      const { User: user } = await ask('GetUser', { UserName: name })
      return isObject(user) ? { arn: String(getOwn(user, 'Arn')), userId: String(getOwn(user, 'UserId')) } : undefined
    },
  }
}
