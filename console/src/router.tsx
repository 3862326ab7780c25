/** Deep links: `/console/<page>/<argument>`, each argument encoded. No more than a page's name and its subject. */
import { type ReactNode, useSyncExternalStore } from 'react'

export interface Route {
  readonly page: string
  readonly subject: string
  readonly query: URLSearchParams
}

const BASE = '/console/'
const changed = new EventTarget()

export const pathTo = (page: string, subject = '', query: Readonly<Record<string, string>> = {}): string => {
  const search = new URLSearchParams(query).toString()
  return `${BASE}${page}${subject === '' ? '' : `/${encodeURIComponent(subject)}`}${search === '' ? '' : `?${search}`}`
}

export function go(path: string, { replace = false } = {}): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', path)
  changed.dispatchEvent(new Event('change'))
}

/** Changes members of the query in place, so that a view can be shared and found again; undefined takes one out. */
export function setQuery(changes: Readonly<Record<string, string | readonly string[] | undefined>>): void {
  const query = new URLSearchParams(location.search)
  for (const [name, value] of Object.entries(changes)) {
    query.delete(name)
    for (const one of [value ?? []].flat()) query.append(name, one)
  }
  const search = query.toString()
  const path = `${location.pathname}${search === '' ? '' : `?${search}`}`
  if (path !== location.pathname + location.search) go(path, { replace: true })
}

function subscribe(listener: () => void): () => void {
  changed.addEventListener('change', listener)
  addEventListener('popstate', listener)
  return () => {
    changed.removeEventListener('change', listener)
    removeEventListener('popstate', listener)
  }
}

export function useRoute(): Route {
  const href = useSyncExternalStore(subscribe, () => location.pathname + location.search)
  return parseRoute(href)
}

function parseRoute(href: string): Route {
  const url = new URL(href, 'http://console')
  const [page = '', ...rest] = url.pathname.startsWith(BASE) ? url.pathname.slice(BASE.length).split('/') : []
  return { page: page || 'machines', subject: decode(rest.join('/')), query: url.searchParams }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export function Link({ to, children }: { readonly to: string; readonly children: ReactNode }) {
  return (
    <a className="link" href={to} onClick={(event) => follow(event, to)}>
      {children}
    </a>
  )
}

/** Plain clicks stay in the page; those with a key open a tab, as ever. */
function follow(event: React.MouseEvent, to: string): void {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
  event.preventDefault()
  go(to)
}
