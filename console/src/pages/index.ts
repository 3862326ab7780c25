/** One page, one piece of code, loaded when it is opened. */
import { type ComponentType, lazy } from 'react'

import { MachinesPage } from './machines.tsx'

export interface PageProps {
  readonly subject: string
  readonly query: URLSearchParams
}

export const PAGES: Readonly<Record<string, ComponentType<PageProps>>> = {
  machines: MachinesPage,
  create: lazy(() => import('./create.tsx')),
  machine: lazy(() => import('./machine.tsx')),
  execution: lazy(() => import('./execution.tsx')),
}
