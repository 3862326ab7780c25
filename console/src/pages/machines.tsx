/** All state machines; the first one of a new house comes from the gallery. */
import Button from '@cloudscape-design/components/button'
import { useQuery } from '@tanstack/react-query'

import { allPages, type OutputOf, states } from '../api/client.ts'
import { Records } from '../ui/records.tsx'
import { showTime } from '../ui/time.ts'
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
    refetchInterval: 5_000,
  })
  return (
    <>
      <Records
        title={t('machines')}
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
      {data?.length === 0 && (
        <>
          <h2>{t('firstTitle')}</h2>
          <p>{t('firstText')}</p>
          <Gallery first={2} />
        </>
      )}
    </>
  )
}

const COUNTED_MAX = 100

/** Express machines keep no list. */
function Count({ machine, status }: { readonly machine: Machine; readonly status: 'RUNNING' | 'FAILED' }) {
  const { stateMachineArn, type } = machine
  const { data } = useQuery({
    queryKey: ['count', stateMachineArn, status],
    queryFn: ({ signal }) => states('ListExecutions', { stateMachineArn, statusFilter: status, maxResults: COUNTED_MAX }, signal),
    enabled: type !== 'EXPRESS',
    refetchInterval: 5_000,
  })
  if (!data) return '–'
  return `${data.executions?.length ?? 0}${data.nextToken === undefined ? '' : '+'}`
}
