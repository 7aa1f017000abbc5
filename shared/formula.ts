/**
 * The expression language of playbook values: numbers, `+ - * / ( )`, `count("Event Name")`, `trait("seats")` and
 * bare names. A bare name is another value of the playbook when there is one, else the count of the event of that
 * name. Nothing is evaluated but this grammar.
 */
export type Formula =
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'count'; readonly event: string }
  | { readonly type: 'trait'; readonly path: string }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'negate'; readonly of: Formula }
  | { readonly type: 'binary'; readonly sign: Sign; readonly left: Formula; readonly right: Formula }

type Sign = '+' | '-' | '*' | '/'

export type ParsedFormula =
  | { readonly ok: true; readonly formula: Formula }
  /** `at`: position of the fault in the text, from 0. */
  | { readonly ok: false; readonly at: number; readonly error: string }

/** Where a formula’s terms come from; null = missing, which makes the whole formula null. */
export interface FormulaScope {
  count(event: string): number | null
  trait(path: string): unknown
  /** undefined when there is no value of that name. */
  value(name: string): number | null | undefined
}

interface Token {
  readonly kind: 'number' | 'name' | 'text' | 'sign' | 'end'
  readonly text: string
  readonly at: number
}

class FormulaFault extends Error {
  readonly at: number
  constructor(at: number, message: string) {
    super(message)
    this.at = at
  }
}

const tokenPattern = /\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_][A-Za-z0-9_]*)|"([^"]*)"|([-+*/()]))/y
const maxDepth = 50

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  const pattern = new RegExp(tokenPattern)
  const length = text.trimEnd().length
  while (pattern.lastIndex < length) {
    const from = pattern.lastIndex
    const match = pattern.exec(text)
    if (!match) {
      const at = from + (/^\s*/.exec(text.slice(from))?.[0].length ?? 0)
      throw new FormulaFault(at, `unexpected ${JSON.stringify(text[at])}`)
    }
    const found = match[1] ?? match[2] ?? match[3] ?? match[4] ?? ''
    const kind = match[1] ? 'number' : match[2] ? 'name' : match[3] !== undefined ? 'text' : 'sign'
    const width = kind === 'text' ? found.length + 2 : found.length
    tokens.push({ kind, text: found, at: pattern.lastIndex - width })
  }
  tokens.push({ kind: 'end', text: '', at: length })
  return tokens
}

/** Recursive descent: sum → product → factor. */
function createParser(tokens: readonly Token[]) {
  let position = 0
  let depth = 0
  const peek = () => tokens[position] as Token
  const take = () => tokens[position++] as Token
  const isSign = (...signs: string[]) => peek().kind === 'sign' && signs.includes(peek().text)
  const expect = (sign: string) => {
    if (!isSign(sign)) throw new FormulaFault(peek().at, `expected "${sign}"`)
    take()
  }

  function chain(signs: readonly Sign[], operand: () => Formula): Formula {
    let left = operand()
    while (isSign(...signs)) {
      const sign = take().text as Sign
      left = { type: 'binary', sign, left, right: operand() }
    }
    return left
  }
  function sum(): Formula {
    if (++depth > maxDepth) throw new FormulaFault(peek().at, 'nested too deeply')
    const formula = chain(['+', '-'], () => chain(['*', '/'], factor))
    depth--
    return formula
  }
  function call(name: Token): Formula {
    if (name.text !== 'count' && name.text !== 'trait')
      throw new FormulaFault(
        name.at,
        `there is no function "${name.text}"; there are count("…") and trait("…")`,
      )
    expect('(')
    const argument = take()
    if (argument.kind !== 'text' || argument.text === '')
      throw new FormulaFault(argument.at, `expected a name in double quotes, as in ${name.text}("…")`)
    expect(')')
    return name.text === 'count'
      ? { type: 'count', event: argument.text }
      : { type: 'trait', path: argument.text }
  }
  function factor(): Formula {
    const token = take()
    if (token.kind === 'number') return { type: 'number', value: Number(token.text) }
    if (token.kind === 'name') return isSign('(') ? call(token) : { type: 'name', name: token.text }
    if (token.kind === 'sign' && token.text === '(') {
      const inner = sum()
      expect(')')
      return inner
    }
    if (token.kind === 'sign' && token.text === '-') {
      if (++depth > maxDepth) throw new FormulaFault(token.at, 'nested too deeply')
      const of = factor()
      depth--
      return { type: 'negate', of }
    }
    throw new FormulaFault(
      token.at,
      token.kind === 'end' ? 'the formula ends too early' : `unexpected "${token.text}"`,
    )
  }
  return () => {
    const formula = sum()
    if (peek().kind !== 'end') throw new FormulaFault(peek().at, `unexpected "${peek().text}"`)
    return formula
  }
}

export function parseFormula(text: string): ParsedFormula {
  try {
    return { ok: true, formula: createParser(tokenize(text))() }
  } catch (error) {
    if (error instanceof FormulaFault) return { ok: false, at: error.at, error: error.message }
    throw error
  }
}

const apply = (sign: Sign, left: number, right: number): number =>
  sign === '+' ? left + right : sign === '-' ? left - right : sign === '*' ? left * right : left / right

/** @returns null when a term is missing or the result is not a finite number (as after a division by zero). */
export function evaluateFormula(formula: Formula, scope: FormulaScope): number | null {
  switch (formula.type) {
    case 'number':
      return formula.value
    case 'count':
      return scope.count(formula.event)
    case 'trait': {
      const value = scope.trait(formula.path)
      return typeof value === 'number' && Number.isFinite(value) ? value : null
    }
    case 'name': {
      const value = scope.value(formula.name)
      return value === undefined ? scope.count(formula.name) : value
    }
    case 'negate': {
      const value = evaluateFormula(formula.of, scope)
      return value === null ? null : -value
    }
    case 'binary': {
      const left = evaluateFormula(formula.left, scope)
      const right = left === null ? null : evaluateFormula(formula.right, scope)
      if (left === null || right === null) return null
      const result = apply(formula.sign, left, right)
      return Number.isFinite(result) ? result : null
    }
  }
}

/** Every event a formula may count; a bare name that is no value counts as an event. */
export function eventsOfFormula(formula: Formula, isValue: (name: string) => boolean): string[] {
  switch (formula.type) {
    case 'count':
      return [formula.event]
    case 'name':
      return isValue(formula.name) ? [] : [formula.name]
    case 'negate':
      return eventsOfFormula(formula.of, isValue)
    case 'binary':
      return [...eventsOfFormula(formula.left, isValue), ...eventsOfFormula(formula.right, isValue)]
    default:
      return []
  }
}

const namesOf = (formula: Formula): string[] =>
  formula.type === 'name'
    ? [formula.name]
    : formula.type === 'negate'
      ? namesOf(formula.of)
      : formula.type === 'binary'
        ? [...namesOf(formula.left), ...namesOf(formula.right)]
        : []

/** @returns a value that is defined by way of itself, or null. */
export function circularValue(formulas: Readonly<Record<string, Formula>>): string | null {
  const done = new Set<string>()
  const visit = (name: string, path: readonly string[]): string | null => {
    if (path.includes(name)) return name
    const formula = Object.hasOwn(formulas, name) ? formulas[name] : undefined
    if (!formula || done.has(name)) return null
    for (const used of namesOf(formula)) {
      const circular = visit(used, [...path, name])
      if (circular !== null) return circular
    }
    done.add(name)
    return null
  }
  for (const name of Object.keys(formulas)) {
    const circular = visit(name, [])
    if (circular !== null) return circular
  }
  return null
}
