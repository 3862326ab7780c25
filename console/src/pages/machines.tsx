/** All state machines; the first one of a new house comes from the gallery. */
import Button from '@cloudscape-design/components/button'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'

import { allPages, type OutputOf, states } from '../api/client.ts'
import { watchMachines } from '../live.ts'
import { every } from '../ui/every.ts'
import { Records } from '../ui/records.tsx'
import { showNumber, showTime } from '../ui/time.ts'
import { go, Link, pathTo } from '../router.tsx'
import { useMessages } from '../messages/messages.tsx'
import { Gallery } from './gallery.tsx'

type Machine = OutputOf<'ListStateMachines'>['stateMachines'] extends readonly (infer M)[] | undefined ? M : never

const listMachines = async (signal: AbortSignal) => {
  const found: Machine[] = []
  await allPages(
    (nextToken) => states('ListStateMachines', { maxResults: 1_000, nextToken }, signal),
    ({ stateMachines = [] }) => {
      found.push(...stateMachines)
      return true
    },
  )
  return found
}

export function MachinesPage() {
  const { t, language } = useMessages()
  const { data, error } = useQuery({
    queryKey: ['machines'],
    queryFn: ({ signal }) => listMachines(signal),
    refetchInterval: every(5_000),
  })
  useFreshCounts()
  return (
    <>
      {data?.length === 0 && (
        <>
          <h1>{t('firstTitle')}</h1>
          <p>{t('firstText')}</p>
          <Gallery first={2} />
        </>
      )}
      <Records
        title={t('machines')}
        isPart={data?.length === 0}
        items={data}
        error={error}
        actions={
          <Button variant="primary" onClick={() => go(pathTo('create'))}>
            {t('createMachine')}
          </Button>
        }
        columns={[
          {
            header: t('name'),
            text: ({ name }) => name ?? '',
            cell: ({ name, stateMachineArn }) => <Link to={pathTo('machine', stateMachineArn)}>{name}</Link>,
          },
          { header: t('type'), text: ({ type }) => t(type === 'EXPRESS' ? 'express' : 'standard') },
          { header: t('running'), text: () => '', cell: (machine) => <Count machine={machine} status="RUNNING" /> },
          { header: t('failed'), text: () => '', cell: (machine) => <Count machine={machine} status="FAILED" /> },
          { header: t('created'), text: ({ creationDate }) => showTime(creationDate, language) },
        ]}
      />
    </>
  )
}

const COUNTED_MAX = 100
/** For a server that tells nothing by itself: behind a proxy that holds its events back. */
const RECOUNT_MS = 60_000

/** Counts are read once, and again for machines whose executions have moved. */
function useFreshCounts(): void {
  const queries = useQueryClient()
  useEffect(
    () =>
      watchMachines((names) =>
        queries.invalidateQueries({
          queryKey: ['count'],
          predicate: ({ queryKey: [, arn] }) => names === undefined || names.has(String(arn).split(':').at(-1) ?? ''),
        }),
      ),
    [queries],
  )
}

/** Express machines keep no list. */
function Count({ machine, status }: { readonly machine: Machine; readonly status: 'RUNNING' | 'FAILED' }) {
  const { stateMachineArn, type } = machine
  const { data } = useQuery({
    queryKey: ['count', stateMachineArn, status],
    queryFn: ({ signal }) => states('ListExecutions', { stateMachineArn, statusFilter: status, maxResults: COUNTED_MAX }, signal),
    enabled: type !== 'EXPRESS',
    refetchInterval: RECOUNT_MS,
    refetchOnWindowFocus: false,
  })
  if (!data) return '–'
  return `${showNumber(data.executions?.length ?? 0)}${data.nextToken === undefined ? '' : '+'}`
}
