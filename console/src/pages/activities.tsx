/** Activities: the names that workers of one's own ask for tasks. */
import { useQueryClient } from '@tanstack/react-query'

import { type OutputOf, states } from '../api/client.ts'
import { Ask } from '../parts/ask.tsx'
import { Records } from '../parts/records.tsx'
import { Teach } from '../parts/teach.tsx'
import { showTime } from '../parts/time.ts'
import { usePages } from '../parts/use-pages.ts'
import { useWords } from '../words/words.tsx'
import { NewNamed } from './services/new-named.tsx'

type Activity = NonNullable<OutputOf<'ListActivities'>['activities']>[number]

export default function ActivitiesPage() {
  const { t, language } = useWords()
  const queries = useQueryClient()
  const { items, error, onMore } = usePages<Activity>(['activities'], async (nextToken, signal) => {
    const page = await states('ListActivities', { maxResults: 100, nextToken }, signal)
    return { items: page.activities ?? [], next: page.nextToken }
  })
  const changed = () => queries.invalidateQueries({ queryKey: ['activities'] })
  return (
    <>
      <Records
        title={t('activities')}
        items={items}
        error={error}
        onMore={onMore}
        empty={<Teach text={t('emptyActivities')} command="stepfunctions create-activity --name my-activity" />}
        columns={[
          { header: t('name'), text: ({ name }) => name ?? '' },
          {
            header: t('arn'),
            isLong: true,
            text: ({ activityArn }) => activityArn ?? '',
            cell: ({ activityArn }) => <span className="arn">{activityArn}</span>,
          },
          { header: t('created'), text: ({ creationDate }) => showTime(creationDate, language) },
          {
            header: t('actions'),
            text: () => '',
            cell: ({ activityArn, name = '' }) => (
              <Ask
                isInline
                label={t('remove')}
                fullLabel={`${t('remove')}: ${name}`}
                question={t('deleteSure', { name })}
                onYes={() => states('DeleteActivity', { activityArn }).then(changed)}
              />
            ),
          },
        ]}
      />
      <NewNamed label={t('newActivity')} onCreate={(name) => states('CreateActivity', { name }).then(changed)} />
    </>
  )
}
