/** Tags of state machines and activities. Source: API reference, TagResource. */
import { parseStatesArn } from '../base/arn.ts'

import type { Context } from './context.ts'
import { invalidArn, ServiceError } from './service-error.ts'

const TAGS_MAX = 50

export function checkTags(
  tags: readonly { readonly key: string; readonly value: string }[] | undefined,
): ReadonlyMap<string, string> {
  const map = new Map((tags ?? []).map(({ key, value }) => [key, value] as const))
  if (map.size > TAGS_MAX) throw new ServiceError('TooManyTags', 'Too many tags')
  return map
}

export function createTags({ store }: Context) {
  async function exists(arn: string): Promise<void> {
    const parsed = parseStatesArn(arn)
    if (!parsed) throw invalidArn(arn)
    const found = parsed.kind === 'activity' ? await store.activity(arn) : await store.stateMachine(arn)
    if (!found) throw new ServiceError('ResourceNotFound', `Resource not found: '${arn}'`)
  }
  return {
    async list(arn: string): Promise<ReadonlyMap<string, string>> {
      await exists(arn)
      return store.tags(arn)
    },
    async put(arn: string, tags: readonly { readonly key: string; readonly value: string }[]): Promise<void> {
      await exists(arn)
      const all = new Map([...(await store.tags(arn)), ...checkTags(tags)])
      if (all.size > TAGS_MAX) throw new ServiceError('TooManyTags', 'Too many tags')
      await store.putTags(arn, checkTags(tags))
    },
    async remove(arn: string, keys: readonly string[]): Promise<void> {
      await exists(arn)
      await store.removeTags(arn, keys)
    },
  }
}
