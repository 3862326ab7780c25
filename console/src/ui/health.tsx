/** What keeps the server from its work, on every page; and why one execution stands aside. */
import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'

import { useEffect } from 'react'

import { callRest } from '../api/client.ts'
import { useMessages } from '../messages/messages.tsx'
import { isServerAway, Problem } from './error.tsx'
import { showTime } from './time.ts'

const HEALTH = '/_regente/health'
const QUARANTINE = '/_regente/quarantine'
const LOOK_MS = 10_000
const LOOK_AGAIN_MS = 2_000

interface Health {
  readonly status: 'ok' | 'degraded'
  readonly reasons?: readonly string[]
}

interface Quarantined {
  readonly executionArn: string
  readonly reason: string
  readonly attempts: number
  readonly nextAttempt: string
}

const useHealth = () =>
  useQuery({
    queryKey: ['health'],
    queryFn: async ({ signal }) => (await callRest('GET', HEALTH, undefined, signal)) as Health,
    refetchInterval: LOOK_MS,
    retry: false,
  })

/** What nobody answered is asked again until somebody does: pages that read once come back with the server, too. */
function useAskAgain(): void {
  const queries = useQueryClient()
  useEffect(() => {
    const again = () => queries.refetchQueries({ type: 'active', predicate: ({ state }) => isServerAway(state.error) })
    const asking = setInterval(again, LOOK_AGAIN_MS)
    return () => clearInterval(asking)
  }, [queries])
}

export function HealthBanner() {
  const { t } = useMessages()
  const { data: health } = useHealth()
  useAskAgain()
  if (health?.status !== 'degraded') return null
  return (
    <Alert type="warning" header={t('degraded')}>
      {health.reasons?.join(' ')}
    </Alert>
  )
}

export function QuarantineBanner({ executionArn }: { readonly executionArn: string }) {
  const { t, language } = useMessages()
  const queries = useQueryClient()
  const isDegraded = useHealth().data?.status === 'degraded'
  const { data } = useQuery({
    queryKey: ['quarantine'],
    queryFn: async ({ signal }) =>
      ((await callRest('GET', QUARANTINE, undefined, signal)) as { quarantined: readonly Quarantined[] }).quarantined,
    enabled: isDegraded,
    refetchInterval: LOOK_MS,
  })
  const retry = useMutation({
    mutationFn: () => callRest('POST', QUARANTINE, { executionArn }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['quarantine'] }),
  })
  const entry = isDegraded ? data?.find((one) => one.executionArn === executionArn) : undefined
  if (!entry) return null
  const next = showTime(Date.parse(entry.nextAttempt) / 1000, language)
  return (
    <Alert
      type="warning"
      header={t('quarantined')}
      action={
        <Button loading={retry.isPending} onClick={() => retry.mutate()}>
          {t('tryNow')}
        </Button>
      }
    >
      <Problem error={retry.error} />
      <span className="pre">{entry.reason}</span> {t('quarantinedText', { attempts: entry.attempts, next })}
    </Alert>
  )
}
