/** Files into a folder, one after the other: chosen, or dropped. */
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import { putObject } from '../../api/s3.ts'
import { Problem } from '../../ui/error.tsx'
import { useMessages } from '../../messages/messages.tsx'

interface UploadProps {
  readonly bucket: string
  readonly prefix: string
  readonly onDone: () => void
}

export function Upload({ bucket, prefix, onDone }: UploadProps) {
  const { t } = useMessages()
  const [isOver, setOver] = useState(false)
  const [at, setAt] = useState({ done: 0, of: 0 })
  const upload = useMutation({
    mutationFn: async (files: readonly File[]) => {
      for (const [done, file] of files.entries()) {
        setAt({ done, of: files.length })
        await putObject(bucket, `${prefix}${file.name}`, file)
      }
      setAt({ done: files.length, of: files.length })
    },
    onSettled: onDone,
  })
  const take = (list: FileList | null) => {
    const files = [...(list ?? [])]
    if (files.length > 0) upload.mutate(files)
  }
  return (
    <>
      <section
        className={`drop${isOver ? ' over' : ''}`}
        aria-label={t('upload')}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault()
          setOver(false)
          take(event.dataTransfer.files)
        }}
      >
        <label>
          {t('uploadHere')}{' '}
          <input
            type="file"
            multiple
            disabled={upload.isPending}
            onChange={(event) => {
              take(event.target.files)
              event.target.value = ''
            }}
          />
        </label>
        <span role="status">{at.of > 0 && t('uploaded', { n: at.done, of: at.of })}</span>
      </section>
      <Problem error={upload.error} />
    </>
  )
}
