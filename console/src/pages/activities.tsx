import { useQuery } from '@tanstack/react-query'

import { states } from '../api/client.ts'
import { Records } from '../parts/records.tsx'
import { showTime } from '../parts/time.ts'
import { useWords } from '../words/words.tsx'

export default function ActivitiesPage() {
  const { t, language } = useWords()
  const { data, error } = useQuery({
    queryKey: ['activities'],
    queryFn: ({ signal }) => states('ListActivities', { maxResults: 1_000 }, signal),
  })
  return (
    <Records
      title={t('activities')}
      items={data?.activities}
      error={error}
      columns={[
        { header: t('name'), text: ({ name }) => name ?? '' },
        {
          header: t('arn'),
          text: ({ activityArn }) => activityArn ?? '',
          cell: ({ activityArn }) => <span className="arn">{activityArn}</span>,
        },
        { header: t('created'), text: ({ creationDate }) => showTime(creationDate, language) },
      ]}
    />
  )
}
