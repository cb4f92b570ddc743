import { addressOf } from '../checkers/target-address.js';
import type { KindRules } from './endpoint-kinds.js';

/** The port that an address means by its scheme; null when there is none, undefined for another scheme. */
export function defaultPortOf(url: string, schemes: KindRules['schemes']): number | null | undefined {
  return schemes[new URL(url).protocol];
}

/** Where an address leads, whatever its path and however it is written: two with the same origin ask the same server. */
export function originOf(url: string, schemes: KindRules['schemes']): string {
  if (url === '') return '';
  const { host, port } = addressOf(url, schemes);
  return `${new URL(url).protocol}//${host}:${port}`;
}
