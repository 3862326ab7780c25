/** Stacks: their resources, what happened to them, and the execution that did it. */
import { useQuery, useQueryClient } from '@tanstack/react-query'

import { STACK_MACHINE_PREFIX } from '../../../../src/base/stack-machines.ts'
import { callCloudFormation, listCloudFormation, membersOf } from '../../api/cloudformation.ts'
import { ConfirmButton } from '../../ui/confirm-button.tsx'
import { Problem } from '../../ui/error.tsx'
import { fact, Facts } from '../../ui/facts.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Records } from '../../ui/records.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { showTime } from '../../ui/time.ts'
import { usePages } from '../../ui/use-pages.ts'
import { Link, pathTo } from '../../router.tsx'
import { useMessages } from '../../messages/messages.tsx'
import type { PageProps } from '../page.ts'
import { StackStatus } from './stack-status.tsx'
import { TargetLink } from './target-link.tsx'

type Texts = Readonly<Record<string, string>>

/** While something is being done, and while nothing is. */
const BUSY_MS = 1_000
const IDLE_MS = 5_000
/** Of a state machine. */
const NAME_MAX = 80

export default function StacksPage({ subject }: PageProps) {
  return subject === '' ? <Stacks /> : <One name={subject} />
}

const secondsOf = (time: string | undefined): number | undefined => (time ? Date.parse(time) / 1_000 : undefined)

function Stacks() {
  const { t, language } = useMessages()
  const { items, error, onMore } = usePages(
    ['stacks'],
    (token, signal) => listCloudFormation('DescribeStacks', 'Stacks', {}, token, signal),
    { everyMs: IDLE_MS },
  )
  return (
    <Records
      title={t('stacks')}
      items={items}
      error={error}
      onMore={onMore}
      empty={
        <EmptyState text={t('emptyStacks')} command="cloudformation deploy --stack-name my-stack --template-file template.yaml" />
      }
      columns={[
        {
          header: t('name'),
          text: ({ StackName = '' }: Texts) => StackName,
          cell: ({ StackName = '' }: Texts) => <Link to={pathTo('stacks', StackName)}>{StackName}</Link>,
        },
        {
          header: t('status'),
          text: ({ StackStatus: status = '' }: Texts) => status,
          cell: ({ StackStatus: status = '' }: Texts) => <StackStatus status={status} />,
        },
        { header: t('description'), isLong: true, text: ({ Description = '' }: Texts) => Description },
        {
          header: t('changed'),
          text: (one: Texts) => showTime(secondsOf(one['LastUpdatedTime'] ?? one['CreationTime']), language),
        },
      ]}
    />
  )
}

function One({ name }: { readonly name: string }) {
  const { t, language } = useMessages()
  const queries = useQueryClient()
  const stack = useQuery({
    queryKey: ['stack', name],
    queryFn: ({ signal }) => callCloudFormation('DescribeStacks', { StackName: name }, signal),
    refetchInterval: ({ state }) => (isBusy(state.data) ? BUSY_MS : IDLE_MS),
  })
  const [facts] = stack.data === undefined ? [] : membersOf(stack.data, 'Stacks')
  const remove = async () => {
    await callCloudFormation('DeleteStack', { StackName: name })
    await queries.invalidateQueries({ queryKey: ['stack', name] })
  }
  return (
    <>
      <PageHead title={facts?.['StackName'] ?? name} back={[pathTo('stacks'), t('stacks')]}>
        <ConfirmButton label={t('remove')} question={t('deleteSure', { name })} onYes={remove} />
      </PageHead>
      <Problem error={stack.error} />
      {facts && stack.data && (
        <>
          <Facts
            facts={[
              fact(t('status'), <StackStatus status={facts['StackStatus'] ?? ''} />),
              ...(facts['StackStatusReason'] ? [fact(t('reason'), facts['StackStatusReason'])] : []),
              fact(t('arn'), <span className="arn">{facts['StackId']}</span>),
              fact(t('created'), showTime(secondsOf(facts['CreationTime']), language)),
              fact(t('lastOperation'), <LastOperation stack={stack.data} />),
            ]}
          />
          <Outputs stack={stack.data} />
          <Resources name={name} isBusy={isBusy(stack.data)} />
          <Events name={name} isBusy={isBusy(stack.data)} />
        </>
      )}
    </>
  )
}

const isBusy = (xml: Document | undefined): boolean =>
  xml?.querySelector('StackStatus')?.textContent?.endsWith('_IN_PROGRESS') === true

/** Each is an execution, whose graph shows which resource failed. */
function LastOperation({ stack }: { readonly stack: Document }) {
  const [operation] = membersOf(stack, 'LastOperations')
  const id = operation?.['OperationId']
  const [, partition, , region, account] = (stack.querySelector('StackId')?.textContent ?? '').split(':')
  const machine = `${STACK_MACHINE_PREFIX}${stack.querySelector('StackName')?.textContent ?? ''}`
  // Longer names are cut, and end otherwise.
  if (id === undefined || machine.length > NAME_MAX) return operation?.['OperationType'] ?? '–'
  const arn = `arn:${partition}:states:${region}:${account}:execution:${machine}:${id}`
  return <Link to={pathTo('execution', arn)}>{operation?.['OperationType'] ?? id}</Link>
}

function Outputs({ stack }: { readonly stack: Document }) {
  const { t } = useMessages()
  const outputs = membersOf(stack, 'Outputs')
  if (outputs.length === 0) return undefined
  return (
    <Records
      isPart
      title={t('outputs')}
      items={outputs}
      error={null}
      empty=""
      columns={[
        { header: t('name'), text: ({ OutputKey = '' }) => OutputKey },
        {
          header: t('value'),
          isLong: true,
          text: ({ OutputValue = '' }) => OutputValue,
          cell: ({ OutputValue = '' }) => <TargetLink arn={OutputValue} />,
        },
        { header: t('exportedAs'), text: ({ ExportName = '' }) => ExportName },
      ]}
    />
  )
}

function Resources({ name, isBusy }: { readonly name: string; readonly isBusy: boolean }) {
  const { t } = useMessages()
  const { items, error, onMore } = usePages(
    ['stack-resources', name],
    (token, signal) => listCloudFormation('ListStackResources', 'StackResourceSummaries', { StackName: name }, token, signal),
    { everyMs: isBusy ? BUSY_MS : IDLE_MS },
  )
  return (
    <Records
      isPart
      title={t('resources')}
      items={items}
      error={error}
      onMore={onMore}
      empty="–"
      columns={[
        { header: t('logicalId'), text: ({ LogicalResourceId = '' }) => LogicalResourceId },
        { header: t('type'), text: ({ ResourceType = '' }) => ResourceType },
        {
          header: t('physicalId'),
          isLong: true,
          text: ({ PhysicalResourceId = '' }) => PhysicalResourceId,
          cell: ({ PhysicalResourceId = '' }) => <TargetLink arn={PhysicalResourceId} />,
        },
        {
          header: t('status'),
          text: ({ ResourceStatus = '' }) => ResourceStatus,
          cell: ({ ResourceStatus = '' }) => <StackStatus status={ResourceStatus} />,
        },
      ]}
    />
  )
}

function Events({ name, isBusy }: { readonly name: string; readonly isBusy: boolean }) {
  const { t, language } = useMessages()
  const { items, error, onMore } = usePages(
    ['stack-events', name],
    (token, signal) => listCloudFormation('DescribeStackEvents', 'StackEvents', { StackName: name }, token, signal),
    { everyMs: isBusy ? BUSY_MS : IDLE_MS, freshPages: 1 },
  )
  return (
    <Records
      isPart
      title={t('events')}
      items={items}
      error={error}
      onMore={onMore}
      empty="–"
      columns={[
        { header: t('time'), text: ({ Timestamp }) => showTime(secondsOf(Timestamp), language) },
        { header: t('logicalId'), text: ({ LogicalResourceId = '' }) => LogicalResourceId },
        {
          header: t('status'),
          text: ({ ResourceStatus = '' }) => ResourceStatus,
          cell: ({ ResourceStatus = '' }) => <StackStatus status={ResourceStatus} />,
        },
        { header: t('reason'), isLong: true, text: ({ ResourceStatusReason = '' }) => ResourceStatusReason },
      ]}
    />
  )
}
