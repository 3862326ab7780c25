/** A list that pages through the API: what has come so far, and a way to the next page while there is one. */
import { useInfiniteQuery } from '@tanstack/react-query'

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
    refetchInterval: ({ state }) => {
      const pages = state.data?.pages ?? []
      const every = typeof everyMs === 'number' ? everyMs : everyMs(pages.reduce((sum, { items }) => sum + items.length, 0))
      return every > 0 && pages.length <= freshPages ? every : false
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
