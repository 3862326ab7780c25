/** Examples that come up with one click. */
import Button from '@cloudscape-design/components/button'
import { useMutation, useQuery } from '@tanstack/react-query'

import { callRest } from '../api/client.ts'
import { Problem } from '../ui/error.tsx'
import { go, pathTo } from '../router.tsx'
import { useMessages } from '../messages/messages.tsx'

interface Template {
  readonly name: string
  /** By language, at least `en`. */
  readonly title: Readonly<Record<string, string>>
  readonly description: Readonly<Record<string, string>>
  readonly definition: string
  readonly input: string
}

const PATH = '/_regente/console/templates'

export function Gallery({ first }: { readonly first?: number }) {
  const { t, language } = useMessages()
  const inWords = (texts: Template['title']) => texts[language] ?? texts['en'] ?? ''
  const { data, error } = useQuery({
    queryKey: ['templates'],
    queryFn: async ({ signal }) =>
      ((await callRest('GET', PATH, undefined, signal)) as { templates: readonly Template[] }).templates,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const deploy = useMutation({
    mutationFn: async (name: string) =>
      (await callRest('POST', `${PATH}/${name}`, {})) as { stateMachineArn: string; input: string },
    onSuccess: ({ stateMachineArn, input }) => go(pathTo('machine', stateMachineArn, { input })),
  })
  return (
    <>
      <Problem error={error ?? deploy.error} />
      <div className="cards">
        {(data ?? []).slice(0, first).map(({ name, title, description }) => (
          <article className="card" key={name}>
            <h3>{inWords(title)}</h3>
            <p>{inWords(description)}</p>
            <div>
              <Button
                loading={deploy.isPending && deploy.variables === name}
                disabled={deploy.isPending}
                ariaLabel={`${t('useTemplate')}: ${inWords(title)}`}
                onClick={() => deploy.mutate(name)}
              >
                {t('useTemplate')}
              </Button>
            </div>
          </article>
        ))}
      </div>
    </>
  )
}
