/**
 * What stands for a varying part of an error in the text that is grouped. The brackets are characters that are
 * taken out of every input first, so that nobody can write a message that poses as another one’s normalised form.
 */
export const NUMBER = '‹number›';
export const ID = '‹id›';
export const EMAIL = '‹email›';
export const URL = '‹url›';
export const HOST = '‹host›';
export const IP = '‹ip›';
export const DATE = '‹date›';
export const DURATION = '‹duration›';
export const SIZE = '‹size›';
export const VERSION = '‹version›';
export const TEXT = '‹text›';
export const FLAG = '‹flag›';
export const LINE_BREAK = ' ‹br› ';

const BRACKETS = /[‹›]/g;

/** Turns the characters that placeholders are made of into ones that look alike. */
export function withoutPlaceholders(text: string): string {
  return text.replace(BRACKETS, (bracket) => (bracket === '‹' ? '<' : '>'));
}
