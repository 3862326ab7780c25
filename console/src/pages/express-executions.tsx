/** Express executions of a machine, of which AWS keeps no list: from the server's memory and from the machine's log group. */
import { useQuery } from '@tanstack/react-query'

import type { OutputOf } from '../api/client.ts'
import { listExpress } from '../api/express.ts'
import type { LoggedExecution } from '../model/express-log.ts'
import { every } from '../ui/every.ts'
import { Records } from '../ui/records.tsx'
import { Status } from '../ui/status.tsx'
import { showSpan, showTime } from '../ui/time.ts'
import { Link, pathTo } from '../router.tsx'
import { useMessages } from '../messages/messages.tsx'
import { logGroupOf } from './use-execution.ts'

const REFRESH_MS = 3_000

export function ExpressExecutions({ machine }: { readonly machine: OutputOf<'DescribeStateMachine'> }) {
  const { t, language } = useMessages()
  const { stateMachineArn = '', loggingConfiguration } = machine
  const logGroup = logGroupOf(loggingConfiguration)
  const { data, error } = useQuery({
    queryKey: ['express executions', stateMachineArn, logGroup],
    queryFn: ({ signal }) => listExpress(stateMachineArn, logGroup, signal),
    refetchInterval: every(REFRESH_MS),
  })
  return (
    <>
      <p className="soft">{t('expressList')}</p>
      <Records<LoggedExecution>
        title={t('executions')}
        items={data}
        error={error}
        empty={t('noExecutions')}
        columns={[
          {
            header: t('name'),
            text: ({ name }) => name,
            cell: ({ name, executionArn }) => <Link to={pathTo('execution', executionArn)}>{name}</Link>,
          },
          { header: t('status'), text: ({ status }) => status, cell: ({ status }) => <Status status={status} /> },
          { header: t('started'), text: ({ startDate }) => showTime(startDate, language) },
          {
            header: t('duration'),
            text: ({ startDate, stopDate }) => (stopDate === undefined ? '–' : showSpan(Math.max(0, stopDate - startDate))),
          },
        ]}
      />
    </>
  )
}
