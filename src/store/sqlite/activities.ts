/** Activities, by name. */
import type { ActivityArn } from '../../base/arn.ts'

import type { Database } from '../../sqlite/database.ts'
import { text, textOf } from '../../sqlite/row.ts'

import type { ActivityRecord, Page } from '../contract.ts'
import { pageOf } from '../page.ts'
import { instant, optional, shapeOf } from './shape.ts'

const ACTIVITY = shapeOf<ActivityRecord>({
  arn: textOf<ActivityArn>(),
  name: text,
  createdAt: instant,
  encryptionConfiguration: optional(text),
})

export function activityReads(db: Database) {
  const byArn = db.prepare<[string], ActivityRecord>('SELECT * FROM activities WHERE arn = ?', ACTIVITY.reader)
  const page = db.prepare<[string, number], ActivityRecord>(
    'SELECT * FROM activities WHERE arn > ? ORDER BY arn LIMIT ?',
    ACTIVITY.reader,
  )
  return {
    activity: (arn: ActivityArn): ActivityRecord | undefined => byArn.get(arn),
    activities: (limit: number, from = ''): Page<ActivityRecord> => pageOf(page.all(from, limit + 1), limit, (last) => last.arn),
  }
}

export function activityWrites(db: Database) {
  const insert = db.prepare(`INSERT INTO activities (${ACTIVITY.columns}) VALUES (${ACTIVITY.marks}) ON CONFLICT DO NOTHING`)
  const remove = db.prepare<[string]>('DELETE FROM activities WHERE arn = ?')
  const removeTags = db.prepare<[string]>('DELETE FROM tags WHERE resource_arn = ?')
  return {
    createActivity(activity: ActivityRecord): 'created' | 'exists' {
      return insert.run(...ACTIVITY.values(activity)).changes === 1 ? 'created' : 'exists'
    },
    deleteActivity(arn: ActivityArn): void {
      remove.run(arn)
      removeTags.run(arn)
    },
  }
}
