/**
 * REST-XML as S3 speaks it, from the server's side: XML bodies read with a bound, answers and errors with S3's headers.
 * Source: Amazon S3 API reference, "REST error responses" and "Common response headers".
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { renderRestXmlError, WireError } from './errors.ts'
import { type SendOptions, send } from './http.ts'
import { contextOf, newRequestId } from './request-context.ts'
import { parseXml, type Xml, type XmlElement, XmlError, xmlDocument } from './xml.ts'

const REQUEST_ID = 'x-amz-request-id'

/** 16 characters as S3 prints them: `656C76696E672E6D`. */
export const newRestRequestId = (): string => newRequestId().slice(-17).replace('-', '').toUpperCase()

/** The root element of a body, which must have that name. Throws WireError MalformedXML. */
export function parseRestXml(body: Buffer, rootName: string): XmlElement {
  let root: XmlElement
  try {
    root = parseXml(body.toString('utf8'))
  } catch (error) {
    if (error instanceof XmlError) throw malformedXml()
    throw error
  }
  if (root.name !== rootName) throw malformedXml()
  return root
}

export const malformedXml = (): WireError =>
  new WireError(400, 'MalformedXML', 'The XML you provided was not well-formed or did not validate against our published schema')

export function sendRestXml(res: ServerResponse, root: Xml, options: SendOptions = {}): void {
  send(res, xmlDocument(root), { contentType: 'application/xml', ...options }, REQUEST_ID)
}

export function sendRestEmpty(res: ServerResponse, options: SendOptions = {}): void {
  send(res, '', options, REQUEST_ID)
}

/** An answer to HEAD, and 304, carry no body: their status and headers say it all. */
export function sendRestError(req: IncomingMessage, res: ServerResponse, error: WireError, options: SendOptions = {}): void {
  const requestId = options.requestId ?? contextOf(req)?.requestId ?? newRestRequestId()
  const isBare = req.method === 'HEAD' || error.status === 304
  const body = isBare ? '' : renderRestXmlError(error, requestId)
  send(res, body, { contentType: 'application/xml', ...options, status: error.status, requestId }, REQUEST_ID)
}
