/** Whether the window is a phone's. */
import { useSyncExternalStore } from 'react'

const QUERY = matchMedia('(max-width: 600px)')

const subscribe = (listener: () => void) => {
  QUERY.addEventListener('change', listener)
  return () => QUERY.removeEventListener('change', listener)
}

export const useIsNarrow = (): boolean => useSyncExternalStore(subscribe, () => QUERY.matches)
