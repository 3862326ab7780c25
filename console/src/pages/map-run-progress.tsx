/** How many items of a Map Run are where. */
import type { OutputOf } from '../api/client.ts'
import '../services.css'
import { useMessages } from '../messages/messages.tsx'

type Counts = NonNullable<OutputOf<'DescribeMapRun'>['itemCounts']>

const SHARES = [
  ['succeeded', 'var(--succeeded)'],
  ['running', 'var(--running)'],
  ['failed', 'var(--failed)'],
  ['timedOut', 'var(--caught)'],
  ['aborted', 'var(--aborted)'],
  ['pending', 'var(--line)'],
] as const

/** The bar is for the eyes; the same numbers stand under it as text. */
export function Progress({ counts }: { readonly counts: Counts }) {
  const { t, language } = useMessages()
  const show = (n = 0) => n.toLocaleString(language)
  const total = counts.total ?? 0
  const share = (n: number | undefined) => (100 * (n ?? 0)) / Math.max(1, total)
  const ended = total - (counts.running ?? 0) - (counts.pending ?? 0)
  return (
    <section aria-label={t('progress')}>
      <div
        className="progress tall"
        role="progressbar"
        aria-label={t('progress')}
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={ended}
        aria-valuetext={SHARES.map(([name]) => `${t(name)} ${counts[name] ?? 0}`).join(', ')}
      >
        {SHARES.map(([name, colour]) => (
          <i key={name} style={{ width: `${share(counts[name])}%`, background: colour }} />
        ))}
      </div>
      <ul className="legend">
        {SHARES.map(([name, colour]) => (
          <li key={name}>
            <b>{show(counts[name])}</b>
            <i style={{ background: colour }} />
            {t(name)} ({Math.round(share(counts[name]))} %)
          </li>
        ))}
        <li>
          <b>{show(total)}</b>
          {t('total')}
        </li>
        <li>
          <b>{show(counts.resultsWritten)}</b>
          {t('resultsWritten')}
        </li>
        {(counts.pendingRedrive ?? 0) > 0 && (
          <li>
            <b>{show(counts.pendingRedrive)}</b>
            {t('pendingRedrive')}
          </li>
        )}
      </ul>
    </section>
  )
}
