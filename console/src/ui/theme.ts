/** Dark or light: as the system has it until a person chooses. */
import { useEffect, useSyncExternalStore } from 'react'

export type Theme = 'dark' | 'light'

const STORED = 'regente.theme'
const changed = new EventTarget()
let theme = firstTheme()

export function useTheme(): readonly [Theme, () => void] {
  const current = useSyncExternalStore(subscribe, () => theme)
  useEffect(() => {
    document.body.classList.toggle('awsui-dark-mode', current === 'dark')
  }, [current])
  return [current, toggle]
}

function toggle(): void {
  theme = theme === 'dark' ? 'light' : 'dark'
  localStorage.setItem(STORED, theme)
  changed.dispatchEvent(new Event('change'))
}

function subscribe(listener: () => void): () => void {
  changed.addEventListener('change', listener)
  return () => changed.removeEventListener('change', listener)
}

function firstTheme(): Theme {
  const stored = localStorage.getItem(STORED)
  if (stored === 'dark' || stored === 'light') return stored
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}
