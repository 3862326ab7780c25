/** How the latest executions went and how long they took. */
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'

import { percentile } from '../model/percentile.ts'
import { showSpan } from '../parts/time.ts'
import { useWords } from '../words/words.tsx'
import type { Execution } from './machine.tsx'

export function Monitoring({ executions }: { readonly executions: readonly Execution[] }) {
  const { t } = useWords()
  const count = (status: string) => executions.filter((one) => one.status === status).length
  const spans = executions.flatMap(({ startDate = 0, stopDate }) => (stopDate === undefined ? [] : [stopDate - startDate]))
  const at = (share: number) => (spans.length === 0 ? '–' : showSpan(percentile(spans, share)))
  const longest = Math.max(...spans, 0.001)
  return (
    <>
      <p>{t('latest', { n: executions.length })}</p>
      <KeyValuePairs
        columns={4}
        items={[
          { label: t('succeeded'), value: count('SUCCEEDED') },
          { label: t('failed'), value: count('FAILED') + count('TIMED_OUT') },
          { label: t('running'), value: count('RUNNING') },
          { label: t('aborted'), value: count('ABORTED') },
          { label: `${t('duration')} ${t('median')}`, value: at(0.5) },
          { label: `${t('duration')} ${t('p95')}`, value: at(0.95) },
          { label: `${t('duration')} ${t('p99')}`, value: at(0.99) },
        ]}
      />
      <svg role="img" aria-label={t('duration')} viewBox="0 0 400 90" width="100%" height="120" preserveAspectRatio="none">
        <title>{t('duration')}</title>
        {executions.slice(0, 100).map(({ executionArn, status, startDate = 0, stopDate }, index) => {
          const height = stopDate === undefined ? 2 : Math.max(2, ((stopDate - startDate) / longest) * 86)
          const fill = status === 'SUCCEEDED' ? 'var(--succeeded)' : status === 'RUNNING' ? 'var(--running)' : 'var(--failed)'
          return <rect key={executionArn} x={396 - index * 4} y={90 - height} width={3} height={height} fill={fill} />
        })}
      </svg>
    </>
  )
}
