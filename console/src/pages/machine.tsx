/** One state machine: its executions and all that is set on it. */
import Button from '@cloudscape-design/components/button'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tabs from '@cloudscape-design/components/tabs'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { lazy, useState } from 'react'

import { type OutputOf, states } from '../api/client.ts'
import { Problem } from '../parts/error.tsx'
import { JsonView } from '../parts/json-view.tsx'
import { Records } from '../parts/records.tsx'
import { Status } from '../parts/status.tsx'
import { showSpan, showTime } from '../parts/time.ts'
import { go, Link, pathTo } from '../router.tsx'
import { useWords } from '../words/words.tsx'
import type { PageProps } from './index.ts'
import { Monitoring } from './monitoring.tsx'
import { StartDialog } from './start-dialog.tsx'

const DefinitionGraph = lazy(() => import('../graph/definition-graph.tsx'))

export type Execution = NonNullable<OutputOf<'ListExecutions'>['executions']>[number]

export default function MachinePage({ subject: stateMachineArn, query }: PageProps) {
  const { t, language } = useWords()
  const [isStarting, setStarting] = useState(query.has('input'))
  const { data, error } = useQuery({
    queryKey: ['machine', stateMachineArn],
    queryFn: ({ signal }) => states('DescribeStateMachine', { stateMachineArn }, signal),
  })
  const executions = useExecutions(stateMachineArn, data !== undefined && data.type !== 'EXPRESS')
  return (
    <SpaceBetween size="m">
      <Problem error={error} />
      <div className="toolbar">
        <h1>{data?.name ?? stateMachineArn.split(':').at(-1)}</h1>
        <span className="spacer" />
        <Button onClick={() => go(pathTo('editor', stateMachineArn))}>{t('edit')}</Button>
        <Button variant="primary" onClick={() => setStarting(true)}>
          {t('start')}
        </Button>
      </div>
      <KeyValuePairs
        columns={3}
        items={[
          { label: t('arn'), value: <span className="arn">{stateMachineArn}</span> },
          { label: t('type'), value: t(data?.type === 'EXPRESS' ? 'express' : 'standard') },
          { label: t('created'), value: showTime(data?.creationDate, language) },
        ]}
      />
      <Tabs
        ariaLabel={data?.name ?? t('machines')}
        tabs={[
          { id: 'executions', label: t('executions'), content: <Executions {...executions} onStart={() => setStarting(true)} /> },
          { id: 'monitoring', label: t('monitoring'), content: <Monitoring executions={executions.items ?? []} /> },
          { id: 'definition', label: t('definition'), content: data && <Definition text={data.definition ?? ''} /> },
          { id: 'versions', label: t('versions'), content: <Versions arn={stateMachineArn} /> },
          { id: 'aliases', label: t('aliases'), content: <Aliases arn={stateMachineArn} /> },
          {
            id: 'logging',
            label: t('logging'),
            content: <JsonView label={t('logging')} text={JSON.stringify(data?.loggingConfiguration ?? {})} />,
          },
          { id: 'tags', label: t('tags'), content: <Tags arn={stateMachineArn} /> },
        ]}
      />
      {isStarting && (
        <StartDialog
          stateMachineArn={stateMachineArn}
          firstInput={query.get('input') ?? undefined}
          onClose={() => setStarting(false)}
        />
      )}
    </SpaceBetween>
  )
}

function useExecutions(stateMachineArn: string, enabled: boolean) {
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['executions', stateMachineArn],
    queryFn: ({ pageParam, signal }) =>
      states('ListExecutions', { stateMachineArn, maxResults: 100, nextToken: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextToken }) => nextToken,
    enabled,
    refetchInterval: 2_000,
  })
  const items = data?.pages.flatMap(({ executions = [] }) => executions)
  return { items: enabled ? items : [], error, onMore: hasNextPage ? () => void fetchNextPage() : undefined }
}

interface ExecutionsProps {
  readonly items: readonly Execution[] | undefined
  readonly error: unknown
  readonly onMore: (() => void) | undefined
  readonly onStart: () => void
}

function Executions({ items, error, onMore, onStart }: ExecutionsProps) {
  const { t, language } = useWords()
  return (
    <Records
      title={t('executions')}
      items={items}
      error={error}
      onMore={onMore}
      empty={
        <SpaceBetween size="xs">
          <b>{t('noExecutions')}</b>
          <span>{t('noExecutionsText')}</span>
          <Button onClick={onStart}>{t('start')}</Button>
        </SpaceBetween>
      }
      columns={[
        {
          header: t('name'),
          text: ({ name }) => name ?? '',
          cell: ({ name, executionArn }) => <Link to={pathTo('execution', executionArn)}>{name}</Link>,
        },
        { header: t('status'), text: ({ status }) => status ?? '', cell: ({ status }) => <Status status={status} /> },
        { header: t('started'), text: ({ startDate }) => showTime(startDate, language) },
        {
          header: t('duration'),
          text: ({ startDate = 0, stopDate }) => (stopDate === undefined ? '–' : showSpan(stopDate - startDate)),
        },
      ]}
    />
  )
}

function Definition({ text }: { readonly text: string }) {
  const { t } = useWords()
  return (
    <div className="workbench">
      <div className="panel">
        <DefinitionGraph text={text} />
      </div>
      <JsonView label={t('definition')} text={text} />
    </div>
  )
}

function Versions({ arn }: { readonly arn: string }) {
  const { t, language } = useWords()
  const { data, error } = useQuery({
    queryKey: ['versions', arn],
    queryFn: ({ signal }) => states('ListStateMachineVersions', { stateMachineArn: arn }, signal),
  })
  const columns = [
    { header: t('arn'), text: (item: { stateMachineVersionArn?: string | undefined }) => item.stateMachineVersionArn ?? '' },
    { header: t('created'), text: (item: { creationDate?: number | undefined }) => showTime(item.creationDate, language) },
  ]
  return <Records title={t('versions')} items={data?.stateMachineVersions} error={error} columns={columns} />
}

function Aliases({ arn }: { readonly arn: string }) {
  const { t, language } = useWords()
  const { data, error } = useQuery({
    queryKey: ['aliases', arn],
    queryFn: ({ signal }) => states('ListStateMachineAliases', { stateMachineArn: arn }, signal),
  })
  const columns = [
    { header: t('arn'), text: (item: { stateMachineAliasArn?: string | undefined }) => item.stateMachineAliasArn ?? '' },
    { header: t('created'), text: (item: { creationDate?: number | undefined }) => showTime(item.creationDate, language) },
  ]
  return <Records title={t('aliases')} items={data?.stateMachineAliases} error={error} columns={columns} />
}

function Tags({ arn }: { readonly arn: string }) {
  const { t } = useWords()
  const { data, error } = useQuery({
    queryKey: ['tags', arn],
    queryFn: ({ signal }) => states('ListTagsForResource', { resourceArn: arn }, signal),
  })
  const columns = [
    { header: t('key'), text: (item: { key?: string | undefined }) => item.key ?? '' },
    { header: t('value'), text: (item: { value?: string | undefined }) => item.value ?? '' },
  ]
  return <Records title={t('tags')} items={data?.tags} error={error} columns={columns} />
}
