/** Queues: how full they are, a message by hand, and a look at those that wait (they stay in the queue). */
import Button from '@cloudscape-design/components/button'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { callJson } from '../../api/client.ts'
import { Problem } from '../../parts/error.tsx'
import { JsonView } from '../../parts/json-view.tsx'
import { Records } from '../../parts/records.tsx'
import { Link, pathTo } from '../../router.tsx'
import { useWords } from '../../words/words.tsx'
import type { PageProps } from '../index.ts'

interface Message {
  readonly MessageId: string
  readonly Body: string
}

export default function QueuesPage({ subject }: PageProps) {
  return subject === '' ? <Queues /> : <One url={subject} />
}

function Queues() {
  const { t } = useWords()
  const { data, error } = useQuery({
    queryKey: ['queues'],
    queryFn: async ({ signal }) =>
      ((await callJson('AmazonSQS.ListQueues', {}, signal)) as { QueueUrls?: readonly string[] }).QueueUrls ?? [],
  })
  return (
    <Records
      title={t('queues')}
      items={data}
      error={error}
      empty={t('emptyService')}
      columns={[
        { header: t('name'), text: (url) => url, cell: (url) => <Link to={pathTo('queues', url)}>{url.split('/').at(-1)}</Link> },
      ]}
    />
  )
}

function One({ url }: { readonly url: string }) {
  const { t } = useWords()
  const [body, setBody] = useState('')
  const { data, error } = useQuery({
    queryKey: ['queue', url],
    queryFn: async ({ signal }) =>
      (
        (await callJson('AmazonSQS.GetQueueAttributes', { QueueUrl: url, AttributeNames: ['All'] }, signal)) as {
          Attributes: Readonly<Record<string, string>>
        }
      ).Attributes,
    refetchInterval: 2_000,
  })
  const send = useMutation({ mutationFn: () => callJson('AmazonSQS.SendMessage', { QueueUrl: url, MessageBody: body }) })
  const look = useMutation({
    mutationFn: async () =>
      (
        (await callJson('AmazonSQS.ReceiveMessage', { QueueUrl: url, MaxNumberOfMessages: 10, VisibilityTimeout: 0 })) as {
          Messages?: readonly Message[]
        }
      ).Messages ?? [],
  })
  return (
    <>
      <h1>{url.split('/').at(-1)}</h1>
      <Problem error={error ?? send.error ?? look.error} />
      <KeyValuePairs
        columns={2}
        items={[
          { label: t('available'), value: data?.['ApproximateNumberOfMessages'] ?? '–' },
          { label: t('inFlight'), value: data?.['ApproximateNumberOfMessagesNotVisible'] ?? '–' },
        ]}
      />
      <div className="form">
        <label>
          {t('body')} <textarea value={body} onChange={(event) => setBody(event.target.value)} />
        </label>
        <Button disabled={body === ''} loading={send.isPending} onClick={() => send.mutate()}>
          {t('send')}
        </Button>
        <Button variant="primary" loading={look.isPending} onClick={() => look.mutate()}>
          {t('poll')}
        </Button>
      </div>
      {look.data?.length === 0 && <p role="status">{t('nothing')}</p>}
      {look.data?.map((message) => (
        <JsonView key={message.MessageId} label={message.MessageId} text={message.Body} />
      ))}
    </>
  )
}
