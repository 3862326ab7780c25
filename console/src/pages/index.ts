/** One page, one piece of code. And the word for each, in the title. */
import type { ComponentType } from 'react'

import type { MessageKey } from '../messages/en.ts'
import { lazily } from '../ui/lazily.ts'
import { MachinesPage } from './machines.tsx'
import type { PageProps } from './page.ts'

interface PageEntry {
  readonly Page: ComponentType<PageProps>
  readonly word: MessageKey
}

const entry = (word: MessageKey, Page: ComponentType<PageProps>): PageEntry => ({ word, Page })

export const PAGES: Readonly<Record<string, PageEntry>> = {
  machines: entry('machines', MachinesPage),
  machine: entry(
    'machine',
    lazily(() => import('./machine.tsx')),
  ),
  execution: entry(
    'execution',
    lazily(() => import('./execution.tsx')),
  ),
  create: entry(
    'templates',
    lazily(() => import('./create.tsx')),
  ),
  editor: entry(
    'editor',
    lazily(() => import('./editor.tsx')),
  ),
  compare: entry(
    'compare',
    lazily(() => import('./compare.tsx')),
  ),
  'map-run': entry(
    'mapRun',
    lazily(() => import('./map-run.tsx')),
  ),
  activities: entry(
    'activities',
    lazily(() => import('./activities.tsx')),
  ),
  stacks: entry(
    'stacks',
    lazily(() => import('./services/stacks.tsx')),
  ),
  buckets: entry(
    'buckets',
    lazily(() => import('./services/buckets.tsx')),
  ),
  functions: entry(
    'functions',
    lazily(() => import('./services/functions.tsx')),
  ),
  topics: entry(
    'topics',
    lazily(() => import('./services/topics.tsx')),
  ),
  queues: entry(
    'queues',
    lazily(() => import('./services/queues.tsx')),
  ),
  tables: entry(
    'tables',
    lazily(() => import('./services/tables.tsx')),
  ),
  logs: entry(
    'logs',
    lazily(() => import('./services/logs.tsx')),
  ),
  rules: entry(
    'rules',
    lazily(() => import('./services/rules.tsx')),
  ),
  schedules: entry(
    'schedules',
    lazily(() => import('./services/schedules.tsx')),
  ),
}
