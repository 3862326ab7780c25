/** Queues: how full they are, a message by hand, and the messages that wait, looked at where they lie. */
import Button from '@cloudscape-design/components/button'
import { useIsMutating, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { callSqs, discardMessage, listQueues, peekMessages } from '../../api/sqs.ts'
import { every } from '../../ui/every.ts'
import { ConfirmButton } from '../../ui/confirm-button.tsx'
import { Problem } from '../../ui/error.tsx'
import { type Fact, fact, Facts } from '../../ui/facts.tsx'
import { JsonView } from '../../ui/json-view.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Records } from '../../ui/records.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { showTime } from '../../ui/time.ts'
import { useLeave } from '../../ui/use-leave.ts'
import { usePages } from '../../ui/use-pages.ts'
import { Link, pathTo } from '../../router.tsx'
import { useMessages } from '../../messages/messages.tsx'
import type { PageProps } from '../page.ts'
import { isFifoName, useFifo } from './fifo-fields.tsx'
import { NewNamed } from './new-named.tsx'

export default function QueuesPage({ subject }: PageProps) {
  return subject === '' ? <Queues /> : <One queue={nameOf(subject)} />
}

/** A queue is known by the last part of its URL, and of its ARN. */
const nameOf = (text: string): string => text.split(/[/:]/).at(-1) ?? text

function Queues() {
  const { t } = useMessages()
  const queries = useQueryClient()
  const { items, error, onMore } = usePages(['queues'], listQueues)
  const create = async (QueueName: string) => {
    await callSqs('CreateQueue', { QueueName, ...(isFifoName(QueueName) && { Attributes: { FifoQueue: 'true' } }) })
    await queries.invalidateQueries({ queryKey: ['queues'] })
  }
  return (
    <>
      <Records
        title={t('queues')}
        items={items}
        error={error}
        onMore={onMore}
        empty={<EmptyState text={t('emptyQueues')} command="sqs create-queue --queue-name my-queue" />}
        columns={[
          {
            header: t('name'),
            text: nameOf,
            cell: (url) => <Link to={pathTo('queues', nameOf(url))}>{nameOf(url)}</Link>,
          },
          { header: 'URL', isLong: true, text: (url) => url, cell: (url) => <span className="arn">{url}</span> },
        ]}
      />
      <NewNamed label={t('newQueue')} hint={t('fifoHint')} onCreate={create} />
    </>
  )
}

const REFRESH_MS = 2_000

function One({ queue }: { readonly queue: string }) {
  const { t } = useMessages()
  const queries = useQueryClient()
  const { data, error } = useQuery({
    queryKey: ['queue', queue],
    queryFn: async ({ signal }) => {
      const input = { QueueUrl: queue, AttributeNames: ['All'] }
      return ((await callSqs('GetQueueAttributes', input, signal)) as { Attributes: Readonly<Record<string, string>> }).Attributes
    },
    refetchInterval: every(REFRESH_MS),
    // What is being deleted is not asked for.
    enabled: useIsMutating() === 0,
  })
  const changed = async () => {
    await queries.invalidateQueries({ queryKey: ['messages', queue] })
    await queries.invalidateQueries({ queryKey: ['queue', queue] })
  }
  const leave = useLeave(['queues'], pathTo('queues'))
  const remove = async () => {
    await callSqs('DeleteQueue', { QueueUrl: queue })
    leave()
  }
  return (
    <>
      <PageHead title={queue} back={[pathTo('queues'), t('queues')]}>
        <ConfirmButton
          label={t('purge')}
          question={t('purgeSure', { name: queue })}
          onYes={() => callSqs('PurgeQueue', { QueueUrl: queue }).then(changed)}
        />
        <ConfirmButton label={t('remove')} question={t('deleteSure', { name: queue })} onYes={remove} />
      </PageHead>
      <Problem error={error} />
      {data && (
        <>
          <Facts
            facts={[
              fact(t('available'), data['ApproximateNumberOfMessages']),
              fact(t('inFlight'), data['ApproximateNumberOfMessagesNotVisible']),
              fact(t('delayed'), data['ApproximateNumberOfMessagesDelayed']),
              ...deadLetter(data['RedrivePolicy'], t('deadLetter')),
            ]}
          />
          <details className="fold">
            <summary>{t('attributes')}</summary>
            <Facts facts={Object.entries(data).map(([name, value]) => fact(name, value))} />
          </details>
          <Send queue={queue} onSent={changed} />
          <Messages queue={queue} onChange={changed} />
        </>
      )}
    </>
  )
}

function deadLetter(policy: string | undefined, label: string): readonly Fact[] {
  if (policy === undefined) return []
  const { deadLetterTargetArn = '', maxReceiveCount } = JSON.parse(policy) as Record<string, string | undefined>
  const name = nameOf(deadLetterTargetArn)
  const link = (
    <>
      <Link to={pathTo('queues', name)}>{name}</Link> ({maxReceiveCount})
    </>
  )
  return [fact(label, link)]
}

function Send({ queue, onSent }: { readonly queue: string; readonly onSent: () => void }) {
  const { t } = useMessages()
  const fifo = useFifo(queue)
  const [body, setBody] = useState('')
  const [delay, setDelay] = useState(0)
  const send = useMutation({
    mutationFn: () =>
      callSqs('SendMessage', {
        QueueUrl: queue,
        MessageBody: body,
        ...(delay > 0 && { DelaySeconds: delay }),
        ...fifo.parameters,
      }) as Promise<{ MessageId: string }>,
    onSuccess: onSent,
  })
  return (
    <details className="fold" open>
      <summary>{t('sendMessage')}</summary>
      <div className="form">
        {fifo.isFifo ? (
          fifo.fields
        ) : (
          <label>
            {t('delaySeconds')}{' '}
            <input type="number" min={0} max={900} value={delay} onChange={(event) => setDelay(Number(event.target.value))} />
          </label>
        )}
        <label className="wide">
          {t('body')} <textarea value={body} onChange={(event) => setBody(event.target.value)} />
        </label>
        <Button variant="primary" disabled={body === '' || !fifo.isReady} loading={send.isPending} onClick={() => send.mutate()}>
          {t('send')}
        </Button>
        <span role="status">{send.data && `${t('sent')} ${send.data.MessageId}`}</span>
      </div>
      <Problem error={send.error} />
    </details>
  )
}

function Messages({ queue, onChange }: { readonly queue: string; readonly onChange: () => Promise<void> }) {
  const { t, language } = useMessages()
  const [open, setOpen] = useState<string>()
  const { items, error, onMore } = usePages(['messages', queue], (token, signal) => peekMessages(queue, token, signal), {
    everyMs: REFRESH_MS,
  })
  const shown = items?.find(({ id }) => id === open)
  return (
    <>
      {shown && (
        <section className="panel" aria-label={shown.messageId}>
          <div className="page-head-line">
            <h2 className="anywhere">{shown.messageId}</h2>
            <Button onClick={() => setOpen(undefined)}>{t('close')}</Button>
          </div>
          <Facts
            facts={[
              fact(t('sentAt'), showTime(shown.sentAt / 1_000, language)),
              fact(t('received'), shown.receiveCount),
              fact(t('state'), t(shown.state)),
              ...(shown.groupId === undefined ? [] : [fact(t('messageGroup'), shown.groupId)]),
              ...(shown.deduplicationId === undefined ? [] : [fact(t('deduplicationId'), shown.deduplicationId)]),
              ...Object.entries(shown.attributes).map(([name, value]) => fact(name, value.StringValue ?? value.DataType)),
            ]}
          />
          <JsonView label={t('body')} text={shown.isCut ? `${shown.body}…` : shown.body} />
        </section>
      )}
      <Records
        isPart
        title={t('messages')}
        items={items}
        error={error}
        onMore={onMore}
        empty={t('emptyMessages')}
        columns={[
          {
            header: t('body'),
            text: ({ body }) => body.slice(0, 120),
            cell: ({ id, body }) => (
              <button type="button" className="plain cut" onClick={() => setOpen(id)}>
                <bdi>{body.slice(0, 120)}</bdi>
              </button>
            ),
          },
          { header: t('state'), text: ({ state }) => t(state), minWidth: 100 },
          { header: t('received'), text: ({ receiveCount }) => String(receiveCount), minWidth: 90 },
          { header: t('sentAt'), text: ({ sentAt }) => showTime(sentAt / 1_000, language) },
          {
            header: t('actions'),
            text: () => '',
            cell: ({ id, messageId }) => (
              <ConfirmButton
                isInline
                label={t('remove')}
                fullLabel={`${t('remove')}: ${messageId}`}
                question={t('deleteSure', { name: messageId })}
                onYes={() => discardMessage(queue, id).then(onChange)}
              />
            ),
          },
        ]}
      />
    </>
  )
}
