/** Topics, who listens to them, and a message by hand. */
import Button from '@cloudscape-design/components/button'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { callSns, membersOf } from '../../api/sns.ts'
import { Problem } from '../../parts/error.tsx'
import { Records } from '../../parts/records.tsx'
import { Link, pathTo } from '../../router.tsx'
import { useWords } from '../../words/words.tsx'
import type { PageProps } from '../index.ts'

export default function TopicsPage({ subject }: PageProps) {
  return subject === '' ? <Topics /> : <One arn={subject} />
}

function Topics() {
  const { t } = useWords()
  const { data, error } = useQuery({ queryKey: ['topics'], queryFn: async () => membersOf(await callSns('ListTopics')) })
  const columns = [
    {
      header: t('arn'),
      text: (one: Readonly<Record<string, string>>) => one['TopicArn'] ?? '',
      cell: (one: Readonly<Record<string, string>>) => <Link to={pathTo('topics', one['TopicArn'])}>{one['TopicArn']}</Link>,
    },
  ]
  return <Records title={t('topics')} items={data} error={error} empty={t('emptyService')} columns={columns} />
}

function One({ arn }: { readonly arn: string }) {
  const { t } = useWords()
  const [message, setMessage] = useState('')
  const { data, error } = useQuery({
    queryKey: ['subscriptions', arn],
    queryFn: async () => membersOf(await callSns('ListSubscriptionsByTopic', { TopicArn: arn })),
  })
  const publish = useMutation({ mutationFn: () => callSns('Publish', { TopicArn: arn, Message: message }) })
  return (
    <>
      <h1>{arn.split(':').at(-1)}</h1>
      <Problem error={publish.error} />
      <div className="form">
        <label>
          {t('body')} <textarea value={message} onChange={(event) => setMessage(event.target.value)} />
        </label>
        <Button variant="primary" disabled={message === ''} loading={publish.isPending} onClick={() => publish.mutate()}>
          {t('send')}
        </Button>
        {publish.isSuccess && <span role="status">{t('sent')}</span>}
      </div>
      <Records
        title={t('subscriptions')}
        items={data}
        error={error}
        columns={[
          { header: t('protocol'), text: (one) => one['Protocol'] ?? '' },
          { header: t('endpoint'), text: (one) => one['Endpoint'] ?? '' },
        ]}
      />
    </>
  )
}
