/** What is set on a state machine beside its definition: where it logs, under which role it runs, whether it is traced. */
import Button from '@cloudscape-design/components/button'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { ApiError, type OutputOf, states } from '../api/client.ts'
import { callLogs } from '../api/logs.ts'
import { Problem } from '../ui/error.tsx'
import { Link, pathTo } from '../router.tsx'
import { useMessages } from '../messages/messages.tsx'

type Machine = OutputOf<'DescribeStateMachine'>

const LEVELS = ['OFF', 'ERROR', 'FATAL', 'ALL'] as const
type Level = (typeof LEVELS)[number]
const isLevel = (text: string): text is Level => LEVELS.some((level) => level === text)

export function Settings({ machine }: { readonly machine: Machine }) {
  const { t } = useMessages()
  const { stateMachineArn = '', name = '', loggingConfiguration, roleArn = '', tracingConfiguration } = machine
  const queries = useQueryClient()
  const destination = loggingConfiguration?.destinations?.[0]?.cloudWatchLogsLogGroup?.logGroupArn
  const [level, setLevel] = useState<Level>(loggingConfiguration?.level ?? 'OFF')
  const [isWhole, setWhole] = useState(loggingConfiguration?.includeExecutionData ?? false)
  const [group, setGroup] = useState(groupOf(destination) ?? `/aws/vendedlogs/states/${name}`)
  const [role, setRole] = useState(roleArn)
  const [isTraced, setTraced] = useState(tracingConfiguration?.enabled ?? false)
  const groups = useQuery({ queryKey: ['log-groups-here'], queryFn: ({ signal }) => listGroups(signal) })
  const save = useMutation({
    mutationFn: async () => {
      const logs = level === 'OFF' ? [] : [{ cloudWatchLogsLogGroup: { logGroupArn: await logGroupArn(group, stateMachineArn) } }]
      await states('UpdateStateMachine', {
        stateMachineArn,
        ...(role !== roleArn && { roleArn: role }),
        loggingConfiguration: { level, includeExecutionData: isWhole, destinations: logs },
        tracingConfiguration: { enabled: isTraced },
      })
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['machine', stateMachineArn] }),
  })
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <h2>{t('logging')}</h2>
      <label>
        {t('logLevel')}{' '}
        <select className="choice" value={level} onChange={({ target }) => isLevel(target.value) && setLevel(target.value)}>
          {LEVELS.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      </label>
      {level !== 'OFF' && (
        <>
          <label>
            {t('logGroup')} <input list="log-groups-here" value={group} onChange={(event) => setGroup(event.target.value)} />
            <datalist id="log-groups-here">
              {groups.data?.map((one) => (
                <option key={one} value={one} />
              ))}
            </datalist>
          </label>
          <label className="check">
            <input type="checkbox" checked={isWhole} onChange={(event) => setWhole(event.target.checked)} /> {t('logData')}
          </label>
          {destination !== undefined && <Link to={pathTo('logs', groupOf(destination) ?? '')}>{t('openLogs')}</Link>}
        </>
      )}
      <h2>{t('permissions')}</h2>
      <label className="wide">
        {t('role')} <input value={role} onChange={(event) => setRole(event.target.value)} />
      </label>
      <label className="check">
        <input type="checkbox" checked={isTraced} onChange={(event) => setTraced(event.target.checked)} /> {t('tracing')}
      </label>
      <div>
        <Button formAction="submit" variant="primary" loading={save.isPending} disabled={level !== 'OFF' && group === ''}>
          {t('save')}
        </Button>{' '}
        {save.isSuccess && <span role="status">{t('saved')}</span>}
      </div>
      <Problem error={save.error} />
    </form>
  )
}

/** `arn:aws:logs:…:log-group:NAME:*` is NAME. */
const groupOf = (arn: string | undefined): string | undefined => /:log-group:(.+?)(?::\*)?$/.exec(arn ?? '')?.[1]

async function listGroups(signal: AbortSignal): Promise<readonly string[]> {
  const { logGroups = [] } = (await callLogs('DescribeLogGroups', { limit: 50 }, signal)) as {
    logGroups?: readonly { readonly logGroupName: string }[]
  }
  return logGroups.map(({ logGroupName }) => logGroupName)
}

/** Of a group that is made where it is missing, in the place of the machine. */
async function logGroupArn(name: string, stateMachineArn: string): Promise<string> {
  try {
    await callLogs('CreateLogGroup', { logGroupName: name })
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'ResourceAlreadyExistsException')) throw error
  }
  const [, partition = 'aws', , region = '', account = ''] = stateMachineArn.split(':')
  return `arn:${partition}:logs:${region}:${account}:log-group:${name}:*`
}
