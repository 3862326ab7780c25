/** Topics, who listens to them, and a message by hand. */
import Button from '@cloudscape-design/components/button'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { callSns, entriesOf, listSns } from '../../api/sns.ts'
import { ConfirmButton } from '../../ui/confirm-button.tsx'
import { Problem } from '../../ui/error.tsx'
import { fact, Facts } from '../../ui/facts.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Records } from '../../ui/records.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { useLeave } from '../../ui/use-leave.ts'
import { usePages } from '../../ui/use-pages.ts'
import { Link, pathTo } from '../../router.tsx'
import { useMessages } from '../../messages/messages.tsx'
import type { PageProps } from '../page.ts'
import { isFifoName, useFifo } from './fifo-fields.tsx'
import { NewNamed } from './new-named.tsx'
import { TargetLink } from './target-link.tsx'

type Texts = Readonly<Record<string, string>>

export default function TopicsPage({ subject }: PageProps) {
  return subject === '' ? <Topics /> : <One arn={subject} />
}

const nameOf = (arn: string): string => arn.split(':').at(-1) ?? arn

function Topics() {
  const { t } = useMessages()
  const queries = useQueryClient()
  const { items, error, onMore } = usePages(['topics'], (token, signal) => listSns('ListTopics', {}, token, signal))
  const create = async (Name: string) => {
    const fifo: Texts = isFifoName(Name) ? { 'Attributes.entry.1.key': 'FifoTopic', 'Attributes.entry.1.value': 'true' } : {}
    await callSns('CreateTopic', { Name, ...fifo })
    await queries.invalidateQueries({ queryKey: ['topics'] })
  }
  return (
    <>
      <Records
        title={t('topics')}
        items={items}
        error={error}
        onMore={onMore}
        empty={<EmptyState text={t('emptyTopics')} command="sns create-topic --name my-topic" />}
        columns={[
          {
            header: t('name'),
            text: ({ TopicArn = '' }: Texts) => nameOf(TopicArn),
            cell: ({ TopicArn = '' }: Texts) => <Link to={pathTo('topics', TopicArn)}>{nameOf(TopicArn)}</Link>,
          },
          {
            header: t('arn'),
            isLong: true,
            text: ({ TopicArn = '' }: Texts) => TopicArn,
            cell: ({ TopicArn }: Texts) => <span className="arn">{TopicArn}</span>,
          },
        ]}
      />
      <NewNamed label={t('newTopic')} hint={t('fifoHint')} onCreate={create} />
    </>
  )
}

function One({ arn }: { readonly arn: string }) {
  const { t } = useMessages()
  const attributes = useQuery({
    queryKey: ['topic', arn],
    queryFn: async ({ signal }) => entriesOf(await callSns('GetTopicAttributes', { TopicArn: arn }, signal)),
  })
  const leave = useLeave(['topics'], pathTo('topics'))
  const remove = async () => {
    await callSns('DeleteTopic', { TopicArn: arn })
    leave()
  }
  return (
    <>
      <PageHead title={nameOf(arn)} back={[pathTo('topics'), t('topics')]}>
        <ConfirmButton label={t('remove')} question={t('deleteSure', { name: nameOf(arn) })} onYes={remove} />
      </PageHead>
      <Problem error={attributes.error} />
      {attributes.data && (
        <>
          <Facts
            facts={[
              fact(t('arn'), <span className="arn">{arn}</span>),
              fact(t('displayName'), attributes.data['DisplayName'] || '–'),
              fact(t('confirmed'), attributes.data['SubscriptionsConfirmed']),
              fact(t('unconfirmed'), attributes.data['SubscriptionsPending']),
            ]}
          />
          <Publish arn={arn} />
          <Subscriptions arn={arn} />
        </>
      )}
    </>
  )
}

function Publish({ arn }: { readonly arn: string }) {
  const { t } = useMessages()
  const fifo = useFifo(arn)
  const [message, setMessage] = useState('')
  const [subject, setSubject] = useState('')
  const publish = useMutation({
    mutationFn: () =>
      callSns('Publish', {
        TopicArn: arn,
        Message: message,
        ...(subject !== '' && { Subject: subject }),
        ...fifo.parameters,
      }),
  })
  return (
    <details className="fold" open>
      <summary>{t('publish')}</summary>
      <div className="form">
        <label>
          {t('subjectOptional')} <input value={subject} onChange={(event) => setSubject(event.target.value)} />
        </label>
        {fifo.fields}
        <label className="wide">
          {t('body')} <textarea value={message} onChange={(event) => setMessage(event.target.value)} />
        </label>
        <Button
          variant="primary"
          disabled={message === '' || !fifo.isReady}
          loading={publish.isPending}
          onClick={() => publish.mutate()}
        >
          {t('send')}
        </Button>
        <span role="status">{publish.data && `${t('sent')} ${publish.data.querySelector('MessageId')?.textContent ?? ''}`}</span>
      </div>
      <Problem error={publish.error} />
    </details>
  )
}

const PROTOCOLS = ['sqs', 'lambda', 'http', 'https', 'email', 'email-json', 'sms']

function Subscriptions({ arn }: { readonly arn: string }) {
  const { t } = useMessages()
  const queries = useQueryClient()
  const [protocol, setProtocol] = useState('sqs')
  const [endpoint, setEndpoint] = useState('')
  const [isRaw, setRaw] = useState(false)
  const { items, error, onMore } = usePages(['subscriptions', arn], (token, signal) =>
    listSns('ListSubscriptionsByTopic', { TopicArn: arn }, token, signal),
  )
  const changed = async () => {
    await queries.invalidateQueries({ queryKey: ['subscriptions', arn] })
    await queries.invalidateQueries({ queryKey: ['topic', arn] })
  }
  const raw: Texts = isRaw ? { 'Attributes.entry.1.key': 'RawMessageDelivery', 'Attributes.entry.1.value': 'true' } : {}
  const subscribe = useMutation({
    mutationFn: () => callSns('Subscribe', { TopicArn: arn, Protocol: protocol, Endpoint: endpoint, ...raw }),
    onSuccess: () => {
      setEndpoint('')
      return changed()
    },
  })
  return (
    <>
      <Records
        isPart
        title={t('subscriptions')}
        items={items}
        error={error}
        onMore={onMore}
        empty={t('emptySubscriptions')}
        columns={[
          {
            header: t('endpoint'),
            text: (one) => one['Endpoint'] ?? '',
            cell: (one) => <TargetLink arn={one['Endpoint'] ?? ''} />,
          },
          { header: t('protocol'), text: (one) => one['Protocol'] ?? '', minWidth: 90 },
          {
            header: t('state'),
            text: ({ SubscriptionArn }) => t(SubscriptionArn === 'PendingConfirmation' ? 'unconfirmed' : 'confirmed'),
          },
          {
            header: t('actions'),
            text: () => '',
            cell: ({ SubscriptionArn = '', Endpoint = '' }) =>
              SubscriptionArn !== 'PendingConfirmation' && (
                <ConfirmButton
                  isInline
                  label={t('unsubscribe')}
                  fullLabel={`${t('unsubscribe')}: ${Endpoint}`}
                  question={t('unsubscribeSure', { name: Endpoint })}
                  onYes={() => callSns('Unsubscribe', { SubscriptionArn }).then(changed)}
                />
              ),
          },
        ]}
      />
      <div className="form">
        <label>
          {t('protocol')}{' '}
          <select value={protocol} onChange={(event) => setProtocol(event.target.value)}>
            {PROTOCOLS.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <label>
          {t('endpoint')}{' '}
          <input
            value={endpoint}
            placeholder={protocol === 'sqs' ? 'arn:aws:sqs:…' : ''}
            onChange={(event) => setEndpoint(event.target.value)}
          />
        </label>
        <label className="check">
          <input type="checkbox" checked={isRaw} onChange={(event) => setRaw(event.target.checked)} /> {t('rawDelivery')}
        </label>
        <Button disabled={endpoint === ''} loading={subscribe.isPending} onClick={() => subscribe.mutate()}>
          {t('subscribe')}
        </Button>
      </div>
      <Problem error={subscribe.error} />
    </>
  )
}
