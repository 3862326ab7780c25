/** Tags of state machines and activities. Keys that begin with `aws:` are AWS's own. Source: API reference, TagResource. */
import { parseStatesArn } from '../base/arn.ts'

import type { TaggedArn } from '../store/contract.ts'

import type { Context } from './context.ts'
import { invalidArn, ServiceError, validation } from './service-error.ts'

const TAGS_MAX = 50

export function checkTags(
  tags: readonly { readonly key: string; readonly value: string }[] | undefined,
): ReadonlyMap<string, string> {
  const reserved = (tags ?? []).some(({ key }) => /^aws:/i.test(key))
  if (reserved) throw validation('aws: prefixed tag key names are not allowed for external use.')
  const map = new Map((tags ?? []).map(({ key, value }) => [key, value] as const))
  if (map.size > TAGS_MAX) throw new ServiceError('TooManyTags', 'Too many tags')
  return map
}

export function createTags({ store }: Context) {
  /** Throws InvalidArn, ResourceNotFound. */
  async function find(arn: string): Promise<TaggedArn> {
    const parsed = parseStatesArn(arn)
    if (!parsed) throw invalidArn(arn)
    if (parsed.kind === 'activity' && (await store.activity(parsed.arn))) return parsed.arn
    if (parsed.kind === 'stateMachine' && parsed.qualifier === undefined && (await store.stateMachine(parsed.arn)))
      return parsed.arn
    throw new ServiceError('ResourceNotFound', `Resource not found: '${arn}'`)
  }
  return {
    list: async (arn: string): Promise<ReadonlyMap<string, string>> => store.tags(await find(arn)),
    async put(arn: string, tags: readonly { readonly key: string; readonly value: string }[]): Promise<void> {
      const tagged = await find(arn)
      const all = new Map([...(await store.tags(tagged)), ...checkTags(tags)])
      if (all.size > TAGS_MAX) throw new ServiceError('TooManyTags', 'Too many tags')
      await store.putTags(tagged, checkTags(tags))
    },
    async remove(arn: string, keys: readonly string[]): Promise<void> {
      await store.removeTags(await find(arn), keys)
    },
  }
}
