/** A list that pages through the API: what has come so far, and a way to the next page while there is one. */
import { useInfiniteQuery } from '@tanstack/react-query'

import { every } from './every.ts'

export interface Page<T> {
  readonly items: readonly T[]
  /** Where the next page begins; undefined on the last one. */
  readonly next: string | undefined
}

interface PagesOptions {
  readonly everyMs?: number | ((count: number) => number)
  readonly freshPages?: number
  readonly isEnabled?: boolean
}

/** Read anew every `everyMs` (perhaps by how much has come), all of it, as long as that is no more than `freshPages`. */
export function usePages<T>(
  key: readonly unknown[],
  read: (token: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
  { everyMs = 0, freshPages = Number.POSITIVE_INFINITY, isEnabled = true }: PagesOptions = {},
) {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }: Page<T>) => next,
    refetchInterval: (query) => {
      const pages = query.state.data?.pages ?? []
      const ms = typeof everyMs === 'number' ? everyMs : everyMs(pages.reduce((sum, { items }) => sum + items.length, 0))
      return ms > 0 && pages.length <= freshPages && every(ms)(query)
    },
    enabled: isEnabled,
  })
  return {
    items: query.data?.pages.flatMap(({ items }) => items),
    error: query.error,
    onMore: query.hasNextPage ? () => void query.fetchNextPage() : undefined,
    refetch: query.refetch,
  }
}
