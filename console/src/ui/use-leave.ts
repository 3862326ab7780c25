/** From the page of what is gone to its list, read anew: a list that still had it would show it, and ask for it. */
import { useQueryClient } from '@tanstack/react-query'

import { go } from '../router.tsx'

export function useLeave(list: readonly unknown[], path: string): () => void {
  const queries = useQueryClient()
  return () => {
    queries.removeQueries({ queryKey: list })
    go(path)
  }
}
