/**
 * What the validator says, in the chosen language. English is the validator's own (AWS's words, mostly); of the others each
 * message is found by its pattern, and one that has none stays as it is. A text as long as the definition is cut where it is
 * quoted: the place is told beside it.
 */
import type { Diagnostic } from '../../../src/asl/diagnostic.ts'
import type { Language } from './messages.tsx'

export function tellDiagnostic({ message }: Pick<Diagnostic, 'message'>, language: Language): string {
  const own = withoutSource(message)
  if (language === 'en') return own
  for (const [pattern, told] of PORTUGUESE) {
    const match = pattern.exec(own)
    if (match) return told.replaceAll(/\$(\d)/g, (_, group: string) => wordFor(match[Number(group)] ?? ''))
  }
  return own
}

/** Jackson quotes the text it read; the reader has it before the eyes. */
const withoutSource = (message: string): string => message.replace(/\s*(?:\(start marker )?at \[Source: \(String\)[\s\S]*$/, '')

const WORDS: Readonly<Record<string, string>> = {
  String: 'texto',
  Boolean: 'booleano',
  Object: 'objeto',
  Array: 'lista',
  Integer: 'número inteiro',
  Number: 'número',
  Retrier: 'item de Retry',
  Catcher: 'item de Catch',
}
const wordFor = (text: string): string => (Object.hasOwn(WORDS, text) ? (WORDS[text] ?? text) : text)

const PORTUGUESE: readonly (readonly [RegExp, string])[] = [
  // The text itself.
  [/^The definition is nested too deeply\.?$/, 'A definição está aninhada fundo demais.'],
  [/^A definition is a JSON object\.?$/, 'Uma definição é um objeto JSON.'],
  [/^Definition must be a valid JSON object\.?$/, 'A definição tem de ser um objeto JSON válido.'],
  [/^A state is a JSON object\.?$/, 'Um estado é um objeto JSON.'],
  [/^Unexpected end-of-input: expected close marker for (\S+)/, 'O texto acabou antes de fechar $1.'],
  [/^Unexpected end-of-input/, 'O texto acabou antes da hora.'],
  [/^Unrecognized token '([\s\S]*)': was expecting/, 'Palavra desconhecida: "$1". Textos ficam entre aspas.'],
  [/^Unrecognized character escape '([\s\S]*)'/, 'Escape desconhecido depois da barra: "$1".'],
  [
    /^Unexpected character \('([\s\S]+?)' \(code \d+\)\): was expecting double-quote/,
    'Caractere inesperado "$1": o nome de um membro fica entre aspas.',
  ],
  [
    /^Unexpected character \('([\s\S]+?)' \(code \d+\)\): was expecting (?:a )?comma/,
    'Caractere inesperado "$1": falta uma vírgula antes.',
  ],
  [
    /^Unexpected character \('([\s\S]+?)' \(code \d+\)\): was expecting a colon/,
    'Caractere inesperado "$1": faltam dois-pontos antes.',
  ],
  [/^Unexpected character \('([\s\S]+?)' \(code \d+\)\)/, 'Caractere inesperado: "$1".'],
  [/^Illegal unquoted character/, 'Caractere de controle dentro de um texto: use um escape com barra invertida.'],
  [/^Unexpected close marker '(.)'/, 'Fechamento inesperado: "$1".'],
  [/^Duplicate field '([\s\S]*)'/, 'O campo "$1" aparece mais de uma vez.'],
  [/^Map keys must be unique$/, 'Este nome já existe neste objeto.'],
  [/^The text holds no document\.$/, 'O texto está vazio.'],
  [/^The text holds more than one document\.$/, 'O texto contém mais de um documento.'],
  [/^The text is nested too deeply\.$/, 'O texto está aninhado fundo demais.'],
  [/^The text is too large\.$/, 'O texto é grande demais.'],
  [/^Nothing before this alias is named ([\s\S]+)$/, 'Nada antes deste alias se chama $1.'],
  [
    /^The member '([\s\S]*)' stands here more than once; only the last one counts\.$/,
    'O membro "$1" aparece aqui mais de uma vez; só o último vale.',
  ],
  // Fields.
  [/^These fields are required: \[([\s\S]*)\]/, 'Campos obrigatórios: $1.'],
  [/^At least one of the following fields is required: \[([\s\S]*)\]/, 'É obrigatório ao menos um destes campos: $1.'],
  [/^The field '([\s\S]+)' is required but was missing/, 'O campo "$1" é obrigatório.'],
  [/^Exactly one of the following fields is required: \[([\s\S]*)\]/, 'É obrigatório exatamente um destes campos: $1.'],
  [/^Only one of the following fields (?:is|are) (?:allowed|supported): \[([\s\S]*)\]/, 'Só um destes campos é permitido: $1.'],
  [/^Field '([\s\S]+)' is not supported(?: here)?$/, 'O campo "$1" não existe aqui.'],
  [/^The field '([\s\S]+)' should have one of these values: \[([\s\S]*)\]/, 'O campo "$1" aceita um destes valores: $2.'],
  [
    /^The QueryLanguage is set to '(\w+)', but field '([\s\S]+)' is only supported for the '(\w+)' QueryLanguage/,
    'A linguagem de consulta é $1, mas o campo "$2" só existe em $3.',
  ],
  [
    /^'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine/,
    'Um estado não pode usar JSONPath quando a máquina inteira usa JSONata.',
  ],
  [/^Expected value of type (\w+)/, 'O valor deve ser: $1.'],
  [/^Value cannot be empty/, 'O valor não pode estar vazio.'],
  [/^Minimum value is (\S+)/, 'O valor mínimo é $1.'],
  [/^Maximum value is (\S+)/, 'O valor máximo é $1.'],
  [/^Value is not a Reference Path/, 'O valor não é um Reference Path ($.a.b, sem filtros).'],
  [/^There should be one of the following fields: \[([\s\S]*)\]/, 'É obrigatório um destes campos: $1.'],
  [/^There should only be one of the following fields: \[([\s\S]*)\]/, 'Só um destes campos é permitido: $1.'],
  [
    /^A Wait state needs Seconds, SecondsPath, Timestamp or TimestampPath/,
    'Um Wait precisa de Seconds, SecondsPath, Timestamp ou TimestampPath.',
  ],
  [/^Value (?:is not|must be) a valid JSONPath/, 'O valor não é um JSONPath válido.'],
  [
    /^The value is not a valid JSONPath or intrinsic function expression/,
    'O valor não é um JSONPath nem uma função intrínseca válida.',
  ],
  [
    /^The (\w+) parameter does not reference an input value: ([\s\S]*)$/,
    'O parâmetro $1 não se refere a um valor da entrada: $2',
  ],
  [/^Value is not a valid resource ARN/, 'O valor não é um ARN de recurso válido.'],
  [/^'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'/, 'HeartbeatSeconds tem de ser menor que TimeoutSeconds.'],
  [/^The rules of the state do too much work/, 'As regras do estado são trabalho demais.'],
  [/^Express state machine does not support ([\s\S]+)$/, 'Uma máquina Express não oferece $1.'],
  [/^Value is not a valid (?:JSONata|JsonAta) expression/, 'O valor não é uma expressão JSONata válida.'],
  [/^String does not match RFC3339 timestamp/, 'O texto não é uma data e hora RFC 3339.'],
  [/^MaxDelaySeconds must not be smaller than IntervalSeconds/, 'MaxDelaySeconds não pode ser menor que IntervalSeconds.'],
  [/^States\.ALL must appear alone in ErrorEquals/, 'States.ALL tem de estar sozinho em ErrorEquals.'],
  [/^States\.ALL must appear in the last (\w+)/, 'States.ALL tem de estar no último $1.'],
  [
    /^A choice rule needs Variable and one operator, or And, Or, Not/,
    'Uma regra de Choice precisa de Variable e um operador, ou de And, Or ou Not.',
  ],
  [/^Reference to '([\s\S]+)' is not supported in the field '([\s\S]+)'\.?$/, 'O campo "$2" não pode se referir a $1.'],
  [
    /^The resource provided ([\s\S]+) is not recognized\./,
    'O recurso $1 é desconhecido: não é um ARN válido ou não existe nesta região.',
  ],
  [
    /^The value for the field '([\s\S]+)' must be a valid JSONPath or a valid intrinsic function call$/,
    'O valor do campo "$1" tem de ser um JSONPath ou uma chamada de função intrínseca válidos.',
  ],
  [/^The value for the field '([\s\S]+)' must be a(?:n)? (\w+)$/, 'O valor do campo "$1" deve ser: $2.'],
  [/^Expected "([\s\S]+)" before end of expression$/, 'Falta "$1" antes do fim da expressão.'],
  [/^Expected "([\s\S]+)", got "([\s\S]+)"$/, 'Esperava-se "$1", mas veio "$2".'],
  [/^Unexpected end of expression$/, 'A expressão acabou antes da hora.'],
  [/^Syntax error: "([\s\S]+)"$/, 'Erro de sintaxe em "$1".'],
  [/^Unknown operator: "([\s\S]+)"$/, 'Operador desconhecido: "$1".'],
  [/^String literal must be terminated by a matching quote$/, 'Falta a aspa que fecha o texto.'],
  // Where states lead, and what they are called.
  [/^Missing 'Next' target: ([\s\S]*)$/, 'O estado seguinte não existe: "$1".'],
  [/^State "([\s\S]*)" is not reachable\.$/, 'Nenhum caminho leva ao estado "$1".'],
  [/^Workflow has no terminal state$/, 'O fluxo não tem um estado final.'],
  [/^Duplicate state name: ([\s\S]*)$/, 'Já existe um estado chamado "$1".'],
  [/^The name of a state has 1 to (\S+) characters\.?$/, 'O nome de um estado tem de 1 a $1 caracteres.'],
  [/^Label must have 1 to (\d+) characters$/, 'Um Label tem de 1 a $1 caracteres.'],
  [/^Label contains invalid characters: ([\s\S]*)$/, 'O Label tem caracteres inválidos: "$1".'],
  [/^Duplicate label name: ([\s\S]*)$/, 'Já existe um Label "$1".'],
  [
    /^Variable name '([\s\S]*)' is not valid: letters, digits and '_', at most (\S+) characters$/,
    'O nome de variável "$1" é inválido: letras, dígitos e "_", no máximo $2 caracteres.',
  ],
  [/^Variable name 'states' is reserved$/, 'O nome de variável "states" é reservado.'],
  [/^Variable '([\s\S]*)' is assigned in an outer scope already$/, 'A variável "$1" já é definida em um escopo externo.'],
  // Warnings.
  [
    /^Attempt to use a path in the Result of a Pass state\.$/,
    'Result de um estado Pass é fixo: caminhos não são avaliados nele.',
  ],
  [
    /^A field that ends with \.\$ holds no JSONPath or intrinsic function\.$/,
    'Um campo terminado em .$ não contém JSONPath nem função intrínseca.',
  ],
  [
    /^No \.\$ on a field that appears to be a JSONPath or intrinsic function\.$/,
    'O valor parece um JSONPath ou uma função intrínseca, mas o nome do campo não termina em .$.',
  ],
  [
    /^Nothing is ever found at '([\s\S]*)': the state before puts out a fixed Result without it\.$/,
    'Nunca há nada em "$1": o estado anterior produz um Result fixo sem isso.',
  ],
  [
    /^This function is called without Retry: one throttled call fails the execution\.$/,
    'Esta função é chamada sem Retry: uma única chamada limitada faz a execução falhar.',
  ],
  [
    /^This Wait stands in a loop that nothing ends but what it waits for/,
    'Este Wait está em um ciclo que só termina com o que ele espera: conte as voltas ou defina TimeoutSeconds na máquina.',
  ],
  [
    /^This (Retrier|Catcher|\w+) is never asked: earlier ones take all of its errors\.$/,
    'Este $1 nunca é usado: os anteriores já cuidam de todos os seus erros.',
  ],
  [
    /^Nobody may ever answer this task: it has no TimeoutSeconds and no HeartbeatSeconds\.$/,
    'Talvez ninguém responda a esta tarefa: ela não tem TimeoutSeconds nem HeartbeatSeconds.',
  ],
]
