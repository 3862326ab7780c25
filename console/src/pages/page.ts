/** What a page is opened with. */
export interface PageProps {
  readonly subject: string
  readonly query: URLSearchParams
}
