/** Where one has come to, told to who does not see it: the page's title, and the focus on its heading (WCAG 2.4.2, 2.4.3). */
import { type RefObject, useEffect, useRef } from 'react'

export function useTitle(...parts: readonly string[]): void {
  const title = [...parts.filter((part) => part !== ''), 'Regente'].join(' · ')
  useEffect(() => {
    document.title = title
  }, [title])
}

/** After each change of `place` but the first, which the browser itself tells. */
export function useFocusOnHeading(page: RefObject<HTMLElement | null>, place: string): void {
  const last = useRef(place)
  useEffect(() => {
    const main = page.current
    if (!main || last.current === place) return
    last.current = place
    scrollTo(0, 0)
    if (focusHeading(main)) return
    const watching = new MutationObserver(() => {
      if (focusHeading(main)) watching.disconnect()
    })
    watching.observe(main, { childList: true, subtree: true })
    return () => watching.disconnect()
  }, [page, place])
}

/** Whether there is nothing to wait for: the heading has come, or a person has gone on to something else. */
function focusHeading(main: HTMLElement): boolean {
  if (main.contains(document.activeElement) || document.querySelector('[role="dialog"]')) return true
  const heading = main.querySelector('h1')
  if (!heading) return false
  heading.tabIndex = -1
  heading.focus({ preventScroll: true })
  return true
}
