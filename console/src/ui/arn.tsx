/** An ARN on one line, cut where there is no room, and copied whole. */
import { useState } from 'react'

import { useMessages } from '../messages/messages.tsx'

export function Arn({ value }: { readonly value: string }) {
  const { t } = useMessages()
  const [isCopied, setCopied] = useState(false)
  const copy = () => {
    void navigator.clipboard?.writeText(value).then(() => setCopied(true))
  }
  return (
    <div className="arn-line">
      <span className="arn" title={value}>
        {value}
      </span>
      <button type="button" onClick={copy} onBlur={() => setCopied(false)} aria-label={t('copyArn')}>
        {t(isCopied ? 'copied' : 'copy')}
      </button>
    </div>
  )
}
