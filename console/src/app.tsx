/** The shell around all pages: navigation, language, theme, and a net under what may fail. */
import I18nProvider from '@cloudscape-design/components/i18n'
import enMessages from '@cloudscape-design/components/i18n/messages/all.en'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { Suspense, useEffect, useRef, useState } from 'react'

import { ApiError } from './api/client.ts'
import { PAGES } from './pages/index.ts'
import { useFocusOnHeading, useTitle } from './ui/arrival.ts'
import { ErrorNet } from './ui/error.tsx'
import { HealthBanner } from './ui/health.tsx'
import { preload } from './ui/lazily.ts'
import { Loading } from './ui/loading.tsx'
import { Shortcuts } from './ui/shortcuts.tsx'
import { useTheme } from './ui/theme.ts'
import { go, pathTo, useRoute } from './router.tsx'
import './style.css'
import './shell.css'
import './graph/node-colour.css'
import type { MessageKey } from './messages/en.ts'
import { type Language, useMessages, MessagesProvider } from './messages/messages.tsx'

/** What the server refuses it refuses again; a server that did not answer is asked once more. */
const isWorthAsking = (failures: number, error: unknown) => failures < 1 && !(error instanceof ApiError)

const QUERIES = new QueryClient({
  // The server is most often this machine: whether there is a network says nothing.
  defaultOptions: {
    queries: { retry: isWorthAsking, refetchOnWindowFocus: true, staleTime: 500, networkMode: 'always' },
    mutations: { networkMode: 'always' },
  },
})

export function App() {
  return (
    <MessagesProvider>
      <QueryClientProvider client={QUERIES}>
        <Translated />
      </QueryClientProvider>
    </MessagesProvider>
  )
}

/** Cloudscape's own words in Portuguese come only where they are wanted. */
function Translated() {
  const { language } = useMessages()
  const [messages, setMessages] = useState<(typeof enMessages)[]>([enMessages])
  useEffect(() => {
    if (language === 'en') return setMessages([enMessages])
    void import('@cloudscape-design/components/i18n/messages/all.pt-BR').then((loaded) => setMessages([loaded.default]))
  }, [language])
  return (
    <I18nProvider locale={language} messages={messages}>
      <Shell />
    </I18nProvider>
  )
}

function Shell() {
  const { t, language, choose } = useMessages()
  const route = useRoute()
  const [isOpen, setOpen] = useState(false)
  const main = useRef<HTMLElement>(null)
  const entry = Object.hasOwn(PAGES, route.page) ? PAGES[route.page] : undefined
  useTitle(nameOf(route.subject), t(entry?.word ?? 'notFound'))
  useFocusOnHeading(main, `${route.page}/${route.subject}`)
  useEffect(whenIdle, [])
  return (
    <div className={`shell${isOpen ? ' shell-open' : ''}`}>
      <a className="skip" href="#page">
        {t('skip')}
      </a>
      <header className="topbar">
        <button
          type="button"
          className="menu-button"
          aria-expanded={isOpen}
          aria-controls="navigation"
          aria-label={t(isOpen ? 'hideMenu' : 'showMenu')}
          onClick={() => setOpen(!isOpen)}
        >
          ☰
        </button>
        <Anchor to={pathTo('machines')} className="brand">
          Regente
        </Anchor>
        <span className="spacer" />
        <select aria-label={t('language')} value={language} onChange={(event) => choose(event.target.value as Language)}>
          <option value="en">English</option>
          <option value="pt-BR">Português</option>
        </select>
        <ThemeButton />
        <Shortcuts />
      </header>
      <Navigation page={SECTION_OF[route.page] ?? route.page} onGo={() => setOpen(false)} />
      <main className="page" id="page" tabIndex={-1} ref={main}>
        <HealthBanner />
        <ErrorNet key={`${route.page}/${route.subject}`}>
          <Suspense fallback={<Loading />}>
            {entry ? <entry.Page subject={route.subject} query={route.query} /> : <h1>{t('notFound')}</h1>}
          </Suspense>
        </ErrorNet>
      </main>
    </div>
  )
}

/** The last part of an ARN, but for an Express execution's, which ends with an id; of anything else, itself. */
function nameOf(subject: string): string {
  const parts = subject.split(':')
  return (parts[5] === 'express' ? parts[7] : parts.at(-1)) ?? ''
}

/** Pages that are reached from others, and where those stand in the menu. */
const SECTION_OF: Readonly<Record<string, string>> = {
  machine: 'machines',
  execution: 'machines',
  compare: 'machines',
  'map-run': 'machines',
}

/** Loads what else there is, when there is nothing else to do. */
function whenIdle(): (() => void) | undefined {
  if (typeof requestIdleCallback !== 'function') {
    const later = setTimeout(preload, 3_000)
    return () => clearTimeout(later)
  }
  const idle = requestIdleCallback(() => void preload(), { timeout: 10_000 })
  return () => cancelIdleCallback(idle)
}

function ThemeButton() {
  const { t } = useMessages()
  const [theme, toggle] = useTheme()
  return (
    <button type="button" onClick={toggle} aria-label={t('theme')}>
      {t(theme === 'dark' ? 'light' : 'dark')}
    </button>
  )
}

const WORKFLOW: readonly (readonly [page: string, word: MessageKey])[] = [
  ['machines', 'machines'],
  ['create', 'templates'],
  ['editor', 'editor'],
  ['activities', 'activities'],
]
const SERVICES: readonly (readonly [page: string, word: MessageKey])[] = [
  ['stacks', 'stacks'],
  ['buckets', 'buckets'],
  ['functions', 'functions'],
  ['topics', 'topics'],
  ['queues', 'queues'],
  ['tables', 'tables'],
  ['logs', 'logs'],
  ['rules', 'rules'],
  ['schedules', 'schedules'],
]

function Navigation({ page, onGo }: { readonly page: string; readonly onGo: () => void }) {
  const { t } = useMessages()
  const links = (list: typeof WORKFLOW) =>
    list.map(([name, word]) => (
      <Anchor key={name} to={pathTo(name)} className={name === page ? 'current' : ''} onGo={onGo}>
        {t(word)}
      </Anchor>
    ))
  return (
    <nav className="navigation" id="navigation" aria-label={t('menu')}>
      {links(WORKFLOW)}
      <p>{t('services')}</p>
      {links(SERVICES)}
    </nav>
  )
}

function Anchor({
  to,
  className,
  onGo,
  children,
}: {
  readonly to: string
  readonly className: string
  readonly onGo?: () => void
  readonly children: string
}) {
  const follow = (event: React.MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    go(to)
    onGo?.()
  }
  return (
    <a href={to} className={className} aria-current={className === 'current' ? 'page' : undefined} onClick={follow}>
      {children}
    </a>
  )
}
