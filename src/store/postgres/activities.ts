/** Activities, by name. */
import type { ActivityArn } from '../../base/arn.ts'

import type { ActivityRecord, Page } from '../contract.ts'
import { pageOf } from '../page.ts'
import type { Query } from './channel.ts'
import { instant, optional, shapeOf, text, textOf } from './shape.ts'
import { only, prepared } from './statement.ts'

const ACTIVITY = shapeOf<ActivityRecord>({
  arn: textOf<ActivityArn>(),
  name: text,
  createdAt: instant,
  encryptionConfiguration: optional(text),
})

const BY_ARN = prepared(`SELECT ${ACTIVITY.columns} FROM activities WHERE arn = $1`, ACTIVITY.reader)
const PAGE = prepared(`SELECT ${ACTIVITY.columns} FROM activities WHERE arn > $1 ORDER BY arn LIMIT $2`, ACTIVITY.reader)
const INSERT = prepared(
  `INSERT INTO activities (${ACTIVITY.columns}) VALUES (${ACTIVITY.marks}) ON CONFLICT DO NOTHING RETURNING arn`,
  only(text),
)
const REMOVE = prepared(
  'WITH gone AS (DELETE FROM activities WHERE arn = $1) DELETE FROM tags WHERE resource_arn = $1',
  only(text),
)

export const activityReads = (query: Query) => ({
  activity: async (arn: ActivityArn): Promise<ActivityRecord | undefined> => (await query(BY_ARN, arn))[0],
  activities: async (limit: number, from = ''): Promise<Page<ActivityRecord>> =>
    pageOf(await query(PAGE, from, limit + 1), limit, (last) => last.arn),
})

export const activityWrites = (query: Query) => ({
  async createActivity(activity: ActivityRecord): Promise<'created' | 'exists'> {
    return (await query(INSERT, ...ACTIVITY.values(activity))).length === 1 ? 'created' : 'exists'
  },
  async deleteActivity(arn: ActivityArn): Promise<void> {
    await query(REMOVE, arn)
  },
})
