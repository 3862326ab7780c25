/** Lets the browser save bytes as a file. */
export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  Object.assign(document.createElement('a'), { href: url, download: name }).click()
  // A browser may not have begun to read when `click` returns.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
