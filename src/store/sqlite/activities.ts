/** Activities, by name. */
import type { Database } from '../../sqlite/database.ts'

import type { ActivityRecord, Page } from '../contract.ts'
import { pageOf } from '../page.ts'
import { type Row, shapeOf } from './shape.ts'

const ACTIVITY = shapeOf<ActivityRecord>({
  arn: 'arn',
  name: 'name',
  createdAt: 'created_at',
  encryptionConfiguration: 'encryption_configuration',
})

export function activityReads(db: Database) {
  const byArn = db.prepare<[string], Row>('SELECT * FROM activities WHERE arn = ?')
  const page = db.prepare<[string, number], Row>('SELECT * FROM activities WHERE arn > ? ORDER BY arn LIMIT ?')
  return {
    activity(arn: string): ActivityRecord | undefined {
      const row = byArn.get(arn)
      return row && ACTIVITY.read(row)
    },
    activities(limit: number, from = ''): Page<ActivityRecord> {
      return pageOf(page.all(from, limit + 1).map(ACTIVITY.read), limit, (last) => last.arn)
    },
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
    deleteActivity(arn: string): void {
      remove.run(arn)
      removeTags.run(arn)
    },
  }
}
