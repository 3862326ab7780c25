/** A list that pages through the API: what has come so far, and a way to the next page while there is one. */
import { useInfiniteQuery } from '@tanstack/react-query'

export interface Page<T> {
  readonly items: readonly T[]
  /** Where the next page begins; undefined on the last one. */
  readonly next: string | undefined
}

/** Read anew every `everyMs`, all that has come, as long as that is no more than `freshPages`. */
export function usePages<T>(
  key: readonly unknown[],
  read: (token: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
  { everyMs = 0, freshPages = Number.POSITIVE_INFINITY, isEnabled = true } = {},
) {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }: Page<T>) => next,
    refetchInterval: ({ state }) => (everyMs > 0 && (state.data?.pages.length ?? 0) <= freshPages ? everyMs : false),
    enabled: isEnabled,
  })
  return {
    items: query.data?.pages.flatMap(({ items }) => items),
    error: query.error,
    onMore: query.hasNextPage ? () => void query.fetchNextPage() : undefined,
    refetch: query.refetch,
  }
}
