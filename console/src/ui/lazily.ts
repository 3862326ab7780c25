/**
 * Parts of the console that are loaded when they are first shown, or before, while there is nothing else to do: a page that was
 * never opened is there, too, when the server is not. One that does not come waits for the server and asks again.
 */
import { type ComponentType, lazy } from 'react'

// biome-ignore lint/suspicious/noExplicitAny: as React's own `lazy` has it; each part keeps its own properties
type Load<T extends ComponentType<any>> = () => Promise<{ default: T }>

const parts: (() => Promise<unknown>)[] = []

// biome-ignore lint/suspicious/noExplicitAny: see above
export function lazily<T extends ComponentType<any>>(load: Load<T>) {
  parts.push(load)
  return lazy(() => untilThere(load))
}

/** A file that is no component: a worker's. */
export const preloadFile = (url: string): void => void parts.push(() => fetch(url))

/** One after the other, those too that are named by what has come. What does not come is asked for again when it is wanted. */
export async function preload(): Promise<void> {
  for (const load of parts) await load().catch(() => {})
}

const HEALTH = '/_regente/health'
const ASK_AGAIN_MS = 1_000
const RELOADED = 'regente.reloaded'

async function untilThere<T>(load: () => Promise<T>): Promise<T> {
  try {
    const loaded = await load()
    sessionStorage.removeItem(RELOADED)
    return loaded
  } catch {
    while (!(await isServerThere())) await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS))
    return load().catch(reload)
  }
}

const isServerThere = (): Promise<boolean> =>
  fetch(HEALTH).then(
    () => true,
    () => false,
  )

/** The server is another version: its files have other names, which its own page knows. Once; then the error is told. */
function reload(error: unknown): Promise<never> {
  if (sessionStorage.getItem(RELOADED) === location.href) throw error
  sessionStorage.setItem(RELOADED, location.href)
  location.reload()
  return new Promise(() => {})
}
