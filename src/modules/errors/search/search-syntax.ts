import { invalidField } from '../../../common/coded-exception.js';

export type Comparison = '=' | '>' | '>=' | '<' | '<=';

/** One value of a condition. */
export interface SearchValue {
  comparison: Comparison;
  text: string;
  /** Whether it stood in quotes: then nothing in it has a meaning of its own. */
  isQuoted: boolean;
  /** Where it begins: the first character of the search is 1. */
  column: number;
}

/** A word or phrase that the message must hold. */
export interface SearchText {
  kind: 'text';
  text: string;
  isNegated: boolean;
  column: number;
}

/** `key:value`, or `key:[one,other]`: one of these. */
export interface SearchFilter {
  kind: 'filter';
  key: string;
  values: SearchValue[];
  isNegated: boolean;
  column: number;
}

export type SearchTerm = SearchText | SearchFilter;

/** A condition costs a part of a statement. */
export const MAX_TERMS = 20;
const MAX_LIST = 20;

/**
 * Reads a search: words, "phrases", `key:value`, `key:>value`, `key:[one,other]`, each with `!` before it for the
 * opposite. All must hold. Linear in the length of the text.
 * @throws CodedException `VALIDATION_FAILED` that names the column and what is expected there
 */
export function parseSearch(text: string): SearchTerm[] {
  const terms = new SearchParser(text).terms();
  if (terms.length > MAX_TERMS)
    throw refused(terms[MAX_TERMS]!.column, `${MAX_TERMS} conditions at most, not ${terms.length}`);
  return terms;
}

/** A 400 that points at a character of the search. */
export function refused(column: number, expected: string): Error {
  return invalidField('query', `column ${column}: expected ${expected}`);
}

/** What a key may look like: else the colon belongs to a word, as in `TypeError:` and `https://…`. */
const KEY = /[\w.-]+:(?!\/\/)/y;
/** Keys whose colon belongs to no message: without a value, something has been forgotten. */
const OWN_KEY = /^(?:is|level|source|environment|release|assigned|first_seen|last_seen|count|users|has):$/;
/** What other searches know, and this one would look for in messages. */
const OPERATOR = /^(?:OR|AND|NOT|\(|\))$/;
const COMPARISON = />=|<=|>|</y;
const SPACES = /\s*/y;
const WORD = /[^\s"]+/y;
const BARE_VALUE = /[^\s"]+/y;
const LISTED_VALUE = /[^\s",\]]+/y;

class SearchParser {
  private at = 0;

  constructor(private readonly text: string) {}

  terms(): SearchTerm[] {
    const terms: SearchTerm[] = [];
    for (this.match(SPACES); this.at < this.text.length; this.match(SPACES)) terms.push(this.term());
    return terms;
  }

  private term(): SearchTerm {
    const column = this.at + 1;
    const isNegated = this.isNegation();
    if (isNegated) this.at++;
    const begin = this.at;
    const key = this.match(KEY);
    if (key !== undefined && (isNegated || OWN_KEY.test(key) || this.hasValue()))
      return { kind: 'filter', key: key.slice(0, -1), values: this.values(), isNegated, column };
    this.at = begin;
    if (this.peek() === '"') return { kind: 'text', text: this.quoted(), isNegated, column };
    const word = this.match(WORD)!;
    if (OPERATOR.test(word))
      throw refused(
        column,
        `conditions one after another, all of which hold; key:[one,other] for either, "${word}" in quotes as text`,
      );
    return { kind: 'text', text: word, isNegated, column };
  }

  /** A lone `!`, or one before another, is a word. */
  private isNegation(): boolean {
    return this.peek() === '!' && /[^\s!]/.test(this.text[this.at + 1] ?? ' ');
  }

  private hasValue(): boolean {
    return /\S/.test(this.peek());
  }

  private values(): SearchValue[] {
    if (this.peek() !== '[') return [this.value(BARE_VALUE)];
    this.at++;
    const values: SearchValue[] = [];
    for (;;) {
      this.match(SPACES);
      values.push(this.value(LISTED_VALUE));
      this.match(SPACES);
      const next = this.peek();
      if (next !== ',' && next !== ']') throw refused(this.at + 1, 'a comma or a closing bracket');
      this.at++;
      if (next === ']') break;
      if (values.length === MAX_LIST) throw refused(this.at + 1, `${MAX_LIST} values in a list at most`);
    }
    this.expectEnd();
    return values;
  }

  private value(pattern: RegExp): SearchValue {
    const column = this.at + 1;
    const comparison = (this.match(COMPARISON) ?? '=') as Comparison;
    if (this.peek() === '"') {
      const text = this.quoted();
      if (pattern === BARE_VALUE) this.expectEnd();
      return { comparison, text, isQuoted: true, column };
    }
    const text = this.match(pattern);
    if (text === undefined) throw refused(this.at + 1, 'a value');
    if (pattern === BARE_VALUE) this.expectEnd();
    return { comparison, text, isQuoted: false, column };
  }

  private quoted(): string {
    const begin = this.at++;
    let text = '';
    for (;;) {
      const character = this.text[this.at++];
      if (character === undefined) throw refused(begin + 1, 'a closing quote to this one');
      if (character === '"') break;
      text += character === '\\' && /["\\]/.test(this.peek()) ? this.text[this.at++]! : character;
    }
    if (text.trim() === '') throw refused(begin + 1, 'something between the quotes');
    return text;
  }

  private expectEnd(): void {
    if (/\S/.test(this.peek())) throw refused(this.at + 1, 'a space');
  }

  private peek(): string {
    return this.text[this.at] ?? '';
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }
}
