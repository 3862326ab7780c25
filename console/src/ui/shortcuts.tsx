/**
 * Keys that lead somewhere from every page, as long as nothing is being written; and the list of them. They can be turned off:
 * for who speaks to the machine, single letters are in the way (WCAG 2.1.4).
 */
import Modal from '@cloudscape-design/components/modal'
import { useEffect, useState } from 'react'

import type { MessageKey } from '../messages/en.ts'
import { useMessages } from '../messages/messages.tsx'
import { go, pathTo } from '../router.tsx'

/** After `g`. */
const PLACES: Readonly<Record<string, readonly [page: string, word: MessageKey]>> = {
  m: ['machines', 'machines'],
  t: ['create', 'templates'],
  e: ['editor', 'editor'],
  a: ['activities', 'activities'],
  c: ['stacks', 'stacks'],
  b: ['buckets', 'buckets'],
  f: ['functions', 'functions'],
  n: ['topics', 'topics'],
  q: ['queues', 'queues'],
  d: ['tables', 'tables'],
  l: ['logs', 'logs'],
  r: ['rules', 'rules'],
  s: ['schedules', 'schedules'],
}

const STORED = 'regente.shortcuts'
const SECOND_KEY_MS = 1_500

export function Shortcuts() {
  const { t } = useMessages()
  const [isShown, show] = useState(false)
  const [isOn, setOn] = useState(() => localStorage.getItem(STORED) !== 'off')
  useEffect(() => {
    if (!isOn) return
    let leaderAt = Number.NEGATIVE_INFINITY
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isBusy(event.target)) return
      const place = event.timeStamp - leaderAt < SECOND_KEY_MS && Object.hasOwn(PLACES, event.key) ? PLACES[event.key] : undefined
      leaderAt = event.key === 'g' ? event.timeStamp : Number.NEGATIVE_INFINITY
      if (place) go(pathTo(place[0]))
      else if (event.key === '?') show(true)
      else if (event.key === '/')
        document.querySelector<HTMLInputElement>('main input[type="search"], main input[type="text"]')?.focus()
      else return
      event.preventDefault()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [isOn])
  const choose = (wanted: boolean) => {
    localStorage.setItem(STORED, wanted ? 'on' : 'off')
    setOn(wanted)
  }
  return (
    <>
      <button type="button" className="keys-button" aria-label={t('shortcuts')} title={t('shortcuts')} onClick={() => show(true)}>
        ?
      </button>
      {isShown && (
        <Modal visible header={t('shortcuts')} closeAriaLabel={t('close')} onDismiss={() => show(false)}>
          <dl className="keys">
            <Key keys={['?']} text={t('shortcuts')} />
            <Key keys={['/']} text={t('search')} />
            <Key keys={['Ctrl', 'S']} text={t('save')} />
            <Key keys={['Ctrl', '⏎']} text={t('saveAndRun')} />
            {Object.entries(PLACES).map(([key, [page, word]]) => (
              <Key key={page} keys={['g', key]} text={t(word)} />
            ))}
          </dl>
          <label>
            <input type="checkbox" checked={isOn} onChange={(event) => choose(event.target.checked)} /> {t('shortcutsOn')}
          </label>
        </Modal>
      )}
    </>
  )
}

function Key({ keys, text }: { readonly keys: readonly string[]; readonly text: string }) {
  return (
    <div>
      <dt>
        {keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{text}</dd>
    </div>
  )
}

/** Something is being written, or a dialog has the word. */
const isBusy = (target: EventTarget | null): boolean =>
  target instanceof Element &&
  (target.closest('input, textarea, select, [contenteditable="true"], [role="dialog"]') !== null ||
    document.querySelector('[role="dialog"]') !== null)
