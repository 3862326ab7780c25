/** One page, one piece of code, loaded when it is opened. */
import { type ComponentType, lazy } from 'react'

import { MachinesPage } from './machines.tsx'
import type { PageProps } from './page.ts'

export const PAGES: Readonly<Record<string, ComponentType<PageProps>>> = {
  machines: MachinesPage,
  create: lazy(() => import('./create.tsx')),
  machine: lazy(() => import('./machine.tsx')),
  execution: lazy(() => import('./execution.tsx')),
  compare: lazy(() => import('./compare.tsx')),
  editor: lazy(() => import('./editor.tsx')),
  'map-run': lazy(() => import('./map-run.tsx')),
  activities: lazy(() => import('./activities.tsx')),
  buckets: lazy(() => import('./services/buckets.tsx')),
  functions: lazy(() => import('./services/functions.tsx')),
  topics: lazy(() => import('./services/topics.tsx')),
  queues: lazy(() => import('./services/queues.tsx')),
  tables: lazy(() => import('./services/tables.tsx')),
  logs: lazy(() => import('./services/logs.tsx')),
  rules: lazy(() => import('./services/rules.tsx')),
  schedules: lazy(() => import('./services/schedules.tsx')),
}
