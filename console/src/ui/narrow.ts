/** Whether a table has no room: on a phone, and beside the menu on a small tablet. */
import { useSyncExternalStore } from 'react'

const QUERY = matchMedia('(max-width: 860px)')

const subscribe = (listener: () => void) => {
  QUERY.addEventListener('change', listener)
  return () => QUERY.removeEventListener('change', listener)
}

export const useIsNarrow = (): boolean => useSyncExternalStore(subscribe, () => QUERY.matches)
