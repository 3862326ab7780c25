/** Dark or light: as the system has it until a person chooses. */
import { useEffect, useState } from 'react'

type Theme = 'dark' | 'light'
const STORED = 'regente.theme'

export function useTheme(): readonly [Theme, () => void] {
  const [theme, setTheme] = useState<Theme>(() => {
    const stored = localStorage.getItem(STORED)
    if (stored === 'dark' || stored === 'light') return stored
    return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
  })
  useEffect(() => {
    document.body.classList.toggle('awsui-dark-mode', theme === 'dark')
  }, [theme])
  const toggle = () => {
    const next = theme === 'dark' ? 'light' : 'dark'
    localStorage.setItem(STORED, next)
    setTheme(next)
  }
  return [theme, toggle]
}
