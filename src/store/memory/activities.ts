/** Activities, by ARN. */
import type { ActivityArn } from '../../base/arn.ts'

import type { ActivityRecord, Page } from '../contract.ts'
import { pageOf } from '../page.ts'
import { byArnRising } from './definitions.ts'
import type { MemoryDisk } from './disk.ts'

export function activityOperations({ activities, tags }: MemoryDisk) {
  return {
    async createActivity(activity: ActivityRecord): Promise<'created' | 'exists'> {
      if (activities.has(activity.arn)) return 'exists'
      activities.set(activity.arn, activity)
      return 'created'
    },
    activity: async (arn: ActivityArn): Promise<ActivityRecord | undefined> => activities.get(arn),
    async activities(limit: number, from = ''): Promise<Page<ActivityRecord>> {
      const rows = [...activities.values()].filter(({ arn }) => arn > from)
      return pageOf(rows.sort(byArnRising), limit, (last) => last.arn)
    },
    async deleteActivity(arn: ActivityArn): Promise<void> {
      activities.delete(arn)
      tags.delete(arn)
    },
  }
}
