/** URLs of S3 that carry their signature, made by the SDK's own signer. */
import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'

type Keys = { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string }

/** The same URL, good for a minute. */
export async function presignedUrl(method: string, text: string, credentials: Keys): Promise<string> {
  const { protocol, hostname, host, pathname: path } = new URL(text)
  const signer = new SignatureV4({ service: 's3', region: 'us-east-1', credentials, sha256: Sha256, uriEscapePath: false })
  const request = { method, protocol, hostname, path, headers: { host } }
  const { query } = await signer.presign(request, { expiresIn: 60 })
  return `${text}?${new URLSearchParams(query as Record<string, string>)}`
}
