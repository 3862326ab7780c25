/** Percent-encoding of all but the unreserved characters. Source: RFC 3986, section 2.3; AWS signs paths and queries in this form. */
export function encodeRfc3986(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
