/** Activities: the names that workers of one's own ask for tasks. */
import { useQueryClient } from '@tanstack/react-query'

import { type OutputOf, states } from '../api/client.ts'
import { ConfirmButton } from '../ui/confirm-button.tsx'
import { Records } from '../ui/records.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { showTime } from '../ui/time.ts'
import { usePages } from '../ui/use-pages.ts'
import { useMessages } from '../messages/messages.tsx'
import { NewNamed } from './services/new-named.tsx'

type Activity = NonNullable<OutputOf<'ListActivities'>['activities']>[number]

export default function ActivitiesPage() {
  const { t, language } = useMessages()
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
        empty={<EmptyState text={t('emptyActivities')} command="stepfunctions create-activity --name my-activity" />}
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
              <ConfirmButton
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
